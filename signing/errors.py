"""Errors that a person may read: the one base class of all apps, and those of signing.

Nothing here knows HTTP; `config` maps the classes to answers once.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A request that the rules of business refuse, or a duty that cannot be fulfilled now.

    `code` is stable and for programs ("letter.not-yours"); `message` tells a person what happened and what to do,
    and may be lazy so that it appears in the reader's language; `field` names the input it is about, if there is one.
    """

    def __init__(self, code: str, message: str | Promise, *, field: str | None = None) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class NotCanonical(DomainError):
    """A value that has no canonical JSON form (RFC 8785, I-JSON RFC 7493); `path` says where, as in `$.to[2].name`."""

    def __init__(self, code: str, message: str | Promise, *, path: str) -> None:
        super().__init__(code, message)
        self.path = path

    def __str__(self) -> str:
        return f"{self.message} ({self.path})"


class SigningError(DomainError):
    """A signature, seal or time-stamp that could not be made."""


class KeyUnavailable(SigningError):
    """The signing key does not exist, is revoked or expired, or its device does not answer."""

    def __init__(self, key_id: str) -> None:
        super().__init__(
            "signing.key-unavailable",
            _("The signing key is not available now. Try again in a few minutes, or tell the operators of the system."),
        )
        self.key_id = key_id


class TimestampUnavailable(SigningError):
    """The time-stamping authority gave no token that can be used."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(
            "signing.timestamp-unavailable",
            _("No time stamp could be obtained. Nothing was signed; try again in a few minutes."),
        )
        self.reason = reason
