"""Approval: one's own code over exactly these bytes, once, and nothing after it changes them."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from correspondence.directory.codes import LIMIT_OF_PERSON, SIGN_IN, send_code
from correspondence.directory.errors import CodeRefused, NotAllowed, NotFound, TooManyCodes
from correspondence.directory.models import Role
from correspondence.directory.sms import development_codes
from correspondence.errors import Conflict, NotEditable
from correspondence.models import Approval, Letter
from correspondence.recipients import read_recipients
from correspondence.services import (
    Draft,
    add_attachment,
    approve_letter,
    remove_attachment,
    return_letter,
    revise_letter,
    send_signing_code,
    set_recipients,
    submit_letter,
)
from signing.canonical import canonical
from signing.errors import TimestampUnavailable
from signing.evidence.models import Event
from signing.services import ensure_key
from tests.failing import both_ways, fail_timestamps
from tests.people import (
    Cast,
    Office,
    approved_letter,
    draft_to,
    give_role,
    make_person,
    recipients_csv,
    submitted_letter,
)
from tests.threads import at_once, kinds_of


def _signing(office: Office, letter: Letter) -> dict[str, Any]:
    """The arguments with which the signatory of the office signs what lies there now."""
    challenge = send_signing_code(office.signer, letter.id, address="test", at=timezone.now())
    sha256 = letter.revisions.latest("ordinal").sha256
    return {
        "revision_sha256": sha256,
        "challenge_id": challenge,
        "code": development_codes()[0].code,
        "at": timezone.now(),
    }


def test_a_signature_covers_the_revision_and_its_signatory(cast: Cast) -> None:
    letter = submitted_letter(cast.ministry, draft_to(cast.mehrnaz))
    approval = approve_letter(cast.ministry.signer, letter.id, **_signing(cast.ministry, letter))
    signed, revision = json.loads(bytes(approval.content)), json.loads(bytes(letter.revisions.get().content))
    signatory = {"id": str(cast.ministry.approver.id), "name": "بهمن راد", "title": "مدیرکل", "on_behalf_of": None}
    assert signed == revision | {"signatories": [signatory]}
    assert canonical(signed) == bytes(approval.content)
    letter.refresh_from_db()
    assert letter.state == Letter.State.APPROVED
    assert Event.objects.filter(subject=letter.id, kind="letter.approved", actor=cast.ministry.signer.label).exists()


def test_nobody_else_signs(cast: Cast) -> None:
    letter = submitted_letter(cast.ministry, draft_to(cast.mehrnaz))
    signing = _signing(cast.ministry, letter)
    with pytest.raises(NotAllowed):
        approve_letter(cast.ministry.writer, letter.id, **signing)
    with pytest.raises(NotFound):
        approve_letter(cast.registry.signer, letter.id, **signing)
    with pytest.raises(NotAllowed):
        send_signing_code(cast.ministry.writer, letter.id, address="test", at=timezone.now())
    with pytest.raises(NotFound):
        send_signing_code(cast.registry.signer, letter.id, address="test", at=timezone.now())
    assert not Approval.objects.exists()


def test_a_withdrawn_right_signs_nothing(cast: Cast) -> None:
    letter = submitted_letter(cast.ministry, draft_to(cast.mehrnaz))
    signing = _signing(cast.ministry, letter)
    Role.objects.filter(person=cast.ministry.approver).update(revoked_at=timezone.now())
    with pytest.raises(NotFound):
        approve_letter(cast.ministry.signer, letter.id, **signing)


def test_a_colleagues_code_does_not_sign(cast: Cast) -> None:
    letter = submitted_letter(cast.ministry, draft_to(cast.mehrnaz))
    deputy = make_person(150, "سپیده تابان")
    give_role(deputy, cast.ministry.agency, Role.Right.APPROVER, timezone.now())
    with pytest.raises(NotAllowed):
        approve_letter(replace(cast.ministry, approver=deputy).signer, letter.id, **_signing(cast.ministry, letter))
    assert not Approval.objects.exists()


def test_the_code_of_another_letter_does_not_sign(cast: Cast) -> None:
    letter, other = (submitted_letter(cast.ministry, draft_to(cast.mehrnaz, subject=s)) for s in ("یک", "دو"))
    signing = _signing(cast.ministry, other) | {"revision_sha256": letter.revisions.get().sha256}
    with pytest.raises(CodeRefused):
        approve_letter(cast.ministry.signer, letter.id, **signing)
    approve_letter(cast.ministry.signer, other.id, **_signing(cast.ministry, other))


@pytest.mark.parametrize(
    "change", [{"code": "000000"}, {"code": ""}, {"code": "a\u202e"}, {"later": timedelta(minutes=6)}]
)
def test_wrong_and_old_codes_do_not_sign(cast: Cast, change: dict[str, Any]) -> None:
    letter = submitted_letter(cast.ministry, draft_to(cast.mehrnaz))
    signing = _signing(cast.ministry, letter)
    signing["at"] += change.pop("later", timedelta())
    with pytest.raises(CodeRefused) as caught:
        approve_letter(cast.ministry.signer, letter.id, **(signing | change))
    assert caught.value.field == "code"
    letter.refresh_from_db()
    assert letter.state == Letter.State.SUBMITTED


def test_a_letter_that_changed_since_it_was_seen_is_a_conflict(cast: Cast) -> None:
    letter = submitted_letter(cast.ministry, draft_to(cast.mehrnaz))
    signing = _signing(cast.ministry, letter)
    return_letter(cast.ministry.signer, letter.id, "نام را درست کنید.", at=timezone.now())
    with pytest.raises(Conflict):
        approve_letter(cast.ministry.signer, letter.id, **signing)
    revise_letter(cast.ministry.writer, letter.id, 2, draft_to(cast.kaveh), at=timezone.now())
    submit_letter(cast.ministry.writer, letter.id, at=timezone.now())
    with pytest.raises(Conflict):
        approve_letter(cast.ministry.signer, letter.id, **signing)
    fresh = _signing(cast.ministry, letter)
    with pytest.raises(CodeRefused):
        approve_letter(
            cast.ministry.signer,
            letter.id,
            **(fresh | {"code": signing["code"], "challenge_id": signing["challenge_id"]}),
        )
    assert approve_letter(cast.ministry.signer, letter.id, **fresh).revision.ordinal == 2


def test_a_folder_of_letters_is_signed_in_one_sitting_whatever_strangers_ask_for_at_the_door(cast: Cast) -> None:
    letter = submitted_letter(cast.ministry, draft_to(cast.mehrnaz))
    code = cast.ministry.approver.national_code
    for number in range(LIMIT_OF_PERSON):
        send_code(code, SIGN_IN, address=f"stranger {number}", at=timezone.now())
    with pytest.raises(TooManyCodes):
        send_code(code, SIGN_IN, address="stranger", at=timezone.now())
    for _ in range(2 * LIMIT_OF_PERSON):
        send_signing_code(cast.ministry.signer, letter.id, address="test", at=timezone.now())
    approve_letter(cast.ministry.signer, letter.id, **_signing(cast.ministry, letter))


def test_a_code_is_used_once(cast: Cast) -> None:
    letter = submitted_letter(cast.ministry, draft_to(cast.mehrnaz))
    signing = _signing(cast.ministry, letter)
    approve_letter(cast.ministry.signer, letter.id, **signing)
    with pytest.raises(Conflict):
        approve_letter(cast.ministry.signer, letter.id, **signing)
    with pytest.raises(Conflict):
        send_signing_code(cast.ministry.signer, letter.id, address="test", at=timezone.now())
    assert Approval.objects.count() == 1


@both_ways
def test_without_a_time_stamp_nothing_is_signed_and_a_new_code_signs(
    cast: Cast, settings: Settings, late: bool
) -> None:
    letter = submitted_letter(cast.ministry, draft_to(cast.mehrnaz))
    fail_timestamps(settings, 1, late=late)
    with pytest.raises(TimestampUnavailable):
        approve_letter(cast.ministry.signer, letter.id, **_signing(cast.ministry, letter))
    letter.refresh_from_db()
    assert (letter.state, Approval.objects.count()) == (Letter.State.SUBMITTED, 0)
    approve_letter(cast.ministry.signer, letter.id, **_signing(cast.ministry, letter))


def test_of_two_approvers_at_once_one_signs(cast_on_disk: Cast) -> None:
    office, deputy = cast_on_disk.ministry, make_person(150, "سپیده تابان")
    give_role(deputy, office.agency, Role.Right.APPROVER, timezone.now())
    ensure_key(f"person:{deputy.id}", name="سپیده تابان")
    letter = submitted_letter(office, draft_to(cast_on_disk.mehrnaz))
    offices = (office, replace(office, approver=deputy))
    outcomes = at_once(*(_approving(one, letter) for one in offices))
    assert kinds_of(outcomes) == ["Approval", "Conflict"]
    [approval] = [outcome for outcome in outcomes if isinstance(outcome, Approval)]
    assert Approval.objects.get() == approval
    assert Event.objects.filter(kind="letter.approved").count() == 1


def _approving(office: Office, letter: Letter) -> Callable[[], Approval]:
    signer, signing = office.signer, _signing(office, letter)
    return lambda: approve_letter(signer, letter.id, **signing)


def test_no_service_changes_what_was_signed(cast: Cast) -> None:
    letter = approved_letter(cast.ministry, draft_to(cast.mehrnaz))
    writer, at, before = cast.ministry.writer, timezone.now(), bytes(letter.approval.content)
    sheet = read_recipients(recipients_csv([5]).encode(), "list.csv")
    acts = (
        lambda: revise_letter(writer, letter.id, letter.version, Draft(subject="دیگر"), at=at),
        lambda: add_attachment(writer, letter.id, io.BytesIO(b"x"), "x.txt", "", at=at),
        lambda: remove_attachment(writer, letter.id, letter.id, at=at),
        lambda: set_recipients(writer, letter.id, sheet, at=at),
        lambda: submit_letter(writer, letter.id, at=at),
    )
    for act in acts:
        with pytest.raises(NotEditable):
            act()
    with pytest.raises(Conflict):
        return_letter(cast.ministry.signer, letter.id, "نه", at=at)
    assert bytes(Approval.objects.get().content) == before


def test_the_database_keeps_signatures(cast: Cast) -> None:
    letter = approved_letter(cast.ministry, draft_to(cast.mehrnaz))
    approvals, letters = Approval.objects.all(), Letter.objects.filter(id=letter.id)
    refused = (
        lambda: approvals.update(content=b"{}"),
        lambda: approvals.update(signature=b""),
        lambda: approvals.update(signatory=cast.kaveh),
        lambda: approvals.delete(),
        lambda: letters.update(state="draft"),
        lambda: letters.update(approved_at=timezone.now()),
        lambda: letters.update(classification="confidential"),
    )
    for change in refused:
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
