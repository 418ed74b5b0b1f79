"""Drafts: who may write one, what is refused beside its field, and that nothing is half saved."""

import json
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from config.demo.country import synthetic_code, synthetic_company
from correspondence.directory.errors import NotAllowed, NotFound
from correspondence.directory.models import Company
from correspondence.errors import Conflict, LetterIncomplete, NotEditable
from correspondence.models import Addressee, Letter
from correspondence.selectors import latest_revision
from correspondence.services import (
    AddresseeDraft,
    Draft,
    RelationDraft,
    compose_letter,
    return_letter,
    revise_letter,
    submit_letter,
)
from signing.evidence.models import Event
from tests.people import BODY, Cast, draft_to, missing_id, submitted_letter


def _compose(cast: Cast, draft: Draft) -> Letter:
    return compose_letter(cast.ministry.writer, cast.ministry.agency.id, draft, at=timezone.now())


def _to(*addressees: AddresseeDraft) -> Draft:
    return Draft(subject="موضوع", body=BODY, addressees=addressees)


def test_a_clerk_begins_a_letter_and_it_is_recorded(cast: Cast) -> None:
    letter = _compose(cast, draft_to(cast.mehrnaz))
    assert (letter.state, letter.version, letter.author_id) == (Letter.State.DRAFT, 1, cast.ministry.clerk.id)
    assert Event.objects.get(subject=letter.id).kind == "letter.composed"


def test_nobody_writes_for_an_agency_whose_clerk_they_are_not(cast: Cast) -> None:
    for actor in (cast.registry.writer, cast.ministry.signer):
        with pytest.raises(NotAllowed):
            compose_letter(actor, cast.ministry.agency.id, draft_to(cast.mehrnaz), at=timezone.now())
    assert not Letter.objects.exists()


def test_a_strangers_draft_looks_like_none(cast: Cast) -> None:
    letter = _compose(cast, draft_to(cast.mehrnaz))
    for letter_id in (letter.id, missing_id()):
        with pytest.raises(NotFound):
            revise_letter(cast.registry.writer, letter_id, 1, Draft(), at=timezone.now())
    with pytest.raises(NotAllowed):
        revise_letter(cast.ministry.signer, letter.id, 1, Draft(), at=timezone.now())


def test_revising_replaces_everything_and_only_what_was_seen(cast: Cast) -> None:
    letter = _compose(cast, draft_to(cast.mehrnaz))
    other = Draft(
        subject="دیگر",
        body="متن دیگر",
        reply_due=date(2026, 12, 5),
        addressees=[AddresseeDraft("to", cast.kaveh.national_code, "کاوه دلاور")],
        relations=[RelationDraft("follow_up_own", "1405/101/7", date(2026, 11, 1))],
    )
    revised = revise_letter(cast.ministry.writer, letter.id, 1, other, at=timezone.now())
    assert (revised.version, revised.subject) == (2, "دیگر")
    assert list(revised.addressees.values_list("party_id", flat=True)) == [cast.kaveh.national_code]
    assert list(revised.relations.values_list("number", flat=True)) == ["1405/101/7"]
    with pytest.raises(Conflict, match="ذخیره کرد"):
        revise_letter(cast.ministry.writer, letter.id, 1, draft_to(cast.mehrnaz), at=timezone.now())
    assert Letter.objects.get().subject == "دیگر"


@pytest.mark.parametrize(
    ("identifier", "code"),
    [
        ("9990000019", "national-code.check-digit"),
        ("1111111111", "national-code.all-equal"),
        ("99900O0018", "national-code.letters"),
        ("999000001", "national-code.length"),
        ("", "national-code.missing"),
        ("14000000101", "company-id.check-digit"),
    ],
)
def test_wrong_identifiers_are_refused_beside_the_addressees(cast: Cast, identifier: str, code: str) -> None:
    with pytest.raises(LetterIncomplete) as caught:
        _compose(cast, _to(AddresseeDraft("to", identifier, "کسی")))
    assert (caught.value.code, caught.value.field) == (code, "addressees")
    assert not Letter.objects.exists(), "nothing is half saved"
    assert not Event.objects.exists()


def test_an_addressee_stands_once_however_it_is_typed(cast: Cast) -> None:
    code = cast.mehrnaz.national_code
    persian = "‏" + code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")) + "\u200c"
    with pytest.raises(LetterIncomplete) as caught:
        _compose(cast, _to(AddresseeDraft("to", code, "مهرناز"), AddresseeDraft("cc", persian, "مهرناز")))
    assert caught.value.code == "addressee_twice"


def test_a_letter_is_not_addressed_to_its_own_sender(cast: Cast) -> None:
    with pytest.raises(LetterIncomplete) as caught:
        _compose(cast, _to(AddresseeDraft("to", cast.ministry.agency.national_id)))
    assert caught.value.code == "addressee_self"


def test_two_hundred_addressees_are_enough(cast: Cast) -> None:
    many = [AddresseeDraft("to", synthetic_code(n), f"شهروند {n}") for n in range(2000, 2201)]
    assert _compose(cast, _to(*many[:200])).addressees.count() == 200
    with pytest.raises(LetterIncomplete) as caught:
        _compose(cast, _to(*many))
    assert (caught.value.code, caught.value.field) == ("too_many_addressees", "addressees")


def test_addressees_are_people_companies_and_agencies_by_their_number(cast: Cast) -> None:
    Company.objects.create(national_id=synthetic_company(700), name="سازه‌گستر")
    letter = _compose(
        cast,
        _to(
            AddresseeDraft("to", cast.registry.agency.national_id, title="ریاست محترم"),
            AddresseeDraft("cc", synthetic_company(700), purpose="for_action"),
            AddresseeDraft("cc", synthetic_company(701)),
            AddresseeDraft("cc", cast.kaveh.national_code),
        ),
    )
    found = [(a.kind, a.name, a.purpose) for a in letter.addressees.all()]
    code = cast.kaveh.national_code
    assert found == [
        ("agency", "سازمان ثبت نمونه", ""),
        ("company", "سازه‌گستر", "for_action"),
        ("company", synthetic_company(701), "for_information"),
        ("person", f"{code[:3]}•••{code[-4:]}", "for_information"),
    ]


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft(subject="الف\u202eب"), "subject"),
        (Draft(subject="ا" * 501), "subject"),
        (Draft(salutation="\u2066سلام"), "salutation"),
        (Draft(body="متن \x07"), "body"),
        (Draft(body="متن \ud800"), "body"),
        (Draft(relations=[RelationDraft("follow_up_own", "۱" * 81)]), "relations"),
    ],
)
def test_what_could_never_be_signed_is_refused_beside_its_field(cast: Cast, draft: Draft, field: str) -> None:
    with pytest.raises(Exception) as caught:
        _compose(cast, draft)
    assert getattr(caught.value, "field", None) == field
    assert not Letter.objects.exists()


def test_markup_of_other_languages_stays_text(cast: Cast) -> None:
    body = "<script>alert(1)</script> #set page(width: 1cm) \\input{x}"
    letter = submitted_letter(cast.ministry, draft_to(cast.mehrnaz, body=body))
    assert json.loads(bytes(latest_revision(letter).content))["body"] == body


def test_secret_letters_are_not_written_here(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        _compose(cast, Draft(classification="secret"))


def test_a_submitted_letter_is_edited_only_after_it_came_back(cast: Cast) -> None:
    letter = submitted_letter(cast.ministry, draft_to(cast.mehrnaz))
    with pytest.raises(NotEditable):
        revise_letter(cast.ministry.writer, letter.id, 1, Draft(), at=timezone.now())
    return_letter(cast.ministry.signer, letter.id, "تاریخ را درست کنید.", at=timezone.now())
    with pytest.raises(Conflict):
        revise_letter(cast.ministry.writer, letter.id, 1, Draft(), at=timezone.now())
    revise_letter(cast.ministry.writer, letter.id, 2, draft_to(cast.kaveh), at=timezone.now())
    submit_letter(cast.ministry.writer, letter.id, at=timezone.now())
    assert list(letter.revisions.order_by("ordinal").values_list("ordinal", flat=True)) == [1, 2]
    assert Addressee.objects.get(letter=letter).party_id == cast.kaveh.national_code
