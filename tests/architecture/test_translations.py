"""Every text that people see has its Persian, and every catalogue can be read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation.template import templatize

from config.catalogs import CONTEXT_END, PLURAL_END, catalogs, read_po
from tests.architecture.sources import ROOT, files, modules, place, tree_of

# Function → places of context, singular and plural among its arguments.
CALLS = {
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
_STRING = r"""(?:u?'(?:\\.|[^'\\])*'|u?"(?:\\.|[^"\\])*")"""
_IN_TEMPLATE = re.compile(rf"\b(_|gettext|ngettext|pgettext|npgettext)\(\s*({_STRING}(?:\s*,\s*{_STRING})*)")
_FIELD_OF_FORMAT = re.compile(r"%\((\w+)\)[sd]|(?<!%)%(?:\d*\.?\d*)([sd])|\{(\w*)\}")


def _key(function: str, texts: list[str]) -> str:
    context, singular, plural = CALLS[function]
    key = texts[singular]
    if plural is not None:
        key += PLURAL_END + texts[plural]
    return f"{texts[context]}{CONTEXT_END}{key}" if context is not None else key


def _in_python(tree: ast.Module) -> Iterator[tuple[int, str]]:
    names = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in CALLS
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            function = names[node.func.id]
            needed = max(index for index in CALLS[function] if index is not None)
            # A translated variable is some text that stands elsewhere as a constant (gettext_noop).
            if len(texts) > needed:
                yield node.lineno, _key(function, texts)


def _in_template(path: Path) -> Iterator[tuple[int, str]]:
    source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for match in _IN_TEMPLATE.finditer(source):
        texts = [ast.literal_eval(text) for text in re.findall(_STRING, match.group(2))]
        function = "gettext" if match.group(1) == "_" else match.group(1)
        yield source.count("\n", 0, match.start()) + 1, _key(function, texts)


def _used() -> dict[str, str]:
    """Key → where it is used first."""
    used: dict[str, str] = {}
    for path, tree in modules():
        for line, key in _in_python(tree):
            used.setdefault(key, place(path, line))
    for path in files(".html", ".txt"):
        if "templates" in path.parts:
            for line, key in _in_template(path):
                used.setdefault(key, place(path, line))
    return used


def _persian() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in catalogs(ROOT):
        found |= read_po(path.read_text(encoding="utf-8"))
    return found


def test_no_text_lacks_its_persian() -> None:
    persian = _persian()
    missing = [f"{where}: {key!r}" for key, where in _used().items() if key not in persian]
    assert not missing, "\n".join(missing)


def test_both_languages_fill_the_same_blanks() -> None:
    """A wrong blank is an error while the page is made, and only in one language."""
    wrong = []
    for key, translation in _persian().items():
        if key:
            english = key.rpartition(CONTEXT_END)[2].split(PLURAL_END)
            # The last form is the general one; others may leave the number out.
            wanted = sorted(_FIELD_OF_FORMAT.findall(english[-1]))
            if sorted(_FIELD_OF_FORMAT.findall(translation.split(PLURAL_END)[-1])) != wanted:
                wrong.append((english[-1], translation))
    assert wrong == []


def test_no_text_is_translated_in_two_ways() -> None:
    """Django merges the apps' catalogues: the last one would win everywhere."""
    first: dict[str, tuple[str, str]] = {}
    twice = []
    for path in catalogs(ROOT):
        for key, text in read_po(path.read_text(encoding="utf-8")).items():
            if key and first.setdefault(key, (text, place(path)))[0] != text:
                twice.append((key, place(path), first[key][1]))
    assert twice == []


@pytest.mark.parametrize(
    ("template", "key"),
    [
        ("{% load i18n %}{% translate 'A \"b\"' %}", 'A "b"'),
        ("{% load i18n %}{% translate 'May' context 'month' %}", f"month{CONTEXT_END}May"),
        ("{% load i18n %}{{ x|default:_('None') }}", "None"),
        (
            "{% load i18n %}{% blocktranslate count n=n trimmed %}\n {{ n }} letter\n"
            "{% plural %}\n{{ n }} letters{% endblocktranslate %}",
            f"%(n)s letter{PLURAL_END}%(n)s letters",
        ),
    ],
)
def test_texts_of_templates_are_found(tmp_path: Path, template: str, key: str) -> None:
    path = tmp_path / "page.html"
    path.write_text(template)
    assert [found for _, found in _in_template(path)] == [key]


def test_texts_of_code_are_found(tmp_path: Path) -> None:
    path = tmp_path / "code.py"
    path.write_text(
        "from django.utils.translation import gettext as _, ngettext, pgettext_lazy as p\n"
        "_('A' 'b'); ngettext('one', 'many', n); p('month', 'May'); _(variable)\n"
    )
    assert [key for _, key in _in_python(tree_of(path))] == ["Ab", f"one{PLURAL_END}many", f"month{CONTEXT_END}May"]
