"""The product as a story: one letter from the clerk's desk to the citizen's proof, over the pages that people use."""

import json
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from correspondence.directory.sms import development_codes
from correspondence.models import Letter
from signing.services import development_pki_files
from tests.people import Cast, make_cast, settle, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def compose(clerk: Client, cast: Cast) -> Letter:
    """Write a letter to مهرناز with a copy to the registry, and lay it before the approver."""
    fields = {
        "agency": str(cast.ministry.agency.id),
        "subject": "اصلاح نشانی پلاک ۱۲۳/۴۵",
        "salutation": "با سلام و احترام؛",
        "body": "نشانی ملک را تا **پایان ماه** اصلاح کنید.\n\n| مدرک | شمار |\n|---|---|\n| سند | ۱ |",
        "notice_kind": "letter",
        "priority": "urgent",
        "classification": "unclassified",
        "reply_due": "۱۴۰۵/۱۰/۳۰",
        "addressee-TOTAL_FORMS": "2",
        "addressee-INITIAL_FORMS": "0",
        "addressee-0-role": "to",
        "addressee-0-identifier": cast.mehrnaz.national_code,
        "addressee-0-name": "مهرناز کیانی",
        "addressee-1-role": "cc",
        "addressee-1-identifier": cast.registry.agency.national_id,
        "addressee-1-purpose": "for_action",
        "relation-TOTAL_FORMS": "1",
        "relation-INITIAL_FORMS": "0",
        "relation-0-kind": "follow_up_own",
        "relation-0-number": "1405/101/7",
        "relation-0-date": "1405/06/15",
    }
    answer = clerk.post("/letters/new/", fields)
    assert answer.status_code == 302, answer.content.decode()
    letter = Letter.objects.get()
    assert clerk.post(f"/letters/{letter.id}/submission/").status_code == 302
    return letter


def sign(approver: Client, letter: Letter) -> None:
    """Ask for a code, read what is signed, sign it."""
    approver.post(f"/letters/{letter.id}/approval/code/")
    page = f"/letters/{letter.id}/approval/"
    revision = letter.revisions.get().sha256
    assert revision in approver.get(page).content.decode()
    answer = approver.post(page, {"code": development_codes()[0].code, "revision": revision})
    assert answer.status_code == 302


def test_a_letter_from_the_desk_to_the_proof(cast: Cast, tmp_path: Path) -> None:
    clerk = sign_in(Client(), cast.ministry.clerk)
    letter = compose(clerk, cast)
    sign(sign_in(Client(), cast.ministry.approver), letter)
    clerk.post(f"/letters/{letter.id}/dispatch/")
    settle()
    letter.refresh_from_db()
    assert letter.state == Letter.State.SEALED
    assert letter.number == "1405/101/1"

    citizen = sign_in(Client(), cast.mehrnaz)
    listing = citizen.get("/inbox/").content.decode()
    assert "وزارت راه نمونه" in listing
    assert "اصلاح نشانی" not in listing, "an unopened letter shows its sender and kind, never its subject"
    notice = letter.notices.get(mailbox__kind="person")
    page = f"/inbox/{notice.id}/"
    assert "پایان ماه" not in citizen.get(page).content.decode()
    citizen.post(f"{page}opening/")
    assert "پایان ماه" in citizen.get(page).content.decode()

    settle()
    (tmp_path / "letter.pdf").write_bytes(citizen.get(f"{page}letter.pdf").content)
    (tmp_path / "proof.asice").write_bytes(citizen.get(f"{page}proof.asice").content)
    for name, data in development_pki_files().items():
        (tmp_path / name).write_bytes(data)
    files = [str(tmp_path / "letter.pdf"), str(tmp_path / "proof.asice")]
    call_command("verify", *files, "--trust", str(tmp_path / "root.pem"), "--crl", str(tmp_path / "crl.der"))
    with zipfile.ZipFile(BytesIO((tmp_path / "proof.asice").read_bytes())) as proof:
        kinds = [json.loads(event["leaf"])["kind"] for event in json.loads(proof.read("events.json"))["events"]]
    assert kinds.index("notice.deposited") < kinds.index("notice.opened")

    found = citizen.get("/search/", {"q": "پلاک 123/45"}, headers={"Accept": "application/json"}).json()
    assert [result for result in found["results"] if str(notice.id) in json.dumps(result)]

    registry = sign_in(Client(), cast.registry.clerk)
    incoming = letter.notices.get(mailbox__kind="agency")
    registry.post(f"/incoming/{incoming.id}/registration/")
    assert incoming.registration.number == "1405/102/و/1"
    shown = registry.get(f"/incoming/{incoming.id}/").content.decode()
    assert "پایان ماه" in shown

    stranger = sign_in(Client(), cast.kaveh)
    for path in (
        page,
        f"{page}letter.pdf",
        f"{page}proof.asice",
        f"/letters/{letter.id}/",
        f"/incoming/{incoming.id}/",
    ):
        assert stranger.get(path).status_code == 404, path
    call_command("verify_log")
