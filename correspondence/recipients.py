"""Lists of recipients as agencies really send them: CSV in any of their encodings, or XLSX; and the list of results.

`read_recipients` never loses a line and never lets one bad line stop the others: each row is accepted, or refused with
a reason in both languages. Only a file that cannot be read as a list at all is refused as a whole.
"""

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, NamedTuple

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from correspondence.confined.endings import OLE_HEAD
from correspondence.confined.plain import plain_text
from correspondence.confined.process import run_confined
from correspondence.directory import identifiers
from correspondence.directory.identifiers import InvalidIdentifier
from correspondence.directory.numerals import numeral
from correspondence.recipient_columns import Columns, clean_cell, find_columns
from signing.errors import DomainError

MAX_ROWS = 200_000
MAX_BYTES = 64 * 1024 * 1024
MAX_COLUMNS = 100
MAX_NAME = 200
MAX_FIELD = 2_000
_SEPARATORS = ",;\t،؛|"
_HEAD_RECORDS = 12
_HEAD_CHARACTERS = 256 * 1024
_SHEET_SECONDS = 120
# A quoted cell may hold line breaks, but one stray quotation mark must not swallow the rest of the list.
_MAX_LINES_OF_RECORD = 20
_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
_SHORTENED = re.compile(r"[0-9]+(?:[.,٫][0-9]+)?[eE]\+?[0-9]+|[0-9]+[.,٫][0-9]+")

_LENGTHS = _("It has {found} digits; a person's code has 10 and a company's id has 11. Please look again.")


class ListRefused(DomainError):
    """A file that cannot be read as a list of recipients; `code` is `recipients.<reason>`."""

    def __init__(self, reason: str, message: str | Promise) -> None:
        super().__init__(f"recipients.{reason}", message, field="recipients")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row is not a recipient; the message is lazy, so that it can be had in both languages."""

    code: str
    message: str | Promise

    @property
    def text_fa(self) -> str:
        """The reason in Persian."""
        with override("fa"):
            return str(self.message)

    @property
    def text_en(self) -> str:
        """The reason in English."""
        with override("en"):
            return str(self.message)


class RecipientRow(NamedTuple):
    """A row of the list; `line` counts from 1 with the head, as a spreadsheet does.

    `party_kind` is `person`, `company` or empty where the id tells neither. `party_id` is clean, or as it was typed
    where it is refused. `fields` are the values of all columns but the id, under the names that merge fields use.
    `padded` says that leading zeros, which a spreadsheet had dropped, were put back.
    """

    line: int
    party_kind: str
    party_id: str
    name: str
    fields: dict[str, str]
    refusal: Refusal | None = None
    padded: bool = False


@dataclass(frozen=True, slots=True)
class RecipientSheet:
    """A list that was read: the names of its merge fields and its rows, empty lines left out."""

    columns: tuple[str, ...]
    rows: list[RecipientRow]

    @property
    def accepted(self) -> list[RecipientRow]:
        """The rows that are recipients."""
        return [row for row in self.rows if row.refusal is None]

    @property
    def refused(self) -> list[RecipientRow]:
        """The rows that are not, each with its refusal."""
        return [row for row in self.rows if row.refusal is not None]


def read_recipients(source: bytes | BinaryIO, name: str) -> RecipientSheet:
    """Read a list of at most 200,000 rows. `name` is the file's name for messages; the content tells its format.

    Raises ListRefused: empty, too-large, old-format, unreadable, no-id-column, no-rows, too-many-rows.
    """
    data = source if isinstance(source, bytes) else source.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ListRefused("too-large", _("The list is larger than 64 MB. Split it and send it in parts."))
    if not data.strip(b"\x00\t\r\n \xff\xfe\xef\xbb\xbf"):
        raise ListRefused("empty", _("The list is empty; nothing was read. Look at the file and send it again."))
    records, columns, line = _open_list(data, name)
    rows = list(_rows(records, columns, line))
    if not rows:
        raise ListRefused("no-rows", _("Under its head the list has no rows. Look at the file and send it again."))
    return RecipientSheet(columns.names, rows)


def result_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """A table, head first, as CSV that spreadsheets open rightly and never run: UTF-8 with its mark, all cells quoted.

    A cell that a spreadsheet could take for a formula gets an apostrophe before it (OWASP, CSV injection).
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_harmless(cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def _harmless(cell: str) -> str:
    # Looked at again without unseen marks and spaces before it: some spreadsheets pass over them.
    starts = {cell[:1], clean_cell(cell)[:1]}
    return cell if _FORMULA_STARTS.isdisjoint(starts) else f"'{cell}"


def _open_list(data: bytes, name: str) -> tuple[Iterator[list[str]], Columns, int]:
    """The records below the head, what the head says, and the line of the head."""
    text, separators = _text_of(data, name)
    found = [head for separator in separators if (head := _find_head(text, separator)) is not None]
    if not found:
        raise ListRefused(
            "no-id-column",
            format_lazy(
                _("No column of “{name}” is named “national code” or “national id”; name it in the first row."),
                name=_isolated(name),
            ),
        )
    columns, line, separator = max(found, key=lambda head: head[0].width)
    if columns.width > MAX_COLUMNS:
        raise ListRefused("too-many-columns", _("The list has more than 100 columns. Leave out what is not needed."))
    return islice(_records(text, separator), line, None), columns, line


def _find_head(text: str, separator: str) -> tuple[Columns, int, str] | None:
    """The head may stand below a title or two."""
    for line, record in enumerate(islice(_records(text[:_HEAD_CHARACTERS], separator), _HEAD_RECORDS), start=1):
        columns = find_columns(record)
        if columns is not None:
            return columns, line, separator
    return None


def _text_of(data: bytes, name: str) -> tuple[str, str]:
    """The list as text, and the separators that it may use."""
    if data.startswith(OLE_HEAD):
        raise ListRefused("old-format", _("The list is in an old or a locked format of Excel; save it as XLSX or CSV."))
    unreadable = ListRefused(
        "unreadable",
        format_lazy(
            _("“{name}” cannot be read as a list; save it as XLSX or as CSV in UTF-8 and send it again."),
            name=_isolated(name),
        ),
    )
    if data.startswith(b"PK\x03\x04"):
        answer = run_confined("sheets", "as_csv", data, seconds=_SHEET_SECONDS)
        if answer.reason is not None:
            raise unreadable
        return answer.text, ","
    try:
        return plain_text(data), _SEPARATORS
    except ValueError as error:
        raise unreadable from error


def _records(text: str, separator: str) -> Iterator[list[str]]:
    """The records of a CSV text; a quotation mark that is never closed spoils only its own line."""
    lines = io.StringIO(text, newline=None)
    if '"' not in text:
        yield from csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE)
        return
    waiting: deque[str] = deque()
    while (line := waiting.popleft() if waiting else next(lines, None)) is not None:
        taken = [line]
        record = _strictly(taken, separator)
        while record is None and len(taken) < _MAX_LINES_OF_RECORD:
            more = waiting.popleft() if waiting else next(lines, None)
            if more is None:
                break
            taken.append(more)
            record = _strictly(taken, separator)
        if record is None:
            waiting.extendleft(reversed(taken[1:]))
            record = next(csv.reader([line], delimiter=separator, quoting=csv.QUOTE_NONE))
        yield record


def _strictly(lines: list[str], separator: str) -> list[str] | None:
    try:
        return next(csv.reader(lines, delimiter=separator, strict=True), [])
    except csv.Error:
        return None


def _rows(records: Iterator[list[str]], columns: Columns, head_line: int) -> Iterator[RecipientRow]:
    seen: dict[str, int] = {}
    count = 0
    for line, record in enumerate(records, start=head_line + 1):
        cells = [clean_cell(cell) for cell in record]
        if not any(cells):
            continue
        count += 1
        if count > MAX_ROWS:
            raise ListRefused("too-many-rows", _("The list has more than 200,000 rows. Split it and send it in parts."))
        yield _row(line, cells, columns, seen)


def _row(line: int, cells: list[str], columns: Columns, seen: dict[str, int]) -> RecipientRow:
    surplus = len(cells) > columns.width and any(cells[columns.width :])
    if len(cells) != columns.width:
        cells = (cells + [""] * columns.width)[: columns.width]
    ids = columns.ids(cells)
    typed = ids[0] if ids else ""
    try:
        if surplus:
            raise _bad(
                "too-many-columns", _("The line has more cells than the head; put cells with a comma in quotes.")
            )
        party_kind, party_id, padded = _party(ids)
        name = columns.name(cells, party_kind)
        fields = columns.fields(cells, name)
        _check_texts(name, fields, has_name=columns.has_name)
        if party_id in seen:
            raise _bad(
                "duplicate", format_lazy(_("The same as line {line}; sent only once."), line=numeral(seen[party_id]))
            )
    except DomainError as error:
        name = columns.name(cells, "")[:MAX_NAME]
        kind = identifiers.kind_of(typed) or ""
        return RecipientRow(line, kind, typed, name, columns.fields(cells, name), Refusal(error.code, error.message))
    seen[party_id] = line
    return RecipientRow(line, party_kind, party_id, name, fields, None, padded)


def _party(ids: list[str]) -> tuple[str, str, bool]:
    """Kind and clean id of the recipient, and whether leading zeros were put back."""
    if not ids:
        raise _bad("id-missing", _("No national code or national id; write it and send the line again."))
    if len(ids) > 1:
        raise _bad("two-ids", _("Two different ids in one line; one line is one recipient."))
    digits = identifiers.clean_identifier(ids[0])
    if len(digits) == 10:
        return "person", identifiers.national_code(digits), False
    if len(digits) == 11:
        return "company", identifiers.company_id(digits), False
    if len(digits) in {8, 9} and _fits(identifiers.national_code, digits.zfill(10)):
        return "person", digits.zfill(10), True
    if _SHORTENED.fullmatch(digits):
        raise _bad(
            "id-shortened", _("A spreadsheet has shortened this number; set the column to text and write it anew.")
        )
    if digits.isdecimal():
        raise _bad("id-length", format_lazy(_LENGTHS, found=numeral(len(digits))))
    return "person", identifiers.national_code(digits), False


def _fits(check: Callable[[str], str], text: str) -> bool:
    try:
        check(text)
    except InvalidIdentifier:
        return False
    return True


def _check_texts(name: str, fields: dict[str, str], *, has_name: bool) -> None:
    if has_name and not name:
        raise _bad("name-missing", _("The name is missing; write it and send the line again."))
    if len(name) > MAX_NAME or max(map(len, fields.values()), default=0) > MAX_FIELD:
        raise _bad("text-too-long", _("A cell is too long: 200 characters for a name, 2,000 for anything else."))


def _bad(reason: str, message: str | Promise) -> DomainError:
    return DomainError(f"recipient.{reason}", message)


def _isolated(name: str) -> str:
    return f"\u2068{clean_cell(name)[:120]}\u2069"
