"""CMS signatures (RFC 5652) with ECDSA P-256 and SHA-256: CAdES baseline B-B and B-T (ETSI EN 319 122-1), its form for
PDF files (PAdES, ETSI EN 319 142-1), and the envelope of a time-stamp token (RFC 3161).

Everything that one key always repeats is encoded once, so a signature costs little more than its ECDSA operation.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from signing import der

# Takes the bytes to be signed, hashes them with SHA-256 itself, gives an ECDSA signature in DER.
Sign: TypeAlias = Callable[[bytes], bytes]
# Takes a SHA-256, gives a time-stamp token (RFC 3161 TimeStampToken, DER).
Timestamp: TypeAlias = Callable[[bytes], bytes]

ID_DATA = der.oid("1.2.840.113549.1.7.1")
ID_SIGNED_DATA = der.oid("1.2.840.113549.1.7.2")
ID_CONTENT_TYPE = der.oid("1.2.840.113549.1.9.3")
ID_MESSAGE_DIGEST = der.oid("1.2.840.113549.1.9.4")
ID_SIGNING_TIME = der.oid("1.2.840.113549.1.9.5")
ID_SIGNATURE_TIME_STAMP = der.oid("1.2.840.113549.1.9.16.2.14")
ID_SIGNING_CERTIFICATE_V2 = der.oid("1.2.840.113549.1.9.16.2.47")
# RFC 5754 section 2: the parameters of SHA-2 and of ECDSA with it are absent, not NULL.
SHA256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"))
ECDSA_SHA256 = der.sequence(der.oid("1.2.840.10045.4.3.2"))


class CadesSigner:
    """Signs with one key. `chain` is DER, leaf first; its certificates travel with every signature, the root need not.

    Raises ValueError when the leaf is not P-256. Whether `sign` belongs to the leaf is the backend's duty.
    """

    def __init__(self, chain: Sequence[bytes], sign: Sign) -> None:
        leaf = x509.load_der_x509_certificate(chain[0])
        key = leaf.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            raise ValueError("CAdES signatures are made with P-256 keys only")
        self.chain = tuple(chain)
        self._sign = sign
        # IMPLICIT SET OF: sorted like any set, under another tag.
        self._certificates = der.context(0, *sorted(chain))
        issuer_and_serial = der.sequence(leaf.issuer.public_bytes(), der.integer(leaf.serial_number))
        self._signer = der.integer(1) + issuer_and_serial + SHA256
        # ESSCertIDv2 without hashAlgorithm means SHA-256 (RFC 5035 section 4).
        certificate_id = der.sequence(der.octets(hashlib.sha256(chain[0]).digest()))
        self._binding = _attribute(ID_SIGNING_CERTIFICATE_V2, der.sequence(der.sequence(certificate_id)))

    def sign(self, data: bytes, at: datetime, *, timestamp: Timestamp | None = None) -> bytes:
        """Detached CAdES over `data`, DER: B-B claiming the time `at`, or B-T when `timestamp` is given."""
        attributes = [*self._attributes(ID_DATA, hashlib.sha256(data).digest()), _signing_time(at)]
        return self._signed_data(1, der.sequence(ID_DATA), self._signer_info(attributes, timestamp))

    def sign_digest(self, sha256: bytes, *, timestamp: Timestamp | None = None) -> bytes:
        """Detached CMS for a PDF over a SHA-256, without signing-time: PAdES keeps that in /M (EN 319 142-1)."""
        return self._signed_data(
            1, der.sequence(ID_DATA), self._signer_info(self._attributes(ID_DATA, sha256), timestamp)
        )

    def sign_attached(self, content_type: bytes, content: bytes) -> bytes:
        """CMS that carries `content` of the type `content_type` (an encoded OID) within itself, as RFC 3161 wants."""
        attributes = self._attributes(content_type, hashlib.sha256(content).digest())
        enclosed = der.sequence(content_type, der.context(0, der.octets(content)))
        return self._signed_data(3, enclosed, self._signer_info(attributes, None))

    def _attributes(self, content_type: bytes, sha256: bytes) -> list[bytes]:
        return [
            _content_type(content_type),
            _attribute(ID_MESSAGE_DIGEST, der.octets(sha256)),
            self._binding,
        ]

    def _signer_info(self, attributes: Iterable[bytes], timestamp: Timestamp | None) -> bytes:
        signed = der.set_of(attributes)
        signature = self._sign(signed)
        unsigned = b""
        if timestamp is not None:
            token = timestamp(hashlib.sha256(signature).digest())
            unsigned = der.context(1, _attribute(ID_SIGNATURE_TIME_STAMP, token))
        # What is signed has the tag SET OF; in its place it has the tag [0] (RFC 5652 section 5.4).
        return der.sequence(self._signer, b"\xa0" + signed[1:], ECDSA_SHA256, der.octets(signature), unsigned)

    def _signed_data(self, version: int, content: bytes, signer_info: bytes) -> bytes:
        body = der.sequence(
            der.integer(version), der.set_of([SHA256]), content, self._certificates, der.set_of([signer_info])
        )
        return der.sequence(ID_SIGNED_DATA, der.context(0, body))


@lru_cache(maxsize=16)
def _content_type(content_type: bytes) -> bytes:
    return _attribute(ID_CONTENT_TYPE, content_type)


@lru_cache(maxsize=16)
def _signing_time(at: datetime) -> bytes:
    # All signatures of a run claim the same instant.
    return _attribute(ID_SIGNING_TIME, der.time(at))


def _attribute(kind: bytes, value: bytes) -> bytes:
    return der.sequence(kind, der.set_of([value]))
