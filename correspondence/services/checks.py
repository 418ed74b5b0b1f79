"""What a draft still needs before it can be signed: the same list for the page that shows it and for submission."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from correspondence.errors import LetterIncomplete
from correspondence.jalali import tehran_date
from correspondence.markdown import MergeError, merge_fields, merge_plain
from correspondence.markdown_rules import field_name
from correspondence.models import Addressee, Letter
from correspondence.typesetting import UnprintableText, check_printable

# Enough to show that a value is missing; submission looks at every line.
SAMPLE = 500
_NAMED_LINES = 20


@dataclass(frozen=True)
class Check:
    """One line of the list. Only the tone `signal` keeps the letter back; `wait` asks for a second look.

    `field` names the input that mends it.
    """

    code: str
    tone: Literal["ok", "wait", "signal"]
    message: str | Promise
    field: str


def checks_of(letter: Letter, *, sample: int | None = SAMPLE) -> list[Check]:
    """The checks of a draft as it is saved, in the order of the form; `sample` limits the lines that are looked at."""
    accepted = letter.recipients.exclude(row=None).count()
    return [
        _subject(letter),
        _body(letter),
        _addressees(letter, accepted),
        *_named_and_listed(letter, accepted),
        *_refused_lines(letter, accepted),
        *_merge_values(letter, sample),
        *_unprintable(letter),
        *_reply_date(letter),
        *_attachments(letter),
    ]


def refuse_incomplete(letter: Letter) -> None:
    """Raise LetterIncomplete for the first reason for which the draft cannot be submitted."""
    for check in checks_of(letter, sample=None):
        if check.tone == "signal":
            raise LetterIncomplete(check.code, check.message, field=check.field)


def _subject(letter: Letter) -> Check:
    if letter.subject.strip():
        return Check("subject", "ok", _("It has a subject."), "subject")
    return Check("subject_missing", "signal", _("Write a subject."), "subject")


def _body(letter: Letter) -> Check:
    if letter.body.strip():
        return Check("body", "ok", _("It has a text."), "body")
    return Check("body_missing", "signal", _("Write the text of the letter."), "body")


def _addressees(letter: Letter, accepted: int) -> Check:
    named = letter.addressees.filter(role=Addressee.Role.TO).count()
    if not named and not accepted:
        return Check(
            "addressee_missing",
            "signal",
            _("Name at least one addressee, or add a list of recipients."),
            "addressees",
        )
    count = named + accepted
    text = ngettext("It goes to %(count)d recipient.", "It goes to %(count)d recipients.", count)
    return Check("addressees", "ok", text % {"count": count}, "addressees")


def _named_and_listed(letter: Letter, accepted: int) -> Iterator[Check]:
    """Who is named as addressee besides a list. Copies are left alone: they show the letter as it was approved."""
    named = list(letter.addressees.filter(role=Addressee.Role.TO)) if accepted else []
    if named and _fields_of(letter):
        text = _(
            "The text has merge fields, but an addressee by name has no values for them. "
            "Move the addressee into the list or to the copies."
        )
        yield Check("merge_field_named", "signal", text, "addressees")
    numbers = [addressee.party_id for addressee in named]
    listed = set(letter.recipients.filter(party_id__in=numbers).exclude(row=None).values_list("kind", "party_id"))
    twice = [addressee.name for addressee in named if (addressee.kind, addressee.party_id) in listed]
    if twice:
        text = _("This addressee stands in the list of recipients too and would get the letter twice: %s")
        yield Check("addressee_in_list", "signal", text % "، ".join(twice[:_NAMED_LINES]), "addressees")


def _refused_lines(letter: Letter, accepted: int) -> Iterator[Check]:
    refused = letter.recipients.filter(row=None).count()
    if refused and not accepted:
        yield Check("recipients_refused", "wait", _("No line of the list was accepted."), "recipients")
    elif refused:
        text = ngettext(
            "%(count)d line of the list was not accepted and gets nothing.",
            "%(count)d lines of the list were not accepted and get nothing.",
            refused,
        )
        yield Check("recipients_refused", "wait", text % {"count": refused}, "recipients")


def _merge_values(letter: Letter, sample: int | None) -> Iterator[Check]:
    names = _fields_of(letter)
    accepted = letter.recipients.exclude(row=None).order_by("row")
    first = accepted.first()
    if first:
        yield from _malformed(letter, names)
    if not names:
        return
    # All lines of a list have the columns of its head.
    known = {field_name(column): column for column in first.fields} if first else {}
    missing = [name for name in names if name not in known]
    columns = [known[name] for name in names if name in known]
    empty = [] if missing else _empty_lines(accepted.values_list("line", "fields")[:sample], columns)
    if missing:
        text = _("The list of recipients has no column named %s. Mend the text or the list.") % "، ".join(missing)
        yield Check("merge_field_unknown", "signal", text, "body")
    elif empty:
        lines = "، ".join(str(line) for line in empty[:_NAMED_LINES])
        text = _("A value that the text uses is empty in these lines of the list: %s") % lines
        yield Check("merge_field_empty", "signal", text, "recipients")
    else:
        yield Check("merge_fields", "ok", _("The list has a value for each field of the text."), "body")


def _fields_of(letter: Letter) -> list[str]:
    return merge_fields(f"{letter.subject}\n{letter.salutation}\n{letter.body}")


def _malformed(letter: Letter, names: list[str]) -> Iterator[Check]:
    values = dict.fromkeys(names, "1")
    for field, text in {"subject": letter.subject, "salutation": letter.salutation, "body": letter.body}.items():
        try:
            merge_plain(text, values)
        except MergeError as error:
            yield Check("merge_field_malformed", "signal", error.message, field)


def _empty_lines(rows: object, columns: list[str]) -> list[int]:
    return [
        line
        for line, fields in rows.iterator(chunk_size=2000)  # type: ignore[attr-defined]
        if not all(fields.get(column, "").strip() for column in columns)
    ]


def _unprintable(letter: Letter) -> Iterator[Check]:
    names = "\n".join(f"{addressee.name} {addressee.title}" for addressee in letter.addressees.all())
    texts = {"subject": letter.subject, "salutation": letter.salutation, "body": letter.body, "addressees": names}
    for field, text in texts.items():
        try:
            check_printable(text, field)
        except UnprintableText as error:
            yield Check("unprintable", "signal", error.message, field)


def _reply_date(letter: Letter) -> Iterator[Check]:
    if letter.reply_due and letter.reply_due < tehran_date(timezone.now()):
        yield Check("reply_due_past", "wait", _("The day until which you ask for a reply has passed."), "reply_due")


def _attachments(letter: Letter) -> Iterator[Check]:
    if "پیوست" in letter.body and not letter.attachments.exists():
        yield Check("attachment_missing", "wait", _("The text speaks of an attachment; none is there."), "attachment")
