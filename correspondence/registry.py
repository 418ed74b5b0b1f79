"""Letter numbers: 1..n per agency, register and Jalali year, without gap or repeat, given inside the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import transaction

from correspondence.directory.models import Agency
from correspondence.directory.numbering import number_of
from correspondence.jalali import jalali_year
from correspondence.models import RegisterCounter, RegisterEntry

Register = Literal["outgoing", "incoming"]


@dataclass(frozen=True)
class NumberBlock:
    """Consecutive numbers `first..last` of one register and year."""

    register: Register
    year: int
    first: int
    last: int
    pattern: str
    code: str

    def number(self, offset: int = 0) -> str:
        """The letter number at `first + offset`, in the agency's own pattern."""
        return number_of(self.pattern, year=self.year, code=self.code, index=self.first + offset)

    @property
    def span(self) -> str:
        """The first and last number of a block, or its only one."""
        count = self.last - self.first
        return self.number() if not count else f"{self.number()} – {self.number(count)}"


def take_numbers(agency: Agency, register: Register, count: int, *, subject: UUID, at: datetime) -> NumberBlock:
    """Take `count` numbers at once and enter them in the register.

    Must run in the transaction of the fact that is numbered, as its last lock, so that a roll-back gives the numbers back.
    A cancelled letter keeps its number; a number is never used again.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("numbers are given only inside the transaction that uses them")
    year = jalali_year(at)
    counter, _ = RegisterCounter.objects.select_for_update().get_or_create(agency=agency, register=register, year=year)
    first, counter.last = counter.last + 1, counter.last + count
    counter.save(update_fields=["last"])
    RegisterEntry.objects.create(
        agency=agency, register=register, year=year, first=first, last=counter.last, subject=subject, given_at=at
    )
    pattern = agency.number_pattern if register == "outgoing" else agency.incoming_pattern
    return NumberBlock(register, year, first, counter.last, pattern, agency.code)
