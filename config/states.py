"""The words of state: for each state one word, one icon and one tone, in one place.

A page names a state by its key (`{% state "served" %}`); nobody else chooses words, icons or colours for it.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Look:
    """How a state, an urgency or a class shows: the word, a name of `config.icons`, and a tone of tokens.css."""

    label: str | Promise
    icon: str
    tone: str


STATES: dict[str, Look] = {
    "draft": Look(_("Draft"), "pencil", "outline"),
    "awaiting_signature": Look(_("Awaiting signature"), "pen", "wait"),
    "signed": Look(_("Signed"), "vector-pen", "teal"),
    "returned": Look(_("Returned"), "arrow-return-left", "wait"),
    "being_sealed": Look(_("Being sealed"), "hourglass", "wait"),
    "dispatched": Look(_("Dispatched"), "send-fill", "teal"),
    "available": Look(_("Available in inbox"), "inbox", "outline"),
    "announced": Look(_("Announced"), "bell", "outline"),
    "announcement_failed": Look(_("Announcement failed"), "bell-slash", "wait"),
    "not_opened": Look(_("Not opened"), "envelope-fill", "teal"),
    "opened": Look(_("Opened"), "envelope-open", "teal"),
    "read": Look(pgettext_lazy("state without legal effect", "Read"), "check2-all", "neutral"),
    "registered": Look(pgettext_lazy("incoming letter", "Registered"), "journal-check", "neutral"),
    "served": Look(_("Served"), "patch-check-fill", "ok"),
    "ending_soon": Look(_("Ending soon"), "hourglass-split", "wait"),
    "overdue": Look(_("Overdue"), "exclamation-octagon-fill", "signal"),
    "refused": Look(_("Refused"), "slash-circle", "signal"),
    "undeliverable": Look(_("Undeliverable"), "envelope-x", "signal"),
    "withdrawn": Look(_("Withdrawn"), "arrow-counterclockwise", "neutral"),
    "voided": Look(_("Voided"), "x-square", "neutral"),
    "on_paper": Look(_("On paper"), "printer", "neutral"),
    "paid": Look(_("Paid"), "check-circle-fill", "ok"),
    "archived": Look(_("Archived"), "archive", "neutral"),
}

# Not states: shown as a bare icon and word. What is normal is not shown at all.
PRIORITIES: dict[str, Look] = {
    "urgent": Look(_("Urgent"), "lightning", "wait"),
    "immediate": Look(_("Immediate"), "lightning-fill", "signal"),
}
CLASSES: dict[str, Look] = {
    "restricted": Look(_("Restricted"), "shield-lock", "neutral"),
    "confidential": Look(_("Confidential"), "lock-fill", "wait"),
}

# Of one attachment while it is checked.
SCANS: dict[str, Look] = {
    "uploading": Look(_("Uploading"), "cloud-arrow-up", "neutral"),
    "scanning": Look(_("Being scanned"), "arrow-repeat", "wait"),
    "clean": Look(_("Clean"), "shield-check", "ok"),
    "refused": Look(_("Refused"), "slash-circle", "signal"),
}

LOOKS = {**SCANS, **CLASSES, **PRIORITIES, **STATES}

# The emblem of an agency that has none of its own: icon on a star plate; the tint helps recognition and means nothing.
EMBLEMS: dict[str, tuple[str, str]] = {
    "tax": ("receipt-cutoff", "sand"),
    "court": ("bank2", "ink"),
    "social_insurance": ("umbrella-fill", "green"),
    "health": ("heart-pulse-fill", "green"),
    "water": ("droplet-half", "cyan"),
    "power": ("lightning-charge-fill", "amber"),
    "gas": ("fire", "amber"),
    "utilities": ("lightning-charge-fill", "amber"),
    "telecom": ("router-fill", "cyan"),
    "police": ("car-front-fill", "blue"),
    "bank": ("credit-card-2-front-fill", "violet"),
    "municipality": ("buildings", "cyan"),
    "ministry": ("building", "well"),
    "company": ("briefcase-fill", "well"),
    "person": ("person", "well"),
    "people": ("people", "well"),
}
