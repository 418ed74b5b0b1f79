"""Wrong certificates, wrong times, wrong lists: each is refused for its own reason. Judged on detached signatures."""

from datetime import datetime, timedelta

import pytest
from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from signing.verify import Report, Status, Verdict, read_policy, verify_file
from tests.signing.verify.conftest import Foreign
from tests.signing.verify.foreign_pki import (
    DAY,
    NOW,
    SERVER,
    TIMESTAMPING,
    Holder,
    Wish,
    authority,
    certify,
    revocation_list,
)
from tests.signing.verify.sealing import sign_detached

DATA = "مهلت پاسخ ده روز است.".encode()
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def signed(foreign: Foreign) -> bytes:
    return sign_detached(DATA, foreign.seal, foreign.tsa)


def judge(foreign: Foreign, signature: bytes, *, crls: tuple[bytes, ...] = (), at: datetime | None = None) -> Report:
    return foreign.judge(signature, crls=crls, at=at, content=DATA)


def codes(report: Report, status: Status) -> set[str]:
    return {check.code for check in report.checks if check.status is status}


def test_good_signature(foreign: Foreign, signed: bytes) -> None:
    assert judge(foreign, signed).verdict is Verdict.VALID
    assert judge(foreign, sign_detached(DATA, foreign.seal)).verdict is Verdict.VALID


def test_other_content(foreign: Foreign, signed: bytes) -> None:
    assert foreign.judge(signed, content=DATA + b".").failures == ("seal.digest",)
    assert foreign.judge(signed).failures == ("file.content-missing",)


def test_without_a_root_it_is_intact_but_not_verified(signed: bytes) -> None:
    report = verify_file(signed, "letter.p7s", read_policy(), content=DATA)
    assert report.verdict is Verdict.UNANCHORED
    assert codes(report, Status.OPEN) == {"seal.not-anchored", "tsa.not-anchored"}
    forged = verify_file(signed, "letter.p7s", read_policy(), content=b"")
    assert forged.verdict is Verdict.INVALID


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        (Wish(usages=SERVER), "seal.extended-key-usage"),
        (Wish(usages=TIMESTAMPING), "seal.extended-key-usage"),
        (Wish(key_usage="encrypts"), "seal.key-usage"),
        (Wish(authority=True), "seal.key-usage"),
        (Wish(ends=NOW - DAY), "seal.expired"),
        (Wish(begins=NOW + DAY), "seal.not-yet-valid"),
        (Wish(key="rsa1024"), "seal.weak-key"),
        (Wish(extra=[(x509.InhibitAnyPolicy(0), True)]), "seal.extension"),
    ],
)
def test_wrong_certificate_of_the_seal(foreign: Foreign, wish: Wish, reason: str) -> None:
    report = judge(foreign, sign_detached(DATA, certify(wish, foreign.issuing), foreign.tsa))
    assert report.failures[0] == reason, report.checks


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        (Wish(key="rsa2048"), "tsa.extended-key-usage"),
        (Wish(key="rsa2048", usages=SERVER), "tsa.extended-key-usage"),
        (Wish(key="rsa2048", usages=[*TIMESTAMPING, *SERVER]), "tsa.extended-key-usage"),
        (Wish(key="rsa2048", usages=TIMESTAMPING, usages_critical=False), "tsa.extended-key-usage"),
        (Wish(key="rsa2048", usages=TIMESTAMPING, ends=NOW - DAY), "tsa.expired"),
        (Wish(key="rsa1024", usages=TIMESTAMPING), "tsa.weak-key"),
    ],
)
def test_wrong_certificate_of_the_time_stamp(foreign: Foreign, wish: Wish, reason: str) -> None:
    report = judge(foreign, sign_detached(DATA, foreign.seal, certify(wish, foreign.issuing)))
    assert report.failures[0] == reason, report.checks


def test_unknown_roots(foreign: Foreign) -> None:
    stranger = authority("Stranger root")
    issuing = certify(Wish("Stranger issuing", authority=True), stranger)
    assert judge(foreign, sign_detached(DATA, certify(Wish(), issuing))).failures == ("seal.unknown-root",)
    tsa = certify(Wish("TSA", key="rsa2048", usages=TIMESTAMPING), stranger)
    assert judge(foreign, sign_detached(DATA, foreign.seal, tsa)).failures == ("tsa.unknown-root",)


def test_rogue_authority_with_the_same_names(foreign: Foreign) -> None:
    root = authority("Foreign root")
    issuing = certify(Wish("Foreign issuing", authority=True), root)
    assert judge(foreign, sign_detached(DATA, certify(Wish(), issuing))).failures == ("seal.rogue-issuer",)
    alone = certify(Wish("Foreign root", authority=True))
    assert judge(foreign, sign_detached(DATA, certify(Wish(), alone))).failures == ("seal.rogue-issuer",)


def test_issuer_that_is_no_authority(foreign: Foreign) -> None:
    child = certify(Wish("Child"), foreign.seal)
    assert judge(foreign, sign_detached(DATA, child)).failures[0] == "seal.authority"


def test_certificate_that_nobody_vouches_for(foreign: Foreign) -> None:
    hanger_on = certify(Wish("Stray"), certify(Wish("Nobody", authority=True)))
    signature = cms.ContentInfo.load(sign_detached(DATA, foreign.seal))
    choices = signature["content"]["certificates"]
    choices.append(cms.CertificateChoices.load(hanger_on.der))
    assert judge(foreign, signature.dump(force=True)).failures == ("seal.stray-certificate",)


def test_token_of_another_signature(foreign: Foreign, signed: bytes) -> None:
    other = cms.ContentInfo.load(sign_detached(b"other", foreign.seal, foreign.tsa))
    mine = cms.ContentInfo.load(signed)
    mine["content"]["signer_infos"][0]["unsigned_attrs"] = other["content"]["signer_infos"][0]["unsigned_attrs"]
    assert judge(foreign, mine.dump(force=True)).failures == ("tsa.imprint",)


def test_elements_that_nobody_expects(foreign: Foreign, signed: bytes) -> None:
    """The time-stamp's place gets another tag, and a certificate's signature another count of unused bits."""
    info = cms.ContentInfo.load(signed)
    unsigned = info["content"]["signer_infos"][0]["unsigned_attrs"].dump()
    assert judge(foreign, signed.replace(unsigned, b"\xa3" + unsigned[1:])).failures == ("seal.structure",)
    signature = foreign.issuing.certificate.signature
    assert judge(foreign, signed.replace(b"\0" + signature, b"\1" + signature, 1)).failures == ("seal.structure",)


def test_two_signers(foreign: Foreign, signed: bytes) -> None:
    mine = cms.ContentInfo.load(signed)
    infos = mine["content"]["signer_infos"]
    infos.append(cms.ContentInfo.load(sign_detached(DATA, foreign.seal))["content"]["signer_infos"][0])
    assert judge(foreign, mine.dump(force=True)).failures == ("seal.one-signer",)


def test_exchanged_certificate(foreign: Foreign) -> None:
    """Another certificate for the same key: only the signing-certificate attribute notices."""
    twin = Holder(
        foreign.seal.key,
        _same_key(foreign.seal, "Foreign Agency", foreign.issuing),
        foreign.seal.above,
    )
    signature = cms.ContentInfo.load(sign_detached(DATA, foreign.seal))
    content = signature["content"]
    certificates = [one for one in content["certificates"] if one.chosen.dump() != foreign.seal.der]
    content["certificates"] = [*certificates, cms.CertificateChoices.load(twin.der)]
    content["signer_infos"][0]["sid"] = cms.SignerIdentifier(
        {
            "issuer_and_serial_number": {
                "issuer": certificates[0].chosen.subject,
                "serial_number": twin.certificate.serial_number,
            }
        }
    )
    assert judge(foreign, signature.dump(force=True)).failures == ("seal.signing-certificate",)


def test_weak_digest(foreign: Foreign) -> None:
    assert judge(foreign, sign_detached(DATA, foreign.seal, digest="sha1")).failures == ("seal.weak-digest",)


def test_revocation(foreign: Foreign, signed: bytes) -> None:
    before = revocation_list(foreign.issuing, [(foreign.seal, NOW - HOUR)])
    assert judge(foreign, signed, crls=(before,)).failures == ("seal.revoked",)
    after = revocation_list(foreign.issuing, [(foreign.seal, NOW + HOUR)])
    report = judge(foreign, signed, crls=(after,))
    assert report.verdict is Verdict.VALID and "seal.revoked-later" in codes(report, Status.NOTE)
    # Without a time-stamp nobody knows on which side of the revocation the signature lies.
    assert judge(foreign, sign_detached(DATA, foreign.seal), crls=(after,)).failures == ("seal.revoked",)


def test_revocation_of_the_authorities(foreign: Foreign, signed: bytes) -> None:
    issuing = revocation_list(foreign.root, [(foreign.issuing, NOW - HOUR)])
    assert "seal.revoked" in judge(foreign, signed, crls=(issuing,)).failures
    stolen = revocation_list(foreign.issuing, [(foreign.tsa, NOW + HOUR)], reason=x509.ReasonFlags.key_compromise)
    assert judge(foreign, signed, crls=(stolen,)).failures == ("tsa.revoked",)
    retired = revocation_list(foreign.issuing, [(foreign.tsa, NOW + HOUR)], reason=x509.ReasonFlags.superseded)
    assert judge(foreign, signed, crls=(retired,)).verdict is Verdict.VALID


def test_useless_revocation_lists(foreign: Foreign, signed: bytes) -> None:
    stale = revocation_list(foreign.issuing, issued=NOW - 9 * DAY, until=NOW - DAY)
    assert judge(foreign, signed, crls=(stale,)).failures == ("tsa.crl-stale", "seal.crl-stale")
    rogue = revocation_list(certify(Wish("Foreign issuing", authority=True)))
    assert judge(foreign, signed, crls=(rogue,)).failures == ("tsa.crl-signature", "seal.crl-signature")
    older = judge(foreign, signed, crls=(revocation_list(foreign.issuing, issued=NOW - DAY),))
    assert older.verdict is Verdict.VALID and "seal.crl-older" in codes(older, Status.NOTE)
    unrelated = judge(foreign, signed, crls=(revocation_list(authority("Stranger")),))
    assert "seal.revocation-not-checked" in codes(unrelated, Status.NOTE)


def test_judged_at_another_time(foreign: Foreign, signed: bytes) -> None:
    assert judge(foreign, signed, at=NOW - DAY).failures[0] == "tsa.future"
    assert judge(foreign, sign_detached(DATA, foreign.seal), at=NOW - DAY).failures[0] == "time.future"
    later = foreign.seal.certificate.not_valid_after_utc + DAY
    assert judge(foreign, signed, at=later).failures == ("tsa.expired-since", "seal.expired-since")
    assert "seal.expired-since" in judge(foreign, sign_detached(DATA, foreign.seal), at=later).failures


def test_no_single_byte_of_a_signature_can_be_changed(foreign: Foreign, signed: bytes) -> None:
    flipped = (signed[:i] + bytes([signed[i] ^ 1]) + signed[i + 1 :] for i in range(0, len(signed), 23))
    assert all(judge(foreign, one).verdict is Verdict.INVALID for one in flipped)
    assert judge(foreign, signed + b"\0").failures == ("seal.structure",)


def test_certificate_signed_with_sha1(foreign: Foreign) -> None:
    body = asn1_x509.Certificate.load(foreign.seal.der)
    algorithm = {"algorithm": "sha1_ecdsa"}
    body["tbs_certificate"]["signature"] = body["signature_algorithm"] = algorithm
    issuing = foreign.issuing.key
    assert isinstance(issuing, ec.EllipticCurvePrivateKey)
    weak = ec.ECDSA(hashes.SHA1())  # noqa: S303 -- that is the attack
    body["signature_value"] = issuing.sign(body["tbs_certificate"].dump(force=True), weak)
    certificate = x509.load_der_x509_certificate(body.dump(force=True))
    holder = Holder(foreign.seal.key, certificate, foreign.seal.above)
    assert judge(foreign, sign_detached(DATA, holder)).failures[0] == "seal.weak-hash"


def _same_key(holder: Holder, name: str, issuer: Holder) -> x509.Certificate:
    old = holder.certificate
    builder = x509.CertificateBuilder(
        issuer.certificate.subject, old.subject, old.public_key(), x509.random_serial_number()
    )
    builder = builder.not_valid_before(NOW - DAY).not_valid_after(NOW + DAY)
    return builder.sign(issuer.key, hashes.SHA256())
