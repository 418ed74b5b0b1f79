"""How a letter's delivery stands, seen by its sender: counts, a page of deliveries, and the result file of a run."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Max, Q
from django.utils import timezone
from django.utils.translation import get_language

from correspondence.directory.identifiers import masked_id
from correspondence.models import Letter
from correspondence.recipients import result_csv
from inbox.events import NOTICE_ANNOUNCEMENT_FAILED
from inbox.models import Notice, Undelivered
from inbox.service_rules import effect_of
from signing.evidence.models import Event

PAGE = 50
SHOWN_REFUSALS = 100
# How long a row that has just changed is tinted.
FRESH = timedelta(seconds=4)


@dataclass(frozen=True)
class Summary:
    """Counts of one letter; `accepted` always equals deposited + undelivered + waiting. `named` are not of the list."""

    refused: int
    accepted: int
    named: int
    deposited: int
    announced: int
    opened: int
    undelivered: int

    @property
    def waiting(self) -> int:
        """Accepted ones whose chunk has not come yet."""
        return self.accepted - self.deposited - self.undelivered

    @property
    def unopened(self) -> int:
        """Those that lie in an inbox and were not opened."""
        return self.deposited - self.opened

    @property
    def shares(self) -> dict[str, float]:
        """Per cent of the accepted ones, to a tenth."""
        counts = {"deposited": self.deposited, "announced": self.announced, "opened": self.opened}
        return {name: round(100 * count / max(self.accepted, 1), 1) for name, count in counts.items()}


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
    effect: str
    deposited_at: datetime
    announced_at: datetime | None
    announcement_failed: bool
    opened_at: datetime | None
    registered_number: str
    registered_at: datetime | None

    @property
    def is_served(self) -> bool:
        """Whether the law counts the notice as served: on arrival or on opening, as its kind says."""
        if self.effect == "arrival_is_service":
            return True
        return self.effect == "view_else_lapse" and self.opened_at is not None

    @property
    def state(self) -> str:
        """The word of its state, as `config.states` names it."""
        if self.registered_at:
            return "registered"
        if self.opened_at:
            return "served" if self.is_served else "opened"
        if self.announced_at:
            return "announced"
        return "announcement_failed" if self.announcement_failed else "available"

    @property
    def ticks(self) -> dict[str, str]:
        """The five steps for `{% ticks %}`; where opening has no legal effect it is the last step itself."""
        opened = "done" if self.opened_at else "waiting"
        ends_by_opening = self.effect == "ordinary" and self.opened_at is not None
        return {
            "announced": "done" if self.announced_at else "failed" if self.announcement_failed else "",
            "opened": "last" if ends_by_opening else opened,
            "served": "last" if self.is_served else "",
        }

    @property
    def last_at(self) -> datetime:
        """The instant of its newest fact."""
        known = (self.deposited_at, self.announced_at, self.opened_at, self.registered_at)
        return max(instant for instant in known if instant is not None)

    @property
    def is_fresh(self) -> bool:
        """Whether it has changed just now, so that a page that looks again may tint it."""
        return timezone.now() - self.last_at < FRESH


def summary_of(letter: Letter) -> Summary:
    """Counts over the letter's manifest and notices. Four queries on the letter's own rows."""
    rows = letter.recipients.aggregate(accepted=Max("row", default=0), refused=Count("id", filter=Q(row=None)))
    notices = Notice.objects.filter(letter=letter).aggregate(
        deposited=Count("id"), announced=Count("announced_at"), opened=Count("first_viewed_at")
    )
    addressees = letter.addressees.count()
    undelivered = Undelivered.objects.filter(letter=letter).count()
    accepted = rows["accepted"] + addressees
    return Summary(rows["refused"], accepted, addressees, undelivered=undelivered, **notices)


def deliveries_of(letter: Letter, *, show: str = "", after: str = "", limit: int = PAGE) -> list[Delivery]:
    """A page of deliveries: named addressees first, then the list's rows. Four queries.

    Names are those that this letter gave: what other senders call a recipient is none of this one's business.

    `show` is "", "unopened" or "opened"; `after` is the last row of the list that was seen.
    """
    notices = Notice.objects.filter(letter=letter).select_related("mailbox", "registration")
    if show in {"opened", "unopened"}:
        notices = notices.filter(first_viewed_at__isnull=show == "unopened")
    if after.isascii() and after.isdecimal() and len(after) < 10:
        notices = notices.filter(row__gt=int(after)).order_by("row")
    else:
        notices = notices.order_by(F("row").asc(nulls_first=True), "id")
    page = list(notices.defer("content", "signature", "dispatch_json")[:limit])
    failed = _failed_announcements(page)
    names, kind = _names(letter, page), letter.notice_kind
    return [
        _delivery(n, name, effect_of(kind, n.role).code, failed=n.id in failed)
        for n, name in zip(page, names, strict=True)
    ]


def undelivered_of(letter: Letter, limit: int = SHOWN_REFUSALS) -> list[Undelivered]:
    """Rows of the manifest that could not be delivered, with the reason."""
    return list(Undelivered.objects.filter(letter=letter).order_by("row")[:limit])


def result_file(letter: Letter) -> bytes:
    """The result file of a run as CSV, a line for each line of the list that was uploaded, in its order."""
    return result_csv(_result_rows(letter))


def _result_rows(letter: Letter) -> Iterator[list[str]]:
    yield ["line", "identifier", "name", "result", "notice", "number", "code", "reason"]
    notices = {
        row: (str(notice_id), number)
        for row, notice_id, number in Notice.objects.filter(letter=letter)
        .exclude(row=None)
        .values_list("row", "id", "number")
    }
    failed = {u.row: (u.reason_code, u.reason) for u in Undelivered.objects.filter(letter=letter)}
    english = (get_language() or "").startswith("en")
    for r in letter.recipients.order_by("line").iterator(chunk_size=2000):
        if r.row is None:
            outcome = ["refused", "", "", r.refusal_code, r.refusal_en if english else r.refusal]
        elif r.row in notices:
            outcome = ["accepted", *notices[r.row], "", ""]
        elif r.row in failed:
            outcome = ["undelivered", "", "", *failed[r.row]]
        else:
            outcome = ["waiting", "", "", "", ""]
        yield [str(r.line), r.party_id, r.name, *outcome]


def _failed_announcements(notices: Iterable[Notice]) -> set[UUID]:
    waiting = [notice.id for notice in notices if notice.announced_at is None]
    failed = Event.objects.filter(subject__in=waiting, kind=NOTICE_ANNOUNCEMENT_FAILED)
    return set(failed.values_list("subject", flat=True))


def _names(letter: Letter, notices: Sequence[Notice]) -> list[str]:
    rows = [notice.row for notice in notices if notice.row is not None]
    listed = dict(letter.recipients.filter(row__in=rows).values_list("row", "name")) if rows else {}
    named = {(one.kind, one.party_id): one.name for one in letter.addressees.all()}
    boxes = [notice.mailbox for notice in notices]
    return [
        listed.get(notice.row) or named.get((box.kind, box.party_id)) or masked_id(box.kind, box.party_id)
        for notice, box in zip(notices, boxes, strict=True)
    ]


def _delivery(notice: Notice, name: str, effect: str, *, failed: bool) -> Delivery:
    mailbox = notice.mailbox
    registration = getattr(notice, "registration", None)
    return Delivery(
        notice_id=notice.id,
        row=notice.row,
        name=name,
        kind=mailbox.kind,
        party_id=masked_id(mailbox.kind, mailbox.party_id),
        number=notice.number,
        role=notice.role,
        purpose=notice.purpose,
        effect=effect,
        deposited_at=notice.deposited_at,
        announced_at=notice.announced_at,
        announcement_failed=failed,
        opened_at=notice.first_viewed_at,
        registered_number=registration.number if registration else "",
        registered_at=registration.registered_at if registration else None,
    )
