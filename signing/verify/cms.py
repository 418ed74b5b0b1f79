"""A CMS signature (RFC 5652) read strictly: one signer, one content, nothing that the signature does not explain.

What CMS leaves unsigned (versions, algorithm sets, further certificates) must agree with what is signed, so that no
byte can be changed unnoticed. CAdES (ETSI EN 319 122-1) demands the signing-certificate attribute. Who the signer is,
is judged in `certificates`.

Parsing is done by asn1crypto and `cryptography`. asn1crypto fills in defaults as it reads, takes that for a change, and
then encodes everything above anew, again and again: `.native` of a whole structure can take hours. So only single
values are asked for it, and parts with defaults are read from their own bytes.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import algos, cms, core, parser, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from signing import der
from signing.verify.report import Findings

MAX_CERTIFICATES = 20
# Of a signature with twenty certificates, and the same again in its time-stamp.
MAX_ELEMENTS = 10_000
MAX_BYTES = 1024 * 1024
STRONG_DIGESTS: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
# Algorithm identifiers, byte for byte: nobody signs them, so no byte of them may vary. RFC 5754: the parameters of
# SHA-2 and RSA are NULL or absent, those of ECDSA absent.
_NULL = b"\x05\x00"
_RSA_ENCRYPTION = der.oid("1.2.840.113549.1.1.1")
_PSS = "rsassa_pss"
_ARCS = {"sha256": ("2.1", "4.3.2", "1.11"), "sha384": ("2.2", "4.3.3", "1.12"), "sha512": ("2.3", "4.3.4", "1.13")}
_DIGESTS = {
    der.sequence(der.oid(f"2.16.840.1.101.3.4.{hash_arc}"), null)
    for hash_arc, _, _ in _ARCS.values()
    for null in (b"", _NULL)
}
_ECDSA = {name: der.sequence(der.oid(f"1.2.840.10045.{arc}")) for name, (_, arc, _) in _ARCS.items()}
_RSA = {
    name: {
        der.sequence(kind, null)
        for kind in (_RSA_ENCRYPTION, der.oid(f"1.2.840.113549.1.{arc}"))
        for null in (b"", _NULL)
    }
    for name, (_, _, arc) in _ARCS.items()
}
# What asn1crypto and cryptography raise on malformed input; every one of them means "not readable".
UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)


@dataclass(frozen=True)
class Message:
    """A read signature; nothing in it is trusted yet. `signature` is what a time-stamp is taken of."""

    signer: x509.Certificate
    pool: tuple[x509.Certificate, ...]
    signature: bytes
    digest_algorithm: str
    message_digest: bytes
    claimed_time: datetime | None
    token: bytes | None
    enclosed: bytes | None


@dataclass(frozen=True)
class Expected:
    """What a signature is to be over: its content type, and its digest (None: the content is enclosed)."""

    content_type: str = "data"
    digest: Callable[[str], bytes] | None = None
    ess_v1_allowed: bool = False


def digest_of(content: bytes) -> Callable[[str], bytes]:
    """The digest of `content` under an algorithm named as asn1crypto names it."""
    return lambda algorithm: hashlib.new(algorithm, content).digest()


def verify_message(findings: Findings, role: str, encoded: bytes, expected: Expected) -> Message | None:
    """Read and check a signature up to, but without, its certificates. None: it was refused; the findings say why."""
    try:
        if len(encoded) > MAX_BYTES or not _is_der(encoded):
            findings.failed(f"{role}.encoding")
            return None
        info = cms.ContentInfo.load(encoded, strict=True)
        body = info["content"]
        if info["content_type"].native != "signed_data" or len(body["signer_infos"]) != 1:
            findings.failed(f"{role}.one-signer")
            return None
        signer_info = body["signer_infos"][0]
        message = _read(body, signer_info)
        fine = (
            _check_strength(findings, role, message)
            and _check_structure(findings, role, body, signer_info, expected)
            and _check_binding(findings, role, message, signer_info, expected)
            and _check_digest(findings, role, message, expected)
            and _check_signature(findings, role, message, signer_info)
        )
    except UNREADABLE as error:
        findings.failed(f"{role}.structure", str(error))
        return None
    return message if fine else None


def _is_der(encoded: bytes) -> bool:
    """Whether every length is definite and written in its one shortest form (X.690 §10.1); ETSI EN 319 142-1 §6.3 and
    RFC 3161 §2.4.2 demand DER, and another encoding of the same values would be another file with the same signature."""
    waiting, elements = [encoded], 0
    while waiting:
        rest = waiting.pop()
        while rest:
            length, elements = parser.peek(rest), elements + 1
            kind, method, tag, _header, contents, _trailer = parser.parse(rest[:length])
            if elements > MAX_ELEMENTS or parser.emit(kind, method, tag, contents) != rest[:length]:
                return False
            if method:
                waiting.append(contents)
            rest = rest[length:]
    return True


def _read(body: cms.SignedData, signer_info: cms.SignerInfo) -> Message:
    if len(body["certificates"]) > MAX_CERTIFICATES:
        raise ValueError("too many certificates")
    if any(choice.name != "certificate" for choice in body["certificates"]):
        raise ValueError("not a certificate")
    pool = tuple(_certificate(choice.chosen.dump()) for choice in body["certificates"])
    enclosed = body["encap_content_info"]["content"]
    tokens = _values(signer_info["unsigned_attrs"], "signature_time_stamp_token")
    times = _values(signer_info["signed_attrs"], "signing_time")
    (digest,) = _values(signer_info["signed_attrs"], "message_digest")
    return Message(
        signer=_signer_among(pool, signer_info["sid"]),
        pool=pool,
        signature=signer_info["signature"].native,
        digest_algorithm=signer_info["digest_algorithm"]["algorithm"].native,
        message_digest=digest.native,
        claimed_time=times[0].native if times else None,
        token=tokens[0].dump() if tokens else None,
        enclosed=None if isinstance(enclosed, core.Void) else bytes(enclosed),
    )


def _certificate(encoded: bytes) -> x509.Certificate:
    certificate = x509.load_der_x509_certificate(encoded)
    # The count of unused bits before a signature is always zero; `cryptography` does not look at it.
    if not encoded.endswith(b"\x00" + certificate.signature):
        raise ValueError("a certificate's signature is malformed")
    return certificate


def _signer_among(pool: tuple[x509.Certificate, ...], sid: cms.SignerIdentifier) -> x509.Certificate:
    if sid.name != "issuer_and_serial_number":
        raise ValueError("the signer is not named by issuer and serial number")
    issuer, serial = sid.chosen["issuer"].dump(), sid.chosen["serial_number"].native
    named = [one for one in pool if one.serial_number == serial and one.issuer.public_bytes() == issuer]
    if len(named) != 1:
        raise ValueError("the signer's certificate is not there")
    return named[0]


def _values(attributes: cms.CMSAttributes, kind: str) -> list[core.Asn1Value]:
    if isinstance(attributes, core.Void):
        return []
    return [value for attribute in attributes if attribute["type"].native == kind for value in attribute["values"]]


def _check_structure(
    findings: Findings, role: str, body: cms.SignedData, signer_info: cms.SignerInfo, expected: Expected
) -> bool:
    kinds = [attribute["type"].native for attribute in signer_info["signed_attrs"]]
    unsigned = signer_info["unsigned_attrs"]
    later = [] if isinstance(unsigned, core.Void) else [attribute["type"].native for attribute in unsigned]
    is_data = expected.content_type == "data"
    algorithms = [algorithm.dump() for algorithm in body["digest_algorithms"]]
    consistent = (
        _is_whole(body)
        and _is_whole(signer_info)
        and (isinstance(unsigned, core.Void) or all(_is_whole(attribute) for attribute in unsigned))
        and body["version"].native == ("v1" if is_data else "v3")
        and signer_info["version"].native == "v1"
        and algorithms == [signer_info["digest_algorithm"].dump()]
        and algorithms[0] in _DIGESTS
        and isinstance(body["crls"], core.Void)
        and len(set(kinds)) == len(kinds)
        and all(len(attribute["values"]) == 1 for attribute in signer_info["signed_attrs"])
        and (body["encap_content_info"]["content_type"].native == expected.content_type)
        and isinstance(body["encap_content_info"]["content"], core.Void) is is_data
    )
    if not consistent:
        return findings.failed(f"{role}.structure")
    if later not in ([], ["signature_time_stamp_token"]) or len(_values(unsigned, "signature_time_stamp_token")) > 1:
        return findings.failed(f"{role}.unsigned-attributes", ", ".join(later))
    return findings.passed(f"{role}.structure")


def _is_whole(sequence: core.Sequence) -> bool:
    """Whether the known fields are all there is: asn1crypto passes over elements that it does not expect."""
    return bool(b"".join(sequence[name].dump() for name in sequence) == sequence.contents)


def _check_strength(findings: Findings, role: str, message: Message) -> bool:
    return message.digest_algorithm in STRONG_DIGESTS or findings.failed(
        f"{role}.weak-digest", message.digest_algorithm
    )


def _check_binding(
    findings: Findings, role: str, message: Message, signer_info: cms.SignerInfo, expected: Expected
) -> bool:
    attributes = signer_info["signed_attrs"]
    types = [value.native for value in _values(attributes, "content_type")]
    if types != [expected.content_type]:
        return findings.failed(f"{role}.content-type", str(types))
    certificate = message.signer.public_bytes(serialization.Encoding.DER)
    v2 = [tsp.SigningCertificateV2.load(one.dump()) for one in _values(attributes, "signing_certificate_v2")]
    v1 = [tsp.SigningCertificate.load(one.dump()) for one in _values(attributes, "signing_certificate")]
    bound = any(_ess_v2_names(value["certs"][0], certificate) for value in v2 if len(value["certs"]))
    # RFC 3161 §2.4.2 names the older form, which hashes with SHA-1; the token's own signature does not rest on it.
    bound = bound or (
        expected.ess_v1_allowed
        and not v2
        and any(value["certs"][0]["cert_hash"].native == _sha1(certificate) for value in v1 if len(value["certs"]))
    )
    return findings.require(bound, f"{role}.signing-certificate")


def _ess_v2_names(certificate_id: tsp.ESSCertIDv2, certificate: bytes) -> bool:
    algorithm = certificate_id["hash_algorithm"]["algorithm"].native
    if algorithm not in STRONG_DIGESTS:
        return False
    return bool(certificate_id["cert_hash"].native == hashlib.new(algorithm, certificate).digest())


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()


def _check_digest(findings: Findings, role: str, message: Message, expected: Expected) -> bool:
    digest = expected.digest or digest_of(message.enclosed or b"")
    same = hmac.compare_digest(digest(message.digest_algorithm), message.message_digest)
    return findings.require(same, f"{role}.digest")


def _check_signature(findings: Findings, role: str, message: Message, signer_info: cms.SignerInfo) -> bool:
    # The bytes that were signed carry the tag SET OF, not the tag of their place (RFC 5652 §5.4).
    signed = b"\x31" + signer_info["signed_attrs"].dump()[1:]
    algorithm = signer_info["signature_algorithm"].dump()
    digest, key = STRONG_DIGESTS[message.digest_algorithm], message.signer.public_key()
    try:
        if isinstance(key, ec.EllipticCurvePublicKey) and algorithm == _ECDSA[message.digest_algorithm]:
            key.verify(message.signature, signed, ec.ECDSA(digest))
        elif isinstance(key, rsa.RSAPublicKey) and algorithm in _RSA[message.digest_algorithm]:
            key.verify(message.signature, signed, padding.PKCS1v15(), digest)
        elif isinstance(key, rsa.RSAPublicKey) and signer_info["signature_algorithm"]["algorithm"].native == _PSS:
            salt_length = _salt_length(algorithm, message.digest_algorithm)
            key.verify(message.signature, signed, padding.PSS(padding.MGF1(digest), salt_length), digest)
        else:
            return findings.failed(f"{role}.algorithm", signer_info["signature_algorithm"]["algorithm"].native)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return findings.failed(f"{role}.signature")
    return findings.passed(f"{role}.signature")


def _salt_length(algorithm: bytes, digest: str) -> int:
    """RFC 4055 §3.1. Raises ValueError for a hash or mask other than the message's."""
    parameters = algos.SignedDigestAlgorithm.load(algorithm, strict=True)["parameters"]
    mask = parameters["mask_gen_algorithm"]
    hashes_used = {parameters["hash_algorithm"]["algorithm"].native, mask["parameters"]["algorithm"].native}
    if mask["algorithm"].native != "mgf1" or hashes_used != {digest}:
        raise ValueError("an unusual mask")
    return int(parameters["salt_length"].native)
