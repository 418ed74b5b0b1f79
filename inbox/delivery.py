"""Fan-out: from the accepted manifest of a dispatched letter to notices in mailboxes, chunk by chunk.

Each chunk is one transaction with its evidence and with the order for the next chunk, so that a crash anywhere
resumes after the last chunk that was kept. Documents are merged and signed before the transaction begins, so that
the database's writer is held only for the inserts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from correspondence.content import RunContent
from correspondence.directory.selectors import own_names
from correspondence.models import Addressee, Approval, Letter, Recipient
from correspondence.registry import NumberBlock
from inbox.events import (
    CHUNK_DEPOSITED,
    CONTENT_CONSIGNMENT,
    CONTENT_CONSIGNMENT_FAILURE,
    NOTICE_DEPOSITED,
    NOTICE_UNDELIVERABLE,
    RUN_DEPOSITED,
)
from inbox.models import Mailbox, Notice, Undelivered
from signing.canonical import digest
from signing.cms import CadesSigner
from signing.errors import DomainError
from signing.evidence.bulk import insert_rows
from signing.evidence.log import SYSTEM, NewEvent, record, record_batch
from signing.evidence.models import Handoff
from signing.evidence.outbox import finishing
from signing.ids import uuid7
from signing.services import cades_signer

CHUNK = 500
_OWN_COLUMNS = (
    "id",
    "row",
    "number",
    "role",
    "purpose",
    "verification_code",
    "content",
    "signature",
    "dispatch_json",
)


class Prepared(NamedTuple):
    """A notice that is ready to be written, for a party whose mailbox may not exist yet."""

    id: UUID
    number: str
    sha256: str
    kind: str
    party_id: str
    name: str
    row: int | None = None
    role: str = Addressee.Role.TO
    purpose: str = ""
    verification_code: str | None = None
    content: bytes | None = None
    signature: bytes | None = None
    dispatch_json: bytes | None = None


@dataclass(frozen=True)
class Run:
    """What all notices of a letter share."""

    letter: Letter
    content: RunContent
    signer: CadesSigner
    at: datetime


def deliver_addressees(handoff: Handoff, *, at: datetime) -> None:
    """Put the letter into the mailboxes of its named addressees, and order the first chunk of its list, if it has one."""
    facts = handoff.event.read_facts()
    letter = Letter.objects.get(id=handoff.event.subject)
    with finishing(handoff):
        prepared = [_shared_notice(letter, addressee, facts["sha256"]) for addressee in letter.addressees.all()]
        _deposit(letter, prepared, at)
        _order_next(letter, first=0, last=0, facts=facts, at=at)


def deliver_chunk(handoff: Handoff, *, at: datetime) -> None:
    """Put the next rows of the manifest into their mailboxes. A row that cannot be delivered never stops the others."""
    facts = handoff.event.read_facts()
    run = _run(handoff.event.subject, facts, at)
    upto = int(facts["last"])
    recipients = run.letter.recipients.filter(row__gt=upto).order_by("row")[:CHUNK]
    prepared: list[Prepared] = []
    refused: list[Undelivered] = []
    for recipient in recipients:
        try:
            prepared.append(_own_notice(run, recipient))
        except DomainError as error:
            refused.append(
                Undelivered(
                    letter=run.letter, row=recipient.row or 0, reason_code=error.code, reason=str(error)[:300], at=at
                )
            )
    with finishing(handoff):
        _deposit(run.letter, prepared, at)
        _refuse(run.letter, refused, at)
        _order_next(run.letter, first=upto + 1, last=upto + len(prepared) + len(refused), facts=facts, at=at)


def _run(letter_id: UUID, facts: dict[str, Any], at: datetime) -> Run:
    approval = Approval.objects.select_related("letter").get(letter_id=letter_id)
    dispatched_at = approval.letter.dispatched_at or at
    return Run(
        letter=approval.letter,
        content=RunContent(bytes(approval.content), NumberBlock(**facts["numbers"]), dispatched_at),
        signer=cades_signer(f"person:{approval.signatory_id}"),
        at=at,
    )


def _own_notice(run: Run, recipient: Recipient) -> Prepared:
    """A notice of a run: its own content, signed singly under the approval of the run, with its own number."""
    notice_id = uuid7()
    content = run.content.letter_json(recipient, notice_id)
    sha256 = digest(content)
    offset = (recipient.row or 1) - 1
    dispatch_json, code = run.content.dispatch_json(notice_id, sha256, offset)
    return Prepared(
        id=notice_id,
        number=run.content.block.number(offset),
        sha256=sha256,
        kind=recipient.kind,
        party_id=recipient.party_id,
        name=recipient.name,
        row=recipient.row,
        verification_code=code,
        content=content,
        signature=run.signer.sign(content, run.at),
        dispatch_json=dispatch_json,
    )


def _shared_notice(letter: Letter, addressee: Addressee, sha256: str) -> Prepared:
    return Prepared(
        id=uuid7(),
        number=letter.number,
        sha256=sha256,
        kind=addressee.kind,
        party_id=addressee.party_id,
        name=addressee.name,
        role=addressee.role,
        purpose=addressee.purpose,
    )


def _deposit(letter: Letter, prepared: Sequence[Prepared], at: datetime) -> None:
    mailboxes = _mailboxes(prepared, at)
    boxes = [mailboxes[item.kind, item.party_id] for item in prepared]
    rows = [(box, *(getattr(item, name) for name in _OWN_COLUMNS)) for box, item in zip(boxes, prepared, strict=True)]
    insert_rows(Notice, ("mailbox", *_OWN_COLUMNS), rows, {"letter": letter.id, "deposited_at": at})
    events = [
        NewEvent(item.id, {"event": CONTENT_CONSIGNMENT, "number": item.number, "sha256": item.sha256}, mailbox=box)
        for box, item in zip(boxes, prepared, strict=True)
    ]
    record_batch(NOTICE_DEPOSITED, events, SYSTEM, at, agency=letter.agency_id, letter=letter.id)


def _refuse(letter: Letter, refused: Sequence[Undelivered], at: datetime) -> None:
    Undelivered.objects.bulk_create(refused)
    rows = [
        NewEvent(letter.id, {"event": CONTENT_CONSIGNMENT_FAILURE, "row": item.row, "reason": item.reason_code})
        for item in refused
    ]
    record_batch(NOTICE_UNDELIVERABLE, rows, SYSTEM, at, agency=letter.agency_id, letter=letter.id)


def _order_next(letter: Letter, *, first: int, last: int, facts: dict[str, Any], at: datetime) -> None:
    """The chunk's own event: subscribers announce and index it, and deliver the next one unless this was the last."""
    kind = RUN_DEPOSITED if last >= int(facts["rows"]) else CHUNK_DEPOSITED
    chunk = {"first": first, "last": last, "rows": facts["rows"], "numbers": facts["numbers"]}
    record(kind, letter.id, SYSTEM, at, facts=chunk, agency=letter.agency_id, letter=letter.id)


def _mailboxes(prepared: Iterable[Prepared], at: datetime) -> dict[tuple[str, str], UUID]:
    wanted = {(item.kind, item.party_id): item.name for item in prepared}
    known = _known_mailboxes(wanted)
    absent = {party: name for party, name in wanted.items() if party not in known}
    # Its readers see the name of a mailbox: an agency's and a company's own, not what the first sender wrote.
    names = absent | own_names(absent)
    missing = [(uuid7(), *party, names[party]) for party in absent]
    insert_rows(Mailbox, ("id", "kind", "party_id", "name"), missing, {"created_at": at}, ignore_conflicts=True)
    return known | _known_mailboxes((kind, party_id) for _, kind, party_id, _ in missing)


def _known_mailboxes(parties: Iterable[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    numbers_of_kind: dict[str, list[str]] = {}
    for kind, party_id in parties:
        numbers_of_kind.setdefault(kind, []).append(party_id)
    return {
        (kind, party_id): mailbox_id
        for kind, numbers in numbers_of_kind.items()
        for party_id, mailbox_id in Mailbox.objects.filter(kind=kind, party_id__in=numbers).values_list(
            "party_id", "id"
        )
    }
