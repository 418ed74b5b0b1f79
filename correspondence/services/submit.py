"""From draft to approval and back: checks, and the exact content that will be signed."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from correspondence.content import letter_content
from correspondence.directory.access import Actor, require
from correspondence.directory.models import Role
from correspondence.errors import Conflict, LetterIncomplete
from correspondence.events import LETTER_RETURNED, LETTER_SUBMITTED
from correspondence.lines import check_line
from correspondence.models import Letter, Revision
from correspondence.selectors import get_draft, lock_draft, lock_letter
from correspondence.services.checks import refuse_incomplete
from signing.canonical import canonical, digest
from signing.evidence.log import record


def submit_letter(actor: Actor, letter_id: UUID, *, at: datetime) -> Revision:
    """Freeze a draft's content as a revision and lay it before the approvers; records `letter.submitted`.

    Raises LetterIncomplete for the first thing that is missing, with its field; Conflict when the draft is changed at
    the same time.
    """
    # A long list takes seconds to check and to hash, which nobody else must wait for.
    seen = get_draft(actor, letter_id)
    refuse_incomplete(seen)
    content = canonical(letter_content(seen, at))
    with transaction.atomic():
        letter = lock_draft(actor, letter_id)
        if (letter.version, letter.changed_at) != (seen.version, seen.changed_at):
            raise Conflict
        ordinal = (letter.revisions.aggregate(last=Max("ordinal"))["last"] or 0) + 1
        revision = Revision.objects.create(
            letter=letter,
            ordinal=ordinal,
            content=content,
            sha256=digest(content),
            submitted_by_id=actor.person_id,
            submitted_at=at,
        )
        letter.state, letter.submitted_at, letter.changed_at = Letter.State.SUBMITTED, at, at
        letter.return_reason = ""
        letter.save(update_fields=["state", "submitted_at", "changed_at", "return_reason"])
        facts = {"sha256": revision.sha256, "ordinal": ordinal}
        record(LETTER_SUBMITTED, letter.id, actor.label, at, facts=facts, agency=letter.agency_id, letter=letter.id)
    return revision


def return_letter(actor: Actor, letter_id: UUID, reason: str, *, at: datetime) -> None:
    """Give a submitted letter back to its writer with a reason; records `letter.returned`."""
    with transaction.atomic():
        letter = lock_letter(actor, letter_id)
        require(actor, Role.Right.APPROVER, letter.agency_id)
        if letter.state != Letter.State.SUBMITTED:
            raise Conflict
        reason = check_line(reason, field="reason", limit=1000)
        if not reason:
            raise LetterIncomplete("reason_missing", _("Say what should be changed."), field="reason")
        letter.state, letter.changed_at, letter.return_reason = Letter.State.DRAFT, at, reason
        letter.version += 1
        letter.save(update_fields=["state", "changed_at", "return_reason", "version"])
        record(
            LETTER_RETURNED, letter.id, actor.label, at, facts={"reason": reason},
            agency=letter.agency_id, letter=letter.id,
        )  # fmt: skip
