"""The verbs of the inbox: opening a notice, and registering one that came to an agency."""

import json
from datetime import datetime
from uuid import UUID

from django.db import transaction

from correspondence.directory.access import Actor, require
from correspondence.directory.errors import NotFound
from correspondence.directory.models import Agency, Role
from correspondence.models import Addressee
from correspondence.registry import take_numbers
from correspondence.sealing import seal_document
from inbox.errors import AlreadyRegistered
from inbox.events import CONTENT_HANDOVER, NOTICE_OPENED, NOTICE_REGISTERED
from inbox.models import IncomingRegistration, Notice
from inbox.selectors import mailbox_ids_of, signed_files
from signing.canonical import digest
from signing.evidence.log import record


def open_notice(actor: Actor, notice_id: UUID, *, session: str, at: datetime) -> Notice:
    """The recipient's explicit act of opening (ERDS ContentHandover, EN 319 522-1 E.1); records `notice.opened` once.

    `session` is a digest that names the browser session. Later openings find it opened and change nothing.
    Raises NotFound for another's notice, and for one that came to an agency: `register_incoming` opens it.
    """
    with transaction.atomic():
        notice = _lock_notice(actor, notice_id)
        if notice.mailbox.kind == Addressee.Kind.AGENCY:
            # What comes to an agency is opened by its registration, which gives it a number.
            raise NotFound
        if notice.first_viewed_at is None:
            _open(notice, actor, session, at)
    return notice


def register_incoming(actor: Actor, notice_id: UUID, *, session: str, at: datetime) -> IncomingRegistration:
    """Enter a letter that came to an agency into its incoming register, with its own number and date; opens it too.

    Raises NotFound, NotAllowed, AlreadyRegistered.
    """
    with transaction.atomic():
        notice = _lock_notice(actor, notice_id)
        agency = Agency.objects.filter(national_id=notice.mailbox.party_id).first()
        if notice.mailbox.kind != "agency" or agency is None:
            raise NotFound
        require(actor, Role.Right.CLERK, agency.id)
        earlier = IncomingRegistration.objects.filter(notice=notice).first()
        if earlier is not None:
            raise AlreadyRegistered(earlier.number)
        if notice.first_viewed_at is None:
            _open(notice, actor, session, at)
        block = take_numbers(agency, "incoming", 1, subject=notice.id, at=at)
        registration = IncomingRegistration.objects.create(
            notice=notice, number=block.number(), registered_at=at, registered_by_id=actor.person_id
        )
        facts = {"number": registration.number, "sender_number": notice.number, "registered_for": str(agency.id)}
        record(
            NOTICE_REGISTERED, notice.id, actor.label, at, facts=facts,
            agency=notice.letter.agency_id, mailbox=notice.mailbox_id, letter=notice.letter_id,
        )  # fmt: skip
    return registration


def sealed_notice_pdf(notice: Notice, *, at: datetime) -> bytes:
    """The sealed PDF of a notice: made at the first opening and kept, or that of the letter it shares.

    Slow the first time; raises RenderFailed, SigningError, OSError.
    """
    letter_json, _, dispatch_json = signed_files(notice)
    subject = UUID(json.loads(letter_json)["id"])
    return seal_document(subject, letter_json, dispatch_json, at)


def _lock_notice(actor: Actor, notice_id: UUID) -> Notice:
    notice = (
        Notice.objects.select_for_update(of=("self",))
        .select_related("letter", "mailbox")
        .filter(id=notice_id, mailbox_id__in=mailbox_ids_of(actor))
        .first()
    )
    if notice is None:
        raise NotFound
    return notice


def _open(notice: Notice, actor: Actor, session: str, at: datetime) -> None:
    notice.first_viewed_at, notice.viewed_by_id = at, actor.person_id
    notice.save(update_fields=["first_viewed_at", "viewed_by"])
    letter_json, _, _ = signed_files(notice)
    facts = {
        "event": CONTENT_HANDOVER,
        "authentication": "one_time_code",
        "session": session,
        "sha256": digest(letter_json),
    }
    record(
        NOTICE_OPENED, notice.id, actor.label, at, facts=facts,
        agency=notice.letter.agency_id, mailbox=notice.mailbox_id, letter=notice.letter_id,
    )  # fmt: skip
