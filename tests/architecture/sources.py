"""The project's own files, as the tests of this folder read them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("config", "search", "inbox", "correspondence", "signing")


def files(*suffixes: str, roots: tuple[str, ...] = APPS) -> list[Path]:
    """Our files with one of the suffixes, without generated migrations."""
    found = [path for root in roots for path in sorted((ROOT / root).rglob("*")) if path.suffix in suffixes]
    return [path for path in found if "migrations" not in path.parts and "__pycache__" not in path.parts]


def modules(roots: tuple[str, ...] = APPS) -> Iterator[tuple[Path, ast.Module]]:
    """Each Python file with its syntax tree."""
    for path in files(".py", roots=roots):
        yield path, tree_of(path)


@cache
def tree_of(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def place(path: Path, line: int = 0) -> str:
    """The file's name from the root, with a line, as tools print it."""
    name = str(path.relative_to(ROOT))
    return f"{name}:{line}" if line else name
