"""Reasons for which a letter is refused or an act on it is."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from signing.errors import DomainError


class Conflict(DomainError):
    """The letter has moved on since the actor looked at it."""

    def __init__(self, message: str | Promise | None = None) -> None:
        super().__init__(
            "conflict", message or _("This letter has changed in the meantime. Look at it again; nothing was done.")
        )


class NotEditable(Conflict):
    """Content never changes after submission, and never at all once signed."""

    def __init__(self) -> None:
        super().__init__(_("This letter is no longer a draft; its content cannot change. Write a new letter instead."))


class LetterIncomplete(DomainError):
    """The letter cannot be submitted or sent as it is; `field` names the input to mend."""

    def __init__(self, code: str, message: str | Promise, *, field: str | None = None) -> None:
        super().__init__(code, message, field=field)


class ListAltered(DomainError):
    """The recipients' list is not the one whose hash was signed: somebody changed it past the services."""

    def __init__(self) -> None:
        super().__init__(
            "list_altered",
            _("The list of recipients is not the one that was signed. Nothing was sent; the operators have to look."),
        )


class BeingSealed(DomainError):
    """The PDF is not there yet."""

    def __init__(self) -> None:
        super().__init__("being_sealed", _("The letter is being sealed. Try again in a moment."))
