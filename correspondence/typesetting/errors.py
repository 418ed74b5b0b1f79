"""Reasons for which a letter cannot be put on paper."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from signing.errors import DomainError


class RenderFailed(DomainError):
    """The letter could not be typeset; `reason` is for the operator's log. Trying again is safe."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "letter.render-failed",
            _("The PDF of this letter could not be made. Nothing was sent or lost; try again, or tell the operators."),
        )
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.message} [{self.reason}]"


class UnprintableText(DomainError):
    """A text holds signs that the letter's typeface cannot show."""

    def __init__(self, message: str | Promise, field: str | None) -> None:
        super().__init__("letter.unprintable", message, field=field)
