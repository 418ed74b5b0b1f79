"""The verbs of correspondence, one file each: compose → submit → approve → dispatch → seal."""

from correspondence.services.approve import approve_letter, send_signing_code
from correspondence.services.attach import add_attachment, remove_attachment, set_recipients
from correspondence.services.checks import Check, checks_of
from correspondence.services.compose import AddresseeDraft, Draft, RelationDraft, compose_letter, revise_letter
from correspondence.services.dispatch import dispatch_letter, seal_dispatched_letter
from correspondence.services.submit import return_letter, submit_letter

__all__ = [
    "AddresseeDraft",
    "Check",
    "Draft",
    "RelationDraft",
    "add_attachment",
    "approve_letter",
    "checks_of",
    "compose_letter",
    "dispatch_letter",
    "remove_attachment",
    "return_letter",
    "revise_letter",
    "seal_dispatched_letter",
    "send_signing_code",
    "set_recipients",
    "submit_letter",
]
