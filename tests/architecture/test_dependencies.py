"""What is required is used, and what is imported is required."""

import ast
import re
import sys
from importlib.metadata import packages_distributions

from tests.architecture.sources import APPS, ROOT, modules

# Required for another reason than an import of ours.
NOT_IMPORTED = {
    "base": {
        "daphne": "named in INSTALLED_APPS too",
        "elasticsearch-dsl": "the search engine of production, behind the port",
        "minio": "the object store of production, behind the port",
        "tzdata": "time zones where the system has none",
    },
    "dev": {
        "import-linter": "a command of ./test",
        "mypy": "a command of ./test",
        "ruff": "a command of ./test",
    },
}
# Plugins of pytest and types for mypy are named nowhere.
SILENT = ("pytest-", "types-", "django-stubs")
# These come with daphne, Django and pyHanko, in the versions that those need; autobahn shares a folder with twisted.
INDIRECT = {"asgiref", "autobahn", "pyhanko-certvalidator", "twisted"}
DISTRIBUTIONS = packages_distributions()


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _required(name: str) -> set[str]:
    lines = (ROOT / "requirements" / f"{name}.in").read_text().splitlines()
    names = [re.match(r"[A-Za-z0-9._-]+", line) for line in lines if not line.startswith(("#", "-"))]
    return {_normal(match.group()) for match in names if match}


def _imported(*roots: str) -> set[str]:
    tops = set()
    for _, tree in modules(roots):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                tops |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                tops.add(node.module.split(".")[0])
    settings = (ROOT / "config" / "settings.py").read_text()
    tops |= set(re.findall(r'^    "([a-z_]+)(?:\.[a-z_.]+\.\w+)?",$', settings, re.MULTILINE))
    return {_normal(name) for top in tops - set(sys.stdlib_module_names) for name in DISTRIBUTIONS.get(top, [])}


def test_each_package_that_the_server_requires_is_used() -> None:
    unused = _required("base") - _imported(*APPS, "scripts", "bench") - set(NOT_IMPORTED["base"])
    assert unused == set()


def test_each_package_that_tests_require_is_used() -> None:
    unused = _required("dev") - _imported("tests", "scripts", "bench", *APPS) - set(NOT_IMPORTED["dev"])
    assert {name for name in unused if not name.startswith(SILENT)} == set()


def test_what_the_server_imports_is_required() -> None:
    assert _imported(*APPS) - _required("base") - INDIRECT == set()


def test_what_tests_and_scripts_import_is_required() -> None:
    required = _required("base") | _required("prod") | _required("dev")
    assert _imported("tests", "scripts", "bench") - required - INDIRECT == set()


def test_the_locks_name_no_host_and_have_hashes() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://|--index-url|--find-links|--extra-index", text), path.name
    assert "resolved" not in (ROOT / "package-lock.json").read_text()
