"""The desk's pages: who may see and do what, and that refused input is explained beside its field and kept."""

from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from correspondence.directory.sms import development_codes
from correspondence.models import Letter
from correspondence.services import compose_letter, return_letter, revise_letter, submit_letter
from tests.people import (
    Cast,
    approved_letter,
    draft_to,
    make_cast,
    missing_id,
    recipients_csv,
    sign_in,
    submitted_letter,
)

BAD_CODE = "000000"


@pytest.fixture
def cast(db: None) -> Cast:
    """Two agencies, two citizens."""
    return make_cast()


@pytest.fixture
def clerk(cast: Cast) -> Client:
    """The ministry's clerk, signed in."""
    return sign_in(Client(), cast.ministry.clerk)


@pytest.fixture
def approver(cast: Cast) -> Client:
    """The ministry's approver, signed in."""
    return sign_in(Client(), cast.ministry.approver)


@pytest.fixture
def stranger(cast: Cast) -> Client:
    """The clerk of another agency."""
    return sign_in(Client(), cast.registry.clerk)


@pytest.fixture
def draft(cast: Cast) -> Letter:
    """A draft to Mehrnaz."""
    return compose_letter(cast.ministry.writer, cast.ministry.agency.id, draft_to(cast.mehrnaz), at=timezone.now())


@pytest.fixture
def submitted(cast: Cast) -> Letter:
    """A letter that waits for its signature."""
    return submitted_letter(cast.ministry, draft_to(cast.mehrnaz))


def typed(cast: Cast, *lines: Mapping[str, str], **changes: str) -> dict[str, str]:
    """The composer's form as a browser sends it, with `lines` as addressees (Mehrnaz if none is named)."""
    lines = lines or ({"identifier": cast.mehrnaz.national_code, "name": cast.mehrnaz.full_name},)
    data = {
        "agency": str(cast.ministry.agency.id),
        "version": "1",
        "subject": "اصلاح نشانی",
        "salutation": "با سلام؛",
        "body": "نشانی را اصلاح کنید.",
        "notice_kind": "letter",
        "priority": "normal",
        "classification": "unclassified",
        "reply_due": "",
        "addressee-TOTAL_FORMS": str(len(lines)),
        "addressee-INITIAL_FORMS": "0",
        "relation-TOTAL_FORMS": "0",
        "relation-INITIAL_FORMS": "0",
    }
    for position, line in enumerate(lines):
        row = {"role": "to", "name": "", "title": "", "purpose": "for_information", **line}
        data |= {f"addressee-{position}-{name}": value for name, value in row.items()}
    return data | changes


# Who may come in


@pytest.mark.parametrize("path", ["/desk/", "/letters/new/", "/letters/{}/edit/", "/letters/{}/approval/"])
def test_strangers_to_the_system_are_sent_to_the_door(cast: Cast, draft: Letter, path: str) -> None:
    response = Client().get(path.format(draft.id))
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize(
    "path",
    [
        "edit/",
        "approval/",
        "preview.pdf",
        "letter.pdf",
        "attachments/00000000-0000-0000-0000-000000000000/",
    ],
)
def test_another_agency_sees_what_it_sees_of_letters_that_do_not_exist(
    stranger: Client, submitted: Letter, path: str
) -> None:
    mine = stranger.get(f"/letters/{submitted.id}/{path}")
    nobodys = stranger.get(f"/letters/{missing_id()}/{path}")
    assert mine.status_code == nobodys.status_code == 404
    assert submitted.subject not in mine.content.decode()


@pytest.mark.parametrize(
    "act", ["submission", "return", "approval", "approval/code", "dispatch", "attachments", "recipients"]
)
def test_another_agency_can_do_nothing_to_a_letter(stranger: Client, submitted: Letter, act: str) -> None:
    assert stranger.post(f"/letters/{submitted.id}/{act}/", {"reason": "x", "code": "1"}).status_code == 404
    submitted.refresh_from_db()
    assert submitted.state == Letter.State.SUBMITTED


@pytest.mark.parametrize(
    "act", ["submission", "return", "approval/code", "dispatch", "attachments", "recipients", "attachments/{0}/removal"]
)
def test_acts_are_posts(clerk: Client, draft: Letter, act: str) -> None:
    assert clerk.get(f"/letters/{draft.id}/{act.format(missing_id())}/").status_code == 405


def test_citizens_have_no_desk(cast: Cast) -> None:
    citizen = sign_in(Client(), cast.mehrnaz)
    assert citizen.get("/desk/").status_code == 403
    assert citizen.get("/letters/new/").status_code == 403


def test_who_only_signs_does_not_write(approver: Client, cast: Cast, draft: Letter) -> None:
    assert approver.get("/letters/new/").status_code == 403
    assert approver.get(f"/letters/{draft.id}/edit/").status_code == 403
    assert approver.post("/letters/new/", typed(cast)).status_code == 403
    assert approver.post(f"/letters/{draft.id}/submission/").status_code == 403


def test_who_only_writes_does_not_sign(clerk: Client, submitted: Letter) -> None:
    assert clerk.get(f"/letters/{submitted.id}/approval/").status_code == 403
    assert clerk.post(f"/letters/{submitted.id}/approval/code/").status_code == 403
    assert clerk.post(f"/letters/{submitted.id}/approval/", {"code": "123456"}).status_code == 403
    assert clerk.post(f"/letters/{submitted.id}/return/", {"reason": "نه"}).status_code == 403
    submitted.refresh_from_db()
    assert submitted.state == Letter.State.SUBMITTED


def test_who_only_signs_does_not_send(approver: Client, cast: Cast) -> None:
    letter = approved_letter(cast.ministry, draft_to(cast.mehrnaz))
    assert approver.post(f"/letters/{letter.id}/dispatch/").status_code == 403
    letter.refresh_from_db()
    assert letter.number == ""


# The desk


def test_the_desk_shows_what_waits_for_whom(clerk: Client, approver: Client, submitted: Letter) -> None:
    assert "برای امضای شما" in approver.get("/desk/").content.decode()
    assert f"/letters/{submitted.id}/approval/" in approver.get("/desk/").content.decode()
    page = clerk.get("/desk/?view=to_sign").content.decode()
    assert submitted.subject in page and "برای امضای شما" not in page


def test_older_letters_follow_without_gap_or_repeat(clerk: Client, cast: Cast) -> None:
    for number in range(28):
        draft = draft_to(cast.mehrnaz, subject=f"نامهٔ آزمایشی {number:02d}")
        compose_letter(cast.ministry.writer, cast.ministry.agency.id, draft, at=timezone.now())
    first = clerk.get("/desk/")
    second = clerk.get(f"/desk/?view=all&after={first.context['listing'].next.replace('+', '%2B')}")
    seen = [row.letter.subject for page in (first, second) for day in page.context["listing"].days for row in day.rows]
    assert len(seen) == len(set(seen)) == 28
    assert second.context["listing"].next == ""


def test_the_desk_asks_as_often_for_many_letters_as_for_few(clerk: Client, cast: Cast) -> None:
    few = queries_of(clerk, "/desk/", cast, 3)
    assert queries_of(clerk, "/desk/", cast, 22) == few


def queries_of(client: Client, path: str, cast: Cast, more: int) -> int:
    """How many queries a page makes after `more` letters were written and laid before the approver."""
    for _ in range(more):
        submitted_letter(cast.ministry, draft_to(cast.mehrnaz, cast.kaveh))
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


# Writing


def test_a_letter_is_begun_and_opens_in_the_composer(clerk: Client, cast: Cast) -> None:
    response = clerk.post("/letters/new/", typed(cast))
    letter = Letter.objects.get()
    assert response["Location"] == f"/letters/{letter.id}/edit/"
    page = clerk.get(response["Location"]).content.decode()
    assert cast.mehrnaz.full_name in page and "نشانی را اصلاح کنید." in page


def test_saving_and_laying_before_the_approver_are_one_step(clerk: Client, cast: Cast, draft: Letter) -> None:
    response = clerk.post(f"/letters/{draft.id}/edit/", typed(cast, body="متن نو", then="submission"))
    draft.refresh_from_db()
    assert response["Location"] == f"/letters/{draft.id}/"
    assert (draft.state, draft.body) == (Letter.State.SUBMITTED, "متن نو")


def test_an_unfinished_letter_is_saved_but_not_submitted(clerk: Client, cast: Cast, draft: Letter) -> None:
    response = clerk.post(f"/letters/{draft.id}/edit/", typed(cast, subject="", then="submission"), follow=True)
    draft.refresh_from_db()
    assert (draft.state, draft.subject) == (Letter.State.DRAFT, "")
    assert "موضوع را بنویسید." in response.content.decode()


def test_a_letter_to_nobody_stays_a_draft(clerk: Client, cast: Cast) -> None:
    response = clerk.post("/letters/new/", typed(cast, {"identifier": ""}, then="submission"), follow=True)
    assert Letter.objects.get().state == Letter.State.DRAFT
    assert "دست‌کم یک گیرنده بنویسید" in response.content.decode()


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([{"identifier": "{ministry}"}], "به خود فرستنده"),
        ([{"identifier": "{mehrnaz}"}, {"identifier": "{mehrnaz}"}], "دو بار آمده است"),
        ([{"identifier": "9990000120"}], "رقم آخر با بقیه نمی‌خواند"),
        ([{"identifier": "۹۹۹۰۰x۰۱۲"}], "دوباره نگاه کنید"),
        ([{"identifier": "", "name": "بی‌شماره"}], "کد ملی یا شناسهٔ ملی را بنویسید"),
    ],
)
def test_a_wrong_addressee_is_told_beside_its_field_and_all_is_kept(
    clerk: Client, cast: Cast, lines: list[dict[str, str]], told: str
) -> None:
    names = {"ministry": cast.ministry.agency.national_id, "mehrnaz": cast.mehrnaz.national_code}
    filled = [line | {"identifier": line["identifier"].format(**names)} for line in lines]
    response = clerk.post("/letters/new/", typed(cast, *filled, body="متنی که می‌ماند"))
    assert response.status_code == 422
    assert told in response.context["addressees"].errors[-1]["identifier"][0]
    assert "متنی که می‌ماند" in response.content.decode()
    assert not Letter.objects.exists()


def test_persian_and_arabic_digits_and_half_spaces_are_read(clerk: Client, cast: Cast) -> None:
    code = cast.mehrnaz.national_code.translate(str.maketrans("0123456789", "۰١٢۳٤٥۶٧٨۹"))
    clerk.post("/letters/new/", typed(cast, {"identifier": f" {code[:3]}‌{code[3:]} ", "name": "مهرناز"}))
    assert Letter.objects.get().addressees.get().party_id == cast.mehrnaz.national_code


def test_a_nameless_person_is_not_named_by_the_national_code(clerk: Client, cast: Cast) -> None:
    clerk.post("/letters/new/", typed(cast, {"identifier": cast.mehrnaz.national_code}))
    assert cast.mehrnaz.national_code not in Letter.objects.get().addressees.get().name


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reply_due": "1405/13/01"}, "reply_due"),
        ({"reply_due": "فردا"}, "reply_due"),
        ({"subject": "الف" * 300}, "subject"),
        ({"subject": "پنهان\u202eوارونه"}, "subject"),
        ({"body": "پنهان\u2066وارونه"}, "body"),
        ({"body": "کنترل\x07"}, "body"),
        ({"body": "الف " * 40_000}, "body"),
        ({"priority": "whenever"}, "priority"),
        ({"agency": "00000000-0000-0000-0000-000000000000"}, "agency"),
    ],
)
def test_a_wrong_field_is_told_beside_it_and_all_is_kept(
    clerk: Client, cast: Cast, changes: dict[str, str], field: str
) -> None:
    response = clerk.post("/letters/new/", typed(cast, **changes))
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert cast.mehrnaz.full_name in response.content.decode()
    assert not Letter.objects.exists()


def test_bytes_that_are_no_text_are_told_apart_from_text(clerk: Client, cast: Cast) -> None:
    data = "&".join(f"{name}={value}" for name, value in typed(cast, subject="s", salutation="", body="").items())
    surrogate = (data + "&body=%D9%85%ED%A0%80%D9%86").replace("body=&", "")
    response = clerk.post("/letters/new/", surrogate.encode(), content_type="application/x-www-form-urlencoded")
    assert response.status_code == 422
    assert "درست نرسید" in str(response.context["form"].errors["body"])


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script><img src=x onerror=alert(2)>",
        '#set page(width: 1pt) #include "/etc/passwd" $x$ @ref <label>',
        "[پیوند](javascript:alert(1)) ![x](//e.example/x.png)",
    ],
)
def test_markup_of_other_languages_stays_the_text_that_was_typed(
    clerk: Client, approver: Client, cast: Cast, body: str
) -> None:
    clerk.post("/letters/new/", typed(cast, body=body, then="submission"))
    letter = Letter.objects.get()
    assert (letter.body, letter.state) == (body, Letter.State.SUBMITTED)
    page = approver.get(f"/letters/{letter.id}/approval/").content.decode()
    sheet = page[page.index("k-sheet-body") : page.index("k-sheet-sign")]
    assert "<script" not in sheet and "<img" not in sheet and "<a " not in sheet
    preview = clerk.get(f"/letters/{letter.id}/preview.pdf")
    assert preview.status_code == 200 and preview.content.startswith(b"%PDF-")


def test_a_sign_that_cannot_be_printed_is_found_before_the_signature(clerk: Client, cast: Cast) -> None:
    response = clerk.post("/letters/new/", typed(cast, body="سلام 😀", then="submission"), follow=True)
    assert Letter.objects.get().state == Letter.State.DRAFT
    assert "U+1F600" in response.content.decode().replace("۱", "1").replace("۶", "6").replace("۰", "0")


def test_more_lines_come_without_script_and_nothing_is_saved(clerk: Client, cast: Cast) -> None:
    response = clerk.post("/letters/new/", typed(cast, body="ناتمام", more="addressee"))
    assert response.status_code == 200
    assert response.context["addressees"].total_form_count() == 2
    assert "ناتمام" in response.content.decode()
    assert not Letter.objects.exists()


def test_a_reply_link_fills_the_composer(clerk: Client, cast: Cast) -> None:
    number = cast.registry.agency.national_id
    page = clerk.get(
        f"/letters/new/?to={number}&name=ثبت&number=1405/12/7&dated=1405/08/01&subject=پاسخ"
    ).content.decode()
    assert all(part in page for part in (number, "1405/12/7", "1405/08/01", "پاسخ", "selected>عطف به"))


# Two at one letter


def test_a_conflict_keeps_the_text_and_shows_the_other_one(clerk: Client, cast: Cast, draft: Letter) -> None:
    theirs = draft_to(cast.mehrnaz, body="متن همکار")
    revise_letter(cast.ministry.writer, draft.id, 1, theirs, at=timezone.now())
    response = clerk.post(f"/letters/{draft.id}/edit/", typed(cast, body="متن من"))
    page = response.content.decode()
    assert response.status_code == 409
    assert "متن من" in page and "متن همکار" in page
    assert response.context["form"]["version"].value() == "2"
    draft.refresh_from_db()
    assert draft.body == "متن همکار"
    clerk.post(f"/letters/{draft.id}/edit/", typed(cast, body="متن من", version="2"))
    draft.refresh_from_db()
    assert draft.body == "متن من"


def test_a_letter_that_was_submitted_meanwhile_keeps_its_content_and_the_page_keeps_the_text(
    clerk: Client, cast: Cast, draft: Letter
) -> None:
    submit_letter(cast.ministry.writer, draft.id, at=timezone.now())
    response = clerk.post(f"/letters/{draft.id}/edit/", typed(cast, body="متن دیررسیده"))
    assert response.status_code == 409
    assert "متن دیررسیده" in response.content.decode()
    draft.refresh_from_db()
    assert "متن دیررسیده" not in draft.body
    assert clerk.get(f"/letters/{draft.id}/edit/")["Location"] == f"/letters/{draft.id}/"


# Files and lists


def upload(name: str, content: bytes) -> BytesIO:
    """A file as the test client sends it."""
    file = BytesIO(content)
    file.name = name
    return file


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)


def test_a_refused_file_is_told_beside_it_and_does_not_hold_back_the_others(clerk: Client, draft: Letter) -> None:
    files = [upload("عکس.png", PNG), upload("برنامه.exe", b"MZ" + bytes(64)), upload("تهی.pdf", b"")]
    response = clerk.post(f"/letters/{draft.id}/attachments/", {"file": files})
    page = response.content.decode()
    assert response.status_code == 422
    assert [a.name for a in draft.attachments.all()] == ["عکس.png"]
    assert "برنامه.exe" in page and len(response.context["refused_files"]) == 2
    assert clerk.post(f"/letters/{draft.id}/attachments/").status_code == 422


def test_an_attachment_comes_back_under_its_own_name_and_can_be_taken_off(clerk: Client, draft: Letter) -> None:
    assert clerk.post(f"/letters/{draft.id}/attachments/", {"file": upload("عکس.png", PNG)}).status_code == 302
    kept = draft.attachments.get()
    response = clerk.get(f"/letters/{draft.id}/attachments/{kept.id}/")
    assert response.getvalue() == PNG
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff" and "sandbox" in response["Content-Security-Policy"]
    clerk.post(f"/letters/{draft.id}/attachments/{kept.id}/removal/")
    assert not draft.attachments.exists()


def test_a_list_is_read_line_by_line_and_its_refused_lines_say_why(clerk: Client, draft: Letter) -> None:
    content = recipients_csv([501, 502, 501]) + "\n9990000120,رقم نادرست,7"
    url = f"/letters/{draft.id}/recipients/"
    assert clerk.post(url, {"file": upload("list.csv", content.encode())}).status_code == 302
    page = clerk.get(f"/letters/{draft.id}/edit/")
    assert (page.context["accepted"], page.context["refused_count"]) == (2, 2)
    assert "رقم آخر با بقیه نمی‌خواند" in page.content.decode()
    clerk.post(url, {"remove": "list"})
    assert not draft.recipients.exists()


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", "نام,نشانی\nالف,ب".encode()])
def test_a_file_that_is_no_list_leaves_the_list_before_it(clerk: Client, draft: Letter, content: bytes) -> None:
    url = f"/letters/{draft.id}/recipients/"
    clerk.post(url, {"file": upload("list.csv", recipients_csv([501]).encode())})
    response = clerk.post(url, {"file": upload("other.csv", content)})
    assert response.status_code == 422 and response.context["list_refusal"]
    assert draft.recipients.count() == 1


# Signing


def signing_form(letter: Letter, code: str) -> dict[str, str]:
    """What the approver's page posts."""
    return {"code": code, "revision": letter.revisions.latest("ordinal").sha256}


def ask(approver: Client, letter: Letter) -> str:
    """Ask for a code and read it from the mobile."""
    approver.post(f"/letters/{letter.id}/approval/code/")
    return development_codes()[0].code


def test_the_approver_reads_asks_for_a_code_and_signs(approver: Client, submitted: Letter) -> None:
    assert "مواد ۷ و ۱۰" in approver.get(f"/letters/{submitted.id}/approval/").content.decode()
    code = ask(approver, submitted)
    response = approver.post(f"/letters/{submitted.id}/approval/", signing_form(submitted, code))
    submitted.refresh_from_db()
    assert response["Location"] == f"/letters/{submitted.id}/"
    assert submitted.state == Letter.State.APPROVED
    again = approver.post(f"/letters/{submitted.id}/approval/", {"code": code, "revision": "x"})
    assert again.status_code == 409


def test_without_a_code_nothing_is_signed(approver: Client, submitted: Letter) -> None:
    url = f"/letters/{submitted.id}/approval/"
    assert approver.post(url, signing_form(submitted, "123456")).status_code == 422
    ask(approver, submitted)
    empty = approver.post(url, signing_form(submitted, ""))
    assert empty.status_code == 422 and "شش رقمی" in empty.content.decode()
    submitted.refresh_from_db()
    assert submitted.state == Letter.State.SUBMITTED


def test_a_wrong_code_is_told_and_not_shown_again(approver: Client, submitted: Letter) -> None:
    code = ask(approver, submitted)
    wrong = BAD_CODE if code != BAD_CODE else "111111"
    response = approver.post(f"/letters/{submitted.id}/approval/", signing_form(submitted, wrong))
    assert response.status_code == 422
    assert response.context["form"].errors["code"] and wrong not in response.content.decode()
    submitted.refresh_from_db()
    assert submitted.state == Letter.State.SUBMITTED


def test_an_old_code_does_not_sign(approver: Client, submitted: Letter) -> None:
    code = ask(approver, submitted)
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        response = approver.post(f"/letters/{submitted.id}/approval/", signing_form(submitted, code))
    assert response.status_code == 422
    submitted.refresh_from_db()
    assert submitted.state == Letter.State.SUBMITTED


def test_a_code_signs_only_the_text_it_was_asked_for(approver: Client, cast: Cast, submitted: Letter) -> None:
    code = ask(approver, submitted)
    seen = signing_form(submitted, code)
    return_letter(cast.ministry.signer, submitted.id, "اصلاح شود", at=timezone.now())
    submitted.refresh_from_db()
    changed = draft_to(cast.kaveh, body="متنی دیگر")
    revise_letter(cast.ministry.writer, submitted.id, submitted.version, changed, at=timezone.now())
    submit_letter(cast.ministry.writer, submitted.id, at=timezone.now())
    assert approver.post(f"/letters/{submitted.id}/approval/", seen).status_code == 409
    assert approver.post(f"/letters/{submitted.id}/approval/", signing_form(submitted, code)).status_code == 422
    submitted.refresh_from_db()
    assert submitted.state == Letter.State.SUBMITTED


def test_a_used_code_signs_nothing_else(approver: Client, cast: Cast, submitted: Letter) -> None:
    code = ask(approver, submitted)
    approver.post(f"/letters/{submitted.id}/approval/", signing_form(submitted, code))
    other = submitted_letter(cast.ministry, draft_to(cast.kaveh))
    assert approver.post(f"/letters/{other.id}/approval/", signing_form(other, code)).status_code == 422
    other.refresh_from_db()
    assert other.state == Letter.State.SUBMITTED


def test_a_letter_goes_back_only_with_a_reason(approver: Client, clerk: Client, submitted: Letter) -> None:
    url = f"/letters/{submitted.id}/return/"
    assert approver.post(url, {"reason": "  "}).status_code == 422
    assert approver.post(url, {"reason": "پنهان\u202e"}).status_code == 422
    assert approver.post(url, {"reason": "مبلغ را با حروف بنویسید."}).status_code == 302
    submitted.refresh_from_db()
    assert submitted.state == Letter.State.DRAFT
    assert "مبلغ را با حروف بنویسید." in clerk.get(f"/letters/{submitted.id}/edit/").content.decode()


def test_the_approver_sees_what_changed_since_the_last_look(approver: Client, cast: Cast, submitted: Letter) -> None:
    return_letter(cast.ministry.signer, submitted.id, "اصلاح شود", at=timezone.now())
    submitted.refresh_from_db()
    changed = draft_to(cast.kaveh, body=submitted.body.replace("اصلاح", "تمدید"))
    revise_letter(cast.ministry.writer, submitted.id, submitted.version, changed, at=timezone.now())
    submit_letter(cast.ministry.writer, submitted.id, at=timezone.now())
    page = approver.get(f"/letters/{submitted.id}/approval/?show=changes").content.decode()
    assert "<del>**اصلاح**</del><ins>**تمدید**</ins>" in page
    assert "گیرندگان" in page


def test_sending_needs_a_signature(clerk: Client, submitted: Letter) -> None:
    assert clerk.post(f"/letters/{submitted.id}/dispatch/").status_code == 409
    submitted.refresh_from_db()
    assert submitted.number == ""
