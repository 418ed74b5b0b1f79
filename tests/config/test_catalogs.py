"""The compiler of translations, held against gettext's own reader."""

import gettext
import io
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from config.catalogs import InvalidCatalog, compile_catalogs, read_po, write_mo

HEADER = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"""


def load(source: str) -> gettext.GNUTranslations:
    return gettext.GNUTranslations(io.BytesIO(write_mo(read_po(HEADER + source))))


def test_text_is_found_by_its_english() -> None:
    assert load('\n#: a.py:3\nmsgid "Letter"\nmsgstr "نامه"\n').gettext("Letter") == "نامه"


def test_strings_run_over_lines_and_keep_their_escapes() -> None:
    source = r"""
msgid ""
"First \"line\"\n"
"second"
msgstr ""
"سطر «نخست»\n"
"دوم\t"
"""
    assert load(source).gettext('First "line"\nsecond') == "سطر «نخست»\nدوم\t"


def test_entries_may_follow_without_an_empty_line() -> None:
    translations = load('\nmsgid "A"\nmsgstr "الف"\nmsgid "B"\nmsgstr "ب"\nmsgctxt "c"\nmsgid "B"\nmsgstr "پ"')
    assert [translations.gettext("A"), translations.gettext("B")] == ["الف", "ب"]
    assert translations.pgettext("c", "B") == "پ"


def test_context_tells_two_meanings_apart() -> None:
    translations = load('\nmsgctxt "month"\nmsgid "May"\nmsgstr "مه"\n\nmsgid "May"\nmsgstr "شاید"\n')
    assert translations.pgettext("month", "May") == "مه"
    assert translations.gettext("May") == "شاید"


def test_plural_forms_follow_the_header() -> None:
    translations = load(
        '\nmsgid "%d letter"\nmsgid_plural "%d letters"\nmsgstr[0] "یک نامه"\nmsgstr[1] "%d نامه"\n',
    )
    assert translations.ngettext("%d letter", "%d letters", 1) == "یک نامه"
    assert translations.ngettext("%d letter", "%d letters", 5) == "%d نامه"


@pytest.mark.parametrize(
    "source",
    [
        '\n#, fuzzy\nmsgid "Letter"\nmsgstr "حرف"\n',
        '\n#, python-format, fuzzy\nmsgid "Letter"\nmsgstr "حرف"\n',
        '\n#~ msgid "Letter"\n#~ msgstr "حرف"\n',
        '\nmsgid "Letter"\nmsgstr ""\n',
        '\nmsgid "Letter"\nmsgid_plural "Letters"\nmsgstr[0] "نامه"\nmsgstr[1] ""\n',
    ],
)
def test_unfinished_translations_leave_the_english(source: str) -> None:
    translations = load(source)
    assert translations.gettext("Letter") == "Letter"
    assert translations.ngettext("Letter", "Letters", 2) == "Letters"


def test_only_the_fuzzy_entry_is_left_out() -> None:
    translations = load('\n#, fuzzy\nmsgid "A"\nmsgstr "x"\n#: here\nmsgid "B"\nmsgstr "ب"\n')
    assert translations.gettext("A") == "A"
    assert translations.gettext("B") == "ب"


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ('msgid "A"\nnonsense\n', "line 2"),
        ('msgid "A\n', "line 1"),
        ('"lost"\n', "line 1"),
        ('msgid "A"\nmsgstr "1"\n\nmsgid "A"\nmsgstr "2"\n', "twice"),
    ],
)
def test_a_broken_catalogue_is_refused_with_its_line(source: str, word: str) -> None:
    with pytest.raises(InvalidCatalog, match=word):
        read_po(source)


_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1)


@given(st.dictionaries(_TEXT, _TEXT))
def test_gettext_reads_whatever_is_written(catalog: dict[str, str]) -> None:
    header = {"": "Content-Type: text/plain; charset=UTF-8\n"}
    translations = gettext.GNUTranslations(io.BytesIO(write_mo(catalog | header)))
    assert {key: translations.gettext(key) for key in catalog} == catalog


def test_only_what_is_newer_is_compiled_and_only_in_our_own_folders(tmp_path: Path) -> None:
    places = {name: tmp_path / name / "locale/fa/LC_MESSAGES" for name in ("app", "no_app")}
    for place in places.values():
        place.mkdir(parents=True)
        (place / "django.po").write_text(HEADER + '\nmsgid "A"\nmsgstr "الف"\n', encoding="utf-8")
    (tmp_path / "app" / "__init__.py").touch()

    assert compile_catalogs(tmp_path) == [places["app"] / "django.mo"]
    assert compile_catalogs(tmp_path) == []
    (places["app"] / "django.po").write_text("nonsense", encoding="utf-8")
    with pytest.raises(InvalidCatalog, match=r"django\.po: line 1"):
        compile_catalogs(tmp_path)


def test_the_command_runs(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("compile_messages")
    assert "Error" not in capsys.readouterr().out
