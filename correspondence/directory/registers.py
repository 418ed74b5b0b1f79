"""The port to the national register of persons: who holds a national code, and which mobile is theirs.

`LocalRegister` is for development and tests; a production driver asks the Shahkar service. Whoever controls the
register can sign in as anyone: it is trusted.
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
    """Development: the people of a table, and for every other national code a made-up mobile.

    So letters can be sent to any list of recipients and opened by any of them on a machine that knows none of them.
    """

    def find(self, national_codes: Iterable[str]) -> dict[str, PersonRecord]:
        codes = list(national_codes)
        rows = RegisteredPerson.objects.filter(national_code__in=codes)
        known = {row.national_code: PersonRecord(row.national_code, row.full_name, row.mobile) for row in rows}
        return {code: known.get(code) or PersonRecord(code, "", f"+98997{code[3:]}") for code in codes}

    def check(self) -> list[CheckMessage]:
        return []


_registers = BackendHandler("PERSON_REGISTER")


def person_register() -> PersonRegister:
    """The configured driver."""
    register: PersonRegister = _registers["default"]
    return register
