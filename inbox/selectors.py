"""Reads of notices. The actor comes first; another's notice looks like one that does not exist."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import Q, QuerySet

from correspondence.directory.access import Actor
from correspondence.directory.errors import NotFound
from correspondence.models import Approval, Attachment
from inbox.errors import NotOpenedYet
from inbox.models import Mailbox, Notice

PAGE = 25
UNREAD_CAP = 100


def mailboxes_of(actor: Actor) -> QuerySet[Mailbox]:
    """The actor's own mailbox, and those of the companies and agencies for which the actor acts."""
    scope = Q(pk__in=[])
    for kind, numbers in actor.parties.items():
        if numbers:
            scope |= Q(kind=kind, party_id__in=numbers)
    return Mailbox.objects.filter(scope)


def mailbox_ids_of(actor: Actor) -> list[UUID]:
    """Ids of `mailboxes_of`."""
    return list(mailboxes_of(actor).values_list("id", flat=True))


def visible_notices(actor: Actor) -> QuerySet[Notice]:
    """Notices in the actor's mailboxes, with letter and sender, without the heavy columns."""
    return (
        Notice.objects.filter(mailbox_id__in=mailbox_ids_of(actor))
        .select_related("letter__agency", "mailbox", "registration")
        .defer("content", "signature", "dispatch_json", "letter__body", "letter__dispatch_json")
    )


def notices_for(
    actor: Actor,
    kind: Literal["citizen", "agency"] = "citizen",
    *,
    unopened_only: bool = False,
    after: tuple[datetime, UUID] | None = None,
    limit: int = PAGE,
) -> list[Notice]:
    """A page of notices, newest first: of persons and companies (`citizen`), or of agencies' secretariats.

    `after` is the key (deposited_at, id) of the last row seen.
    """
    notices = visible_notices(actor)
    agency = Q(mailbox__kind="agency")
    notices = notices.filter(agency if kind == "agency" else ~agency)
    if unopened_only:
        notices = notices.filter(first_viewed_at=None)
    if after is not None:
        deposited_at, notice_id = after
        notices = notices.filter(Q(deposited_at__lt=deposited_at) | Q(deposited_at=deposited_at, id__lt=notice_id))
    return list(notices.order_by("-deposited_at", "-id")[:limit])


def unopened_count(actor: Actor) -> int:
    """How many notices wait unopened in the mailboxes of the actor and the actor's companies, up to UNREAD_CAP."""
    boxes = mailboxes_of(actor).exclude(kind="agency").values_list("id", flat=True)
    unopened = Notice.objects.filter(mailbox_id__in=list(boxes), first_viewed_at=None)
    return len(unopened.values_list("id", flat=True)[:UNREAD_CAP])


def unregistered_count(actor: Actor) -> int:
    """How many letters to the actor's agencies wait for their incoming number, counted up to UNREAD_CAP."""
    agencies = actor.parties["agency"]
    waiting = Notice.objects.filter(mailbox__kind="agency", mailbox__party_id__in=agencies, registration=None)
    return len(waiting.values_list("id", flat=True)[:UNREAD_CAP]) if agencies else 0


def get_notice(actor: Actor, notice_id: UUID) -> Notice:
    """One visible notice, as its envelope: content is for `get_opened_notice`. Raises NotFound."""
    notice = visible_notices(actor).filter(id=notice_id).first()
    if notice is None:
        raise NotFound
    return notice


def get_opened_notice(actor: Actor, notice_id: UUID) -> Notice:
    """One visible notice that has been opened. Raises NotFound, NotOpenedYet."""
    notice = get_notice(actor, notice_id)
    if not notice.is_opened:
        raise NotOpenedYet
    return notice


def signed_files(notice: Notice) -> tuple[bytes, bytes, bytes]:
    """letter.json, its CAdES and dispatch.json of a notice: its own, or those of the letter it shares."""
    if notice.content is not None:
        return bytes(notice.content), bytes(notice.signature or b""), bytes(notice.dispatch_json or b"")
    approval = Approval.objects.select_related("letter").get(letter_id=notice.letter_id)
    return bytes(approval.content), bytes(approval.signature), bytes(approval.letter.dispatch_json or b"")


def run_files(notice: Notice) -> tuple[bytes, bytes] | None:
    """The run that a notice is one of, as its signatory approved and signed it; None for a notice of a shared letter."""
    if notice.content is None:
        return None
    approval = Approval.objects.get(letter_id=notice.letter_id)
    return bytes(approval.content), bytes(approval.signature)


def subjects_of(notices: Sequence[Notice]) -> dict[UUID, str]:
    """The subjects of notices by their ids: the letter's, or with merge fields the one that this recipient was sent.

    One query, and none where no subject has merge fields. The caller shows them of opened notices only.
    """
    merged = [notice.id for notice in notices if "{{" in notice.letter.subject]
    contents = Notice.objects.filter(id__in=merged).values_list("id", "content") if merged else []
    own = {notice_id: json.loads(bytes(content))["subject"] for notice_id, content in contents if content}
    return {notice.id: notice.letter.subject for notice in notices} | own


def get_notice_attachment(actor: Actor, notice_id: UUID, attachment_id: UUID) -> Attachment:
    """An attachment of an opened notice. Raises NotFound, NotOpenedYet."""
    notice = get_opened_notice(actor, notice_id)
    found = Attachment.objects.filter(id=attachment_id, letter_id=notice.letter_id).first()
    if found is None:
        raise NotFound
    return found


def notice_by_code(code: str) -> Notice | None:
    """The notice behind a verification code, with its letter, agency and approval, without the heavy columns."""
    notices = Notice.objects.select_related("letter__agency", "letter__approval")
    heavy = ("content", "signature", "dispatch_json", "letter__body", "letter__dispatch_json")
    approval = ("letter__approval__content", "letter__approval__signature")
    return notices.defer(*heavy, *approval).filter(verification_code=code).first()
