"""The agency's side of delivery: a letter with its recipients, its result file, incoming letters and their registration."""

import csv
import io
from collections.abc import Sequence

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from correspondence.directory.models import Person
from correspondence.models import Letter
from correspondence.services import AddresseeDraft, Draft, compose_letter, dispatch_letter
from inbox.models import IncomingRegistration, Notice
from inbox.services import open_notice
from signing.evidence.models import Handoff
from tests.people import (
    Cast,
    Office,
    approved_letter,
    dispatched_letter,
    draft_to,
    make_person,
    missing_id,
    recipients_csv,
    settle,
    sign_in,
)

RUN = Draft(subject="قبض {{مبلغ}}", salutation="سلام؛", body="مبلغ {{مبلغ}} ریال است.")


@pytest.fixture
def clerk(cast: Cast) -> Client:
    """The ministry's clerk, signed in."""
    return sign_in(Client(), cast.ministry.clerk)


@pytest.fixture
def registrar(cast: Cast) -> Client:
    """The registry's clerk, signed in."""
    return sign_in(Client(), cast.registry.clerk)


def letter_to(office: Office) -> Draft:
    """A letter from one agency to another."""
    return Draft(
        subject="استعلام مالکیت پلاک ثبتی",
        salutation="با سلام؛",
        body="وضعیت مالکیت را اعلام فرمایید.",
        addressees=[AddresseeDraft("to", office.agency.national_id, title="مدیر محترم")],
    )


def notice_of(letter: Letter) -> Notice:
    """Its only notice."""
    return Notice.objects.get(letter=letter)


def queries_of(client: Client, path: str) -> int:
    """How many queries the page makes; the first look is not counted."""
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def open_as(person: Person, letter: Letter, registered: Office) -> None:
    """The person opens their notice of the letter."""
    actor = type(registered.writer)(person.id, person.national_code, person.full_name)
    open_notice(
        actor,
        Notice.objects.get(letter=letter, mailbox__party_id=person.national_code).id,
        session="s",
        at=timezone.now(),
    )


# A letter seen by its sender


def test_another_agency_sees_neither_letter_nor_result(registrar: Client, cast: Cast) -> None:
    letter = dispatched_letter(cast.ministry, RUN, recipients_csv([501, 502]))
    for path in ("", "result.csv", "letter.pdf"):
        mine, nobodys = registrar.get(f"/letters/{letter.id}/{path}"), registrar.get(f"/letters/{missing_id()}/{path}")
        assert mine.status_code == nobodys.status_code == 404
        assert letter.number not in mine.content.decode()


def test_a_recipient_has_no_way_to_the_senders_page(cast: Cast) -> None:
    letter = dispatched_letter(cast.ministry, draft_to(cast.mehrnaz))
    assert sign_in(Client(), cast.mehrnaz).get(f"/letters/{letter.id}/").status_code == 404


def test_sending_numbers_the_letter_and_its_page_follows_the_way(clerk: Client, cast: Cast) -> None:
    letter = approved_letter(cast.ministry, draft_to(cast.mehrnaz, cast.kaveh))
    assert "شماره بگیرد و فرستاده شود؟" in clerk.get(f"/letters/{letter.id}/").content.decode()
    assert clerk.post(f"/letters/{letter.id}/dispatch/").status_code == 302
    assert "در حال مهر" in clerk.get(f"/letters/{letter.id}/").content.decode()
    settle()
    page = clerk.get(f"/letters/{letter.id}/").content.decode()
    assert f'data-live-topic="letter:{letter.id}"' in page
    assert "مهر شد" in page and "در کارپوشهٔ مهرناز کیانی" in page
    assert clerk.get(f"/letters/{letter.id}/letter.pdf").content.startswith(b"%PDF-")
    assert clerk.post(f"/letters/{letter.id}/dispatch/").status_code == 409


def test_available_announced_and_opened_are_different_facts(clerk: Client, cast: Cast) -> None:
    silent = make_person(40, "بی‌همراه", mobile="")
    letter = dispatched_letter(cast.ministry, draft_to(cast.mehrnaz, cast.kaveh, silent))
    open_as(cast.mehrnaz, letter, cast.ministry)
    states = {one.name: one.state for one in clerk.get(f"/letters/{letter.id}/").context["deliveries"]}
    assert states == {"مهرناز کیانی": "opened", "کاوه دلاور": "announced", "بی‌همراه": "announcement_failed"}


def test_the_sender_sees_no_national_code_of_a_person(clerk: Client, cast: Cast) -> None:
    letter = dispatched_letter(cast.ministry, draft_to(cast.mehrnaz))
    assert cast.mehrnaz.national_code not in clerk.get(f"/letters/{letter.id}/").content.decode()


def test_a_run_is_counted_and_paged(clerk: Client, cast: Cast) -> None:
    letter = dispatched_letter(cast.ministry, RUN, recipients_csv(range(600, 657)) + "\n9990000120,رقم نادرست,7")
    first = clerk.get(f"/letters/{letter.id}/")
    summary = first.context["summary"]
    assert (summary.accepted, summary.refused, summary.deposited, summary.waiting) == (57, 1, 57, 0)
    assert (len(first.context["deliveries"]), first.context["next_row"]) == (50, 50)
    second = clerk.get(f"/letters/{letter.id}/?after=50")
    assert [one.row for one in second.context["deliveries"]] == list(range(51, 58))
    assert clerk.get(f"/letters/{letter.id}/?only=opened").context["deliveries"] == []
    assert clerk.get(f"/letters/{letter.id}/?after=%D9%A0x&only=what").status_code == 200


@pytest.mark.parametrize("recipients", ["named", "listed"])
def test_the_page_asks_as_often_for_many_recipients_as_for_few(clerk: Client, cast: Cast, recipients: str) -> None:
    def sent(serials: Sequence[int]) -> Letter:
        if recipients == "listed":
            return dispatched_letter(cast.ministry, RUN, recipients_csv(serials))
        return dispatched_letter(cast.ministry, draft_to(*[make_person(n, f"گیرنده {n}") for n in serials]))

    few, many = sent(range(700, 705)), sent(range(710, 760))
    assert queries_of(clerk, f"/letters/{few.id}/") == queries_of(clerk, f"/letters/{many.id}/")


def test_the_result_has_a_line_for_each_line_of_the_list(clerk: Client, cast: Cast) -> None:
    listed = recipients_csv([501, 502, 501]) + "\n9990000120,=1+1,7"
    letter = dispatched_letter(cast.ministry, RUN, listed)
    response = clerk.get(f"/letters/{letter.id}/result.csv")
    assert response["Content-Type"].startswith("text/csv") and "attachment" in response["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row["result"] for row in rows] == ["accepted", "accepted", "refused", "refused"]
    notices = {str(notice.id): notice.number for notice in Notice.objects.filter(letter=letter)}
    assert {row["notice"]: row["number"] for row in rows[:2]} == notices
    assert all(row["reason"] and row["code"] for row in rows[2:])
    assert rows[3]["name"] == "'=1+1"


def test_work_that_failed_in_the_background_shows_on_the_letter(clerk: Client, cast: Cast) -> None:
    letter = approved_letter(cast.ministry, draft_to(cast.mehrnaz))
    dispatch_letter(cast.ministry.writer, letter.id, at=timezone.now())
    Handoff.objects.filter(event__letter=letter.id).update(state="dead", error="disk full")
    page = clerk.get(f"/letters/{letter.id}/").content.decode()
    assert "یک گام پشت صحنه انجام نشد" in page and "disk full" not in page


def test_a_draft_opens_in_the_composer_for_its_clerk_only(clerk: Client, cast: Cast) -> None:
    letter = compose_letter(cast.ministry.writer, cast.ministry.agency.id, draft_to(cast.mehrnaz), at=timezone.now())
    assert clerk.get(f"/letters/{letter.id}/")["Location"] == f"/letters/{letter.id}/edit/"
    assert sign_in(Client(), cast.ministry.approver).get(f"/letters/{letter.id}/").status_code == 200


# Incoming letters


def test_before_registration_only_the_envelope_shows(registrar: Client, cast: Cast) -> None:
    letter = dispatched_letter(cast.ministry, letter_to(cast.registry))
    page = registrar.get(f"/incoming/{notice_of(letter).id}/").content.decode()
    listed = registrar.get("/incoming/").content.decode()
    for shown in (page, listed):
        assert cast.ministry.agency.name in shown
        assert letter.subject not in shown and "وضعیت مالکیت" not in shown
    assert not notice_of(letter).is_opened


def test_registering_gives_a_number_of_ones_own_beside_the_senders(
    registrar: Client, clerk: Client, cast: Cast
) -> None:
    letter = dispatched_letter(cast.ministry, letter_to(cast.registry))
    url = f"/incoming/{notice_of(letter).id}/"
    assert registrar.get(f"{url}registration/").status_code == 405
    assert registrar.post(f"{url}registration/").status_code == 302
    own = IncomingRegistration.objects.get().number
    page = registrar.get(url)
    assert page.context["registration"].number == own
    assert letter.subject in page.content.decode() and "وضعیت مالکیت" in page.content.decode()
    assert registrar.post(f"{url}registration/").status_code == 409
    sender = clerk.get(f"/letters/{letter.id}/").context["deliveries"][0]
    assert (sender.state, sender.registered_number) == ("registered", own)


def test_a_reply_begins_with_addressee_and_reference(registrar: Client, cast: Cast) -> None:
    letter = dispatched_letter(cast.ministry, letter_to(cast.registry))
    url = f"/incoming/{notice_of(letter).id}/"
    registrar.post(f"{url}registration/")
    reply = registrar.get(registrar.get(url).context["reply_url"])
    assert reply.context["addressees"].forms[0]["identifier"].value() == cast.ministry.agency.national_id
    assert reply.context["relations"].forms[0]["number"].value() == letter.number


def test_only_the_receiving_clerk_registers(clerk: Client, cast: Cast) -> None:
    letter = dispatched_letter(cast.ministry, letter_to(cast.registry))
    url = f"/incoming/{notice_of(letter).id}/"
    approver = sign_in(Client(), cast.registry.approver)
    assert approver.get(url).status_code == 200
    assert approver.post(f"{url}registration/").status_code == 403
    for stranger in (clerk, sign_in(Client(), cast.mehrnaz)):
        assert stranger.get(url).status_code == stranger.get(f"/incoming/{missing_id()}/").status_code == 404
        assert stranger.post(f"{url}registration/").status_code == 404
    assert not IncomingRegistration.objects.exists()


def test_a_citizens_notice_is_no_incoming_letter(cast: Cast) -> None:
    letter = dispatched_letter(cast.ministry, draft_to(cast.mehrnaz))
    citizen = sign_in(Client(), cast.mehrnaz)
    assert citizen.get(f"/incoming/{notice_of(letter).id}/").status_code == 404
    assert citizen.get("/incoming/").status_code == 403


def test_incoming_asks_as_often_for_many_letters_as_for_few(registrar: Client, cast: Cast) -> None:
    dispatched_letter(cast.ministry, letter_to(cast.registry))
    few = queries_of(registrar, "/incoming/")
    for _ in range(8):
        dispatched_letter(cast.ministry, letter_to(cast.registry))
    assert queries_of(registrar, "/incoming/") == few


@pytest.mark.parametrize("path", ["/incoming/", "/incoming/{}/", "/letters/{}/", "/letters/{}/result.csv"])
def test_strangers_to_the_system_are_sent_to_the_door(cast: Cast, path: str) -> None:
    assert Client().get(path.format(missing_id()))["Location"].startswith("/sign-in/?next=")
