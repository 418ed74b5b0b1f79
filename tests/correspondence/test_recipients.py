"""Lists of recipients: every encoding and habit, a reason for each bad row, and never the whole file for one row."""

import csv
import io
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from correspondence.directory.identifiers import national_code_check_digit
from correspondence.recipients import ListRefused, RecipientRow, read_recipients, result_csv

EXAMPLES = Path(__file__).parents[2] / "examples"
FARZANEH, BEHNAM, MINA = "9990000018", "9990000026", "9990000034"
COMPANY = "14000000100"


def _read(text: str, encoding: str = "utf-8") -> list[RecipientRow]:
    return read_recipients(text.encode(encoding), "list.csv").rows


def _only(text: str) -> RecipientRow:
    [row] = _read(text)
    return row


def _reason(row: RecipientRow) -> str | None:
    return row.refusal.code if row.refusal else None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1256"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "،", "؛", "|"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_all_encodings_separators_and_line_ends(encoding: str, separator: str, line_end: str) -> None:
    lines = [("كد ملي", "نام", "مبلغ"), (FARZANEH, "فرزانه اردلان", "12000"), (COMPANY, "شركت سرو", "500")]
    text = line_end.join(separator.join(line) for line in lines) + line_end
    rows = _read(text, encoding)
    assert [(r.line, r.party_kind, r.party_id, r.name) for r in rows] == [
        (2, "person", FARZANEH, "فرزانه اردلان"),
        (3, "company", COMPANY, "شركت سرو"),
    ]
    assert rows[0].fields == {"نام": "فرزانه اردلان", "مبلغ": "12000"}
    assert not any(row.refusal for row in rows)


@pytest.mark.parametrize(
    "head",
    [
        "کد ملی,نام",
        "كدملي,نام و نام خانوادگی",
        "کد‌ملی *,نام گیرنده",
        "شناسه ملی,نام شرکت",
        "کد ملی / شناسه ملی,نام شخص/شرکت",
        "کد ملی مؤدی,نام مؤدی",
        "شماره ملی,نام کامل",
        "کد ملی بیمه‌شده,نام بیمه‌شده",
        "National Code,Full Name",
        "national_id,name",
        "NationalId,FullName",
        "NIN,Recipient name",
        "کدملی (۱۰ رقم),نام (کامل)",
    ],
)
def test_heads_are_understood(head: str) -> None:
    row = _only(f"{head}\n{FARZANEH},فرزانه اردلان\n")
    assert (row.party_id, row.name, row.fields["نام"]) == (FARZANEH, "فرزانه اردلان", "فرزانه اردلان")


def test_other_peoples_codes_are_not_the_recipient() -> None:
    row = _only(f"کد ملی همسر,نام پدر,کد ملی,نام,نام خانوادگی\n{BEHNAM},کاوه,{FARZANEH},فرزانه,اردلان\n")
    assert (row.party_id, row.name) == (FARZANEH, "فرزانه اردلان")
    assert row.fields == {"کد ملی همسر": BEHNAM, "نام پدر": "کاوه", "نام": "فرزانه", "نام خانوادگی": "اردلان"}


def test_a_title_may_stand_above_the_head_and_lines_are_those_of_the_spreadsheet() -> None:
    rows = _read(f"فهرست مؤدیان\n\nکد ملی;نام\n\n{FARZANEH};الف\n;\n1;ب\n")
    assert [(row.line, _reason(row)) for row in rows] == [(5, None), (7, "recipient.id-length")]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("9990000019,الف", "national-code.check-digit"),
        ("1111111111,الف", "national-code.all-equal"),
        ("99900O0018,الف", "national-code.letters"),
        ("999000001,الف", "recipient.id-length"),
        ("140000001000,الف", "recipient.id-length"),
        ("14000000101,الف", "company-id.check-digit"),
        (",الف", "recipient.id-missing"),
        ("9.99E+09,الف", "recipient.id-shortened"),
        (f"{FARZANEH},", "recipient.name-missing"),
        (f"{FARZANEH},الف,ب", "recipient.too-many-columns"),
        (f"{FARZANEH},{'ا' * 201}", "recipient.text-too-long"),
    ],
)
def test_each_bad_row_has_its_reason_in_both_languages_and_stops_no_other(line: str, code: str) -> None:
    bad, good = _read(f"کد ملی,نام\n{line}\n{BEHNAM},بهمن راد\n")
    assert bad.refusal is not None
    assert (bad.line, bad.refusal.code) == (2, code)
    assert bad.refusal.text_en.isascii() or "“" in bad.refusal.text_en
    assert bad.refusal.text_fa != bad.refusal.text_en
    assert len(bad.refusal.text_fa) <= 300
    assert good.refusal is None


def test_a_duplicate_names_the_line_that_is_sent() -> None:
    rows = _read(f"کد ملی,نام\n{FARZANEH},الف\n9990000019,ب\n۹۹۹-۰۰۰۰-۰۱۸,پ\n9990000019,ت\n")
    wrong = "national-code.check-digit"
    assert [_reason(row) for row in rows] == [None, wrong, "recipient.duplicate", wrong]
    assert rows[2].refusal is not None
    assert "2" in rows[2].refusal.text_en
    assert "۲" in rows[2].refusal.text_fa


def test_two_columns_of_ids() -> None:
    head = "کد ملی,شناسه ملی,نام,نام شرکت\n"
    rows = _read(f"{head}{FARZANEH},,فرزانه,\n,{COMPANY},کاوه راد,سرو\n{BEHNAM},{COMPANY},ب,پ\n")
    assert [(row.party_id, row.name, _reason(row)) for row in rows] == [
        (FARZANEH, "فرزانه", None),
        (COMPANY, "سرو", None),
        (BEHNAM, "ب", "recipient.two-ids"),
    ]


@pytest.mark.parametrize(
    ("typed", "padded"), [("76229645", True), ("076229645", True), ("0076229645", False), ('"=""0076229645"""', False)]
)
def test_lost_leading_zeros_come_back_where_the_check_digit_fits(typed: str, padded: bool) -> None:
    row = _only(f"کد ملی,نام\n{typed},الف\n")
    assert (row.party_id, row.padded, row.refusal) == ("0076229645", padded, None)


def test_lost_zeros_are_not_invented() -> None:
    assert _reason(_only("کد ملی,نام\n76229646,الف\n")) == "recipient.id-length"


def test_cells_are_cleaned_for_letters() -> None:
    row = _only(
        f'کد ملی,نام,نشانی (محل کار)\n{FARZANEH},"\u202eعلی\u200cرضا  \u200f پاک\x85دست\u2066","تهران\nآزادی"\n'
    )
    assert row.name == "علی\u200cرضا پاک دست"
    assert row.fields["نشانی"] == "تهران آزادی"


def test_one_stray_quotation_mark_spoils_only_its_own_line() -> None:
    people = "".join(f"{c},نام {c}\n" for c in (BEHNAM, MINA))
    rows = _read(f'کد ملی,نام\n{FARZANEH},"شرکت "سرو" کویر\n{people}')
    assert [row.party_id for row in rows] == [FARZANEH, BEHNAM, MINA]
    assert not any(row.refusal for row in rows[1:])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "recipients.empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "recipients.empty"),
        (b"\xff\xfe\r\x00\n\x00", "recipients.empty"),
        ("نام,مبلغ\nالف,1\n".encode(), "recipients.no-id-column"),
        (f"{FARZANEH}\n{BEHNAM}\n".encode(), "recipients.no-id-column"),
        ("کد ملی,نام\n,\n".encode(), "recipients.no-rows"),
        (b"%PDF-1.7\n\x00\x01\x02\x03\xff\xfe", "recipients.unreadable"),
        (b"PK\x03\x04 no archive", "recipients.unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "recipients.old-format"),
        (("کد ملی" + ",ستون" * 100 + f"\n{FARZANEH}\n").encode(), "recipients.too-many-columns"),
        (("کد ملی\n" + "1\n" * 200_001).encode(), "recipients.too-many-rows"),
    ],
)
def test_only_a_file_that_is_no_list_is_refused_whole(data: bytes, code: str) -> None:
    with pytest.raises(ListRefused) as refusal:
        read_recipients(data, "فهرست.csv")
    assert refusal.value.code == code
    assert refusal.value.field == "recipients"
    assert str(refusal.value)


def _workbook(fill: Callable[[Worksheet], None]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    fill(sheet)
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_read_like_a_list() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["صورت بدهی"])
        sheet.append(["کد ملی", "نام", "مبلغ (ریال)", "تاریخ"])
        sheet.append([int(FARZANEH), "فرزانه", 12_000.0, None])
        sheet.append([76229645, "کاوه, راد", "۱۲٬۰۰۰", None])
        sheet.append([])
        sheet.append(["بی‌شماره", 'گیومهٔ "سرو"', True, None])

    rows = read_recipients(io.BytesIO(_workbook(fill)), "list.xlsx").rows
    assert [(r.line, r.party_id, r.name, r.padded) for r in rows] == [
        (3, FARZANEH, "فرزانه", False),
        (4, "0076229645", "کاوه, راد", True),
        (6, "بی‌شماره", 'گیومهٔ "سرو"', False),
    ]
    assert [row.fields["مبلغ"] for row in rows[:2]] == ["12000", "۱۲٬۰۰۰"]


def test_a_workbook_that_claims_a_million_columns_is_read_by_its_cells() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["کد ملی", "نام"])
        sheet.append([FARZANEH, "فرزانه"])
        sheet["XFD2"] = "دور"

    [row] = read_recipients(_workbook(fill), "list.xlsx").rows
    assert _reason(row) in {None, "recipient.too-many-columns"}


def test_a_hundred_thousand_rows_are_read_in_seconds() -> None:
    def line(serial: int) -> str:
        first = f"999{serial:06d}"
        return f'{first}{national_code_check_digit(first)},"زهرا محمدی‌نیا",{serial * 1000},تهران، کوچهٔ {serial}'

    data = "\r\n".join(["کد ملی,نام,مبلغ,نشانی", *map(line, range(100_000))]).encode("utf-16")
    start = time.process_time()
    sheet = read_recipients(data, "list.csv")
    assert len(sheet.accepted) == 100_000
    assert time.process_time() - start < 3


def test_the_example_of_the_journey() -> None:
    sheet = read_recipients((EXAMPLES / "journey" / "recipients.csv").read_bytes(), "recipients.csv")
    assert [(row.line, _reason(row)) for row in sheet.refused] == [
        (43, "national-code.check-digit"),
        (95, "recipient.duplicate"),
        (150, "national-code.check-digit"),
    ]
    assert len(sheet.rows) == 200
    assert sum(row.party_kind == "company" for row in sheet.accepted) == 13
    assert {"نام", "مبلغ", "شناسه قبض", "شناسه پرداخت"} <= set(sheet.columns)


def test_the_small_example() -> None:
    sheet = read_recipients((EXAMPLES / "journey-small" / "recipients.csv").read_bytes(), "recipients.csv")
    assert [_reason(row) for row in sheet.refused] == [
        "recipient.id-missing",
        "recipient.too-many-columns",
        "national-code.letters",
        "recipient.id-length",
        "national-code.all-equal",
    ]
    assert sheet.rows[0].line == 3


@given(st.binary(max_size=300))
def test_any_bytes_are_a_list_or_refused_by_name(data: bytes) -> None:
    if data.startswith(b"PK\x03\x04"):
        return
    try:
        read_recipients(data, "x")
    except ListRefused as refusal:
        assert refusal.code


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), max_size=6))
def test_any_cells_lose_no_line(cells: list[str]) -> None:
    rows = read_recipients(
        result_csv([["کد ملی", "متن"], *([FARZANEH, cell] for cell in cells), [BEHNAM, ""]]), "x"
    ).rows
    assert [row.line for row in rows] == list(range(2, len(cells) + 3))


FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|'/c calc'!A1", "＝1", "＋1", "－1", "＠a",
    "\u200f=HYPERLINK(\"http://a\")", "\u202e=1", " =1", "\ufeff=1", "=IMPORTXML(1)", "-2+3+cmd|' /C calc'!A0",
]  # fmt: skip


@pytest.mark.parametrize("payload", FORMULAS)
def test_results_are_never_formulas(payload: str) -> None:
    data = result_csv([["سطر", "متن"], ["2", payload]])
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows == [["سطر", "متن"], ["2", f"'{payload}"]]


@pytest.mark.parametrize("text", ["", "سلام", "۱۲", "a=b", 'گیومهٔ "سرو"', "الف، ب\nپ", "\u200fسلام"])
def test_harmless_results_stay_as_they_are(text: str) -> None:
    data = result_csv([[text]]).decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(data, newline=""))) == [text]
