"""Rendering and sealing of a document: once per subject, kept for ever; the first writer wins.

A seal cannot be made twice alike (its nonce and time-stamp differ), so two simultaneous first openings race here and
both get the file of the winner.
"""

import json
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from correspondence.blobs import documents
from correspondence.models import SealedDocument
from correspondence.typesetting import render_letter
from signing.services import seal_letter


def sealed_pdf(subject: UUID) -> bytes | None:
    """The sealed PDF of a letter or notice, verified against its hash, or None while there is none."""
    kept = SealedDocument.objects.filter(subject=subject).first()
    return documents().read_verified(kept.sha256) if kept else None


def seal_document(subject: UUID, letter_json: bytes, dispatch_json: bytes, at: datetime) -> bytes:
    """Render both JSON files to PDF/A-3b, seal it as the agency (PAdES B-T), keep it, and return the kept bytes.

    Idempotent and safe under races. Calls the renderer and the time-stamp authority, so never inside a transaction.
    Raises RenderFailed, SigningError, OSError.
    """
    existing = sealed_pdf(subject)
    if existing is not None:
        return existing
    agency = json.loads(letter_json)["agency"]
    pdf = render_letter(letter_json, dispatch_json)
    sealed = seal_letter(pdf, f"seal:{agency['national_id']}", at=at, reason="organisation seal", name=agency["name"])
    sha256 = documents().put(sealed)
    try:
        with transaction.atomic():
            SealedDocument.objects.create(subject=subject, sha256=sha256, size=len(sealed), sealed_at=at)
    except IntegrityError:
        kept = sealed_pdf(subject)
        if kept is None:
            raise
        return kept
    return sealed
