"""Reads of letters. The actor comes first; what belongs to another agency looks like what does not exist."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from correspondence.directory.access import Actor, require
from correspondence.directory.errors import NotFound
from correspondence.directory.models import Agency, Company, Role
from correspondence.errors import NotEditable
from correspondence.models import Attachment, Letter, Recipient, Revision

View = Literal["all", "drafts", "to_sign", "to_dispatch", "sent"]
PAGE = 25
COUNT_CAP = 100

_STATES: dict[str, list[str]] = {
    "drafts": [Letter.State.DRAFT],
    "to_sign": [Letter.State.SUBMITTED],
    "to_dispatch": [Letter.State.APPROVED],
    "sent": [Letter.State.DISPATCHED, Letter.State.SEALED],
}


def visible_letters(actor: Actor) -> QuerySet[Letter]:
    """Letters of the agencies where the actor has a role."""
    return Letter.objects.filter(agency_id__in=actor.agency_ids).select_related("agency", "author")


def get_letter(actor: Actor, letter_id: UUID) -> Letter:
    """One visible letter. Raises NotFound."""
    letter = visible_letters(actor).filter(id=letter_id).first()
    if letter is None:
        raise NotFound
    return letter


def get_draft(actor: Actor, letter_id: UUID) -> Letter:
    """A visible letter that the actor may edit now. Raises NotFound, NotAllowed, NotEditable."""
    return _editable(actor, get_letter(actor, letter_id))


def lock_letter(actor: Actor, letter_id: UUID) -> Letter:
    """One visible letter, locked until the transaction ends. Raises NotFound."""
    letter = Letter.objects.select_for_update().filter(agency_id__in=actor.agency_ids, id=letter_id).first()
    if letter is None:
        raise NotFound
    return letter


def lock_draft(actor: Actor, letter_id: UUID) -> Letter:
    """As `get_draft`, locked until the transaction ends."""
    return _editable(actor, lock_letter(actor, letter_id))


def letters_for(
    actor: Actor, view: View = "all", *, after: tuple[datetime, UUID] | None = None, limit: int = PAGE
) -> list[Letter]:
    """A page of the actor's letters, last changed first; `after` is the key (changed_at, id) of the last row seen."""
    letters = visible_letters(actor)
    if view in _STATES:
        letters = letters.filter(state__in=_STATES[view])
    if after is not None:
        changed_at, letter_id = after
        letters = letters.filter(Q(changed_at__lt=changed_at) | Q(changed_at=changed_at, id__lt=letter_id))
    return list(_as_rows(letters).order_by("-changed_at", "-id")[:limit])


def letters_waiting_for(actor: Actor, limit: int = 12) -> list[Letter]:
    """Letters whose next step is the actor's: to sign, to send, to write anew; the nearest reply date first."""
    waiting = Q(pk__in=[])
    for role in actor.roles:
        if role.right == Role.Right.APPROVER:
            waiting |= Q(agency_id=role.agency_id, state=Letter.State.SUBMITTED)
        elif role.right == Role.Right.CLERK:
            waiting |= Q(agency_id=role.agency_id, state=Letter.State.APPROVED)
            waiting |= Q(agency_id=role.agency_id, state=Letter.State.DRAFT) & ~Q(return_reason="")
    letters = visible_letters(actor).filter(waiting)
    return list(_as_rows(letters).order_by(F("reply_due").asc(nulls_last=True), "changed_at")[:limit])


def waiting_counts(actor: Actor) -> dict[str, int]:
    """How many letters are drafts, wait for a signature or wait to be sent, each counted up to COUNT_CAP."""
    letters = Letter.objects.filter(agency_id__in=actor.agency_ids)
    return {
        view: len(letters.filter(state__in=_STATES[view]).values_list("id", flat=True)[:COUNT_CAP])
        for view in ("drafts", "to_sign", "to_dispatch")
    }


def latest_revision(letter: Letter) -> Revision:
    """The revision that was submitted last. Raises NotFound while there is none."""
    revision = letter.revisions.order_by("-ordinal").first()
    if revision is None:
        raise NotFound
    return revision


def get_attachment(actor: Actor, letter_id: UUID, attachment_id: UUID) -> Attachment:
    """An attachment of a visible letter. Raises NotFound."""
    found = Attachment.objects.filter(
        id=attachment_id, letter_id=letter_id, letter__agency_id__in=actor.agency_ids
    ).first()
    if found is None:
        raise NotFound
    return found


def parties_for(actor: Actor) -> list[tuple[str, str]]:
    """National id and name of the agencies and companies that an addressee can be picked from, except one's own."""
    agencies = Agency.objects.exclude(id__in=actor.agency_ids).values_list("national_id", "name")
    companies = Company.objects.order_by("name").values_list("national_id", "name")
    return [*agencies[:300], *companies[:300]]


def letter_by_code(code: str) -> Letter | None:
    """The letter behind a verification code, with agency and approval, without its heavy columns. For anybody's eyes."""
    letters = Letter.objects.select_related("agency", "approval")
    heavy = ("body", "dispatch_json", "approval__content", "approval__signature")
    return letters.defer(*heavy).filter(verification_code=code).first()


def _as_rows(letters: QuerySet[Letter]) -> QuerySet[Letter]:
    """Letters as lists show them: without heavy columns, with addressees and the size of the list (`last_row`)."""
    # Rows of a list are numbered from 1, so the last one is their count and costs one step in the index.
    rows = Recipient.objects.filter(letter=OuterRef("pk"), row__isnull=False).order_by("-row").values("row")[:1]
    return letters.defer("body", "dispatch_json").annotate(last_row=Subquery(rows)).prefetch_related("addressees")


def _editable(actor: Actor, letter: Letter) -> Letter:
    require(actor, Role.Right.CLERK, letter.agency_id)
    if not letter.is_editable:
        raise NotEditable
    return letter
