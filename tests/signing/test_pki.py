"""The development infrastructure: complete or absent, made once, honest in its names, and able to revoke."""

import stat
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from signing import pki
from signing.backends.local import LocalSigning
from signing.errors import KeyUnavailable
from tests.signing.foreign import accepts

PERSON = "0192f5a0-0000-7000-8000-000000000001"
AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


def made(tmp_path: Path) -> Path:
    folder = tmp_path / "pki"
    pki.create(folder, at=AT)
    pki.issue_log(folder, "log.example/one", at=AT)
    pki.issue_seal(folder, "seal:14000000001", organisation="سازمان ثبت نمونه", national_id="14000000001", at=AT)
    pki.issue_personal(folder, PERSON, name="مریم احمدی", title="مدیرکل", organisation="سازمان ثبت نمونه", at=AT)
    return folder


def certificates(folder: Path) -> list[x509.Certificate]:
    return [x509.load_pem_x509_certificate(path.read_bytes()) for path in sorted(folder.rglob("*.key"))]


def texts(certificate: x509.Certificate, kind: x509.ObjectIdentifier) -> list[str]:
    return [str(attribute.value) for attribute in certificate.subject.get_attributes_for_oid(kind)]


def test_making_it_again_changes_nothing(tmp_path: Path) -> None:
    folder = made(tmp_path)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    made(tmp_path)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["pki"]


def test_those_who_race_end_with_the_same_keys(tmp_path: Path) -> None:
    folder = tmp_path / "pki"

    def use(number: int) -> bytes:
        backend = LocalSigning(folder)
        backend.ensure("seal:1", name="ادارهٔ نمونه")
        return backend.chain("seal:1")[0] + (folder / "root.pem").read_bytes()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(use, range(8)))) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["pki"]
    assert not list(folder.rglob(".*"))


def test_a_folder_that_holds_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "pki").mkdir()
    (tmp_path / "pki" / "notes.txt").write_text("mine")
    with pytest.raises(OSError):
        pki.create(tmp_path / "pki")
    assert [path.name for path in tmp_path.rglob("*")] == ["pki", "notes.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no such modes")
def test_only_the_owner_reads_keys(tmp_path: Path) -> None:
    folder = made(tmp_path)
    secret = [folder, *folder.rglob("*.key"), folder / "seal", folder / "person"]
    assert not any(stat.S_IMODE(path.stat().st_mode) & 0o077 for path in secret)


def test_every_name_says_that_it_has_no_legal_effect(tmp_path: Path) -> None:
    found = certificates(made(tmp_path))
    assert len(found) == 7
    for certificate in found:
        assert texts(certificate, NameOID.ORGANIZATIONAL_UNIT_NAME) == ["DEVELOPMENT – no legal effect"]
        for lookup in (x509.CRLDistributionPoints, x509.AuthorityInformationAccess):
            with pytest.raises(x509.ExtensionNotFound):
                certificate.extensions.get_extension_for_class(lookup)


def test_names_tell_seals_from_people(tmp_path: Path) -> None:
    folder = made(tmp_path)
    seal = pki.load(folder, "seal:14000000001").certificate
    person = pki.load(folder, f"person:{PERSON}").certificate
    assert texts(seal, NameOID.ORGANIZATION_IDENTIFIER) == ["NTRIR-14000000001"]
    assert texts(person, NameOID.ORGANIZATION_IDENTIFIER) == []
    assert texts(person, NameOID.COMMON_NAME) == ["مریم احمدی"]
    assert texts(person, NameOID.TITLE) == ["مدیرکل"]
    assert texts(person, NameOID.SERIAL_NUMBER) == [PERSON]


def test_keys_and_usages_fit_their_purpose(tmp_path: Path) -> None:
    folder = made(tmp_path)
    root, issuing = (
        x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes()) for name in ("root", "issuing")
    )
    for authority in (root, issuing):
        key = authority.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP384R1)
    for key_id in ("seal:platform", "seal:14000000001", f"person:{PERSON}"):
        certificate = pki.load(folder, key_id).certificate
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
        assert usage.critical and usage.value.content_commitment and not usage.value.digital_signature
    stamps = pki.load(folder, "tsa").certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert stamps.critical and list(stamps.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
    assert isinstance(pki.load(folder, "log").key, ed25519.Ed25519PrivateKey)


def test_the_certificate_of_the_log_names_the_log(tmp_path: Path) -> None:
    """Once: another name later would make a second log with the first one's key."""
    for origin in ("inbox.example/log", "other.example/log"):
        LocalSigning(tmp_path / "pki", log_origin=origin).chain("log")
    names = pki.load(tmp_path / "pki", "log").certificate.extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert names.value.get_values_for_type(x509.UniformResourceIdentifier) == ["https://inbox.example/log"]


def test_long_names_are_cut_but_identifiers_are_not(tmp_path: Path) -> None:
    pki.create(tmp_path / "pki")
    pki.issue_seal(tmp_path / "pki", "seal:2", organisation="ادارهٔ کل " * 12, national_id="2")
    certificate = pki.load(tmp_path / "pki", "seal:2").certificate
    (common,) = texts(certificate, NameOID.COMMON_NAME)
    (organisation,) = texts(certificate, NameOID.ORGANIZATION_NAME)
    assert len(common.encode()) <= 64 and len(organisation) == 64
    assert common.endswith("…") and organisation.endswith("…")


@pytest.mark.foreign
def test_openssl_builds_the_path_of_every_certificate_to_the_root(tmp_path: Path) -> None:
    folder = made(tmp_path)
    for path in folder.rglob("*.key"):
        strict = ("-x509_strict", "-attime", str(int(AT.timestamp())))
        anchors = ("-CAfile", "root.pem", "-untrusted", "issuing.pem")
        assert accepts("openssl", "verify", *strict, *anchors, path, cwd=folder), path


def test_a_revoked_key_is_listed_and_refused(tmp_path: Path) -> None:
    folder = made(tmp_path)
    serial = pki.load(folder, "seal:14000000001").certificate.serial_number
    pki.revoke(folder, "seal:14000000001", AT, x509.ReasonFlags.key_compromise)
    crl = x509.load_der_x509_crl((folder / "crl.der").read_bytes())
    entry = crl.get_revoked_certificate_by_serial_number(serial)
    assert entry is not None and entry.revocation_date_utc == AT
    issuing = x509.load_pem_x509_certificate((folder / "issuing.pem").read_bytes())
    key = issuing.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey) and crl.is_signature_valid(key)
    for again in (lambda: pki.load(folder, "seal:14000000001"), lambda: pki.revoke(folder, "seal:14000000001", AT)):
        with pytest.raises(KeyUnavailable):
            again()
    pki.load(folder, f"person:{PERSON}")


def test_another_process_learns_of_a_revocation(tmp_path: Path) -> None:
    folder = made(tmp_path)
    backend = LocalSigning(folder)
    backend.sign("seal:14000000001", b"before")
    pki.revoke(folder, "seal:14000000001", AT)
    for use in (lambda: backend.sign("seal:14000000001", b"after"), lambda: backend.chain("seal:14000000001")):
        with pytest.raises(KeyUnavailable):
            use()
    with pytest.raises(KeyUnavailable):
        backend.ensure("seal:14000000001", name="سازمان ثبت نمونه")


def _revoke(folder: Path, key_id: str) -> None:
    pki.revoke(folder, key_id, AT)


def test_processes_that_revoke_at_once_forget_nothing(tmp_path: Path) -> None:
    folder = made(tmp_path)
    keys = [f"seal:{number}" for number in range(8)]
    for key_id in keys:
        pki.issue_seal(folder, key_id, organisation="اداره", national_id=key_id[5:])
    serials = {pki.load(folder, key_id).certificate.serial_number for key_id in keys}
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        list(pool.map(_revoke, [folder] * len(keys), keys))
    crl = x509.load_der_x509_crl((folder / "crl.der").read_bytes())
    assert {entry.serial_number for entry in crl} == serials
    assert stat.S_IMODE((folder / "crl.lock").stat().st_mode) == 0o600


def test_numbers_of_lists_grow_when_the_clock_goes_back(tmp_path: Path) -> None:
    folder = made(tmp_path)
    pki.refresh_crl(folder, at=AT + timedelta(days=3650))
    before = pki._crl_number(folder / "crl.der")
    pki.revoke(folder, "seal:14000000001", AT)
    assert pki._crl_number(folder / "crl.der") > before


def test_lists_are_renewed_before_they_are_stale_and_keep_their_entries(tmp_path: Path) -> None:
    folder = made(tmp_path)
    pki.revoke(folder, "seal:14000000001", AT)
    first = x509.load_der_x509_crl((folder / "crl.der").read_bytes())
    pki.refresh_crl(folder, at=first.last_update_utc + timedelta(days=1))
    assert (folder / "crl.der").read_bytes() == first.public_bytes(serialization.Encoding.DER)
    later = first.last_update_utc + timedelta(days=30)
    pki.refresh_crl(folder, at=later)
    for name in ("crl.der", "root-crl.der"):
        crl = x509.load_der_x509_crl((folder / name).read_bytes())
        assert crl.next_update_utc is not None and crl.next_update_utc > later
    second = x509.load_der_x509_crl((folder / "crl.der").read_bytes())
    assert [entry.serial_number for entry in second] == [entry.serial_number for entry in first]
    number = x509.CRLNumber
    old, new = (crl.extensions.get_extension_for_class(number).value.crl_number for crl in (first, second))
    assert new > old


@pytest.mark.parametrize("key_id", ["seal:99", "seal:../root", "../root", "root", "issuing", "person:", "seal:a/b", ""])
def test_an_unknown_key_is_unavailable_and_no_name_leads_out_of_the_folder(tmp_path: Path, key_id: str) -> None:
    pki.create(tmp_path / "pki")
    with pytest.raises(KeyUnavailable):
        pki.load(tmp_path / "pki", key_id)


def test_nothing_is_made_by_a_check(tmp_path: Path) -> None:
    LocalSigning(tmp_path / "data" / "pki").check()
    assert list(tmp_path.iterdir()) == []
