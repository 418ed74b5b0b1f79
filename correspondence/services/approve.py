"""Approval: the signatory's own act, by a one-time code bound to the exact content."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from correspondence.content import signed_content
from correspondence.directory.access import Actor, require
from correspondence.directory.codes import check_code, send_code
from correspondence.directory.errors import NotAllowed
from correspondence.directory.models import Role
from correspondence.errors import Conflict
from correspondence.events import LETTER_APPROVED
from correspondence.models import Approval, Letter, Revision
from correspondence.selectors import get_letter, latest_revision, lock_letter
from signing.canonical import digest
from signing.evidence.log import record
from signing.services import sign_detached


def signing_purpose(revision: Revision) -> str:
    """The purpose of a code that signs this revision and no other."""
    return f"sign:{revision.sha256}"


def send_signing_code(actor: Actor, letter_id: UUID, *, address: str, at: datetime) -> UUID:
    """Send the approver a code for the revision that lies before them; returns the challenge's id."""
    letter = get_letter(actor, letter_id)
    require(actor, Role.Right.APPROVER, letter.agency_id)
    if letter.state != Letter.State.SUBMITTED:
        raise Conflict
    purpose = signing_purpose(latest_revision(letter))
    return send_code(actor.national_code, purpose, address=address, at=at)


def approve_letter(
    actor: Actor, letter_id: UUID, *, revision_sha256: str, challenge_id: UUID, code: str, at: datetime
) -> Approval:
    """Sign letter.json with the signatory's key (CAdES B-T) and record `letter.approved`.

    `revision_sha256` is what the signatory saw; another revision in the meantime is a Conflict. The signature is made
    outside the transaction (it asks the time-stamp authority) and written only if the revision still stands.
    Raises NotAllowed, CodeRefused, Conflict, SigningError.
    """
    letter = get_letter(actor, letter_id)
    require(actor, Role.Right.APPROVER, letter.agency_id)
    revision = latest_revision(letter)
    if letter.state != Letter.State.SUBMITTED or revision.sha256 != revision_sha256:
        raise Conflict
    if check_code(challenge_id, code, signing_purpose(revision), at=at) != actor.national_code:
        raise NotAllowed
    title = actor.title_at(Role.Right.APPROVER, letter.agency_id)
    signatory = {"id": str(actor.person_id), "name": actor.name, "title": title, "on_behalf_of": None}
    content = signed_content(bytes(revision.content), signatory)
    signature = sign_detached(content, f"person:{actor.person_id}", at=at)
    with transaction.atomic():
        letter = lock_letter(actor, letter_id)
        if letter.state != Letter.State.SUBMITTED or latest_revision(letter).id != revision.id:
            raise Conflict
        approval = Approval.objects.create(
            letter=letter,
            revision=revision,
            signatory_id=actor.person_id,
            title=title,
            content=content,
            signature=signature,
            signed_at=at,
        )
        letter.state, letter.approved_at, letter.changed_at = Letter.State.APPROVED, at, at
        letter.save(update_fields=["state", "approved_at", "changed_at"])
        facts = {"sha256": digest(content), "signature_sha256": digest(signature), "title": title}
        record(LETTER_APPROVED, letter.id, actor.label, at, facts=facts, agency=letter.agency_id, letter=letter.id)
    return approval
