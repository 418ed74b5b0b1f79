"""The port to the national register of persons: who holds a national code, and which mobile is theirs.

`LocalRegister` answers from a table of this database, for development and tests; a production driver asks the
Shahkar service. Whoever controls the register can sign in as anyone: it is trusted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.core.checks import CheckMessage

from config.backends import BackendHandler
from correspondence.directory.models import RegisteredPerson


@dataclass(frozen=True)
class PersonRecord:
    """What the register says: `mobile` is E.164, or empty where none is registered."""

    national_code: str
    full_name: str
    mobile: str


class PersonRegister(Protocol):
    """A driver answers from one snapshot, raises `OSError` when it cannot, and never guesses."""

    def find(self, national_codes: Iterable[str]) -> dict[str, PersonRecord]:
        """Records by national code; codes that the register does not know are absent."""

    def check(self) -> list[CheckMessage]:
        """What stands against using this driver."""


class LocalRegister:
    """The register as a table, filled by the demo data."""

    def find(self, national_codes: Iterable[str]) -> dict[str, PersonRecord]:
        rows = RegisteredPerson.objects.filter(national_code__in=list(national_codes))
        return {row.national_code: PersonRecord(row.national_code, row.full_name, row.mobile) for row in rows}

    def check(self) -> list[CheckMessage]:
        return []


_registers = BackendHandler("PERSON_REGISTER")


def person_register() -> PersonRegister:
    """The configured driver."""
    register: PersonRegister = _registers["default"]
    return register
