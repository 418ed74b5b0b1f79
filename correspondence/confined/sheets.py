"""XLSX: the text of all sheets for search, or the first sheet as CSV for a list of recipients."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook

from correspondence.confined.office import check_office
from correspondence.confined.process import Answer, searchable, serve

# More than a list of recipients may have, so that its reader sees that there are too many.
MAX_ROWS = 200_100
MAX_COLUMNS = 101
_MAX_CSV = 64 * 1024 * 1024


def extract(data: bytes) -> Answer:
    """The text of all cells of all sheets."""
    return searchable(_texts(_open(data)))


def as_csv(data: bytes) -> Answer:
    """The first sheet, one record per row of it, so that record numbers are row numbers."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in _rows(_open(data).worksheets[0]):
        writer.writerow([" ".join(cell.splitlines()) for cell in row])
        if out.tell() > _MAX_CSV:
            raise MemoryError
    return Answer(out.getvalue(), None)


def _open(data: bytes) -> Any:
    check_office("xlsx", data)
    return load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)


def _texts(book: Any) -> Iterator[str]:
    for sheet in book.worksheets:
        yield f"{sheet.title}\n"
        for row in _rows(sheet):
            line = " ".join(filter(None, row))
            if line:
                yield f"{line}\n"


def _rows(sheet: Any) -> Iterator[list[str]]:
    # A sheet may claim any size for itself; only the cells that are there count.
    sheet.reset_dimensions()
    for row in sheet.iter_rows(min_row=1, max_row=MAX_ROWS, values_only=True):
        yield [_cell(value) for value in row[:MAX_COLUMNS]]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


if __name__ == "__main__":
    serve(extract=extract, as_csv=as_csv)
