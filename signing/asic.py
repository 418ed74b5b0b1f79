"""ASiC-E containers with CAdES (ETSI EN 319 162-1): files, a manifest of their hashes, one signature over that."""

import base64
import hashlib
import mimetypes
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import PurePosixPath
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from django.utils.translation import gettext_lazy as _

from signing.cms import CadesSigner, Timestamp
from signing.errors import SigningError

MIMETYPE = "application/vnd.etsi.asic-e+zip"
MANIFEST = "META-INF/ASiCManifest.xml"
SIGNATURE = "META-INF/signature.p7s"

# Only the types that Python itself knows: the lists of the operating system differ.
_types = mimetypes.MimeTypes()


def build_container(
    files: Mapping[str, bytes], signer: CadesSigner, *, timestamp: Timestamp | None, at: datetime
) -> bytes:
    """The container of `files` (by name, in their order), every one of them under a CAdES B-T signature (B-B without
    `timestamp`). Its times are `at`, so that only signature and token differ between two makings.

    Raises SigningError for a name that readers could take for another file or place.
    """
    _refuse_ambiguous_names(files)
    manifest = _manifest(files)
    signature = signer.sign(manifest, at, timestamp=timestamp)
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        # First, plain and without extra fields: programs know the type by its place (section A.1).
        archive.writestr(_entry("mimetype", at), MIMETYPE, zipfile.ZIP_STORED)
        for name, data in {**files, MANIFEST: manifest, SIGNATURE: signature}.items():
            archive.writestr(_entry(name, at), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _refuse_ambiguous_names(files: Mapping[str, bytes]) -> None:
    seen = {"mimetype"}
    for name in files:
        if not _is_plain(name) or name.casefold() in seen:
            raise SigningError(
                "signing.file-name", _("A file cannot be put into the proof under this name; rename it.")
            )
        seen.add(name.casefold())


def _is_plain(name: str) -> bool:
    # The joiners of Persian are part of names; other invisible characters can turn a name round.
    visible = name.replace("\u200c", "").replace("\u200d", "").isprintable()
    path = PurePosixPath(name)
    inside = bool(path.parts) and str(path) == name and not path.is_absolute() and ".." not in path.parts
    return visible and inside and not {"\\", ":"} & set(name) and path.parts[0].casefold() != "meta-inf"


def _manifest(files: Mapping[str, bytes]) -> bytes:
    references = "".join(_reference(name, data) for name, data in files.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">\n'
        f'  <asic:SigReference URI="{SIGNATURE}" MimeType="application/pkcs7-signature"/>\n'
        f"{references}"
        "</asic:ASiCManifest>\n"
    ).encode()


def _reference(name: str, data: bytes) -> str:
    media_type = _types.guess_type(name)[0] or "application/octet-stream"
    sha256 = base64.b64encode(hashlib.sha256(data).digest()).decode()
    return (
        f"  <asic:DataObjectReference URI={quoteattr(quote(name))} MimeType={quoteattr(media_type)}>\n"
        '    <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>\n'
        f"    <ds:DigestValue>{sha256}</ds:DigestValue>\n"
        "  </asic:DataObjectReference>\n"
    )


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    moment = at.astimezone(UTC)
    entry = zipfile.ZipInfo(name, (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second))
    # The same on every system.
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry
