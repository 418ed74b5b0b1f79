"""Seals in PDF files: PAdES baseline B-T (ETSI EN 319 142-1) that certifies the file and forbids every change.

pyHanko writes the incremental update; the CMS in it is ours. Only PDFs that we have typeset are sealed, because text
can be hidden in a foreign one before it is signed.
"""

from datetime import datetime
from io import BytesIO

from django.utils.translation import gettext_lazy as _
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from signing.cms import CadesSigner, Timestamp
from signing.errors import SigningError

FIELD = "Seal"
# In DER; a B-T signature with two certificates for itself and two for its token takes about 4,500.
CMS_BYTES = 8192


class _Writer(IncrementalPdfFileWriter):
    def _update_meta(self) -> None:
        """PDF/A wants the two places of metadata to agree (ISO 19005-3), and the seal is no new edition of the text."""


def seal_pdf(
    pdf: bytes,
    signer: CadesSigner,
    *,
    timestamp: Timestamp,
    at: datetime,
    reason: str,
    name: str,
) -> bytes:
    """`pdf` followed by one update with an invisible certifying signature; /M says `at`, the token proves the time.

    Raises SigningError when `pdf` is broken, encrypted, updated or signed already, or has a form.
    """
    writer = _open(pdf)
    embedder = PdfCMSEmbedder(new_field_spec=SigFieldSpec(FIELD)).write_cms(FIELD, writer)
    next(embedder)
    _order_annotations(writer)
    placeholder = SignatureObject(
        timestamp=at,
        subfilter=SigSeedSubFilter.PADES,
        name=name,
        reason=reason,
        bytes_reserved=2 * CMS_BYTES,
    )
    no_changes = SigMDPSetup(md_algorithm="sha256", certify=True, docmdp_perms=MDPPerm.NO_CHANGES)
    embedder.send(SigObjSetup(sig_placeholder=placeholder, mdp_setup=no_changes))
    prepared, output = embedder.send(SigIOSetup(md_algorithm="sha256", in_place=True))
    cms = signer.sign_digest(prepared.document_digest, timestamp=timestamp)
    if len(cms) > CMS_BYTES:
        raise SigningError("signing.cms-too-large", _("The seal is larger than the place that PDFs keep for it."))
    embedder.send(cms)
    sealed: bytes = output.getvalue()
    return sealed


def _order_annotations(writer: _Writer) -> None:
    """PDF/UA-1 (ISO 14289-1 section 7.18.3) wants an order of tabbing on every page that has a field, seen or not."""
    page, _resources = writer.find_page_for_modification(0)  # type: ignore[no-untyped-call]
    page.get_object()[pdf_name("/Tabs")] = pdf_name("/S")
    writer.mark_update(page)


def _open(pdf: bytes) -> _Writer:
    # Objects begin on a line of their own (ISO 19005-3 section 6.1.9), and Typst ends no line after its last.
    whole_lines = pdf if pdf.endswith((b"\n", b"\r")) else pdf + b"\n"
    try:
        writer = _Writer(BytesIO(whole_lines), strict=True)
        ours = not writer.prev.encrypted and writer.prev.xrefs.total_revisions == 1
        ours = ours and not {"/AcroForm", "/Perms", "/DSS"} & writer.root.keys()
    except (PdfError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise SigningError("signing.pdf-unreadable", _("This PDF is broken and cannot be sealed.")) from error
    if not ours:
        message = _("This PDF was signed, changed or encrypted before; only a freshly typeset one can be sealed.")
        raise SigningError("signing.pdf-foreign", message)
    return writer
