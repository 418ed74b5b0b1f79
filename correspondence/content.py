"""letter.json and dispatch.json: the signed content of a letter, of each notice of a run, and what dispatch adds.

Both are RFC 8785 bytes. Content is built once, when a letter is submitted; everything later copies those bytes.
"""

import hashlib
import json
import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.timezone import is_naive

from correspondence.directory.models import Agency
from correspondence.jalali import to_jalali
from correspondence.markdown import merge, merge_plain
from correspondence.models import Addressee, Letter, Recipient
from correspondence.registry import NumberBlock
from correspondence.typesetting import TEMPLATE
from signing.canonical import JSON, Frame, canonical, digest

LETTER_FORMAT = "karpusheh/letter/1"
DISPATCH_FORMAT = "karpusheh/dispatch/1"
BODY_FORMAT = "karpusheh-markdown/1"
# Crockford's base 32 has no I, L, O and U, so that a code read from paper is not mistyped.
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# What differs between the notices of a run.
_OWN_OF_LETTER = ("id", "subject", "salutation", "body", "to", "run")
_OWN_OF_DISPATCH = ("letter", "letter_sha256", "number", "index", "verification_code")


def timestamp_text(at: datetime) -> str:
    """RFC 3339 in UTC with seconds, as all signed content writes time. ValueError for an instant without a zone."""
    if is_naive(at):
        raise ValueError("signed content needs an instant with a time zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def letter_content(letter: Letter, at: datetime) -> dict[str, Any]:
    """The content of a draft as it will be signed, without its signatory. Five queries, and its list read once."""
    addressees = list(letter.addressees.all())
    manifest = manifest_of(letter)
    return {
        "format": LETTER_FORMAT,
        "id": str(letter.id),
        "environment": settings.ENVIRONMENT,
        "kind": "letter" if manifest is None else "run",
        "notice_kind": letter.notice_kind,
        "agency": _agency(letter.agency),
        "subject": letter.subject,
        "salutation": letter.salutation,
        "body": letter.body,
        "body_format": BODY_FORMAT,
        "to": [_party(a) for a in addressees if a.role == Addressee.Role.TO],
        "cc": [_party(a) | {"purpose": a.purpose} for a in addressees if a.role == Addressee.Role.CC],
        "classification": letter.classification,
        "priority": letter.priority,
        "reply_due": letter.reply_due.isoformat() if letter.reply_due else None,
        "relations": [
            {"kind": r.kind, "number": r.number, "date": r.date.isoformat() if r.date else None}
            for r in letter.relations.all()
        ],
        "attachments": [
            {"position": a.position, "name": a.name, "media_type": a.media_type, "size": a.size, "sha256": a.sha256}
            for a in letter.attachments.all()
        ],
        "signatories": [],
        "recipients": manifest,
        "run": None,
        "template": dict(TEMPLATE),
        "composed_at": timestamp_text(at),
    }


def signed_content(content: bytes, signatory: dict[str, Any]) -> bytes:
    """The revision's content with its signatory: the bytes that the signatory signs."""
    return canonical(json.loads(content) | {"signatories": [signatory]})


class RunContent:
    """What the notices of a run share, serialised once, and the two JSON files of each of them."""

    def __init__(self, content: bytes, block: NumberBlock, dispatched_at: datetime) -> None:
        """`content` is the signed content of the run, `block` its numbers."""
        self.master = json.loads(content)
        self.sha256 = digest(content)
        self.block = block
        self._letter = Frame(self.master | {"kind": "notice", "recipients": None}, _OWN_OF_LETTER)
        self._dispatch = Frame(_dispatch_members(block, dispatched_at, prevails="json"), _OWN_OF_DISPATCH)

    def letter_json(self, recipient: Recipient, notice_id: UUID) -> bytes:
        """One recipient's own letter.json: the run's content with the merge fields filled in.

        Raises markdown.MergeError where a field has no value.
        """
        master, values = self.master, recipient.fields
        own: dict[str, JSON] = {
            "id": str(notice_id),
            "subject": merge_plain(master["subject"], values),
            "salutation": merge_plain(master["salutation"], values),
            "body": merge(master["body"], values),
            "to": [_printed(recipient.kind, recipient.party_id, recipient.name, "")],
            "run": {"letter": master["id"], "letter_sha256": self.sha256, "row": recipient.row},
        }
        return self._letter.fill(own)

    def dispatch_json(self, notice_id: UUID, letter_sha256: str, offset: int) -> tuple[bytes, str]:
        """dispatch.json of the notice whose number is `offset` places after the block's first, and its code."""
        own = _own_dispatch(notice_id, letter_sha256, self.block, offset)
        return self._dispatch.fill(own), str(own["verification_code"])


def dispatch_content(
    subject: UUID, letter_sha256: str, block: NumberBlock, at: datetime, *, prevails: str
) -> tuple[bytes, str]:
    """dispatch.json and the verification code in it: number, date, and the SHA-256 of the letter.json they belong to.

    The number of a run is its whole block; `prevails` says which object counts where PDF and JSON differ.
    """
    own = _own_dispatch(subject, letter_sha256, block, 0) | {"number": block.span}
    return canonical(_dispatch_members(block, at, prevails=prevails) | own), str(own["verification_code"])


def manifest_of(letter: Letter) -> dict[str, Any] | None:
    """Count and salted SHA-256 of the accepted rows of the recipients' list, or None for a letter without one."""
    digest, count = hashlib.sha256(bytes(letter.manifest_salt or b"")), 0
    rows = letter.recipients.exclude(row=None).order_by("row").values_list("row", "kind", "party_id", "name", "fields")
    for row in rows.iterator(chunk_size=2000):
        digest.update(canonical(row) + b"\n")
        count += 1
    return {"count": count, "manifest_sha256": digest.hexdigest()} if count else None


def _dispatch_members(block: NumberBlock, at: datetime, *, prevails: str) -> dict[str, JSON]:
    day = to_jalali(at)
    return {
        "format": DISPATCH_FORMAT,
        "register": block.register,
        "year": block.year,
        "dispatched_at": timestamp_text(at),
        "jalali_date": f"{day.year:04d}/{day.month:02d}/{day.day:02d}",
        "prevails": prevails,
        "environment": settings.ENVIRONMENT,
    }


def _own_dispatch(subject: UUID, letter_sha256: str, block: NumberBlock, offset: int) -> dict[str, JSON]:
    return {
        "letter": str(subject),
        "letter_sha256": letter_sha256,
        "number": block.number(offset),
        "index": block.first + offset,
        "verification_code": "".join(CODE_ALPHABET[byte & 31] for byte in secrets.token_bytes(12)),
    }


def _party(addressee: Addressee) -> dict[str, str]:
    return _printed(addressee.kind, addressee.party_id, addressee.name, addressee.title)


def _printed(kind: str, party_id: str, name: str, title: str) -> dict[str, str]:
    """A receiver as printed; a person's national code never goes into content, which others may come to hold."""
    party = {"kind": kind, "name": name, "title": title}
    return party if kind == Addressee.Kind.PERSON else party | {"id": party_id}


def _agency(agency: Agency) -> dict[str, str]:
    return {
        "id": str(agency.id),
        "national_id": agency.national_id,
        "name": agency.name,
        "name_en": agency.name_en,
        "parent": agency.parent,
        "unit": agency.unit,
        "address": agency.address,
        "sector": agency.sector,
        "emblem": agency.sector,
    }
