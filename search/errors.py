"""What can go wrong with the search."""

from django.utils.translation import gettext_lazy as _

from signing.errors import DomainError


class SearchUnavailable(DomainError):
    """The search engine did not answer or is not there; `reason` is for operators."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "search.unavailable",
            _("The search does not answer now. Your letters are not affected; try again in a few minutes."),
        )
        self.reason = reason
