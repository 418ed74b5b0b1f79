"""The mailbox in a browser: what shows before opening, the one act that opens, what shows to whom afterwards."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from correspondence.directory.models import Company, Person, Representative
from correspondence.services import AddresseeDraft, Draft
from inbox.models import Mailbox, Notice
from signing.evidence.checkpoints import sequence_pending
from signing.evidence.models import Event
from tests.inbox.test_selectors import fill
from tests.people import Cast, dispatched_letter, draft_to, missing_id, recipients_csv, settle, sign_in

pytestmark = pytest.mark.django_db
SUBJECT, WORD, FILE = "موضوع‌پنهان", "واژه‌پنهان", "پیوست‌پنهان.txt"
READS = ["notice", "notice_pdf", "notice_proof"]


def secret_draft(*people: Person, kind: str = "tax_assessment", others: Sequence[AddresseeDraft] = ()) -> Draft:
    named = [AddresseeDraft("to", person.national_code, person.full_name) for person in people]
    return Draft(
        subject=SUBJECT,
        salutation="سلام؛",
        body=f"{WORD} است.",
        notice_kind=kind,
        addressees=[*named, *others],
    )


def sent(cast: Cast, *people: Person, attachment: bool = False, **more: Any) -> Notice:
    """A notice whose subject, text and file are words that show nowhere else."""
    file = (FILE, "متن فایل") if attachment else None
    letter = dispatched_letter(cast.ministry, secret_draft(*people, **more), file=file)
    return Notice.objects.filter(letter=letter).order_by("id")[:1].get()


@pytest.fixture
def mehrnaz(cast: Cast) -> Client:
    """The recipient's browser."""
    return sign_in(Client(), cast.mehrnaz)


def openings() -> int:
    return Event.objects.filter(kind="notice.opened").count()


def open_it(client: Client, notice: Notice) -> Any:
    return client.post(reverse("notice_opening", args=[notice.id]))


def hidden_words(body: str) -> list[str]:
    return [word for word in (SUBJECT, WORD, FILE) if word in body]


def test_before_opening_nothing_of_the_letter_shows_anywhere(cast: Cast, mehrnaz: Client) -> None:
    notice = sent(cast, cast.mehrnaz, attachment=True)
    for path in (
        "/inbox/",
        "/inbox/?view=unopened",
        reverse("notice", args=[notice.id]),
        f"/search/?q={WORD}",
        "/search/?q=مالیات",
        f"/search/?q={notice.number}",
    ):
        for accept in ("text/html", "application/json"):
            response = mehrnaz.get(path, headers={"accept": accept})
            # A query is shown again as it was typed.
            assert hidden_words(response.content.decode().replace(f'value="{WORD}"', "").replace(f"«{WORD}»", "")) in (
                [],
                [WORD] if path.endswith(WORD) else [],
            )
    assert openings() == 0


def test_before_opening_the_page_says_who_what_and_the_legal_effect(cast: Cast, mehrnaz: Client) -> None:
    notice = sent(cast, cast.mehrnaz)
    body = mehrnaz.get(reverse("notice", args=[notice.id])).content.decode()
    assert cast.ministry.agency.name in body
    assert "برگ تشخیص مالیات" in body
    assert 'id="legal-sentence"' in body
    button = re.search(r"<button[^>]+>", body[body.index(reverse("notice_opening", args=[notice.id])) :])
    assert button is not None
    assert 'aria-describedby="legal-sentence"' in button[0]
    assert "<em>ابلاغ واقعی</em>" in body


def test_a_letter_without_legal_effect_says_so(cast: Cast, mehrnaz: Client) -> None:
    notice = sent(cast, cast.mehrnaz, kind="letter")
    body = mehrnaz.get(reverse("notice", args=[notice.id])).content.decode()
    assert "به خودی خود اثر قانونی ندارد" in body
    assert "k-tabbed" not in body


def test_a_copy_serves_nobody(cast: Cast, mehrnaz: Client) -> None:
    copy = AddresseeDraft("cc", cast.mehrnaz.national_code, cast.mehrnaz.full_name, purpose="for_information")
    dispatched_letter(cast.ministry, secret_draft(cast.kaveh, others=[copy]))
    notice = Notice.objects.get(role="cc")
    body = mehrnaz.get(reverse("notice", args=[notice.id])).content.decode()
    assert "رونوشت، جهت اطلاع" in body
    assert "k-tabbed" not in body


def test_looking_opens_nothing(cast: Cast, mehrnaz: Client) -> None:
    notice = sent(cast, cast.mehrnaz)
    page, opening = reverse("notice", args=[notice.id]), reverse("notice_opening", args=[notice.id])
    for headers in ({}, {"purpose": "prefetch"}, {"sec-purpose": "prefetch;prerender"}, {"hx-request": "true"}):
        assert mehrnaz.get(page, headers=headers).status_code == 200
        assert mehrnaz.get("/inbox/", headers=headers).status_code == 200
        assert mehrnaz.get(opening, headers=headers).status_code == 405
    for path in (page, opening, "/inbox/", reverse("notice_pdf", args=[notice.id])):
        mehrnaz.head(path)
        mehrnaz.options(path)
    for method in ("put", "patch", "delete"):
        assert getattr(mehrnaz, method)(opening).status_code == 405
    assert openings() == 0
    assert Notice.objects.get(id=notice.id).first_viewed_at is None


def test_a_forged_form_opens_nothing(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    notice = sent(cast, cast.mehrnaz)
    strict.cookies = sign_in(Client(), cast.mehrnaz).cookies
    assert strict.get("/inbox/").status_code == 200
    assert open_it(strict, notice).status_code == 403
    assert openings() == 0


def test_opening_shows_the_letter_and_makes_the_receipt_once(cast: Cast, mehrnaz: Client) -> None:
    notice = sent(cast, cast.mehrnaz, attachment=True)
    page = reverse("notice", args=[notice.id])
    assert open_it(mehrnaz, notice).headers["Location"] == page
    assert open_it(mehrnaz, notice).headers["Location"] == page
    assert openings() == 1
    body = mehrnaz.get(page).content.decode()
    assert hidden_words(body) == [SUBJECT, WORD, FILE]
    assert "ابلاغ شد" in body
    assert "بهمن راد" in body
    assert 'hx-trigger="live' in body


def test_the_receipt_stops_asking_once_it_is_public(cast: Cast, mehrnaz: Client) -> None:
    notice = sent(cast, cast.mehrnaz)
    open_it(mehrnaz, notice)
    page, proof = reverse("notice", args=[notice.id]), reverse("notice_proof", args=[notice.id])
    pending = mehrnaz.get(proof)
    assert (pending.status_code, pending.headers["Retry-After"]) == (503, "2")
    assert 'http-equiv="refresh"' in pending.content.decode()
    while sequence_pending():
        pass
    assert 'hx-trigger="live, every 2s"' not in mehrnaz.get(page).content.decode()
    assert mehrnaz.get(proof).status_code == 200


@pytest.mark.parametrize("name", [*READS, "notice_attachment"])
def test_the_files_are_refused_before_opening(cast: Cast, mehrnaz: Client, name: str) -> None:
    notice = sent(cast, cast.mehrnaz, attachment=True)
    arguments = [notice.id]
    if name == "notice_attachment":
        arguments.append(notice.letter.attachments.get().id)
    response = mehrnaz.get(reverse(name, args=arguments))
    assert response.status_code == (200 if name == "notice" else 422)
    assert hidden_words(response.content.decode()) == []
    assert openings() == 0


@pytest.mark.parametrize("opened", [False, True])
@pytest.mark.parametrize("who", ["kaveh", "sender", "other agency"])
def test_a_stranger_learns_not_even_that_it_exists(cast: Cast, mehrnaz: Client, who: str, opened: bool) -> None:
    notice = sent(cast, cast.mehrnaz, attachment=True)
    if opened:
        open_it(mehrnaz, notice)
    people = {"kaveh": cast.kaveh, "sender": cast.ministry.clerk, "other agency": cast.registry.clerk}
    stranger = sign_in(Client(), people[who])
    attachment = notice.letter.attachments.get().id
    before = openings()
    for name in [*READS, "notice_attachment", "notice_opening"]:
        answers = []
        for notice_id in (notice.id, missing_id()):
            arguments: list[UUID] = [notice_id, attachment] if name == "notice_attachment" else [notice_id]
            act = stranger.post if name == "notice_opening" else stranger.get
            response = act(reverse(name, args=arguments))
            text = re.sub(r'value="[^"]{30,}"|live-seq" content="\d+"', "", response.content.decode())
            answers.append((response.status_code, text.replace(str(notice_id), "")))
        assert answers[0] == answers[1]
        assert answers[0][0] == 404
    assert openings() == before


@pytest.mark.parametrize("name", [*READS, "notice_opening"])
def test_nobody_reads_without_signing_in(cast: Cast, client: Client, name: str) -> None:
    notice = sent(cast, cast.mehrnaz)
    path = reverse(name, args=[notice.id])
    response = client.post(path) if name == "notice_opening" else client.get(path)
    assert response.status_code == 302
    # The act is not done by coming back from the door; the page asks for it again.
    assert response.headers["Location"] == f"/sign-in/?next={path.removesuffix('opening/')}"
    assert openings() == 0


def test_another_letters_attachment_does_not_come_with_this_one(cast: Cast, mehrnaz: Client) -> None:
    mine, other = sent(cast, cast.mehrnaz), sent(cast, cast.kaveh, attachment=True)
    open_it(mehrnaz, mine)
    path = reverse("notice_attachment", args=[mine.id, other.letter.attachments.get().id])
    assert mehrnaz.get(path).status_code == 404


def test_downloads_keep_their_name_and_run_nothing(cast: Cast, mehrnaz: Client) -> None:
    notice = sent(cast, cast.mehrnaz, attachment=True)
    open_it(mehrnaz, notice)
    settle()
    attachment = mehrnaz.get(reverse("notice_attachment", args=[notice.id, notice.letter.attachments.get().id]))
    assert attachment.getvalue().decode() == "متن فایل"
    assert attachment.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in attachment.headers["Content-Security-Policy"]
    assert attachment.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''%D9%BE" in attachment.headers["Content-Disposition"]
    pdf = mehrnaz.get(reverse("notice_pdf", args=[notice.id]))
    assert pdf.content.startswith(b"%PDF-")
    assert pdf.headers["Content-Type"] == "application/pdf"
    assert pdf.headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src" not in pdf.headers["Content-Security-Policy"]
    assert "default-src 'none'" in pdf.headers["Content-Security-Policy"]
    proof = mehrnaz.get(reverse("notice_proof", args=[notice.id]))
    assert proof.content[30:38] == b"mimetype"
    assert proof.headers["Content-Disposition"].startswith("attachment;")
    for response in (attachment, pdf, proof):
        assert "no-store" in response.headers["Cache-Control"]


def test_a_runs_notice_shows_its_own_words(cast: Cast, mehrnaz: Client) -> None:
    draft = Draft(subject="قبض {{مبلغ}}", salutation="سلام؛", body="مبلغ {{مبلغ}} ریال", notice_kind="utility_bill")
    dispatched_letter(cast.ministry, draft, recipients_csv([11, 12]))
    notice = Notice.objects.get(mailbox__party_id=cast.mehrnaz.national_code)
    open_it(mehrnaz, notice)
    for path in ("/inbox/", reverse("notice", args=[notice.id])):
        body = mehrnaz.get(path).content.decode()
        assert "قبض 1011" in body
        assert "{{" not in body
        assert "1012" not in body


def test_a_companys_letters_carry_its_name(cast: Cast, mehrnaz: Client) -> None:
    company = Company.objects.create(national_id="14000000100", name="شرکت آب‌نمای نمونه")
    Representative.objects.create(person=cast.mehrnaz, company=company, title="مدیرعامل")
    to_company = AddresseeDraft("to", company.national_id, company.name)
    dispatched_letter(cast.ministry, secret_draft(cast.mehrnaz, others=[to_company]))
    body = mehrnaz.get("/inbox/").content.decode()
    assert body.count("شرکت آب‌نمای نمونه") == 1
    notice = Notice.objects.get(mailbox__kind="company")
    assert "شرکت آب‌نمای نمونه" in mehrnaz.get(reverse("notice", args=[notice.id])).content.decode()
    open_it(mehrnaz, notice)
    assert "مهرناز کیانی" in mehrnaz.get(reverse("notice", args=[notice.id])).content.decode()


def test_a_letter_to_an_agency_belongs_to_its_incoming_basket(cast: Cast) -> None:
    to_agency = AddresseeDraft("to", cast.registry.agency.national_id, cast.registry.agency.name)
    dispatched_letter(cast.ministry, secret_draft(kind="letter", others=[to_agency]))
    notice = Notice.objects.get()
    clerk = sign_in(Client(), cast.registry.clerk)
    assert clerk.get(reverse("notice", args=[notice.id])).headers["Location"] == f"/incoming/{notice.id}/"
    assert open_it(clerk, notice).status_code == 404
    assert openings() == 0
    assert str(notice.id) not in clerk.get("/inbox/").content.decode()


def test_an_empty_mailbox_says_that_all_is_well(mehrnaz: Client) -> None:
    body = mehrnaz.get("/inbox/").content.decode()
    assert "همه چیز سر جایش است" in body
    assert "نامهٔ باز نشده‌ای نیست" in mehrnaz.get("/inbox/?view=unopened").content.decode()


def test_older_letters_follow_by_key_and_a_broken_key_shows_the_newest(cast: Cast, mehrnaz: Client) -> None:
    letter = dispatched_letter(cast.ministry, draft_to(cast.mehrnaz))
    fill(Mailbox.objects.get(), letter, 30)
    pattern = re.compile(r'href="/inbox/([0-9a-f-]{36})/"')
    first = mehrnaz.get("/inbox/").content.decode()
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older is not None
    second = mehrnaz.get(older[1].replace("&amp;", "&")).content.decode()
    assert len(pattern.findall(first)) == 25
    assert not set(pattern.findall(first)) & set(pattern.findall(second))
    assert len(pattern.findall(second)) == 6
    for broken in ("x", "2026-01-01_x", "_", "2026-13-41_00000000-0000-0000-0000-000000000000", "\x00"):
        assert mehrnaz.get("/inbox/", {"after": broken}).content.decode().count("k-row-subject") == 25


@pytest.mark.parametrize("language", ["fa", "en"])
def test_pages_ask_the_database_as_often_for_fifty_letters_as_for_five(
    cast: Cast, mehrnaz: Client, django_assert_max_num_queries: Any, language: str
) -> None:
    mehrnaz.cookies["karpusheh_language"] = language
    letter = dispatched_letter(cast.ministry, draft_to(cast.mehrnaz))
    notice = Notice.objects.get()
    counts = []
    for more in (4, 46):
        fill(Mailbox.objects.get(), letter, more, first=Notice.objects.count())
        with django_assert_max_num_queries(14) as listing:
            mehrnaz.get("/inbox/")
        with django_assert_max_num_queries(14) as page:
            mehrnaz.get(reverse("notice", args=[notice.id]))
        counts.append((len(listing), len(page)))
    assert counts[0] == counts[1]


def test_an_opened_notice_costs_a_fixed_number_of_queries(
    cast: Cast, mehrnaz: Client, django_assert_max_num_queries: Any
) -> None:
    notice = sent(cast, cast.mehrnaz, attachment=True)
    open_it(mehrnaz, notice)
    settle()
    with django_assert_max_num_queries(18):
        assert mehrnaz.get(reverse("notice", args=[notice.id])).status_code == 200
