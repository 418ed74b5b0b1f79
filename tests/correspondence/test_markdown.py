"""The body of a letter: what is markup, what stays text, and that no value of a run ever becomes markup."""

import json
import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correspondence.markdown import (
    MAX_CHARACTERS,
    BodyRefused,
    MergeError,
    check_body,
    merge,
    merge_fields,
    merge_plain,
    parse,
    to_html,
)
from signing.errors import DomainError

MARKUP = st.text(alphabet="*_|-+:.)\\{}<>&#`[](!)=~ \n\t0123۱۲ابaء\u200c\u0651\u202e\x00", max_size=120)
ANY_TEXT = st.one_of(st.text(max_size=200), MARKUP)


def shape(value: Any) -> Any:
    """The tree without its words: kinds, marks and breaks; neighbours with the same marks count once."""
    if isinstance(value, list):
        shapes = [shape(item) for item in value]
        return [each for n, each in enumerate(shapes) if n == 0 or each != shapes[n - 1] or "span" not in each]
    if isinstance(value, dict) and "kind" not in value:
        return ["span", *sorted(key for key in value if key not in {"text", "ltr"})]
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items() if key != "ltr"}
    return value


def text_of(value: Any) -> str:
    if isinstance(value, list):
        return "".join(text_of(item) for item in value)
    if isinstance(value, dict):
        return str(value.get("text", "")) + "".join(text_of(v) for v in value.values() if isinstance(v, list))
    return ""


def test_paragraphs_breaks_and_marks() -> None:
    assert parse("سطر **یک**\nسطر *دو*\n\nبند دیگر") == [
        {
            "kind": "paragraph",
            "spans": [
                {"text": "سطر "},
                {"text": "یک", "strong": True},
                {"break": True},
                {"text": "سطر "},
                {"text": "دو", "emphasis": True},
            ],
        },
        {"kind": "paragraph", "spans": [{"text": "بند دیگر"}]},
    ]


def test_marks_beside_persian_quotation_marks() -> None:
    assert to_html("**«طرح»**ها") == "<p><strong>«طرح»</strong>ها</p>"


@pytest.mark.parametrize("marker", ["۱-", "۱.", "۱)", "1.", "٣-"])
def test_numbered_lists_with_any_digits(marker: str) -> None:
    [block] = parse(f"{marker} الف\n{marker} ب")
    assert (block["kind"], block["ordered"], len(block["items"])) == ("list", True, 2)


def test_a_number_at_the_start_of_a_line_is_not_rewritten() -> None:
    assert text_of(parse("سال\n۱۴۰۵- پایان یافت")) == "سال۱۴۰۵- پایان یافت"


def test_nested_lists() -> None:
    assert to_html("- الف\n  - ب\n\n۳- ج") == '<ul><li>الف<ul><li>ب</li></ul></li></ul><ol start="3"><li>ج</li></ol>'


def test_table_with_alignment() -> None:
    [table] = parse("| نام | مبلغ | روز |\n|:--|--:|:-:|\n| الف | ۱۲ | ۳ |\n| ب |")
    assert table["align"] == ["start", "end", "center"]
    assert [len(row) for row in table["rows"]] == [3, 3]
    assert '<td class="k-end">۱۲</td>' in to_html("| نام | مبلغ |\n|---|--:|\n| الف | ۱۲ |")


@pytest.mark.parametrize(
    "text",
    [
        "# عنوان",
        "<b>x</b>",
        "[پیوند](https://a.example)",
        "![x](y)",
        "`code`",
        "> نقل",
        "---",
        "&amp;",
        "_خط_",
        "~~x~~",
    ],
)
def test_everything_else_stays_text(text: str) -> None:
    assert text_of(parse(text)) == text


def test_indented_lines_are_no_code() -> None:
    assert parse("    متن") == [{"kind": "paragraph", "spans": [{"text": "متن"}]}]


def test_codes_are_isolated() -> None:
    html = to_html("نامهٔ 1405/102/4581 و ۱۴۰۵/۰۹/۰۱ و Word 2016 از ۵-۱۰")
    assert re.findall(r'<bdi dir="ltr">(.*?)</bdi>', html) == ["1405/102/4581", "۱۴۰۵/۰۹/۰۱", "Word 2016"]


def test_a_latin_paragraph_reads_from_the_left() -> None:
    assert to_html("Dear Sir, see نامه").startswith('<p dir="ltr">')


@given(ANY_TEXT)
def test_nothing_but_domain_errors(text: str) -> None:
    for function in (check_body, parse, to_html, merge_fields, lambda value: merge(value, {})):
        try:
            function(text)
        except DomainError as error:
            assert str(error)


@given(ANY_TEXT)
def test_html_holds_only_our_own_tags(text: str) -> None:
    try:
        html = to_html(text)
    except BodyRefused:
        return
    bare = re.sub(
        r"</?(p|ul|ol|li|table|thead|tbody|tr|th|td|div|strong|em|bdi|span|br)"
        r'( (class="k-[a-z-]+"|dir="ltr"|start="\d+"|scope="col"))*>',
        "",
        html,
    )
    assert "<" not in bare
    assert ">" not in bare


@given(ANY_TEXT)
def test_no_word_is_lost(text: str) -> None:
    try:
        check_body(text)
    except BodyRefused:
        return
    assert [c for c in text_of(parse(text)) if c.isalpha()] == [c for c in text if c.isalpha()]


def test_the_tree_is_json() -> None:
    tree = parse("- **الف**\n\n| a |\n|---|\n| b |\n\nمتن")
    assert json.loads(json.dumps(tree)) == tree


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "letter.body-empty"),
        (" \n\u200c", "letter.body-empty"),
        ("a" * (MAX_CHARACTERS + 1), "letter.body-too-long"),
        ("الف\u202eب", "letter.body-character"),
        ("الف\u2066ب", "letter.body-character"),
        ("الف\x07", "letter.body-character"),
        ("الف\ud800", "letter.body-character"),
        ("الف\ue000", "letter.body-character"),
        ("الف\u2028", "letter.body-character"),
        ("- " * 8 + "الف", "letter.body-list-depth"),
        ("| ا | ب |\n|---|---|\n| ۱ | ۲ | ۳ |", "letter.body-table-cells"),
        ("|ا" * 13 + "|\n" + "|-" * 13 + "|", "letter.body-table-width"),
    ],
)
def test_refused_bodies(text: str, code: str) -> None:
    with pytest.raises(BodyRefused) as refusal:
        check_body(text)
    assert (refusal.value.code, refusal.value.field) == (code, "body")


def test_the_refusal_names_the_place() -> None:
    with pytest.raises(BodyRefused, match=r"4.*U\+202E"):
        check_body("الف\u202e")


def test_joiners_and_harakat_are_kept() -> None:
    check_body("می‌رود قُرآنِ کریم\r\n\tسطر دوم")


def test_long_hostile_texts_take_linear_time() -> None:
    started = time.process_time()
    for unit in ("*", "**a ", "- a\n", "{{a ", "\\", "|a", "a.", "1. ", "> ", "a\n", "|a|\n|-|\n"):
        try:
            check_body(unit * (MAX_CHARACTERS // len(unit)))
        except BodyRefused as error:
            assert error.code
    assert time.process_time() - started < 20


def test_fields_in_order_and_in_one_spelling() -> None:
    assert merge_fields("{{نام}} {{ كد  ملي }} \\{{نه}} {{نام}} {{a_1}}") == ["نام", "کد ملی", "a_1"]
    assert parse("سلام {{نام}}")[0]["spans"][1] == {"text": "نام", "field": True}


def test_merge_fills_and_names_what_is_missing() -> None:
    assert merge("{{نام}}: {{مبلغ}} ریال", {"نام": "لیلا", "مبلغ": "۱۲"}) == "لیلا: ۱۲ ریال"
    with pytest.raises(MergeError, match="مبلغ") as refusal:
        merge("{{مبلغ}}", {"نام": "لیلا", "مبلغ": " "})
    assert (refusal.value.code, refusal.value.name) == ("letter.merge-missing", "مبلغ")
    with pytest.raises(MergeError):
        merge("{{نام", {"نام": "لیلا"})


def test_merge_into_plain_lines_escapes_nothing() -> None:
    assert merge_plain("پلاک {{پلاک}}", {"پلاک": "*1|2*"}) == "پلاک *1|2*"


def test_merged_values_are_not_merged_again() -> None:
    merged = merge("{{نام}}", {"نام": "{{راز}}", "راز": "x"})
    assert merge_fields(merged) == []
    assert text_of(parse(merged)) == "{{راز}}"


TEMPLATES = [
    "{{v}}",
    "سلام **{{v}}** و *{{v}}*",
    "- {{v}}\n- {{v}}",
    "۱- {{v}}\n۲- الف",
    "{{v}}. متن",
    "متن\n{{v}}\nمتن",
    "| نام |\n|---|\n|{{v}}|\n| {{v}} |",
    "| الف |\n{{v}}\n",
    "1{{v}} الف",
    "{{v}}{{v}}- ب",
    "**الف**{{v}}**ب**",
]


@settings(max_examples=300)
@given(st.sampled_from(TEMPLATES), st.text(alphabet="*_|-+:.)\\{}<>#`[] \n0۱ابa", max_size=30))
def test_a_value_never_changes_the_shape(template: str, value: str) -> None:
    if not value.strip():
        return
    merged = parse(merge(template, {"v": value}))
    assert shape(merged) == shape(parse(merge(template, {"v": "ب"})))
    assert text_of(merged).count(" ".join(value.split())) >= template.count("{{v}}") // 2
