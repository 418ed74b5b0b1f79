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
from correspondence.markdown import field_name, merge_fields
from correspondence.models import Letter, Recipient, Revision
from correspondence.selectors import lock_draft, lock_letter
from signing.canonical import canonical, digest
from signing.evidence.log import record


def submit_letter(actor: Actor, letter_id: UUID, *, at: datetime) -> Revision:
    """Freeze a draft's content as a revision and lay it before the approvers; records `letter.submitted`.

    Raises LetterIncomplete for the first thing that is missing, with its field.
    """
    with transaction.atomic():
        letter = lock_draft(actor, letter_id)
        refuse_incomplete(letter)
        content = canonical(letter_content(letter, at))
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


def refuse_incomplete(letter: Letter) -> None:
    """Raise LetterIncomplete for the first reason for which the draft cannot be submitted."""
    if not letter.subject.strip():
        raise LetterIncomplete("subject_missing", _("Write a subject."), field="subject")
    if not letter.body.strip():
        raise LetterIncomplete("body_missing", _("Write the text of the letter."), field="body")
    accepted = letter.recipients.exclude(row=None)
    if not accepted.exists() and not letter.addressees.filter(role="to").exists():
        raise LetterIncomplete(
            "addressee_missing", _("Name at least one addressee, or add a list of recipients."), field="addressees"
        )
    _refuse_missing_values(letter, accepted.first())


def _refuse_missing_values(letter: Letter, sample: Recipient | None) -> None:
    names = merge_fields(f"{letter.subject}\n{letter.salutation}\n{letter.body}")
    if not names:
        return
    known = {field_name(name) for name in sample.fields} if sample else set()
    missing = [name for name in names if name not in known]
    if missing:
        raise LetterIncomplete(
            "merge_field_unknown",
            _("The list of recipients has no column named %s. Mend the text or the list.") % "، ".join(missing),
            field="body",
        )
    empty = [
        recipient.line
        for recipient in letter.recipients.exclude(row=None).iterator(chunk_size=2000)
        if not set(names) <= {field_name(name) for name, value in recipient.fields.items() if value.strip()}
    ]
    if empty:
        raise LetterIncomplete(
            "merge_field_empty",
            _("A value that the text uses is empty in these lines of the list: %s")
            % "، ".join(str(line) for line in empty[:20]),
            field="recipients",
        )
