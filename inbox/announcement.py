"""Telling people that a letter lies in their mailbox. An announcement is a courtesy and never the act of service."""

from datetime import datetime
from uuid import UUID

from correspondence.directory.registers import person_register
from correspondence.directory.sms import sms_gateway
from inbox.events import (
    CONSIGNMENT_NOTIFICATION,
    CONSIGNMENT_NOTIFICATION_FAILURE,
    NOTICE_ANNOUNCED,
    NOTICE_ANNOUNCEMENT_FAILED,
)
from inbox.models import Notice
from signing.evidence.log import SYSTEM, NewEvent, record_batch
from signing.evidence.models import Handoff
from signing.evidence.outbox import Retry, finishing


def announce_chunk(handoff: Handoff, *, at: datetime) -> None:
    """Send the fixed, content-free SMS to the people of one chunk and record for whom that was possible.

    A retry may send an SMS twice, never an event. Companies and agencies are announced on their pages only.
    """
    facts, event = handoff.event.read_facts(), handoff.event
    chunk = Notice.objects.filter(letter_id=event.subject, announced_at=None, mailbox__kind="person")
    rows = {"row__gte": facts["first"], "row__lte": facts["last"]} if facts["last"] else {"row": None}
    waiting = list(chunk.filter(**rows).values_list("id", "mailbox_id", "mailbox__party_id"))
    try:
        records = person_register().find([party_id for _, _, party_id in waiting])
        mobiles = {code: found.mobile for code, found in records.items() if found.mobile}
        if mobiles:
            sms_gateway().announce(list(mobiles.values()))
    except OSError as error:
        raise Retry(None, f"announcement: {error}") from error
    reached = [(notice, box) for notice, box, party_id in waiting if party_id in mobiles]
    unreached = [(notice, box) for notice, box, party_id in waiting if party_id not in mobiles]
    with finishing(handoff):
        Notice.objects.filter(id__in=[notice for notice, _ in reached]).update(announced_at=at)
        _record(handoff, NOTICE_ANNOUNCED, reached, {"event": CONSIGNMENT_NOTIFICATION, "channel": "sms"}, at)
        failure = {"event": CONSIGNMENT_NOTIFICATION_FAILURE, "reason": "no_registered_mobile"}
        _record(handoff, NOTICE_ANNOUNCEMENT_FAILED, unreached, failure, at)


def _record(handoff: Handoff, kind: str, notices: list[tuple[UUID, UUID]], facts: dict[str, str], at: datetime) -> None:
    event = handoff.event
    rows = [NewEvent(notice, facts, mailbox=mailbox) for notice, mailbox in notices]
    record_batch(kind, rows, SYSTEM, at, agency=event.agency, letter=event.letter)
