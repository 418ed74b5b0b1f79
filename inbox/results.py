"""How a letter's delivery stands, seen by its sender: counts, a page of deliveries, and the result file of a run."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from correspondence.models import Letter
from correspondence.recipients import result_csv
from inbox.models import Notice, Undelivered

PAGE = 50


@dataclass(frozen=True)
class Summary:
    """Counts of one letter; `accepted` always equals deposited + undelivered + waiting."""

    refused: int
    accepted: int
    deposited: int
    announced: int
    opened: int
    undelivered: int

    @property
    def waiting(self) -> int:
        """Accepted ones whose chunk has not come yet."""
        return self.accepted - self.deposited - self.undelivered


@dataclass(frozen=True)
class Delivery:
    """One recipient and the instants of each fact; `party_id` is masked for people."""

    notice_id: UUID
    row: int | None
    name: str
    kind: str
    party_id: str
    number: str
    role: str
    purpose: str
    deposited_at: datetime
    announced_at: datetime | None
    opened_at: datetime | None


def summary_of(letter: Letter) -> Summary:
    """Counts over the letter's manifest and notices. Three queries on the letter's own rows."""
    rows = letter.recipients.aggregate(accepted=Count("row"), refused=Count("id", filter=Q(row=None)))
    notices = Notice.objects.filter(letter=letter).aggregate(
        deposited=Count("id"), announced=Count("announced_at"), opened=Count("first_viewed_at")
    )
    addressees = letter.addressees.count()
    undelivered = Undelivered.objects.filter(letter=letter).count()
    return Summary(rows["refused"], rows["accepted"] + addressees, undelivered=undelivered, **notices)


def deliveries_of(letter: Letter, *, after: str = "", limit: int = PAGE) -> list[Delivery]:
    """A page of deliveries: named addressees first, then the list's rows; `after` is the last row seen."""
    notices = Notice.objects.filter(letter=letter).select_related("mailbox")
    if after.isdecimal():
        notices = notices.filter(row__gt=int(after)).order_by("row")
    else:
        notices = notices.order_by("row", "id")
    light = notices.defer("content", "signature", "dispatch_json")
    return [_delivery(notice) for notice in light[:limit]]


def result_file(letter: Letter) -> bytes:
    """The result of a run as CSV: one row per line of the list that was uploaded, in its order."""
    return result_csv(_result_rows(letter))


def _delivery(notice: Notice) -> Delivery:
    mailbox = notice.mailbox
    party_id = mailbox.party_id if mailbox.kind != "person" else f"{mailbox.party_id[:3]}•••••{mailbox.party_id[-2:]}"
    return Delivery(
        notice_id=notice.id,
        row=notice.row,
        name=mailbox.name,
        kind=mailbox.kind,
        party_id=party_id,
        number=notice.number,
        role=notice.role,
        purpose=notice.purpose,
        deposited_at=notice.deposited_at,
        announced_at=notice.announced_at,
        opened_at=notice.first_viewed_at,
    )



def _result_rows(letter: Letter) -> Iterator[list[str]]:
    yield ["line", "identifier", "name", "result", "notice", "number", "code", "reason"]
    notices = {
        row: (str(notice_id), number)
        for row, notice_id, number in Notice.objects.filter(letter=letter)
        .exclude(row=None)
        .values_list("row", "id", "number")
    }
    failed = dict(Undelivered.objects.filter(letter=letter).values_list("row", "reason"))
    for r in letter.recipients.order_by("line").iterator(chunk_size=2000):
        if r.row is None:
            outcome = ["refused", "", "", r.refusal_code, r.refusal]
        elif r.row in notices:
            outcome = ["accepted", *notices[r.row], "", ""]
        elif r.row in failed:
            outcome = ["undelivered", "", "", "", failed[r.row]]
        else:
            outcome = ["waiting", "", "", "", ""]
        yield [str(r.line), r.party_id, r.name, *outcome]
