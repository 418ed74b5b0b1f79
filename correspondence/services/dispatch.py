"""Dispatch: the number, the date and the durable order to deliver, in one transaction; the seal follows it."""

import json
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction

from correspondence.content import dispatch_content, manifest_of
from correspondence.directory.access import Actor, require
from correspondence.directory.models import Role
from correspondence.errors import Conflict, ListAltered
from correspondence.events import LETTER_DISPATCHED, LETTER_SEALED
from correspondence.models import Approval, Letter
from correspondence.registry import take_numbers
from correspondence.sealing import seal_document
from correspondence.selectors import get_letter, lock_letter
from signing.canonical import digest
from signing.evidence.log import record
from signing.evidence.models import Handoff
from signing.evidence.outbox import finishing


def dispatch_letter(actor: Actor, letter_id: UUID, *, at: datetime) -> Letter:
    """Number an approved letter and accept it for delivery; records `letter.dispatched` (ERDS SubmissionAcceptance).

    When this returns, the letter will reach every recipient of its manifest even if the machine fails at once.
    A run takes one block of numbers, one per row. Raises NotAllowed, Conflict when it is not approved or already sent,
    ListAltered.
    """
    # A long list takes a second to read, which nobody else must wait for; it cannot change any more.
    manifest = manifest_of(get_letter(actor, letter_id))
    with transaction.atomic():
        letter = lock_letter(actor, letter_id)
        require(actor, Role.Right.CLERK, letter.agency_id)
        if letter.state != Letter.State.APPROVED:
            raise Conflict
        content = bytes(letter.approval.content)
        if json.loads(content)["recipients"] != manifest:
            raise ListAltered
        rows = manifest["count"] if manifest else 0
        block = take_numbers(letter.agency, "outgoing", max(rows, 1), subject=letter.id, at=at)
        dispatch_json, code = dispatch_content(
            letter.id, digest(content), block, at, prevails="json" if rows else "pdf"
        )
        letter.number, letter.dispatch_json, letter.verification_code = block.span, dispatch_json, code
        letter.state, letter.dispatched_at, letter.changed_at = Letter.State.DISPATCHED, at, at
        letter.save(
            update_fields=["number", "dispatch_json", "verification_code", "state", "dispatched_at", "changed_at"]
        )
        facts = {
            "event": "SubmissionAcceptance",
            "number": letter.number,
            "sha256": digest(content),
            "rows": rows,
            "numbers": asdict(block),
        }
        record(LETTER_DISPATCHED, letter.id, actor.label, at, facts=facts, agency=letter.agency_id, letter=letter.id)
    return letter


def seal_dispatched_letter(handoff: Handoff, *, at: datetime) -> None:
    """Seal the PDF of a dispatched letter and record `letter.sealed`. Safe to run twice."""
    letter_id = handoff.event.subject
    approval = Approval.objects.select_related("letter").get(letter_id=letter_id)
    letter = approval.letter
    sealed = seal_document(letter.id, bytes(approval.content), bytes(letter.dispatch_json or b""), at)
    with finishing(handoff):
        moved = Letter.objects.filter(id=letter.id, state=Letter.State.DISPATCHED).update(
            state=Letter.State.SEALED, sealed_at=at, changed_at=at
        )
        if moved:
            facts = {"pdf_sha256": digest(sealed)}
            record(LETTER_SEALED, letter.id, "system", at, facts=facts, agency=letter.agency_id, letter=letter.id)
