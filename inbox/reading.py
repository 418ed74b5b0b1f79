"""What a recipient sees of a notice: the envelope before opening, the letter after it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from correspondence.forms import NOTICE_KINDS
from correspondence.jalali import tehran_date
from correspondence.markdown import to_html
from correspondence.models import Attachment
from inbox.models import Notice
from inbox.selectors import signed_files, subjects_of
from inbox.service_rules import Effect, effect_of
from inbox.timeline import Moment, way_of_notice

KIND_WORDS: dict[str, str | Promise] = dict(NOTICE_KINDS)


@dataclass(frozen=True)
class Envelope:
    """Sender, kind and legal effect: all that is shown of an unopened notice."""

    notice: Notice
    sender: str
    sector: str
    kind: str
    effect: Effect
    subject: str

    @property
    def kind_word(self) -> str:
        """What it is, as the envelope names it."""
        return str(KIND_WORDS.get(self.kind, KIND_WORDS["letter"]))

    @property
    def state(self) -> str:
        """The word of its state for the recipient, as `config.states` names it."""
        if not self.notice.is_opened:
            return "not_opened"
        return "served" if self.effect.is_service else "read"

    @property
    def last_day(self) -> date | None:
        """The last day to open it oneself, of an unopened notice that has one."""
        return None if self.notice.is_opened else self.effect.last_day(self.notice.deposited_at)

    @property
    def lapse_day(self) -> date | None:
        """The day after it, from which the law counts the notice as served."""
        return None if self.notice.is_opened else self.effect.lapse_day(self.notice.deposited_at)

    @property
    def days_left(self) -> int | None:
        """Whole days until `last_day`; negative once it has passed."""
        return (self.last_day - tehran_date(timezone.now())).days if self.last_day else None

    @property
    def legal_sentence(self) -> SafeString:
        """What opening means, with the words that matter in <em>."""
        parts = str(self.effect.sentence).split("*")
        marked = [format_html("<em>{}</em>" if index % 2 else "{}", part) for index, part in enumerate(parts)]
        return SafeString("".join(marked))

    @property
    def party(self) -> str:
        """The company or agency that it was sent to; empty for one's own."""
        mailbox = self.notice.mailbox
        return "" if mailbox.kind == "person" else mailbox.name


@dataclass(frozen=True)
class ReadLetter:
    """The signed content of an opened notice, ready to be shown."""

    content: dict[str, Any]
    dispatch: dict[str, Any]
    body: SafeString
    attachments: list[Attachment]


def envelope_of(notice: Notice) -> Envelope:
    """The envelope; the subject is empty until the notice has been opened."""
    return envelopes_of([notice])[0]


def envelopes_of(notices: Sequence[Notice]) -> list[Envelope]:
    """The envelopes of notices that were read with letter, agency and mailbox. One query at most."""
    subjects = subjects_of([notice for notice in notices if notice.is_opened])
    return [
        Envelope(
            notice=notice,
            sender=notice.letter.agency.local_name,
            sector=notice.letter.agency.sector,
            kind=notice.letter.notice_kind,
            effect=effect_of(notice.letter.notice_kind, notice.role),
            subject=subjects.get(notice.id, ""),
        )
        for notice in notices
    ]


def letter_of(notice: Notice) -> ReadLetter:
    """The letter as it was signed, read from its signed bytes and from nowhere else. Two queries."""
    letter_json, _signature, dispatch_json = signed_files(notice)
    content = json.loads(letter_json)
    return ReadLetter(
        content=content,
        dispatch=json.loads(dispatch_json),
        body=to_html(content["body"]),
        attachments=list(Attachment.objects.filter(letter_id=notice.letter_id).defer("text")),
    )


def way_to_recipient(notice: Notice, letter: ReadLetter) -> list[Moment]:
    """Who did what with an opened notice, newest first, as its recipient may know it: of the sender's side only who signed
    and that the agency sent it. Two queries."""
    signatories = "، ".join(f"{one['name']}، {one['title']}" for one in letter.content["signatories"])
    return [
        *way_of_notice(notice),
        Moment(_("Dispatched"), notice.letter.dispatched_at, who=notice.letter.agency.local_name),
        Moment(_("Signed"), notice.letter.approved_at, who=signatories),
    ]
