"""Proofs (ASiC-E): a good one is accepted, each forgery is refused for its own reason."""

import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signing import merkle
from signing.asic import MANIFEST, SIGNATURE
from signing.backends.local import LocalSigning
from signing.verify import Policy, Status, Verdict, read_policy, verify_file
from tests.signing.verify import proofs
from tests.signing.verify.proofs import (
    LETTER_ID,
    NOTICE_ID,
    ORIGIN,
    Fact,
    Files,
    ProofMaker,
    edited,
    judge,
    retimed,
    rezipped,
)


def test_good_proof(proof: bytes, policy: Policy) -> None:
    report = judge(proof, policy)
    assert report.verdict is Verdict.VALID, report.failures
    assert report.time_is_proven
    parts = {check.part for check in report.checks}
    assert {"", SIGNATURE, "letter.json", "letter.json.p7s", "letter.pdf", "checkpoint.txt", "events.json"} == parts
    assert "letter.development" in {check.code for check in report.checks if check.status is Status.NOTE}


def test_seal_and_signature_of_the_same_letter_alone(files: Files, policy: Policy) -> None:
    assert judge(files["letter.pdf"], policy).verdict is Verdict.VALID
    signature = verify_file(files["letter.json.p7s"], "x", read_policy(log_origin="x"), content=files["letter.json"])
    assert signature.verdict is Verdict.UNANCHORED


def test_one_notice_of_a_run(maker: ProofMaker, policy: Policy) -> None:
    """Its letter.json is the notice's own; the run that was approved is there too, under the same signatory."""
    report = judge(maker.seal(maker.files_of_run()), policy)
    assert report.verdict is Verdict.VALID, report.failures
    assert {"run.hash", "run.content", "run.signatory"} <= {check.code for check in report.checks}


def test_container_with_other_files_than_ours(maker: ProofMaker, policy: Policy) -> None:
    assert judge(maker.seal({"note.txt": b"hello"}), policy).verdict is Verdict.VALID


def replaced(name: str, data: bytes) -> Callable[[Files], None]:
    return lambda files: files.__setitem__(name, data)


def removed(name: str) -> Callable[[Files], None]:
    return lambda files: files.__delitem__(name)


def with_manifest(old: bytes, new: bytes) -> Callable[[Files], None]:
    return lambda files: files.__setitem__(MANIFEST, files[MANIFEST].replace(old, new))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (replaced("README.txt", b"other"), "container.digest"),
        (replaced("annex.txt", b"unsigned"), "container.unsigned-file"),
        (replaced("META-INF/extra.xml", b"<x/>"), "container.unsigned-file"),
        (removed("README.txt"), "container.missing"),
        (removed(SIGNATURE), "container.unsigned"),
        (removed(MANIFEST), "container.unsigned"),
        (with_manifest(b"README.txt", b"letter.txt"), "seal.digest"),
        (replaced("../outside.txt", b"x"), "container.path"),
        (replaced("a\\b.txt", b"x"), "container.path"),
        (replaced("/etc/x", b"x"), "container.path"),
        (replaced("README.TXT", b"x"), "container.duplicate"),
        (replaced("bomb.txt", b"\0" * 40_000_000), "container.size"),
    ],
)
def test_changed_containers(proof: bytes, policy: Policy, change: Callable[[Files], None], reason: str) -> None:
    assert judge(rezipped(proof, change), policy).failures == (reason,)


def entries(container: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(BytesIO(container)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def test_duplicate_entry(proof: bytes, policy: Policy) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        double = proofs.zipped([*entries(proof), ("letter.json", b"{}")])
    assert judge(double, policy).failures == ("container.duplicate",)


def test_type_not_first_or_packed_or_wrong(proof: bytes, policy: Policy) -> None:
    mimetype, *others = entries(proof)
    for forged in (
        proofs.zipped([*others, mimetype]),
        proofs.zipped([mimetype, *others], stored=()),
        proofs.zipped([("mimetype", b"application/zip"), *others]),
    ):
        assert judge(forged, policy).failures == ("container.mimetype",)


def test_bytes_that_only_some_programs_see(proof: bytes, policy: Policy) -> None:
    assert judge(proof + b"more", policy).failures[0] in {"container.layout", "container.readable"}
    directory = proof.index(b"PK\x01\x02")
    assert judge(proof[:directory] + b"hidden" + proof[directory:], policy).verdict is Verdict.INVALID
    assert judge(proof[: len(proof) // 2], policy).failures == ("container.readable",)


Manifest = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    ("forge", "reason"),
    [
        (lambda xml: xml.replace(b'"META-INF/signature.p7s"', b'"META-INF/other.p7s"'), "container.manifest-target"),
        (lambda xml: xml.replace(b"README.txt", b"README.md"), "container.missing"),
        (lambda xml: xml.replace(b"letter.pdf", b"README.txt"), "container.manifest"),
        (lambda xml: xml.replace(b"xmlenc#sha256", b"xmldsig#sha1"), "container.manifest"),
        (lambda xml: b'<!DOCTYPE x [<!ENTITY e "e">]>' + xml.partition(b"?>\n")[2], "container.manifest"),
        (lambda xml: xml[:-30], "container.manifest"),
    ],
)
def test_manifests_that_the_platform_signed_wrongly(
    maker: ProofMaker, proof: bytes, policy: Policy, forge: Manifest, reason: str
) -> None:
    def change(files: Files) -> None:
        files[MANIFEST] = forge(files[MANIFEST])
        files[SIGNATURE] = maker.platform.sign(files[MANIFEST], maker.now, timestamp=maker.timestamps.timestamp)

    assert judge(rezipped(proof, change), policy).failures == (reason,)


def test_letter_in_the_pdf_differs_from_the_signed_one(maker: ProofMaker, files: Files, policy: Policy) -> None:
    other = maker.files(subject="ابلاغ رأی دیگر")
    forged = maker.resealed({**files, "letter.pdf": other["letter.pdf"]})
    assert judge(forged, policy).failures == ("letter.embedded",)


def test_dispatch_of_another_letter(maker: ProofMaker, files: Files, policy: Policy) -> None:
    dispatch = edited(files["dispatch.json"], lambda one: one.update(letter_sha256="00" * 32))
    pdf = maker.pdf(files["letter.json"], dispatch)
    assert judge(maker.resealed({**files, "dispatch.json": dispatch, "letter.pdf": pdf}), policy).failures == (
        "letter.hash",
    )


def test_seal_of_another_agency(maker: ProofMaker, files: Files, policy: Policy) -> None:
    maker.keys.ensure("seal:14000000002", name="سازمان دیگر")
    pdf = maker.pdf(files["letter.json"], files["dispatch.json"], maker.signer("seal:14000000002"))
    assert judge(maker.resealed({**files, "letter.pdf": pdf}), policy).failures == ("letter.agency",)
    assert judge(pdf, policy).failures == ("letter.agency",)


def test_signature_of_another_letter(maker: ProofMaker, files: Files, policy: Policy) -> None:
    signature = maker.agency.sign(b"{}", maker.now)
    assert judge(maker.resealed({**files, "letter.json.p7s": signature}), policy).failures == ("seal.digest",)


def test_signature_of_a_signatory_or_of_somebody_else(maker: ProofMaker, policy: Policy) -> None:
    person = "0190a000-0000-7000-8000-0000000000aa"
    maker.keys.ensure(f"person:{person}", name="زهرا کریمی", organisation="سازمان", title="مدیر")
    named = maker.files(signatories=[{"id": person, "name": "زهرا کریمی", "title": "مدیر", "on_behalf_of": None}])
    # Where a person is named, the agency's own seal is no approval.
    assert judge(maker.seal(named), policy).failures == ("letter.signatory",)
    named["letter.json.p7s"] = maker.signer(f"person:{person}").sign(named["letter.json"], maker.now)
    assert judge(maker.resealed(named), policy).failures == ()
    other = maker.files()
    other["letter.json.p7s"] = maker.signer(f"person:{person}").sign(other["letter.json"], maker.now)
    assert judge(maker.resealed(other), policy).failures == ("letter.signatory",)


def test_parts_outlive_their_certificates_under_the_seal_of_the_proof(maker: ProofMaker, policy: Policy) -> None:
    """The platform's certificate lasts ten years, the agency's three: its time-stamp proves the older parts."""
    files = maker.files()
    later = Policy(policy.roots, (), maker.now + timedelta(days=5 * 365), ORIGIN)
    assert verify_file(maker.seal(files), "proof", later).failures == ()
    assert "seal.expired-since" in verify_file(files["letter.pdf"], "pdf", later).failures


def test_a_part_is_missing(maker: ProofMaker, files: Files, policy: Policy) -> None:
    rest = {name: data for name, data in files.items() if name != "checkpoint.txt"}
    assert judge(maker.seal(rest), policy).failures == ("proof.incomplete",)


def first(change: Callable[[dict[str, Any]], Any]) -> Callable[[Any], None]:
    return lambda document: change(document["events"][0])


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (first(lambda one: one["facts"].update(letter="another")), "evidence.commitment"),
        (first(lambda one: one.update(salt="00" * 16)), "evidence.commitment"),
        (first(lambda one: one.update(salt="")), "evidence.format"),
        (first(lambda one: one.update(index=one["index"] + 1)), "evidence.inclusion"),
        (first(lambda one: one["proof"].pop()), "evidence.inclusion"),
        (
            first(lambda one: one.update(leaf=one["leaf"].replace("letter.approved", "letter.retracted"))),
            "evidence.inclusion",
        ),
        (first(lambda one: one.update(leaf=one["leaf"] + " ")), "evidence.format"),
        (lambda document: document.update(tree_size=document["tree_size"] + 1), "evidence.tree-size"),
        (lambda document: document.update(events=[]), "evidence.format"),
        (lambda document: document.update(format="other"), "evidence.format"),
    ],
)
def test_forged_events(
    maker: ProofMaker, files: Files, policy: Policy, edit: Callable[[Any], None], reason: str
) -> None:
    forged = maker.seal({**files, "events.json": edited(files["events.json"], edit)})
    assert judge(forged, policy).failures == (reason,)


def test_proof_for_another_tree(maker: ProofMaker, files: Files, policy: Policy) -> None:
    """Size and root belong together: both come from the checkpoint, which is genuine, but of another state."""
    other = maker.evidence([Fact("letter.approved", LETTER_ID, 50 + n, {"letter": LETTER_ID}) for n in range(6)])
    report = judge(maker.seal({**files, "checkpoint.txt": other["checkpoint.txt"]}), policy)
    assert set(report.failures) == {"evidence.inclusion"}


def test_inner_node_as_leaf(maker: ProofMaker, files: Files, policy: Policy) -> None:
    """Two hashes side by side are no leaf: they are hashed anew, with the prefix of leaves."""
    a, b = merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")
    root = merkle.node_hash(a, b)

    def edit(document: Any) -> None:
        document["events"][0].update(leaf=(a + b).hex(), index=0, proof=[])
        document.update(events=document["events"][:1], tree_size=1)

    forged = {"events.json": edited(files["events.json"], edit), "checkpoint.txt": maker.checkpoint(1, root).encode()}
    assert judge(maker.seal({**files, **forged}), policy).failures == ("evidence.format",)


def test_checkpoint_with_wrong_key_or_origin(maker: ProofMaker, files: Files, policy: Policy) -> None:
    size, root = 10, b"\1" * 32
    stranger = Ed25519PrivateKey.generate()
    wrong_key = maker.checkpoint(size, root, sign=stranger.sign).encode()
    assert judge(maker.seal({**files, "checkpoint.txt": wrong_key}), policy).failures == ("log.signature",)
    wrong_origin = maker.checkpoint(size, root, origin="other.example/log").encode()
    assert judge(maker.seal({**files, "checkpoint.txt": wrong_origin}), policy).failures == ("log.origin",)
    assert judge(maker.seal({**files, "checkpoint.txt": b"none"}), policy).failures == ("log.format",)


def test_log_certificate_that_is_not_the_logs(
    maker: ProofMaker, files: Files, policy: Policy, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = LocalSigning(tmp_path_factory.mktemp("stranger") / "pki")
    stranger.ensure("seal:platform", name="stranger")
    twin = ProofMaker(maker.keys, maker.timestamps, maker.folder)
    twin.keys, twin.now = stranger, maker.now
    evidence = twin.evidence(proofs.story(files))
    failures = judge(maker.seal({**files, **evidence}), policy).failures
    assert failures == ("log.rogue-issuer",)


@pytest.mark.parametrize(
    ("tell", "reason"),
    [
        (lambda facts: retimed(facts, "notice.opened", 35), "evidence.order"),
        (lambda facts: [*facts, Fact("notice.opened", NOTICE_ID, 1, facts[-1].facts)], "evidence.order"),
        (lambda facts: [one for one in facts if one.kind != "notice.deposited"], "evidence.order"),
        (lambda facts: retimed(facts, "notice.opened", -3600), "evidence.time"),
        (lambda facts: retimed(facts, "letter.dispatched", 86_400), "evidence.facts"),
        (lambda facts: facts[:3], "evidence.incomplete"),
        (lambda facts: facts[1:], "evidence.incomplete"),
        (lambda facts: [*facts, Fact("letter.sealed", "another", 5)], "evidence.subject"),
        (lambda facts: [*facts, Fact("notice.viewed", "another notice", 5, facts[-1].facts)], "evidence.subject"),
    ],
)
def test_impossible_stories(
    maker: ProofMaker,
    files: Files,
    policy: Policy,
    tell: Callable[[list[Fact]], list[Fact]],
    reason: str,
) -> None:
    evidence = maker.evidence(tell(proofs.story(files)))
    assert judge(maker.seal({**files, **evidence}), policy).failures == (reason,)


def test_evidence_of_another_letter(maker: ProofMaker, files: Files, policy: Policy) -> None:
    neighbour = maker.files(id="0190a000-0000-7000-8000-000000000009")
    evidence = maker.evidence(proofs.story(neighbour))
    assert judge(maker.seal({**files, **evidence}), policy).failures == ("evidence.subject",)


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("letter.approved", {"sha256": "00"}),
        ("letter.approved", {"signature_sha256": "00"}),
        ("letter.dispatched", {"number": "1405/102/1"}),
        ("letter.sealed", {"pdf_sha256": "00"}),
        ("notice.deposited", {"sha256": "00"}),
        ("notice.deposited", {"number": "1405/102/1"}),
        ("notice.opened", {"sha256": "00"}),
    ],
)
def test_facts_of_other_files(
    maker: ProofMaker, files: Files, policy: Policy, kind: str, facts: dict[str, str]
) -> None:
    told = [replace(one, facts={**one.facts, **facts}) if one.kind == kind else one for one in proofs.story(files)]
    assert judge(maker.seal({**files, **maker.evidence(told)}), policy).failures == ("evidence.facts",)
