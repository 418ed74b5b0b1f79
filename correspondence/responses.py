"""Answers that are files: a PDF to look at, a stored file to save."""

from django.http import FileResponse, HttpResponse

from correspondence.blobs import documents
from correspondence.uploads import content_disposition

# The reader's own PDF viewer brings styles and pictures along; scripts and foreign frames stay out.
_PDF_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; object-src 'self'; frame-ancestors 'self'"
)


def pdf_response(pdf: bytes, number: str) -> HttpResponse:
    """A PDF to look at, under the letter's number; it may be framed by our own pages only."""
    name = "".join(sign if sign.isalnum() else "-" for sign in number) or "letter"
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition(f"{name}.pdf", inline=True)
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = _PDF_POLICY
    return response


def file_response(sha256: str, name: str, media_type: str) -> FileResponse:
    """A stored file to save, under its own name, never to be run or shown by the browser as a page."""
    response = FileResponse(documents().open(sha256), content_type=media_type)
    response["Content-Disposition"] = content_disposition(name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
