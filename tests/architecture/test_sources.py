"""House rules that a reader of one file can break without noticing."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.sources import files, modules, place

FILE_LINES = 400
FUNCTION_LINES = 50
# Generated from the icon set: one line per drawing.
GENERATED = {"config/static/karpusheh/images/icons.svg"}
# Names that say nothing about what is inside.
EMPTY_NAMES = {"utils", "util", "helpers", "common", "misc", "manager", "managers"}
# What faces the web reads through selectors and writes through services.
WEB = re.compile(r"(^|/)(views[a-z_]*|consumers|api|urls|routing)(\.py|/)")
FOREIGN_URL = re.compile(r"""(?:src|href|action|url\(|import|fetch\(|@import)\s*[=(]?\s*["'(]?\s*(?:https?:)?//""")


@pytest.mark.parametrize("path", files(".py", ".html", ".css", ".js"), ids=place)
def test_a_file_has_at_most_400_lines(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= FILE_LINES, f"{place(path)} has {lines} lines: split it by verb"


def test_a_function_has_at_most_50_lines() -> None:
    long = [
        f"{place(path, node.lineno)} {node.name}: {length} lines"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    ]
    assert long == []


def test_pages_and_sockets_ask_selectors_not_tables() -> None:
    direct = [
        place(path, node.lineno)
        for path, tree in modules()
        if WEB.search(place(path))
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}
    ]
    assert direct == []


def test_nothing_happens_behind_the_back_of_save() -> None:
    overrides = [
        f"{place(path, item.lineno)} {node.name}.{item.name}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and path.stem == "models"
        for item in node.body
        if isinstance(item, ast.FunctionDef) and item.name in {"save", "delete", "asave", "adelete"}
    ]
    assert overrides == []


def test_work_after_commit_goes_through_the_outbox() -> None:
    hooks = [
        place(path, node.lineno)
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "on_commit"
        # The bell that wakes the worker is a hint; losing it loses nothing.
        and place(path) not in {"signing/evidence/log.py"}
    ]
    assert hooks == []


def test_a_module_is_named_after_what_it_holds() -> None:
    assert [place(path) for path, _ in modules() if path.stem in EMPTY_NAMES] == []


def test_pages_load_nothing_from_elsewhere() -> None:
    foreign = [
        f"{place(path, number)} {line.strip()[:80]}"
        for path in files(".html", ".css", ".js", ".svg", ".txt")
        if place(path) not in GENERATED
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if FOREIGN_URL.search(line)
    ]
    assert foreign == []


def test_templates_need_no_inline_script_or_style() -> None:
    """The content security policy would block them."""
    inline = re.compile(r"<style|\sstyle=|\son[a-z]+=[\"']|javascript:|<script(?![^>]*\ssrc=)")
    found = [
        f"{place(path, number)} {line.strip()[:80]}"
        for path in files(".html")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if inline.search(line)
    ]
    assert found == []
