"""What a letter looks like: the folder of Typst files, the fonts, and the name under which letter.json records both.

A new look is a new folder and a new name; the old one stays, because notices are put on paper when first opened.
"""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from django.conf import settings

from correspondence.typesetting.errors import RenderFailed

NAME = "letter/1"
FOLDER = Path(__file__).parent / "letter_1"
FONT_FOLDER = Path(settings.BASE_DIR) / "node_modules/vazirmatn/fonts/ttf"
# The weights that the template uses: 400, 500 and 700.
FONTS = tuple(FONT_FOLDER / f"Vazirmatn-{weight}.ttf" for weight in ("Regular", "Medium", "Bold"))


class LetterTemplate(Mapping[str, str]):
    """`{"name", "sha256"}` for letter.json; the hash covers the template's files, the fonts and Typst's version.

    Read from disk at the first use only. Raises RenderFailed when a font is not installed.
    """

    def __getitem__(self, key: str) -> str:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    @cached_property
    def _entries(self) -> dict[str, str]:
        digest = hashlib.sha256(f"typst {version('typst')}\n".encode())
        for path in [*sorted(FOLDER.rglob("*.typ")), *sorted(FOLDER.rglob("*.svg")), *FONTS]:
            digest.update(f"{path.name} {hashlib.sha256(_content(path)).hexdigest()}\n".encode())
        return {"name": NAME, "sha256": digest.hexdigest()}


TEMPLATE = LetterTemplate()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RenderFailed(f"{path} cannot be read; are the packages of package.json installed?") from error
