"""The proof of a notice: complete, checkable by our verifier and by others' tools, and never before it is public."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from correspondence.directory.access import actor_of
from correspondence.services import Draft
from inbox.models import Notice
from inbox.proof import is_provable, proof_of
from inbox.selectors import signed_files
from inbox.services import open_notice
from signing.canonical import digest
from signing.evidence.errors import NotYetPublished
from signing.services import development_pki_files
from tests.people import Cast, dispatched_letter, draft_to, recipients_csv, settle
from tests.signing.foreign import accepts

pytestmark = pytest.mark.django_db
RUN = Draft(subject="قبض {{مبلغ}}", salutation="سلام؛", body="مبلغ {{مبلغ}} ریال است.", notice_kind="utility_bill")
FILES = {
    "mimetype",
    "letter.json",
    "letter.json.p7s",
    "dispatch.json",
    "letter.pdf",
    "events.json",
    "checkpoint.txt",
    "log.pem",
    "README.txt",
    "META-INF/ASiCManifest.xml",
    "META-INF/signature.p7s",
}


@pytest.fixture(params=["letter", "run"])
def notice(request: pytest.FixtureRequest, cast: Cast) -> Notice:
    """An opened notice: one that shares its letter's content, and one of a run with its own."""
    if request.param == "letter":
        letter = dispatched_letter(cast.ministry, draft_to(cast.mehrnaz))
    else:
        letter = dispatched_letter(cast.ministry, RUN, recipients_csv([11]))
    found = Notice.objects.select_related("letter").get(letter=letter)
    open_notice(actor_of(cast.mehrnaz, timezone.now()), found.id, session="s" * 32, at=timezone.now())
    return found


def unpacked(proof: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(proof)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_there_is_no_proof_before_its_evidence_is_public(notice: Notice) -> None:
    assert not is_provable(notice)
    with pytest.raises(NotYetPublished):
        proof_of(notice, at=timezone.now())
    settle()
    assert is_provable(notice)
    assert proof_of(notice, at=timezone.now())


def test_it_holds_what_was_signed_and_the_whole_way(notice: Notice) -> None:
    settle()
    files = unpacked(proof_of(notice, at=timezone.now()))
    assert set(files) - {"run.json", "run.json.p7s"} == FILES
    of_run = json.loads(files["letter.json"])["run"]
    assert ("run.json" in files) == ("run.json.p7s" in files) == (of_run is not None)
    assert of_run is None or of_run["letter_sha256"] == digest(files["run.json"])
    assert (files["letter.json"], files["letter.json.p7s"], files["dispatch.json"]) == signed_files(notice)
    assert json.loads(files["dispatch.json"])["letter_sha256"] == digest(files["letter.json"])
    events = json.loads(files["events.json"])["events"]
    kinds = [json.loads(event["leaf"])["kind"] for event in events]
    assert kinds[:2] == ["letter.approved", "letter.dispatched"]
    assert kinds[-1] == "notice.opened"
    assert {"notice.deposited", "notice.announced"} <= set(kinds)


def test_our_verifier_accepts_it_offline(notice: Notice, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settle()
    proof, root, crl = tmp_path / "proof.asice", tmp_path / "root.pem", tmp_path / "crl.der"
    proof.write_bytes(proof_of(notice, at=timezone.now()))
    root.write_bytes(development_pki_files()["root.pem"])
    crl.write_bytes(development_pki_files()["crl.der"])
    call_command("verify", str(proof), "--trust", str(root), "--crl", str(crl))
    call_command("verify", str(proof), "--trust", str(root))
    assert "not checked" in capsys.readouterr().out


def test_our_verifier_refuses_a_proof_with_another_letter(notice: Notice, tmp_path: Path) -> None:
    settle()
    files = unpacked(proof_of(notice, at=timezone.now()))
    files["letter.json"] = files["letter.json"].replace("سلام".encode(), "درود".encode())
    proof, root = tmp_path / "proof.asice", tmp_path / "root.pem"
    with zipfile.ZipFile(proof, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    root.write_bytes(development_pki_files()["root.pem"])
    with pytest.raises(SystemExit) as ended:
        call_command("verify", str(proof), "--trust", str(root))
    assert ended.value.code == 1


@pytest.mark.foreign
def test_openssl_accepts_the_signatorys_signature(notice: Notice, tmp_path: Path) -> None:
    settle()
    for name, data in unpacked(proof_of(notice, at=timezone.now())).items():
        if "/" not in name:
            (tmp_path / name).write_bytes(data)
    (tmp_path / "root.pem").write_bytes(development_pki_files()["root.pem"])

    def accepted() -> bool:
        signed = ("-inform", "DER", "-in", "letter.json.p7s", "-content", "letter.json", "-binary", "-out", "out")
        return accepts("openssl", "cms", "-verify", "-cades", *signed, "-CAfile", "root.pem", cwd=tmp_path)

    assert accepted()
    (tmp_path / "letter.json").write_bytes(b"{}")
    assert not accepted()
