"""Errors of the evidence log. Besides: `log.OutsideTransaction`, and `Handoff.Lost` for a lease that ended."""

from django.utils.translation import gettext_lazy as _

from signing.errors import DomainError


class NotYetPublished(DomainError):
    """An event is recorded but no published checkpoint covers it yet, so there is nothing to prove it with."""

    def __init__(self) -> None:
        super().__init__(
            "evidence.not-yet-published", _("The proof is being published; please try again in a few seconds.")
        )


class HandoffNotDead(DomainError):
    """Only a dead handoff can be armed again by hand."""

    def __init__(self) -> None:
        super().__init__("evidence.handoff-not-dead", _("This task is not among the failed ones any more."))


class LogBroken(RuntimeError):
    """The stored log contradicts itself. Nothing may be added until a person has looked (`manage.py verify_log`)."""
