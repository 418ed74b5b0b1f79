"""Parts that readers could take for different things: encodings, ZIP tricks, JSON twins, borrowed keys and runs."""

import hashlib
import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from signing import der, pki
from signing.canonical import canonical
from signing.cms import CadesSigner
from signing.notes import NoteKey, format_checkpoint, sign_note
from signing.verify import Policy, Report, Status, Verdict, verify_file
from signing.verify.certificates import find_path
from tests.signing.verify import proofs, zip_attacks
from tests.signing.verify.conftest import Foreign
from tests.signing.verify.foreign_pki import NOW, Holder, Wish, certify
from tests.signing.verify.proofs import AGENCY, DISPATCH, ORIGIN, Fact, Files, ProofMaker, edited, judge
from tests.signing.verify.zip_attacks import Entry, changed

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
CONTENT = b"content"


# ZIP: what one program shows, every other must show too.


def test_a_container_taken_apart_and_put_together_is_still_good(proof: bytes, policy: Policy) -> None:
    """So what the attacks below change is all that is wrong with them."""
    whole = zip_attacks.put_together(zip_attacks.taken_apart(proof))
    assert judge(whole, policy).verdict is Verdict.VALID


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("letter.json", zip_attacks.with_hidden_tail),
        ("letter.json", zip_attacks.with_longer_place),
        ("letter.json", lambda entry: replace(entry, size=entry.size - 1)),
        ("letter.json", lambda entry: replace(entry, flags=0x1)),
        ("letter.json", lambda entry: replace(entry, flags=0x2)),
        ("letter.json", lambda entry: replace(entry, flags=0x8)),
        ("letter.json", lambda entry: replace(entry, flags=0x800)),
        ("letter.json", lambda entry: replace(entry, extra=b"\x01\x00\x08\x00" + b"\0" * 8)),
        ("letter.json", lambda entry: replace(entry, made_by=20)),
        ("*", lambda entry: replace(entry, attributes=0o120777 << 16)),
    ],
    ids=["tail", "place", "size", "encrypted", "option", "descriptor", "utf-8", "zip64", "system", "links"],
)
def test_entries_that_unpackers_read_differently(
    proof: bytes, policy: Policy, name: str, change: Callable[[Entry], Entry]
) -> None:
    assert judge(changed(proof, name, change), policy).failures[0] in {"container.layout", "container.readable"}


def test_words_before_and_after_a_container(proof: bytes, policy: Policy) -> None:
    entries = zip_attacks.taken_apart(proof)
    commented = zip_attacks.put_together(entries, comment=b"PK\x05\x06")
    assert judge(commented, policy).failures[0] in {"container.layout", "container.readable"}
    assert judge(zip_attacks.put_together(entries, prefix=b"PK\x03\x04"), policy).failures == ("container.mimetype",)


def test_two_names_that_are_one_on_some_systems(maker: ProofMaker, files: Files, policy: Policy) -> None:
    twins = {unicodedata.normalize(form, "é.txt"): form.encode() for form in ("NFC", "NFD")}
    assert judge(maker.seal({**files, **twins}), policy).failures == ("container.duplicate",)


# JSON: one value, one form.


def with_letter(maker: ProofMaker, letter_json: bytes) -> bytes:
    """A proof around these bytes, everything else in order."""
    named = {"letter": proofs.LETTER_ID, "letter_sha256": hashlib.sha256(letter_json).hexdigest()}
    at = (maker.now - timedelta(seconds=40)).strftime("%Y-%m-%dT%H:%M:%SZ")
    dispatch_json = canonical({**DISPATCH, **named, "dispatched_at": at})
    parts = {"letter.json": letter_json, "letter.json.p7s": maker.sign(letter_json), "dispatch.json": dispatch_json}
    files = {**parts, "letter.pdf": maker.pdf(letter_json, dispatch_json)}
    return maker.seal({**files, **maker.evidence(proofs.story(files, proofs.LETTER_ID))})


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace(b",", b", "),
        lambda text: text[:-1] + b',"zz":1.5}',
        lambda text: text[:-1] + b',"zz":1e2}',
        lambda text: text[:-1] + b',"zz":NaN}',
        lambda text: text[:-1] + b',"zz":' + b"9" * 400 + b"}",
        lambda text: text[:-1] + b',"zz":9007199254740993}',
        lambda text: text.replace(b'"kind"', b'"k\\u0069nd"'),
        lambda text: b'{"zz":1,' + text[1:],
    ],
    ids=["spaces", "float", "exponent", "nan", "huge", "2^53+1", "escape", "order"],
)
def test_json_that_is_not_canonical(maker: ProofMaker, policy: Policy, spoil: Callable[[bytes], bytes]) -> None:
    failures = judge(with_letter(maker, spoil(canonical(proofs.LETTER))), policy).failures
    assert "letter.canonical" in failures


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-1] + b',"subject":"other"}',
        lambda text: text[:-1] + b',"s\\u0075bject":"other"}',
        lambda text: text[:-1] + b',"zz":' + b"9" * 5000 + b"}",
        lambda text: text[:-1] + b',"zz":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        lambda text: b"\xef\xbb\xbf" + text,
    ],
    ids=["twice", "twice-escaped", "digits", "deep", "bom"],
)
def test_json_that_readers_take_for_different_things(
    maker: ProofMaker, policy: Policy, spoil: Callable[[bytes], bytes]
) -> None:
    assert "letter.format" in judge(with_letter(maker, spoil(canonical(proofs.LETTER))), policy).failures


@pytest.mark.parametrize("signatories", [[{"id": ["x"]}], [{"id": {}}, 7], "x", {"id": "x"}, [{"name": "x"}]])
def test_signatories_of_a_strange_kind(maker: ProofMaker, policy: Policy, signatories: Any) -> None:
    failures = judge(with_letter(maker, canonical({**proofs.LETTER, "signatories": signatories})), policy).failures
    assert set(failures) <= {"letter.signatory"}


def test_letter_and_dispatch_of_two_environments(maker: ProofMaker, policy: Policy) -> None:
    assert judge(with_letter(maker, canonical({**proofs.LETTER, "environment": "production"})), policy).failures == (
        "letter.environment",
    )


def test_evidence_that_is_repeated_or_not_canonical(maker: ProofMaker, files: Files, policy: Policy) -> None:
    twice = edited(files["events.json"], lambda document: document["events"].append(document["events"][0]))
    assert judge(maker.seal({**files, "events.json": twice}), policy).failures == ("evidence.repeated",)
    spaced = json.dumps(json.loads(files["events.json"]), ensure_ascii=False).encode()
    assert judge(maker.seal({**files, "events.json": spaced}), policy).failures == ("evidence.format",)


# The log: its size, its name, its key.


@pytest.mark.parametrize("size", [2**63, 10**18 * 9 + 2**63, 10**30])
def test_a_tree_larger_than_any(maker: ProofMaker, files: Files, policy: Policy, size: int) -> None:
    checkpoint = maker.checkpoint(size, b"\1" * 32).encode()
    assert judge(maker.seal({**files, "checkpoint.txt": checkpoint}), policy).failures == ("log.format",)


def borrowed_log(maker: ProofMaker, *names: str) -> tuple[Ed25519PrivateKey, bytes]:
    """A key under the trusted root that is certified for something else than this log."""
    folder = maker.keys.folder
    authority = pki._read(folder / "issuing.key")
    key = Ed25519PrivateKey.generate()
    builder = pki._certificate(pki._name("other", "other"), key.public_key(), authority.certificate.subject, NOW, 1)
    if names:
        addresses = [x509.UniformResourceIdentifier(name) for name in names]
        builder = builder.add_extension(x509.SubjectAlternativeName(addresses), critical=False)
    assert isinstance(authority.key, ec.EllipticCurvePrivateKey)
    certificate = builder.sign(authority.key, hashes.SHA384())
    return key, certificate.public_bytes(Encoding.PEM)


@pytest.mark.parametrize("names", [(), ("https://other.example/log",), (f"ftp://{ORIGIN}",), (f"https://{ORIGIN}/x",)])
def test_a_certified_key_that_is_not_the_logs(
    maker: ProofMaker, files: Files, policy: Policy, names: tuple[str, ...]
) -> None:
    """Anyone with some Ed25519 certificate of the same authority could otherwise keep a log in this one's name."""
    key, pem = borrowed_log(maker, *names)
    honest = files["checkpoint.txt"].decode().split("\n")
    text = format_checkpoint(ORIGIN, int(honest[1]), b"\1" * 32)
    note = sign_note(text, NoteKey(ORIGIN, key.public_key().public_bytes_raw()), key.sign)
    forged = maker.seal({**files, "checkpoint.txt": note.encode(), "log.pem": pem})
    assert judge(forged, policy).failures == ("log.certificate-origin",)


# Runs: what was approved is what was sent.


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"body": "مبلغ 200 ریال نیست."}, "run.content"),
        ({"subject": "حکم ۲۰۰"}, "run.content"),
        ({"subject": "قبض"}, "run.content"),
        ({"classification": "unclassified"}, "run.content"),
        ({"agency": {**proofs.LETTER["agency"], "name": "سازمان دیگر"}}, "run.content"),
        ({"kind": "letter"}, "run.hash"),
        ({"run": {"letter": proofs.RUN["id"], "letter_sha256": "00" * 32, "row": 2}}, "run.hash"),
    ],
)
def test_a_notice_that_was_not_approved(maker: ProofMaker, policy: Policy, change: dict[str, Any], reason: str) -> None:
    assert judge(maker.seal(maker.files_of_run(**change)), policy).failures == (reason,)


@pytest.mark.parametrize("row", [0, 4, -1, True, "2", None])
def test_a_row_that_the_run_does_not_have(maker: ProofMaker, policy: Policy, row: Any) -> None:
    good = maker.files_of_run()
    run = {**json.loads(good["letter.json"])["run"], "row": row}
    assert judge(maker.seal(maker.files_of_run(run=run)), policy).failures == ("run.hash",)


def test_a_run_that_is_missing_or_strange_or_signed_by_another(maker: ProofMaker, policy: Policy) -> None:
    files = maker.files_of_run()
    without = {name: data for name, data in files.items() if not name.startswith("run.")}
    assert judge(maker.seal(without), policy).failures == ("proof.incomplete",)
    plain = maker.files()
    stray = {**plain, "run.json": files["run.json"], "run.json.p7s": files["run.json.p7s"]}
    assert judge(maker.seal(stray), policy).failures == ("proof.foreign-run",)
    assert judge(maker.seal(maker.files_of_run({"kind": "letter"}, kind="notice")), policy).failures == ("run.format",)
    # Two people whom the letter names: each may sign, but not one the run and the other its notices.
    people = ["0190a000-0000-7000-8000-0000000000b1", "0190a000-0000-7000-8000-0000000000b2"]
    for person in people:
        maker.keys.ensure(f"person:{person}", name="امضاکننده", organisation="سازمان", title="مدیر")
    two = maker.files_of_run({"signatories": [{"id": one} for one in people]}, signatories=[{"id": p} for p in people])
    first, second = (maker.signer(f"person:{person}") for person in people)
    two["run.json.p7s"] = first.sign(two["run.json"], maker.now)
    two["letter.json.p7s"] = second.sign(two["letter.json"], maker.now)
    assert judge(maker.resealed(two), policy).failures == ("run.signatory",)
    two["letter.json.p7s"] = first.sign(two["letter.json"], maker.now)
    assert judge(maker.resealed(two), policy).failures == ()


def test_a_letter_pdf_of_a_neighbour(maker: ProofMaker, policy: Policy) -> None:
    mine, neighbours = maker.files_of_run(), maker.files_of_run(body="مبلغ 900 ریال است.")
    assert judge(maker.resealed({**mine, "letter.pdf": neighbours["letter.pdf"]}), policy).failures == (
        "letter.embedded",
    )
    taken = {name: neighbours[name] for name in ("letter.json", "letter.json.p7s")}
    assert "letter.hash" in judge(maker.resealed({**mine, **taken}), policy).failures


# Signatures: one encoding, one meaning.


@pytest.fixture(scope="module")
def claimed(maker: ProofMaker) -> bytes:
    """B-B, as a notice of a run has it."""
    return maker.agency.sign(CONTENT, maker.now)


def judge_signature(signature: bytes, policy: Policy) -> Report:
    return verify_file(signature, "p7s", policy, content=CONTENT)


def with_signature_value(signature: bytes, value: bytes) -> bytes:
    info = cms.ContentInfo.load(signature)
    info["content"]["signer_infos"][0]["signature"] = value
    return bytes(info.dump(force=True))


def test_other_encodings_of_the_same_signature(claimed: bytes, policy: Policy) -> None:
    info = cms.ContentInfo.load(claimed)
    inner, kind, data = info.contents, info["content_type"].dump(), info["content"].contents
    long_length = b"\x30\x83" + len(inner).to_bytes(3, "big") + inner
    indefinite = b"\x30\x80" + inner + b"\0\0"
    indefinite_within = der.sequence(kind, b"\xa0\x80\x30\x80" + data + b"\0\0\0\0")
    for forged in (long_length, indefinite, indefinite_within, b"\x30" * 5000, b"\x30\x80" * 3000):
        failures = judge_signature(forged, policy).failures
        assert failures in {("seal.encoding",), ("seal.structure",)}


def test_signature_values_out_of_range(claimed: bytes, policy: Policy) -> None:
    value = cms.ContentInfo.load(claimed)["content"]["signer_infos"][0]["signature"].native
    r, s = decode_dss_signature(value)
    negative = b"\x02\x21" + (s - ORDER + (1 << 264)).to_bytes(33, "big")
    padded = b"\x02\x22" + bytes(2) + r.to_bytes(32, "big")
    forged = [
        der.sequence(der.integer(r), negative),
        der.sequence(padded, der.integer(s)),
        encode_dss_signature(r, s + ORDER),
        encode_dss_signature(0, s),
        value + b"\0",
    ]
    for one in forged:
        assert judge_signature(with_signature_value(claimed, one), policy).failures == ("seal.signature",)


def test_the_other_signature_value_is_not_what_was_stamped_or_recorded(
    maker: ProofMaker, files: Files, policy: Policy
) -> None:
    """(r, n-s) verifies whenever (r, s) does: the time-stamp and the event of the approval name the one that was made."""
    made: list[bytes] = []

    def sign(data: bytes) -> bytes:
        made.append(maker.keys.sign(AGENCY, data))
        r, s = decode_dss_signature(made[0])
        return encode_dss_signature(r, ORDER - s)

    def stamp(_other: bytes) -> bytes:
        return maker.timestamps.timestamp(hashlib.sha256(made[0]).digest())

    twin = CadesSigner(maker.keys.chain(AGENCY), sign).sign(files["letter.json"], maker.now, timestamp=stamp)
    assert judge(maker.seal({**files, "letter.json.p7s": twin}), policy).failures == ("tsa.imprint", "evidence.facts")


def test_two_values_in_one_signed_attribute(maker: ProofMaker, policy: Policy) -> None:
    class TwoTimes(CadesSigner):
        def _attributes(self, content_type: bytes, sha256: bytes) -> list[bytes]:
            times = der.set_of([der.time(maker.now), der.time(maker.now - timedelta(days=1))])
            kind = der.oid("1.2.840.113549.1.9.5")
            return [*super()._attributes(content_type, sha256), der.sequence(kind, times)]

    signer = TwoTimes(maker.keys.chain(AGENCY), partial(maker.keys.sign, AGENCY))
    signature = signer.sign_digest(hashlib.sha256(CONTENT).digest())
    assert judge_signature(signature, policy).failures == ("seal.structure",)


def test_authorities_that_all_vouch_for_each_other(foreign: Foreign) -> None:
    """Twenty of one name and key have millions of paths; none leads to the root, and looking takes no time."""
    top = certify(Wish("Ring", authority=True))
    ring = [top.certificate, *(_renewed(top) for _ in range(19))]
    leaf = certify(Wish(), top)
    path = find_path(leaf.certificate, ring, [foreign.root.certificate])
    assert not path.anchored and len(path.certificates) <= 6


def _renewed(holder: Holder) -> x509.Certificate:
    old = holder.certificate
    builder = x509.CertificateBuilder(old.issuer, old.subject, old.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(old.not_valid_before_utc).not_valid_after(old.not_valid_after_utc)
    return builder.sign(holder.key, hashes.SHA256())


# Time: what a proof's own time-stamp saves, and what it does not.


def test_a_notice_outlives_the_later_revocation_of_its_signatory(maker: ProofMaker, policy: Policy) -> None:
    """Its signature only claims a time, but the proof around it shows that it was there before the revocation."""
    files = maker.files()
    files["letter.json.p7s"] = maker.agency.sign(files["letter.json"], maker.now)
    proof = maker.resealed(files)
    serial = maker.agency.chain[0]
    for hours, verdict in ((2, Verdict.VALID), (-2, Verdict.INVALID)):
        crl = _list_with(maker, serial, hours)
        at = maker.now + timedelta(hours=4)
        report = verify_file(proof, "proof", Policy(policy.roots, (crl,), at, ORIGIN))
        assert report.verdict is verdict, report.failures
        codes = {check.code for check in report.checks if check.status is not Status.PASS}
        assert ("seal.revoked-later" if hours > 0 else "seal.revoked") in codes


def _list_with(maker: ProofMaker, certificate: bytes, hours: int) -> x509.CertificateRevocationList:
    authority = pki._read(maker.keys.folder / "issuing.key")
    assert isinstance(authority.key, ec.EllipticCurvePrivateKey)
    since, issued = maker.now + timedelta(hours=hours), maker.now + timedelta(hours=3)
    serial = x509.load_der_x509_certificate(certificate).serial_number
    entry = x509.RevokedCertificateBuilder(serial, since).build()
    subject, until = authority.certificate.subject, issued + timedelta(days=7)
    builder = x509.CertificateRevocationListBuilder(subject, issued, until).add_revoked_certificate(entry)
    return builder.sign(authority.key, hashes.SHA384())


def test_a_signature_that_claims_to_be_younger_than_its_proof(maker: ProofMaker, policy: Policy) -> None:
    files = maker.files()
    files["letter.json.p7s"] = maker.agency.sign(files["letter.json"], maker.now + timedelta(hours=1))
    proof = maker.resealed(files)
    later = Policy(policy.roots, (), maker.now + timedelta(days=1), ORIGIN)
    assert verify_file(proof, "proof", later).failures == ("time.future",)


def test_events_in_another_form_of_time(maker: ProofMaker, files: Files, policy: Policy) -> None:
    class LocalTime(ProofMaker):
        def _leaf(self, fact: Fact, salt: bytes) -> bytes:
            return edited(super()._leaf(fact, salt), lambda leaf: leaf.update(at=leaf["at"].removesuffix("Z")))

    local = LocalTime(maker.keys, maker.timestamps, maker.folder)
    local.now = maker.now
    evidence = local.evidence(proofs.story(files))
    assert set(judge(maker.seal({**files, **evidence}), policy).failures) == {"evidence.format"}
