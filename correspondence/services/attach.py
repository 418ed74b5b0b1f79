"""Files that go with a draft, and the list of its recipients."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from correspondence.blobs import documents
from correspondence.directory.access import Actor
from correspondence.directory.errors import NotFound
from correspondence.directory.identifiers import masked_id
from correspondence.directory.models import Agency
from correspondence.errors import LetterIncomplete
from correspondence.extraction import extract_text
from correspondence.models import Addressee, Attachment, Letter, Recipient
from correspondence.recipients import RecipientSheet, Refusal
from correspondence.selectors import get_draft, lock_draft
from correspondence.uploads import inspect_upload
from signing.evidence.bulk import insert_rows

_COLUMNS = ("line", "kind", "party_id", "row", "name", "fields", "refusal_code", "refusal", "refusal_en")
_TO_ITSELF = Refusal("recipient.sender", _("This is the sender itself; a letter cannot be sent to its own sender."))


def add_attachment(
    actor: Actor, letter_id: UUID, stream: BinaryIO, name: str, declared_type: str, *, at: datetime
) -> Attachment:
    """Check a file, store its bytes durably, and only then write the row that names them.

    Raises NotFound, NotEditable, uploads.UploadRefused, LetterIncomplete (`too_many_attachments`), OSError when storing fails.
    """
    get_draft(actor, letter_id)
    upload = inspect_upload(stream, name, declared_type)
    stream.seek(0)
    sha256 = documents().put(stream)
    stream.seek(0)
    text = extract_text(stream.read(), upload.media_type)
    with transaction.atomic():
        letter = lock_draft(actor, letter_id)
        last = letter.attachments.aggregate(last=Max("position"))["last"] or 0
        if letter.attachments.count() >= settings.MAX_ATTACHMENTS:
            raise LetterIncomplete(
                "too_many_attachments",
                _("A letter carries at most %(limit)s attachments.") % {"limit": settings.MAX_ATTACHMENTS},
                field="attachment",
            )
        letter.changed_at = at
        letter.save(update_fields=["changed_at"])
        return Attachment.objects.create(
            letter=letter,
            position=last + 1,
            name=upload.name,
            media_type=upload.media_type,
            size=upload.size,
            sha256=sha256,
            text=text.text,
            text_state=text.reason or "",
        )


def remove_attachment(actor: Actor, letter_id: UUID, attachment_id: UUID, *, at: datetime) -> None:
    """Take a file off a draft; those after it move up. Its bytes stay in the blob store. Raises NotFound, NotEditable."""
    with transaction.atomic():
        letter = lock_draft(actor, letter_id)
        deleted, _rows = letter.attachments.filter(id=attachment_id).delete()
        if not deleted:
            raise NotFound
        # One by one and in order, so that no two ever stand at one place.
        for position, attachment in enumerate(letter.attachments.only("id", "position").order_by("position"), 1):
            if attachment.position != position:
                attachment.position = position
                attachment.save(update_fields=["position"])
        letter.changed_at = at
        letter.save(update_fields=["changed_at"])


def set_recipients(actor: Actor, letter_id: UUID, sheet: RecipientSheet, *, at: datetime) -> None:
    """Replace the recipients' list of a draft: accepted lines get rows 1..n, refused ones keep their reason.

    Besides what `read_recipients` refuses, a line that names the sender itself is refused here.
    """
    letter = get_draft(actor, letter_id)
    rows = _rows(letter, sheet)
    with transaction.atomic():
        letter = lock_draft(actor, letter_id)
        letter.recipients.all().delete()
        insert_rows(Recipient, _COLUMNS, rows, {"letter": letter.id})
        letter.changed_at = at
        letter.save(update_fields=["changed_at"])


def _rows(letter: Letter, sheet: RecipientSheet) -> list[tuple[Any, ...]]:
    """The lines as rows of _COLUMNS. Not as objects: there may be a hundred thousand, and others wait to write."""
    agencies = set(Agency.objects.values_list("national_id", flat=True))
    own = letter.agency.national_id
    refusals = {line.line: line.refusal or _TO_ITSELF for line in sheet.rows if line.refusal or line.party_id == own}
    fa, en = _texts(refusals, "fa"), _texts(refusals, "en")
    rows: list[tuple[Any, ...]] = []
    accepted = 0
    for line in sheet.rows:
        # Agencies have national ids like companies; they receive in their secretariat.
        kind = Addressee.Kind.AGENCY.value if line.party_id in agencies else line.party_kind
        head = (line.line, kind, line.party_id[:32])
        refusal = refusals.get(line.line)
        if refusal is not None:
            tail = (line.name[:200], line.fields, refusal.code, fa[line.line], en[line.line])
            rows.append((*head, None, *tail))
        else:
            accepted += 1
            name = line.name[:200] or masked_id(kind, line.party_id)
            rows.append((*head, accepted, name, line.fields, "", "", ""))
    return rows


def _texts(refusals: Mapping[int, Refusal], language: str) -> dict[int, str]:
    # The language is changed once for all lines: a bad list may have a hundred thousand.
    with override(language):
        return {line: str(refusal.message)[:300] for line, refusal in refusals.items()}
