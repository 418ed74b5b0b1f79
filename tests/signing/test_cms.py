"""CAdES: openssl accepts what we make and refuses what was changed; the bytes are those that the standards demand."""

import hashlib
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms as reader
from asn1crypto import core, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from signing import der, pki
from signing.backends.local import LocalSigning, LocalTimestamps
from signing.cms import CadesSigner
from signing.errors import TimestampUnavailable
from tests.signing.foreign import accepts

AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
DATA = "شمارهٔ نامه: ۱۴۰۵/۱۰۲/۴۵۸۱".encode()


def signed_data(signature: bytes) -> Any:
    """The parsed SignedData; strict, so that trailing bytes are an error."""
    return reader.ContentInfo.load(signature, strict=True)["content"]


def attributes(info: Any, kind: str = "signed_attrs") -> dict[str, Any]:
    return {attribute["type"].native: attribute["values"][0] for attribute in info[kind]}


def verify(folder: Path, root: Path, data: bytes, signature: bytes) -> bool:
    (folder / "data").write_bytes(data)
    (folder / "data.p7s").write_bytes(signature)
    signed = ("-inform", "DER", "-in", "data.p7s", "-content", "data", "-binary", "-out", "out")
    return accepts("openssl", "cms", "-verify", "-cades", *signed, "-CAfile", root, cwd=folder)


@pytest.mark.foreign
@pytest.mark.parametrize("timestamped", [False, True])
def test_openssl_accepts_the_signature_and_refuses_other_data_and_other_roots(
    signer: CadesSigner, timestamps: LocalTimestamps, pki_folder: Path, tmp_path: Path, timestamped: bool
) -> None:
    signature = signer.sign(DATA, AT, timestamp=timestamps.timestamp if timestamped else None)
    stranger = LocalSigning(tmp_path / "other")
    stranger.ensure("seal:14000000001", name="سازمان ثبت نمونه")
    assert verify(tmp_path, pki_folder / "root.pem", DATA, signature)
    assert not verify(tmp_path, pki_folder / "root.pem", DATA + b" ", signature)
    assert not verify(tmp_path, tmp_path / "other" / "root.pem", DATA, signature)


@pytest.mark.foreign
def test_openssl_refuses_a_seal_once_it_is_on_the_revocation_list(tmp_path: Path) -> None:
    keys = LocalSigning(tmp_path / "pki")
    keys.ensure("seal:1", name="ادارهٔ نمونه")
    (tmp_path / "data").write_bytes(DATA)
    (tmp_path / "data.p7s").write_bytes(CadesSigner(keys.chain("seal:1"), partial(keys.sign, "seal:1")).sign(DATA, AT))

    def accepted() -> bool:
        crl = x509.load_der_x509_crl((keys.folder / "crl.der").read_bytes())
        root = (keys.folder / "root.pem").read_bytes()
        (tmp_path / "anchors.pem").write_bytes(root + crl.public_bytes(serialization.Encoding.PEM))
        signed = ("-inform", "DER", "-in", "data.p7s", "-content", "data", "-binary", "-out", "out")
        check = ("-crl_check", "-CAfile", "anchors.pem")
        return accepts("openssl", "cms", "-verify", "-cades", *signed, *check, cwd=tmp_path)

    assert accepted()
    pki.revoke(keys.folder, "seal:1", datetime.now(UTC))
    assert not accepted()


def test_the_signature_holds_every_attribute_of_the_baseline(signer: CadesSigner) -> None:
    content = signed_data(signer.sign(DATA, AT))
    (info,) = content["signer_infos"]
    found = attributes(info)
    assert set(found) == {"content_type", "message_digest", "signing_time", "signing_certificate_v2"}
    assert found["signing_time"].native == AT
    assert found["message_digest"].native == hashlib.sha256(DATA).digest()
    (certificate,) = found["signing_certificate_v2"]["certs"]
    assert certificate["cert_hash"].native == hashlib.sha256(signer.chain[0]).digest()
    assert content["encap_content_info"]["content"].native is None
    assert len(info["unsigned_attrs"]) == 0


def test_sets_are_in_the_order_of_der(signer: CadesSigner, timestamps: LocalTimestamps) -> None:
    content = signed_data(signer.sign(DATA, AT, timestamp=timestamps.timestamp))
    (info,) = content["signer_infos"]
    for members in (info["signed_attrs"], content["certificates"]):
        encoded = [member.dump() for member in members]
        assert encoded == sorted(encoded)


def test_the_key_signed_the_attributes_and_the_token_covers_that_signature(
    signer: CadesSigner, timestamps: LocalTimestamps
) -> None:
    (info,) = signed_data(signer.sign(DATA, AT, timestamp=timestamps.timestamp))["signer_infos"]
    key = x509.load_der_x509_certificate(signer.chain[0]).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(info["signature"].native, info["signed_attrs"].untag().dump(), ec.ECDSA(hashes.SHA256()))
    token = attributes(info, "unsigned_attrs")["signature_time_stamp_token"]
    stamped = tsp.TSTInfo.load(token["content"]["encap_content_info"]["content"].contents)
    assert stamped["message_imprint"]["hashed_message"].native == hashlib.sha256(info["signature"].native).digest()


def test_a_signature_for_a_pdf_claims_no_signing_time(signer: CadesSigner) -> None:
    digest = hashlib.sha256(DATA).digest()
    (info,) = signed_data(signer.sign_digest(digest))["signer_infos"]
    found = attributes(info)
    assert set(found) == {"content_type", "message_digest", "signing_certificate_v2"}
    assert found["message_digest"].native == digest


def test_no_token_no_signature(signer: CadesSigner) -> None:
    def refuse(sha256: bytes) -> bytes:
        raise TimestampUnavailable("no answer")

    with pytest.raises(TimestampUnavailable):
        signer.sign(DATA, AT, timestamp=refuse)


def test_only_p256_keys_sign(keys: LocalSigning) -> None:
    issuing = keys.chain("log")[1]
    for other in (keys.chain("log")[0], issuing):
        with pytest.raises(ValueError, match="P-256"):
            CadesSigner([other], lambda data: data)


@given(st.integers(0, 2**200))
def test_integers_are_those_of_another_writer(value: int) -> None:
    assert der.integer(value) == core.Integer(value).dump()


@given(st.integers(0, 2), st.integers(0, 39), st.lists(st.integers(0, 2**40), min_size=1, max_size=6))
def test_object_identifiers_are_those_of_another_writer(first: int, second: int, rest: list[int]) -> None:
    dotted = ".".join(map(str, [first, second, *rest]))
    assert der.oid(dotted) == core.ObjectIdentifier(dotted).dump()


@pytest.mark.parametrize("size", [0, 127, 128, 255, 256, 65_535, 65_536])
def test_lengths_are_those_of_another_writer(size: int) -> None:
    assert der.octets(bytes(size)) == core.OctetString(bytes(size)).dump()


def test_times_change_their_form_in_2050() -> None:
    assert der.time(datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)) == b"\x17\x0d491231235959Z"
    assert der.time(datetime(2050, 1, 1, tzinfo=UTC)) == b"\x18\x0f20500101000000Z"
    assert der.generalized_time(datetime(2026, 1, 1, microsecond=250_000, tzinfo=UTC)) == b"\x18\x1220260101000000.25Z"
    assert der.generalized_time(datetime(2026, 1, 1, tzinfo=UTC)) == b"\x18\x0f20260101000000Z"
