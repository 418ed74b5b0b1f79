"""docs/settings.md names every variable of the environment that is read, and no other."""

import ast
import re

from tests.architecture.sources import ROOT, modules

READERS = {"env_text", "env_bool", "env_int", "env_list", "env_backend"}


def _read() -> set[str]:
    names = set()
    for _, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in READERS:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    names.add(f"{first.value}_BACKEND" if node.func.id == "env_backend" else first.value)
    return names


def test_every_variable_is_documented() -> None:
    documented = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE))
    assert documented == _read()
