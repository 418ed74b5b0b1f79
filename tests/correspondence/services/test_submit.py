"""Submission and return: what a letter must have, and that what lies before the approver never changes."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from correspondence.directory.errors import NotAllowed, NotFound
from correspondence.errors import Conflict, LetterIncomplete, NotEditable
from correspondence.models import Letter, Revision
from correspondence.recipients import read_recipients
from correspondence.services import (
    AddresseeDraft,
    Draft,
    checks_of,
    compose_letter,
    return_letter,
    revise_letter,
    set_recipients,
    submit_letter,
)
from signing.canonical import canonical, digest
from signing.evidence.models import Event
from tests.people import BODY, Cast, approved_letter, draft_to, recipients_csv, submitted_letter
from tests.threads import at_once, kinds_of

RUN = Draft(subject="قبض {{مبلغ}}", body="مبلغ {{ مبلغ }} ریال است.")


def _drafted(cast: Cast, draft: Draft, recipients: str = "") -> Letter:
    letter = compose_letter(cast.ministry.writer, cast.ministry.agency.id, draft, at=timezone.now())
    if recipients:
        sheet = read_recipients(recipients.encode(), "list.csv")
        set_recipients(cast.ministry.writer, letter.id, sheet, at=timezone.now())
    return letter


def test_a_submission_freezes_canonical_bytes_and_is_recorded(cast: Cast) -> None:
    letter = submitted_letter(cast.ministry, draft_to(cast.mehrnaz))
    revision = letter.revisions.get()
    content = bytes(revision.content)
    assert canonical(json.loads(content)) == content
    assert (revision.ordinal, revision.sha256, letter.state) == (1, digest(content), Letter.State.SUBMITTED)
    event = Event.objects.get(subject=letter.id, kind="letter.submitted")
    assert event.read_facts()["sha256"] == revision.sha256


@pytest.mark.parametrize(
    ("draft", "recipients", "code", "field"),
    [
        (Draft(body="متن"), "", "subject_missing", "subject"),
        (Draft(subject="موضوع"), "", "body_missing", "body"),
        (Draft(subject="موضوع", body="متن"), "", "addressee_missing", "addressees"),
        (Draft(subject="موضوع", body="متن"), "کد ملی,نام\n9990000019,الف\n", "addressee_missing", "addressees"),
        (Draft(subject="موضوع", body="{{سن}}"), recipients_csv([1]), "merge_field_unknown", "body"),
        (RUN, "کد ملی,نام,مبلغ\n9990000018,الف,\n", "merge_field_empty", "recipients"),
        (Draft(subject="قبض {{مبلغ", body="متن"), recipients_csv([1]), "merge_field_malformed", "subject"),
        (Draft(subject="موضوع", body="{{مبلغ}} {{مب{لغ}}"), recipients_csv([1]), "merge_field_malformed", "body"),
    ],
)
def test_what_is_missing_is_named_with_its_field(
    cast: Cast, draft: Draft, recipients: str, code: str, field: str
) -> None:
    letter = _drafted(cast, draft, recipients)
    with pytest.raises(LetterIncomplete) as caught:
        submit_letter(cast.ministry.writer, letter.id, at=timezone.now())
    assert (caught.value.code, caught.value.field) == (code, field)
    letter.refresh_from_db()
    assert letter.state == Letter.State.DRAFT
    assert not Revision.objects.exists()


def test_a_copy_alone_is_no_addressee(cast: Cast) -> None:
    letter = _drafted(
        cast, Draft(subject="م", body="م", addressees=[AddresseeDraft("cc", cast.kaveh.national_code, "ک")])
    )
    with pytest.raises(LetterIncomplete) as caught:
        submit_letter(cast.ministry.writer, letter.id, at=timezone.now())
    assert caught.value.code == "addressee_missing"


def test_nobody_gets_the_same_letter_by_name_and_by_list(cast: Cast) -> None:
    row = f"کد ملی,نام\n{cast.mehrnaz.national_code},مهرناز\n"
    letter = _drafted(cast, draft_to(cast.mehrnaz), row)
    with pytest.raises(LetterIncomplete, match="مهرناز") as caught:
        submit_letter(cast.ministry.writer, letter.id, at=timezone.now())
    assert (caught.value.code, caught.value.field) == ("addressee_in_list", "addressees")


def test_who_is_named_beside_a_list_would_read_unfilled_fields(cast: Cast) -> None:
    named = Draft(
        subject=RUN.subject, body=RUN.body, addressees=[AddresseeDraft("to", cast.kaveh.national_code, "کاوه")]
    )
    letter = _drafted(cast, named, recipients_csv([71]))
    with pytest.raises(LetterIncomplete) as caught:
        submit_letter(cast.ministry.writer, letter.id, at=timezone.now())
    assert (caught.value.code, caught.value.field) == ("merge_field_named", "addressees")
    copied = Draft(
        subject=RUN.subject, body=RUN.body, addressees=[AddresseeDraft("cc", cast.kaveh.national_code, "کاوه")]
    )
    revise_letter(cast.ministry.writer, letter.id, 1, copied, at=timezone.now())
    submit_letter(cast.ministry.writer, letter.id, at=timezone.now())


def test_the_page_names_the_same_reasons_as_the_submission(cast: Cast) -> None:
    letter = _drafted(cast, Draft())
    signals = [check.code for check in checks_of(letter) if check.tone == "signal"]
    assert signals == ["subject_missing", "body_missing", "addressee_missing"]


def test_only_a_clerk_submits_and_only_an_approver_returns(cast: Cast) -> None:
    letter = _drafted(cast, draft_to(cast.mehrnaz))
    with pytest.raises(NotAllowed):
        submit_letter(cast.ministry.signer, letter.id, at=timezone.now())
    with pytest.raises(NotFound):
        submit_letter(cast.registry.writer, letter.id, at=timezone.now())
    submit_letter(cast.ministry.writer, letter.id, at=timezone.now())
    with pytest.raises(NotAllowed):
        return_letter(cast.ministry.writer, letter.id, "نه", at=timezone.now())
    with pytest.raises(NotFound):
        return_letter(cast.registry.signer, letter.id, "نه", at=timezone.now())


def test_a_letter_is_submitted_once(cast: Cast) -> None:
    letter = submitted_letter(cast.ministry, draft_to(cast.mehrnaz))
    with pytest.raises(NotEditable):
        submit_letter(cast.ministry.writer, letter.id, at=timezone.now())
    assert letter.revisions.count() == 1


def test_two_submissions_at_once_make_one_revision(cast_on_disk: Cast) -> None:
    writer = cast_on_disk.ministry.writer
    letter = _drafted(cast_on_disk, draft_to(cast_on_disk.mehrnaz))
    outcomes = at_once(*[lambda: submit_letter(writer, letter.id, at=timezone.now())] * 4)
    assert kinds_of(outcomes).count("Revision") == 1
    assert set(kinds_of(outcomes)) <= {"Revision", "NotEditable", "Conflict"}
    assert letter.revisions.count() == 1


def test_a_change_during_the_submission_is_not_swallowed(cast_on_disk: Cast) -> None:
    """Whoever comes first: the revision holds the list that the letter has then, or there is none."""
    writer, letter = cast_on_disk.ministry.writer, _drafted(cast_on_disk, RUN, recipients_csv(range(300)))
    other = read_recipients(recipients_csv([9]).encode(), "list.csv")
    at_once(
        lambda: submit_letter(writer, letter.id, at=timezone.now()),
        lambda: set_recipients(writer, letter.id, other, at=timezone.now()),
    )
    letter.refresh_from_db()
    rows = letter.recipients.exclude(row=None).count()
    frozen = [json.loads(bytes(revision.content))["recipients"]["count"] for revision in letter.revisions.all()]
    assert frozen == ([rows] if letter.state == Letter.State.SUBMITTED else [])


def test_returning_needs_a_reason_and_makes_a_draft_with_a_new_revision_next(cast: Cast) -> None:
    letter = submitted_letter(cast.ministry, draft_to(cast.mehrnaz))
    for reason, code in ((" \n", "reason_missing"), ("ا" * 1001, "line_too_long")):
        with pytest.raises(LetterIncomplete) as caught:
            return_letter(cast.ministry.signer, letter.id, reason, at=timezone.now())
        assert (caught.value.code, caught.value.field) == (code, "reason")
    return_letter(cast.ministry.signer, letter.id, "تاریخ را درست کنید.", at=timezone.now())
    letter.refresh_from_db()
    assert (letter.state, letter.state_word, letter.return_reason) == ("draft", "returned", "تاریخ را درست کنید.")
    revise_letter(cast.ministry.writer, letter.id, letter.version, draft_to(cast.kaveh), at=timezone.now())
    second = submit_letter(cast.ministry.writer, letter.id, at=timezone.now() + timedelta(seconds=1))
    first = letter.revisions.get(ordinal=1)
    assert (second.ordinal, second.sha256 != first.sha256) == (2, True)
    letter.refresh_from_db()
    assert letter.return_reason == ""


def test_what_was_signed_is_not_returned(cast: Cast) -> None:
    letter = approved_letter(cast.ministry, draft_to(cast.mehrnaz))
    with pytest.raises(Conflict):
        return_letter(cast.ministry.signer, letter.id, "دیر شد", at=timezone.now())


def test_the_database_keeps_revisions_and_the_content_and_way_of_submitted_letters(cast: Cast) -> None:
    letter = submitted_letter(cast.ministry, draft_to(cast.mehrnaz))
    letters, revisions = Letter.objects.filter(id=letter.id), letter.revisions
    refused = (
        lambda: revisions.update(content=b"{}"),
        lambda: revisions.update(submitted_at=timezone.now()),
        lambda: revisions.all().delete(),
        lambda: letters.update(subject="دیگر"),
        lambda: letters.update(body="دیگر"),
        lambda: letters.update(state="sealed"),
        lambda: letters.update(state="approved"),
        lambda: letters.update(number="1405/101/1"),
        lambda: letters._raw_delete(letters.db),
    )
    for change in refused:
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    letter.refresh_from_db()
    assert (letter.state, letter.body) == (Letter.State.SUBMITTED, BODY)
