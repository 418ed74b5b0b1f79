"""What a recipient sees of a notice: the envelope before opening, the letter after it."""

import json
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from correspondence.markdown import to_html
from correspondence.models import Attachment
from inbox.models import Notice
from inbox.selectors import signed_files
from inbox.service_rules import Effect, effect_of


@dataclass(frozen=True)
class Envelope:
    """Sender, kind and legal effect: all that is shown of an unopened notice."""

    notice: Notice
    sender: str
    sector: str
    kind: str
    effect: Effect
    subject: str


@dataclass(frozen=True)
class ReadLetter:
    """The signed content of an opened notice, ready to be shown."""

    content: dict[str, Any]
    dispatch: dict[str, Any]
    body: SafeString
    attachments: list[Attachment]


def envelope_of(notice: Notice) -> Envelope:
    """The envelope; the subject is empty until the notice has been opened."""
    letter = notice.letter
    return Envelope(
        notice=notice,
        sender=letter.agency.name,
        sector=letter.agency.sector,
        kind=letter.notice_kind,
        effect=effect_of(letter.notice_kind),
        subject=letter.subject if notice.is_opened else "",
    )


def letter_of(notice: Notice) -> ReadLetter:
    """The letter as it was signed, read from its signed bytes and from nowhere else. Two queries."""
    letter_json, _, dispatch_json = signed_files(notice)
    content = json.loads(letter_json)
    return ReadLetter(
        content=content,
        dispatch=json.loads(dispatch_json),
        body=to_html(content["body"]),
        attachments=list(Attachment.objects.filter(letter_id=notice.letter_id).defer("text")),
    )
