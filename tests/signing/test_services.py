"""The services: keys by their ids, everything under one root, and refusals instead of half a signature."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from django.test import override_settings

from signing import pki, services
from signing.backends.base import TimestampBackend
from signing.errors import KeyUnavailable, SigningError, TimestampUnavailable
from tests.signing.foreign import accepts
from tests.signing.test_cms import attributes, signed_data, verify

AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
PERSON = "person:0192f5a0-0000-7000-8000-000000000001"
AGENCY = "seal:14000000001"


class NoTime(TimestampBackend):
    """An authority that does not answer."""

    def timestamp(self, sha256: bytes) -> bytes:
        raise TimestampUnavailable("no answer")

    def check(self) -> None:
        raise SigningError("signing.no-time", "The time-stamping authority does not answer.")


def configured(folder: Path, clock: str = "signing.backends.local.LocalTimestamps") -> dict[str, object]:
    local = {"BACKEND": "signing.backends.local.LocalSigning", "OPTIONS": {"folder": folder}}
    options = {"folder": folder} if clock.endswith("LocalTimestamps") else {}
    return {"seal": local, "personal": local, "log": local, "timestamp": {"BACKEND": clock, "OPTIONS": options}}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with override_settings(SIGNING=configured(tmp_path / "pki")):
        services.ensure_key(AGENCY, name="سازمان ثبت نمونه")
        services.ensure_key(PERSON, name="مریم احمدی", title="مدیرکل", organisation="سازمان ثبت نمونه")
        yield tmp_path / "pki"


@pytest.mark.foreign
@pytest.mark.parametrize("key_id", [AGENCY, PERSON, "seal:platform"])
def test_everyone_signs_under_the_root_that_is_published(folder: Path, tmp_path: Path, key_id: str) -> None:
    (tmp_path / "root.pem").write_bytes(services.development_pki_files()["root.pem"])
    signature = services.sign_detached(b"data", key_id, at=AT)
    assert verify(tmp_path, tmp_path / "root.pem", b"data", signature)


def test_a_signature_has_a_token_unless_it_need_not(folder: Path) -> None:
    (stamped,) = signed_data(services.sign_detached(b"data", AGENCY, at=AT))["signer_infos"]
    (plain,) = signed_data(services.sign_detached(b"data", AGENCY, at=AT, timestamp=False))["signer_infos"]
    assert set(attributes(stamped, "unsigned_attrs")) == {"signature_time_stamp_token"}
    assert len(plain["unsigned_attrs"]) == 0


@pytest.mark.foreign
def test_data_is_time_stamped(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"checkpoint")
    (tmp_path / "token").write_bytes(services.timestamp(b"checkpoint"))
    token = ("-token_in", "-in", "token", "-data", "data", "-CAfile", folder / "root.pem")
    assert accepts("openssl", "ts", "-verify", *token, cwd=tmp_path)


def test_letters_and_containers_are_sealed(folder: Path, typeset_pdf: bytes) -> None:
    pdf = services.seal_letter(typeset_pdf, AGENCY, at=AT, reason="صدور نامه", name="سازمان ثبت نمونه")
    assert pdf.startswith(typeset_pdf) and b"/ETSI.CAdES.detached" in pdf
    assert services.seal_container({"letter.pdf": pdf}, at=AT).startswith(b"PK")


def test_the_log_signs_with_the_key_of_its_certificate(folder: Path) -> None:
    signature = services.sign_log(b"checkpoint")
    key = x509.load_der_x509_certificate(services.log_certificate()).public_key()
    assert len(signature) == 64 and isinstance(key, ed25519.Ed25519PublicKey)
    key.verify(signature, b"checkpoint")


def test_a_signer_is_kept_until_its_certificate_changes(folder: Path) -> None:
    first = services.cades_signer(AGENCY)
    assert services.cades_signer(AGENCY) is first
    with override_settings(SIGNING=configured(folder.parent / "other")):
        services.ensure_key(AGENCY, name="سازمان ثبت نمونه")
        assert services.cades_signer(AGENCY).chain != first.chain


def test_a_revoked_key_stops_even_for_those_who_hold_its_signer(folder: Path) -> None:
    signer = services.cades_signer(AGENCY)
    pki.revoke(folder, AGENCY, AT)
    with pytest.raises(KeyUnavailable):
        signer.sign(b"data", AT)
    with pytest.raises(KeyUnavailable):
        services.sign_detached(b"data", AGENCY, at=AT)
    assert services.sign_detached(b"data", PERSON, at=AT)


@pytest.mark.parametrize("key_id", ["seal:99", "person:nobody", "tsa", "root", ""])
def test_a_key_that_is_not_there_is_unavailable(folder: Path, key_id: str) -> None:
    with pytest.raises(KeyUnavailable) as caught:
        services.sign_detached(b"data", key_id, at=AT)
    assert caught.value.code == "signing.key-unavailable"


def test_without_time_nothing_is_sealed(tmp_path: Path, typeset_pdf: bytes) -> None:
    with override_settings(SIGNING=configured(tmp_path / "pki", f"{__name__}.NoTime")):
        with pytest.raises(TimestampUnavailable):
            services.sign_detached(b"data", "seal:platform", at=AT)
        with pytest.raises(TimestampUnavailable):
            services.seal_letter(typeset_pdf, "seal:platform", at=AT, reason="", name="")
        with pytest.raises(TimestampUnavailable):
            services.seal_container({"a": b""}, at=AT)
        with pytest.raises(SigningError, match="does not answer"):
            services.check()


def test_what_strangers_need_is_published_without_any_key(folder: Path) -> None:
    files = services.development_pki_files()
    assert set(files) == {"root.pem", "issuing.pem", "crl.der", "root-crl.der"}
    assert not any(b"PRIVATE KEY" in data for data in files.values())
    services.check()
