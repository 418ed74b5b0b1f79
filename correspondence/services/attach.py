"""Files that go with a draft, and the list of its recipients."""

from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from correspondence.blobs import documents
from correspondence.directory.access import Actor
from correspondence.errors import LetterIncomplete
from correspondence.extraction import extract_text
from correspondence.models import Attachment, Recipient
from correspondence.recipients import RecipientSheet
from correspondence.selectors import get_draft, lock_draft
from correspondence.uploads import inspect_upload


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
    """Take a file off a draft. Its bytes stay in the blob store until the orphan sweep."""
    with transaction.atomic():
        letter = lock_draft(actor, letter_id)
        letter.attachments.filter(id=attachment_id).delete()
        letter.changed_at = at
        letter.save(update_fields=["changed_at"])


def set_recipients(actor: Actor, letter_id: UUID, sheet: RecipientSheet, *, at: datetime) -> None:
    """Replace the recipients' list of a draft: accepted lines get rows 1..n, refused ones keep their reason."""
    with transaction.atomic():
        letter = lock_draft(actor, letter_id)
        letter.recipients.all().delete()
        Recipient.objects.bulk_create(_recipients(letter_id, sheet), batch_size=1000)
        letter.changed_at = at
        letter.save(update_fields=["changed_at"])


def _recipients(letter_id: UUID, sheet: RecipientSheet) -> list[Recipient]:
    recipients, row = [], 0
    for line in sheet.rows:
        refusal = line.refusal
        row += refusal is None
        recipients.append(
            Recipient(
                letter_id=letter_id,
                line=line.line,
                row=row if refusal is None else None,
                kind=line.party_kind or "",
                party_id=(line.party_id or "")[:32],
                name=line.name[:200],
                fields=line.fields,
                refusal_code=refusal.code if refusal else "",
                refusal=refusal.text_fa[:300] if refusal else "",
                refusal_en=refusal.text_en[:300] if refusal else "",
            )
        )
    return recipients
