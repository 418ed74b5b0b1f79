"""The way of a letter in sentences: its events, newest first, for those who may see the letter."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from correspondence.directory.models import Person
from correspondence.events import (
    LETTER_APPROVED,
    LETTER_COMPOSED,
    LETTER_DISPATCHED,
    LETTER_RETURNED,
    LETTER_SEALED,
    LETTER_SUBMITTED,
)
from correspondence.models import Letter
from correspondence.reading import shown_number
from inbox.events import (
    NOTICE_ANNOUNCED,
    NOTICE_ANNOUNCEMENT_FAILED,
    NOTICE_DEPOSITED,
    NOTICE_OPENED,
    NOTICE_REGISTERED,
    RUN_DEPOSITED,
)
from inbox.models import Notice
from signing.evidence.models import Event

SHOWN = 40
FRESH = timedelta(seconds=4)
_OF_LETTER = (
    LETTER_COMPOSED,
    LETTER_SUBMITTED,
    LETTER_RETURNED,
    LETTER_APPROVED,
    LETTER_DISPATCHED,
    LETTER_SEALED,
    RUN_DEPOSITED,
)
# A run has one of each for every recipient; its page counts them instead.
_OF_NOTICE = (NOTICE_DEPOSITED, NOTICE_ANNOUNCED, NOTICE_ANNOUNCEMENT_FAILED, NOTICE_OPENED, NOTICE_REGISTERED)


@dataclass(frozen=True)
class Moment:
    """One step, as the component `timeline.html` shows it."""

    title: str | Promise
    at: datetime | date | None = None
    who: str = ""
    note: str = ""
    tone: str = ""
    style: str = "brief"


@dataclass(frozen=True)
class _Names:
    people: Mapping[str, str]
    recipients: Mapping[UUID, str]


def way_of(letter: Letter, *, is_run: bool) -> list[Moment]:
    """The letter's own events and the newest of its recipients; above them the reply date. Four queries at most."""
    events = _newest(letter, _OF_LETTER)
    if not is_run:
        events = sorted([*events, *_newest(letter, _OF_NOTICE)], key=lambda event: -event.serial)
    names = _names_of(events)
    due = [Moment(_("Reply asked for"), letter.reply_due, tone="due", style="day")] if letter.reply_due else []
    return due + [_moment(event, names) for event in events if _is_told(event, is_run=is_run)]


def way_of_notice(notice: Notice) -> list[Moment]:
    """What happened to one notice, newest first, seen by its recipient. Two queries at most."""
    events = list(Event.objects.filter(subject=notice.id, kind__in=_OF_NOTICE).order_by("-serial")[:SHOWN])
    names = _Names(_people(events), {notice.id: ""})
    return [_moment(event, names) for event in events]


def _newest(letter: Letter, kinds: Sequence[str]) -> list[Event]:
    return list(Event.objects.filter(letter=letter.id, kind__in=kinds).order_by("-serial")[:SHOWN])


def _is_told(event: Event, *, is_run: bool) -> bool:
    # Named addressees are told one by one, so that the end of their delivery says nothing new.
    return is_run or event.kind != RUN_DEPOSITED


def _moment(event: Event, names: _Names) -> Moment:
    facts, recipient = event.read_facts(), names.recipients.get(event.subject, "")
    who = names.people.get(event.actor, "")
    return Moment(
        title=_SENTENCES[event.kind](facts, recipient),
        at=event.at,
        who=who if who != recipient else "",
        note=str(facts.get("reason", "")) if event.kind == LETTER_RETURNED else "",
        tone=_tone(event),
        style="brief_exact" if event.kind in {LETTER_SEALED, NOTICE_OPENED} else "brief",
    )


def _tone(event: Event) -> str:
    if event.kind == NOTICE_ANNOUNCEMENT_FAILED:
        return "fail"
    return "fresh" if timezone.now() - event.at < FRESH else ""


def _names_of(events: list[Event]) -> _Names:
    notices = [event.subject for event in events if event.kind in _OF_NOTICE]
    found = Notice.objects.filter(id__in=notices).values_list("id", "mailbox__name") if notices else []
    return _Names(_people(events), dict(found))


def _people(events: list[Event]) -> dict[str, str]:
    ids = {event.actor.removeprefix("person:") for event in events if event.actor.startswith("person:")}
    return {f"person:{key}": name for key, name in Person.objects.filter(id__in=ids).values_list("id", "full_name")}


def _opened(_facts: dict[str, Any], name: str) -> str:
    return _("%(name)s opened it") % {"name": name} if name else _("Opened")


def _deposited(_facts: dict[str, Any], name: str) -> str:
    return _("In the inbox of %(name)s") % {"name": name} if name else _("Came to the inbox")


def _announced(_facts: dict[str, Any], name: str) -> str:
    return _("Announced to %(name)s") % {"name": name} if name else _("Announced")


def _not_announced(_facts: dict[str, Any], name: str) -> str:
    if name:
        return _("%(name)s could not be told: no mobile is registered") % {"name": name}
    return _("Could not be announced: no mobile is registered")


def _registered(facts: dict[str, Any], name: str) -> str:
    values = {"name": name, "number": shown_number(str(facts["number"]))}
    if name:
        return _("%(name)s registered it under %(number)s") % values
    return _("Registered under %(number)s") % values


_SENTENCES: dict[str, Callable[[dict[str, Any], str], str]] = {
    LETTER_COMPOSED: lambda _facts, _name: _("Begun"),
    LETTER_SUBMITTED: lambda _facts, _name: _("Laid before the approver"),
    LETTER_RETURNED: lambda _facts, _name: _("Given back to be changed"),
    LETTER_APPROVED: lambda _facts, _name: _("Signed"),
    LETTER_DISPATCHED: lambda facts, _name: _("Sent under %(number)s") % {"number": shown_number(str(facts["number"]))},
    LETTER_SEALED: lambda _facts, _name: _("Sealed"),
    RUN_DEPOSITED: lambda _facts, _name: _("All are in the inboxes"),
    NOTICE_DEPOSITED: _deposited,
    NOTICE_ANNOUNCED: _announced,
    NOTICE_ANNOUNCEMENT_FAILED: _not_announced,
    NOTICE_OPENED: _opened,
    NOTICE_REGISTERED: _registered,
}
