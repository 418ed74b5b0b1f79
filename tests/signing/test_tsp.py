"""Time-stamp tokens: two foreign verifiers accept them and refuse other data, other roots and other certificates."""

import hashlib
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509
from rfc3161_client import VerificationError, Verifier, VerifierBuilder, decode_timestamp_response

from signing import der, pki
from signing.backends.local import TIMESTAMP_POLICY, LocalSigning, LocalTimestamps
from signing.cms import CadesSigner
from signing.tsp import TokenWriter
from tests.signing.conftest import AGENCY
from tests.signing.foreign import accepts

DATA = b"checkpoint"
SHA256 = hashlib.sha256(DATA).digest()


def granted(token: bytes) -> bytes:
    """The answer of a time-stamping authority (RFC 3161 TimeStampResp) that carries the token."""
    return der.sequence(der.sequence(der.integer(0)), token)


def verifier(folder: Path) -> Verifier:
    root, issuing = (
        x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes()) for name in ("root", "issuing")
    )
    return VerifierBuilder().add_root_certificate(root).add_intermediate_certificate(issuing).build()


@pytest.mark.foreign
def test_openssl_accepts_the_token_and_refuses_other_data(
    timestamps: LocalTimestamps, pki_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "token").write_bytes(timestamps.timestamp(SHA256))
    verify = ("openssl", "ts", "-verify", "-token_in", "-in", "token", "-CAfile", pki_folder / "root.pem")
    assert accepts(*verify, "-digest", SHA256.hex(), cwd=tmp_path)
    assert not accepts(*verify, "-digest", hashlib.sha256(b"other").hexdigest(), cwd=tmp_path)


@pytest.mark.foreign
def test_rfc3161_client_accepts_the_token_and_refuses_other_data(timestamps: LocalTimestamps, pki_folder: Path) -> None:
    response = decode_timestamp_response(granted(timestamps.timestamp(SHA256)))
    assert verifier(pki_folder).verify_message(response, DATA)
    assert abs((response.tst_info.gen_time - datetime.now(UTC)).total_seconds()) < 10
    with pytest.raises(VerificationError):
        verifier(pki_folder).verify_message(response, b"other")


@pytest.mark.foreign
def test_a_foreign_root_and_the_key_of_a_seal_make_no_token(
    timestamps: LocalTimestamps, keys: LocalSigning, pki_folder: Path, tmp_path: Path
) -> None:
    pki.create(tmp_path / "pki")
    with pytest.raises(VerificationError):
        verifier(tmp_path / "pki").verify_message(
            decode_timestamp_response(granted(timestamps.timestamp(SHA256))), DATA
        )
    seal = CadesSigner(keys.chain(AGENCY), partial(keys.sign, AGENCY))
    forged = TokenWriter(seal, TIMESTAMP_POLICY).token(SHA256, datetime.now(UTC))
    (tmp_path / "token").write_bytes(forged)
    verify = ("openssl", "ts", "-verify", "-token_in", "-in", "token", "-CAfile", pki_folder / "root.pem")
    assert not accepts(*verify, "-digest", SHA256.hex(), cwd=tmp_path)


def test_the_token_says_what_was_asked(keys: LocalSigning) -> None:
    writer = TokenWriter(CadesSigner(keys.chain(pki.TSA), partial(keys.sign, pki.TSA)), TIMESTAMP_POLICY)
    at = datetime(2026, 11, 22, 8, 30, 15, 250_000, tzinfo=UTC)
    info = decode_timestamp_response(granted(writer.token(SHA256, at, nonce=2**63))).tst_info
    assert (info.policy.dotted_string, info.nonce, info.message_imprint.message) == (TIMESTAMP_POLICY, 2**63, SHA256)
    assert info.gen_time.replace(microsecond=0) == at.replace(microsecond=0)


def test_two_tokens_never_share_a_serial_number(timestamps: LocalTimestamps) -> None:
    tokens = [decode_timestamp_response(granted(timestamps.timestamp(SHA256))) for _ in range(20)]
    assert len({token.tst_info.serial_number for token in tokens}) == 20


def test_a_digest_of_another_length_is_refused(timestamps: LocalTimestamps) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        timestamps.timestamp(SHA256[:20])
