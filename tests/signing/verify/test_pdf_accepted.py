"""PDFs that strangers sealed with pyHanko alone are accepted; what is only claimed is said to be only claimed."""

import pytest
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter

from signing.verify import Report, Status, Verdict
from tests.signing.verify.conftest import Foreign
from tests.signing.verify.foreign_pki import DAY, NOW, TIMESTAMPING, Wish, certify, revocation_list
from tests.signing.verify.sealing import How, add_archive_stamp, seal_pdf


def notes(report: Report) -> set[str]:
    return {check.code for check in report.checks if check.status is Status.NOTE}


def test_time_stamped_seal_with_p256(foreign: Foreign, sealed_pdf: bytes) -> None:
    report = foreign.judge(sealed_pdf)
    assert report.verdict is Verdict.VALID, report.checks
    assert (report.signer, report.time_is_proven) == ("Foreign Agency", True)
    assert notes(report) == {"seal.revocation-not-checked", "tsa.revocation-not-checked"}


@pytest.mark.parametrize("pss", [False, True])
def test_time_stamped_seal_with_rsa_3072(foreign: Foreign, base_pdf: bytes, *, pss: bool) -> None:
    holder = certify(Wish("Registry", key="rsa3072"), foreign.issuing)
    report = foreign.judge(seal_pdf(base_pdf, holder, foreign.tsa, How(pss=pss)))
    assert report.verdict is Verdict.VALID, report.checks


@pytest.mark.parametrize(
    "how",
    [
        How(certify=False),
        How(permissions=MDPPerm.FILL_FORMS),
        How(certify=False, subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED),
        How(digest="sha512"),
    ],
)
def test_other_ways_of_sealing(foreign: Foreign, base_pdf: bytes, how: How) -> None:
    report = foreign.judge(seal_pdf(base_pdf, foreign.seal, foreign.tsa, how))
    assert report.verdict is Verdict.VALID, report.checks
    assert ("pdf.not-certified" in notes(report)) is (how != How(digest="sha512"))


def test_seal_without_time_stamp_passes_with_a_note(foreign: Foreign, base_pdf: bytes) -> None:
    report = foreign.judge(seal_pdf(base_pdf, foreign.seal, None))
    assert report.verdict is Verdict.VALID, report.checks
    assert "time.claimed" in notes(report) and not report.time_is_proven


def test_issuer_directly_under_the_root(foreign: Foreign, base_pdf: bytes) -> None:
    report = foreign.judge(seal_pdf(base_pdf, certify(Wish(), foreign.root), foreign.tsa))
    assert report.verdict is Verdict.VALID, report.checks


def test_with_a_revocation_list(foreign: Foreign, sealed_pdf: bytes) -> None:
    report = foreign.judge(sealed_pdf, crls=(revocation_list(foreign.issuing),))
    assert report.verdict is Verdict.VALID, report.checks
    assert {"seal.revocation", "tsa.revocation"} <= {check.code for check in report.checks}


def test_archive_time_stamp_after_the_seal(foreign: Foreign, sealed_pdf: bytes) -> None:
    report = foreign.judge(add_archive_stamp(sealed_pdf, foreign.tsa))
    assert report.verdict is Verdict.VALID, report.checks
    assert "pdf.later-revisions" in notes(report)


def test_long_term_archive_file(foreign: Foreign, archived_pdf: bytes) -> None:
    report = foreign.judge(archived_pdf)
    assert report.verdict is Verdict.VALID, report.checks


def test_seal_that_expired_since_needs_an_archive_time_stamp(
    foreign: Foreign, sealed_pdf: bytes, archived_pdf: bytes
) -> None:
    later = foreign.seal.certificate.not_valid_after_utc + DAY
    assert "seal.expired-since" in foreign.judge(sealed_pdf, at=later).failures
    report = foreign.judge(archived_pdf, at=later)
    assert report.verdict is Verdict.VALID, report.checks
    assert foreign.judge(archived_pdf, at=later + 2000 * DAY).failures[0] == "archive.expired-since"


@pytest.fixture(scope="module")
def archived_pdf(foreign: Foreign, base_pdf: bytes) -> bytes:
    """B-LTA, whose time-stamping authority lives on when the seal's certificate has ended."""
    tsa = certify(Wish("Archive TSA", key="rsa2048", usages=TIMESTAMPING, ends=NOW + 2000 * DAY), foreign.issuing)
    crls = (revocation_list(foreign.issuing, issued=NOW - DAY), revocation_list(foreign.root, issued=NOW - DAY))
    return seal_pdf(base_pdf, foreign.seal, tsa, How(archive=True, crls=crls))
