"""Reasons for which the inbox refuses."""

from django.utils.translation import gettext_lazy as _

from signing.errors import DomainError


class NotOpenedYet(DomainError):
    """Content is shown only after the recipient has opened the notice, because opening has a legal effect."""

    def __init__(self) -> None:
        super().__init__(
            "not_opened_yet", _("This letter has not been opened yet. Read what opening means, then open it yourself.")
        )


class AlreadyRegistered(DomainError):
    """The secretariat has given this letter its number before."""

    def __init__(self, number: str) -> None:
        super().__init__("conflict", _("This letter was registered before, under the number %s.") % number)
