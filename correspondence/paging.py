"""Keyset pages: the key of the last row seen travels in the address as `after=<instant>_<id>`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest

Key = tuple[datetime, UUID]


def read_key(request: HttpRequest) -> Key | None:
    """The key in the address, or None where there is none or it is malformed (then the first page is shown)."""
    instant, _, row_id = request.GET.get("after", "").rpartition("_")
    try:
        return (datetime.fromisoformat(instant), UUID(row_id)) if instant else None
    except ValueError:
        return None


def next_key(rows: Sequence[Any], page: int, attribute: str) -> str:
    """The key of the next page, from `page + 1` rows that were read; empty on the last page."""
    if len(rows) <= page:
        return ""
    last = rows[page - 1]
    return f"{getattr(last, attribute).isoformat()}_{last.id}"
