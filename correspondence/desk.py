"""The desk's list: what a row of a letter says, and how rows are put together by day and by what waits for whom."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.urls import reverse
from django.utils import timezone

from correspondence.directory.access import Actor
from correspondence.jalali import tehran_date
from correspondence.models import Addressee, Letter
from correspondence.paging import Key, next_key
from correspondence.selectors import PAGE, View, letters_for, letters_waiting_for

# How long a row that has just changed is tinted.
FRESH = timedelta(seconds=4)
VIEWS: tuple[View, ...] = ("all", "drafts", "to_sign", "to_dispatch", "sent")


@dataclass(frozen=True)
class Row:
    """One letter in a list; `href` leads to the actor's next act on it."""

    letter: Letter
    href: str
    first: str
    others: int
    run: int
    kind: str

    @property
    def is_late(self) -> bool:
        """Whether the reply is due today or was due before."""
        due = self.letter.reply_due
        return due is not None and due <= tehran_date(timezone.now())

    @property
    def is_fresh(self) -> bool:
        """Whether it has changed just now."""
        return timezone.now() - self.letter.changed_at < FRESH


@dataclass(frozen=True)
class Day:
    """The rows of one day."""

    day: date
    rows: list[Row]

    @property
    def is_near(self) -> bool:
        """Whether its name is today or yesterday."""
        return self.day >= tehran_date(timezone.now()) - timedelta(days=1)


@dataclass(frozen=True)
class Listing:
    """A page of the desk's list; `next` is the key of the page after it, or empty."""

    view: View
    days: list[Day]
    next: str


def listing_of(actor: Actor, asked: str | None, after: Key | None = None) -> Listing:
    """A page of the actor's letters by the day of their last change; an unknown view shows all. Two queries."""
    view: View = next((known for known in VIEWS if known == asked), "all")
    letters = letters_for(actor, view, after=after, limit=PAGE + 1)
    rows = [row_of(actor, letter) for letter in letters[:PAGE]]
    days = [Day(day, list(group)) for day, group in groupby(rows, key=_day_of)]
    return Listing(view, days, next_key(letters, PAGE, "changed_at"))


def tasks_of(actor: Actor) -> dict[str, list[Row]]:
    """What waits for the actor, by the act it waits for: `to_sign`, `to_dispatch`, `returned`. Two queries."""
    tasks: dict[str, list[Row]] = {"to_sign": [], "to_dispatch": [], "returned": []}
    names = {Letter.State.SUBMITTED: "to_sign", Letter.State.APPROVED: "to_dispatch", Letter.State.DRAFT: "returned"}
    for letter in letters_waiting_for(actor):
        tasks[names[Letter.State(letter.state)]].append(row_of(actor, letter))
    return tasks


def row_of(actor: Actor, letter: Letter) -> Row:
    """A letter from `letters_for` or `letters_waiting_for` as a row."""
    named = list(letter.addressees.all())
    run = getattr(letter, "last_row", None) or 0
    to = [addressee for addressee in named if addressee.role == Addressee.Role.TO] or named
    return Row(
        letter=letter,
        href=_next_act(actor, letter),
        first=to[0].name if to else "",
        others=max(len(to) - 1, 0),
        run=run,
        kind=to[0].kind if to and not run else "",
    )


def _next_act(actor: Actor, letter: Letter) -> str:
    if letter.is_editable and actor.may("clerk", letter.agency_id):
        return reverse("letter_edit", args=[letter.id])
    if letter.state == Letter.State.SUBMITTED and actor.may("approver", letter.agency_id):
        return reverse("letter_approval", args=[letter.id])
    return reverse("letter", args=[letter.id])


def _day_of(row: Row) -> date:
    return tehran_date(row.letter.changed_at)
