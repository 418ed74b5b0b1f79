"""Static files out of `node_modules`, each as `npm/<package>/<path in the package>`.

Only the files named in `FILES` are served: a package holds sources, maps and documentation that no page needs.
A new file for a page is a new line here.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

PREFIX = "npm/"
FILES = (
    "bootstrap/dist/css/bootstrap.rtl.min.css",
    "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap/dist/js/bootstrap.bundle.min.js",
    "bootstrap-icons/font/bootstrap-icons.min.css",
    "bootstrap-icons/font/fonts/bootstrap-icons.woff2",
    "bootstrap-icons/font/fonts/bootstrap-icons.woff",
    "htmx.org/dist/htmx.min.js",
    "vazirmatn/Vazirmatn-Variable-font-face.css",
    "vazirmatn/fonts/webfonts/Vazirmatn[wght].woff2",
)


class NpmFinder(BaseFinder):
    """Finds the files of `FILES` for `collectstatic` and for the server that runs without it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.folder = Path(settings.BASE_DIR) / "node_modules"
        storage = FileSystemStorage(location=str(self.folder))
        # collectstatic joins the storage's prefix with each path.
        storage.prefix = PREFIX.rstrip("/")  # type: ignore[attr-defined]
        self.storage: Storage = storage

    def find(self, path: str, find_all: bool = False, **_: Any) -> str | list[str]:  # type: ignore[override]
        """The file's place on disk, or an empty list, as Django's finders answer."""
        name = path.removeprefix(PREFIX)
        place = self.folder / name
        if not path.startswith(PREFIX) or name not in FILES or not place.is_file():
            return []
        return [str(place)] if find_all else str(place)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """Each served file that is installed, with its storage."""
        return ((name, self.storage) for name in FILES if (self.folder / name).is_file())
