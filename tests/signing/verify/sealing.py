"""Seals made by pyHanko alone: its own CMS, its own test time-stamper. None of our signing code takes part."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from asn1crypto import cms, keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper, SimpleSigner
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.signing.verify.foreign_pki import Holder


@dataclass(frozen=True)
class How:
    """How to seal; the default is what we make ourselves."""

    certify: bool = True
    permissions: MDPPerm = MDPPerm.NO_CHANGES
    subfilter: SigSeedSubFilter = SigSeedSubFilter.PADES
    digest: str = "sha256"
    field: str = "Seal"
    pss: bool = False
    archive: bool = False
    crls: tuple[bytes, ...] = ()
    stamped_at: datetime | None = None


def seal_pdf(pdf: bytes, holder: Holder, tsa: Holder | None, how: How = How()) -> bytes:
    """The PDF sealed by pyHanko: B-B without `tsa`, else B-T, or B-LTA when `how` asks for an archive time-stamp."""
    metadata = PdfSignatureMetadata(
        field_name=how.field,
        md_algorithm=how.digest,
        certify=how.certify,
        docmdp_permissions=how.permissions,
        subfilter=how.subfilter,
        embed_validation_info=how.archive,
        use_pades_lta=how.archive,
        validation_context=_context(holder, tsa, how) if how.archive else None,
    )
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    timestamper = time_stamper(tsa, how.stamped_at) if tsa else None
    output = PdfSigner(metadata, signer=simple_signer(holder, pss=how.pss), timestamper=timestamper).sign_pdf(writer)
    return bytes(output.getvalue())


def add_archive_stamp(pdf: bytes, tsa: Holder, at: datetime | None = None) -> bytes:
    """A document time-stamp in a revision of its own."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    output = PdfTimeStamper(time_stamper(tsa, at), field_name="Archive").timestamp_pdf(writer, "sha256", None)
    return bytes(output.getvalue())


def sign_detached(data: bytes, holder: Holder, tsa: Holder | None = None, *, digest: str = "sha256") -> bytes:
    """Detached CAdES, DER."""
    stamper = time_stamper(tsa) if tsa else None
    signed = asyncio.run(
        simple_signer(holder).async_sign_general_data(data, digest, timestamper=stamper, use_cades=True)
    )
    assert isinstance(signed, cms.ContentInfo)
    return bytes(signed.dump())


def simple_signer(holder: Holder, *, pss: bool = False) -> SimpleSigner:
    """pyHanko's signer; it embeds the certificates between its own and the root."""
    store = SimpleCertificateStore.from_certs([_certificate(one) for one in holder.above[:-1]])
    return SimpleSigner(_certificate(holder), _key(holder), store, prefer_pss=pss)


def time_stamper(tsa: Holder, at: datetime | None = None) -> DummyTimeStamper:
    """pyHanko's test time-stamper (RSA only)."""
    store = SimpleCertificateStore.from_certs([_certificate(one) for one in tsa.above[:-1]])
    return DummyTimeStamper(_certificate(tsa), _key(tsa), certs_to_embed=store, fixed_dt=at)


def _context(holder: Holder, tsa: Holder | None, how: How) -> ValidationContext:
    roots = [_certificate(one.above[-1]) for one in (holder, tsa) if one is not None and one.above]
    return ValidationContext(trust_roots=roots, allow_fetching=False, crls=list(how.crls), revocation_mode="soft-fail")


def _certificate(holder: Holder) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(holder.der)


def _key(holder: Holder) -> keys.PrivateKeyInfo:
    plain = serialization.NoEncryption()
    der = holder.key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, plain)
    return keys.PrivateKeyInfo.load(der)
