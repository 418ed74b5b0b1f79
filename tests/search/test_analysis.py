"""The analyser: one reading for every spelling, places inside the text, no text that it cannot read."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.analysis import (
    MAX_CHARACTERS,
    analyse,
    highlight,
    index_columns,
    index_terms,
    matches,
    query_terms,
    snippet,
)

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
LETTERS = "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیآأؤئء"
WORD = st.text(LETTERS, min_size=2, max_size=9)
ADMINISTRATIVE = st.lists(
    st.sampled_from(
        "نامه‌های اداری می‌شود نمی‌باشد آیین‌نامه ۱۴۰۵/۱۲۳ ۱٬۲۰۰٬۰۰۰ مؤدیان هیأت امضاء بیمهٔ کارفرمایان ۱۲ب۳۴۵ و در PDFها "
        "صورت‌جلسه تجدیدنظر شرکت‌ها راه‌های بزرگ‌ترین ۰۹۱۲۳۴۵۶۷۸۹ SHA-256 اردیبهشت ۱ ۱۴۰۵".split()
    ),
    max_size=12,
).map(" ".join)

ARABIC = str.maketrans({"ی": "ي", "ک": "ك", **{str(n): chr(0x660 + n) for n in range(10)}})
PERSIAN_DIGITS = str.maketrans({chr(0x6F0 + n): str(n) for n in range(10)})


@given(st.one_of(ADMINISTRATIVE, WORD, ANY_TEXT))
def test_arabic_letters_and_foreign_digits_read_the_same(text: str) -> None:
    text = text.replace("ئ", "ی")
    assert index_columns(text.translate(PERSIAN_DIGITS).translate(ARABIC)) == index_columns(text)


@given(st.lists(WORD, min_size=1, max_size=5))
def test_vowel_marks_and_tatweel_do_not_matter(words: list[str]) -> None:
    text = " ".join(words)
    marked = " ".join("ـ".join(word) + "\u064e\u0651" for word in words)
    # A hamza before the mark is a letter of its own; the marks follow the whole word here.
    assert index_columns(marked) == index_columns(text)


@given(WORD.filter(lambda word: word[-1] not in "هاویئء"), st.sampled_from(["ها", "های", "هایی", "تر", "ترین"]))
def test_an_ending_may_stand_apart_by_half_space_or_space(word: str, ending: str) -> None:
    assert index_terms(f"{word}\u200c{ending}") == index_terms(f"{word} {ending}")


@given(WORD, st.sampled_from(["می", "نمی"]))
def test_verbs_are_one_word_however_written(verb: str, prefix: str) -> None:
    apart, half = index_terms(f"{prefix} {verb}"), index_terms(f"{prefix}\u200c{verb}")
    assert apart == half


@given(st.one_of(ANY_TEXT, ADMINISTRATIVE, st.text('ا\u200c1,/٬-\u200f\u064b آ* «»"', max_size=80)))
@settings(max_examples=400)
def test_every_text_is_read_and_every_place_lies_inside_it(text: str) -> None:
    last = 0
    for token in analyse(text):
        assert 0 <= token.start < token.end <= len(text)
        assert token.term and token.term.isalnum() and " " not in token.term
        assert token.position >= last
        last = token.position
    for start, end in highlight(text, text):
        assert 0 <= start < end <= len(text)
    stretch = snippet(text, text, width=20)
    for start, end in stretch.marks:
        assert 0 <= start < end <= len(stretch.text)
    matches(text, query_terms(text))


@given(st.one_of(ADMINISTRATIVE, st.lists(WORD, min_size=1, max_size=6).map(" ".join)))
def test_a_text_is_found_by_itself(text: str) -> None:
    query = query_terms(text)
    assert not query.units or matches(text, query)


@given(ADMINISTRATIVE.filter(bool))
def test_a_text_is_found_by_its_own_phrase(text: str) -> None:
    assert matches(f"سرآغاز. {text}. پایان", query_terms(f"«{text}»"))


@given(ANY_TEXT)
def test_terms_survive_the_simplest_tokeniser(text: str) -> None:
    main, variants = index_columns(text)
    for term in (*main.split(), *variants.split()):
        assert all(c.isascii() or "\u0600" < c < "\u0700" for c in term)
    assert index_terms(text) == main


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("ماليات", "برگ مالیاتِ عملکرد", ["مالیاتِ"]),
        ("نامه", "پیرو نامه ها", ["نامه ها"]),
        ("می شود", "ابلاغ می‌شود.", ["می‌شود"]),
        ("آیین نامه", "طبق آیین‌نامه‌های جدید", ["آیین‌نامه‌های"]),
        ("1405/123", "شماره ۱۴۰۵‏/۱۲۳ مورخ", ["۱۴۰۵‏/۱۲۳"]),
        ("123", "شماره ۱۴۰۵/۱۲۳ مورخ", ["۱۲۳"]),
        ("1200000", "مبلغ ۱٬۲۰۰٬۰۰۰ ریال", ["۱٬۲۰۰٬۰۰۰"]),
        ("کد پستی", "پُستی و كُدِ شما", ["پُستی", "كُدِ"]),
        ("«کد پستی»", "كُدِ پُستی شما، کد", ["كُدِ پُستی"]),
        ("اردیبهشت", "۱ اردیبهشت ۱۴۰۵", ["اردیبهشت"]),
        ("1405/02/01", "در ۱ اردیبهشت ۱۴۰۵ ابلاغ شد", ["۱ اردیبهشت ۱۴۰۵"]),
        ("ریال", "۱۰ ﷼", ["﷼"]),
    ],
)
def test_marks_cover_the_words_of_the_original(query: str, text: str, marked: list[str]) -> None:
    assert [text[start:end] for start, end in highlight(text, query)] == marked


def test_a_snippet_is_cut_between_words_around_the_marks() -> None:
    text = (
        "سلام بر همگان. " * 40 + "در پاسخ به اعتراض شما نسبت به مالیات عملکرد،\nرأی صادر شد. " + "پایان متن است. " * 40
    )
    found = snippet(text, "اعتراض مالیات", width=80)
    assert [found.text[start:end] for start, end in found.marks] == ["اعتراض", "مالیات"]
    assert found.text.startswith("…") and found.text.endswith("…")
    assert len(found.text) <= 84
    assert "\n" not in found.text
    assert all(word in text.split() for word in found.text.strip("…").split())


def test_a_snippet_without_a_hit_is_the_beginning() -> None:
    assert snippet("یک دو سه", "چهار") == ("یک دو سه", [])
    assert snippet("کلمه " * 100, "چهار", width=22).text == "کلمه " * 3 + "کلمه…"


def test_words_of_a_query_must_all_be_there_unless_they_say_nothing() -> None:
    assert matches("مهلت پرداخت مالیات", query_terms("مهلت پرداخت برای مالیات")) is False
    assert matches("مهلت پرداخت مالیات", query_terms("مهلت در پرداخت و مالیات"))
    assert matches("نامه در راه است", query_terms("در"))


@pytest.mark.parametrize("query", ["", "   ", "«»", '""', "***", "-/:.", "\u200c", "\ud800", "«", '"', "🙂"])
def test_a_query_without_words_finds_nothing(query: str) -> None:
    assert query_terms(query).units == ()
    assert not matches("هر متنی", query_terms(query))


def test_a_star_is_no_wildcard() -> None:
    assert not matches("مالیات", query_terms("مالی*"))
    assert matches("مالیات", query_terms("مالیات*"))


def test_a_query_is_bounded() -> None:
    assert len(query_terms(" ".join(f"واژه{n}" for n in range(5_000))).units) <= 24
    assert query_terms("الف" * 100_000)


@pytest.mark.parametrize(
    "piece",
    [
        "ا",
        "ا\u200c",
        "1,234",
        "1/",
        "می ",
        "ها ",
        "آیین نامه ",
        "«",
        '"a',
        "\u064b",
        "ی\u0654",
        "a.b@",
        "12ب345 ",
        "ﷺ",
        "*a",
    ],
)
def test_reading_takes_time_in_proportion(piece: str) -> None:
    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        begun = time.perf_counter()
        analyse(text)
        highlight(text, "مالیات آیین‌نامه 1405/123 «کد پستی»")
        return time.perf_counter() - begun

    seconds(1_000)
    small, large = min(seconds(4_000) for _ in range(3)), min(seconds(32_000) for _ in range(2))
    assert large < 8 * small * 4 + 0.05


def test_what_lies_beyond_the_bound_is_not_read() -> None:
    assert not matches("الف " * (MAX_CHARACTERS // 4) + "مالیات", query_terms("مالیات"))
