"""What of a letter and of a notice can be found, and by whom.

A letter is found by everyone with a role at its agency. A notice is found by the owners of its mailbox: until it is
opened by what its envelope shows (sender, number, kind), since a search that finds words of the letter would be a way
to read it without the legal act of opening; afterwards by everything.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from correspondence.markdown import BodyRefused, parse
from correspondence.models import Addressee, Approval, Attachment, Letter
from inbox.models import IncomingRegistration, Notice
from search.backends.base import Document, scope

# How people ask for a kind of notice, in both languages; found, never shown. «نامه» would find everything.
KIND_KEYWORDS = {
    Letter.NoticeKind.TAX_ASSESSMENT: "برگ تشخیص مالیات tax assessment",
    Letter.NoticeKind.COURT_SUMMONS: "احضاریه ابلاغیه دادگاه court summons",
    Letter.NoticeKind.COURT_JUDGMENT: "دادنامه رأی حکم دادگاه court judgment",
    Letter.NoticeKind.INSURANCE_DEBT: "بدهی حق بیمه insurance debt",
    Letter.NoticeKind.INSURANCE_RECORD: "سابقه سوابق بیمه insurance record",
    Letter.NoticeKind.TRAFFIC_FINE: "جریمه رانندگی خلافی خودرو traffic fine",
    Letter.NoticeKind.UTILITY_BILL: "قبض utility bill",
    Letter.NoticeKind.BANK_STATEMENT: "صورت‌حساب بانک bank statement",
    Letter.NoticeKind.MUNICIPAL_CHARGE: "عوارض شهرداری municipal charge",
}


def letter_documents(letters: Iterable[Letter]) -> list[Document]:
    """Documents of letters, drafts as well; a fixed number of queries for all of them."""
    loaded = list(letters)
    attachments = _attachment_texts(letter.id for letter in loaded)
    return [_letter_document(letter, attachments.get(letter.id, "")) for letter in loaded]


def notice_documents(notices: Iterable[Notice]) -> list[Document]:
    """Documents of notices, each by its state now; a fixed number of queries, content is read of opened ones only."""
    loaded = list(notices)
    opened = [notice for notice in loaded if notice.is_opened]
    contents = _signed_contents(opened)
    attachments = _attachment_texts({notice.letter_id for notice in opened})
    registered = dict(IncomingRegistration.objects.filter(notice__in=opened).values_list("notice_id", "number"))
    documents = [_envelope_document(notice) for notice in loaded if not notice.is_opened]
    for notice in opened:
        content, text = contents[notice.id], attachments.get(notice.letter_id, "")
        documents.append(_opened_document(notice, content, text, registered.get(notice.id, "")))
    return documents


def letter_version(changed_at: datetime) -> int:
    """A number that rises with every change of a letter: microseconds of its last one."""
    return int(changed_at.timestamp() * 1_000_000)


def notice_version(*, opened: bool, registered: bool) -> int:
    """A number that rises with every change of a notice: it is deposited, opened, registered, in this order."""
    return 1 + opened + registered


def _letter_document(letter: Letter, attachments: str) -> Document:
    return Document(
        owner_kind="letter",
        owner_id=letter.id,
        version=letter_version(letter.changed_at),
        scopes=(scope("agency", letter.agency_id),),
        letter=letter.id,
        agency=letter.agency_id,
        at=letter.created_at,
        title=letter.subject,
        number=letter.number,
        body=_plain_body(letter.body),
        people="، ".join(_names(letter.addressees.all())),
        attachments=attachments,
        keywords="\n".join([letter.salutation, *(relation.number for relation in letter.relations.all())]),
    )


def _envelope_document(notice: Notice) -> Document:
    return Document(
        owner_kind="notice",
        owner_id=notice.id,
        version=notice_version(opened=False, registered=False),
        scopes=(scope("mailbox", notice.mailbox_id),),
        letter=notice.letter_id,
        agency=notice.letter.agency_id,
        at=notice.deposited_at,
        number=notice.number,
        people=notice.letter.agency.name,
        keywords=_keywords(notice),
    )


def _opened_document(notice: Notice, content: dict[str, Any], attachments: str, registration: str) -> Document:
    names = [party["name"] for party in (*content["to"], *content["cc"])]
    related = [relation["number"] for relation in content["relations"]]
    return Document(
        owner_kind="notice",
        owner_id=notice.id,
        version=notice_version(opened=True, registered=bool(registration)),
        scopes=(scope("mailbox", notice.mailbox_id),),
        letter=notice.letter_id,
        agency=notice.letter.agency_id,
        at=notice.deposited_at,
        title=content["subject"],
        number=notice.number,
        body=_plain_body(content["body"]),
        people="، ".join([notice.letter.agency.name, *names]),
        attachments=attachments,
        keywords="\n".join([_keywords(notice), content["salutation"], registration, *related]),
    )


def _signed_contents(notices: list[Notice]) -> dict[UUID, dict[str, Any]]:
    """letter.json of each notice, by its id: its own, or the one that it shares with its letter."""
    own = dict(Notice.objects.filter(id__in=[notice.id for notice in notices]).values_list("id", "content"))
    letters = {notice.letter_id for notice in notices if own[notice.id] is None}
    shared = dict(Approval.objects.filter(letter_id__in=letters).values_list("letter_id", "content"))
    return {notice.id: json.loads(bytes(own[notice.id] or shared[notice.letter_id])) for notice in notices}


def _keywords(notice: Notice) -> str:
    return KIND_KEYWORDS.get(Letter.NoticeKind(notice.letter.notice_kind), "")


def _names(addressees: Iterable[Addressee]) -> Iterator[str]:
    for addressee in addressees:
        yield f"{addressee.name} {addressee.title}".strip()


def _attachment_texts(letters: Iterable[UUID]) -> dict[UUID, str]:
    """Names and extracted text of the attachments, by letter."""
    texts: dict[UUID, list[str]] = {}
    rows = Attachment.objects.filter(letter_id__in=list(letters)).order_by("letter_id", "position")
    for letter_id, name, text in rows.values_list("letter_id", "name", "text"):
        texts.setdefault(letter_id, []).append(f"{name}\n{text}")
    return {letter_id: "\n\n\n\n".join(parts) for letter_id, parts in texts.items()}


def _plain_body(body: str) -> str:
    """The words of a Markdown body, a line for each block."""
    try:
        return "\n".join(line for block in parse(body) for line in _lines(block))
    except BodyRefused:
        return body


def _lines(block: dict[str, Any]) -> Iterator[str]:
    if block["kind"] == "paragraph":
        yield _line(block["spans"])
    elif block["kind"] == "list":
        for item in block["items"]:
            for inner in item:
                yield from _lines(inner)
    else:
        for row in (block["head"], *block["rows"]):
            yield " | ".join(_line(cell) for cell in row)


def _line(spans: list[dict[str, Any]]) -> str:
    return "".join("\n" if span.get("break") else span["text"] for span in spans)
