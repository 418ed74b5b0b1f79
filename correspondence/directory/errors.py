"""Reasons for which the directory refuses."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from correspondence.directory.numerals import numeral
from signing.errors import DomainError


class NotFound(DomainError):
    """The thing does not exist, or is not the actor's: both look the same from outside."""

    def __init__(self) -> None:
        super().__init__("not_found", _("There is nothing here that you may see."))


class NotAllowed(DomainError):
    """The actor sees the thing but lacks the right for this act."""

    def __init__(self) -> None:
        super().__init__("forbidden", _("Your role does not allow this. Ask the administrator of your agency."))


class CodeRefused(DomainError):
    """The one-time code is wrong, old, used, or was asked for by somebody else's browser."""

    def __init__(self, code: str, message: str | Promise) -> None:
        super().__init__(code, message, field="code")


class TooManyCodes(DomainError):
    """More codes were asked for than the limits per person, address and in all allow."""

    def __init__(self, minutes: int) -> None:
        super().__init__(
            "too_many_codes",
            _("Too many codes were asked for. Please wait %(minutes)s minutes; your mailbox stays as it is.")
            % {"minutes": numeral(minutes)},
            field="national_code",
        )
