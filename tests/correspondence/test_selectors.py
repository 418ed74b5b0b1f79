"""Reads of letters: whose, in which order, in how many queries, and what they never show to others."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from correspondence.directory.access import Actor, actor_of
from correspondence.directory.errors import NotAllowed, NotFound
from correspondence.directory.models import Company, Role
from correspondence.errors import NotEditable
from correspondence.models import Attachment, Letter
from correspondence.selectors import (
    View,
    get_attachment,
    get_draft,
    get_letter,
    latest_revision,
    letters_for,
    letters_waiting_for,
    lock_letter,
    parties_for,
    waiting_counts,
)
from correspondence.services import Draft, compose_letter, return_letter
from tests.people import (
    Cast,
    approved_letter,
    dispatched_letter,
    draft_to,
    missing_id,
    recipients_csv,
    submitted_letter,
)


def _draft(cast: Cast, subject: str = "پیش‌نویس") -> Letter:
    draft = draft_to(cast.mehrnaz, subject=subject)
    return compose_letter(cast.ministry.writer, cast.ministry.agency.id, draft, at=timezone.now())


def test_anothers_letter_looks_like_none(cast: Cast) -> None:
    letter = _draft(cast)
    attachment = Attachment.objects.create(letter=letter, position=1, name="x.txt", media_type="text/plain", size=1)
    strangers = (cast.registry.writer, cast.registry.signer, actor_of(cast.mehrnaz, timezone.now()))
    for actor in strangers:
        for letter_id in (letter.id, missing_id()):
            with pytest.raises(NotFound):
                get_letter(actor, letter_id)
            with pytest.raises(NotFound):
                get_attachment(actor, letter_id, attachment.id)
            with pytest.raises(NotFound), transaction.atomic():
                lock_letter(actor, letter_id)
        assert not letters_for(actor)
        assert not letters_waiting_for(actor)
    assert get_attachment(cast.ministry.signer, letter.id, attachment.id) == attachment


def test_an_attachment_is_found_under_its_own_letter_only(cast: Cast) -> None:
    letter, other = _draft(cast), _draft(cast)
    attachment = Attachment.objects.create(letter=letter, position=1, name="x.txt", media_type="text/plain", size=1)
    with pytest.raises(NotFound):
        get_attachment(cast.ministry.writer, other.id, attachment.id)


def test_a_right_that_ended_or_has_not_begun_shows_nothing(cast: Cast) -> None:
    letter = _draft(cast)
    roles = Role.objects.filter(person=cast.ministry.clerk)
    now = timezone.now()
    for change in (
        {"valid_until": now},
        {"valid_until": None, "valid_from": now + timedelta(days=1)},
        {"valid_from": now - timedelta(days=1), "revoked_at": now},
    ):
        roles.update(**change)
        with pytest.raises(NotFound):
            get_letter(actor_of(cast.ministry.clerk, now), letter.id)


def test_a_draft_is_for_those_who_write(cast: Cast) -> None:
    letter = _draft(cast)
    assert get_draft(cast.ministry.writer, letter.id) == letter
    with pytest.raises(NotAllowed):
        get_draft(cast.ministry.signer, letter.id)
    with pytest.raises(NotEditable):
        get_draft(cast.ministry.writer, submitted_letter(cast.ministry, draft_to(cast.mehrnaz)).id)


def _ids(actor: Actor, view: View) -> list[UUID]:
    return [letter.id for letter in letters_for(actor, view)]


def test_each_view_holds_its_states_last_changed_first(cast: Cast) -> None:
    sent = dispatched_letter(cast.ministry, draft_to(cast.mehrnaz))
    signed = approved_letter(cast.ministry, draft_to(cast.mehrnaz))
    waiting = submitted_letter(cast.ministry, draft_to(cast.mehrnaz))
    draft = _draft(cast)
    clerk = cast.ministry.writer
    views: tuple[View, ...] = ("drafts", "to_sign", "to_dispatch", "sent", "all")
    assert {view: _ids(clerk, view) for view in views} == {
        "drafts": [draft.id],
        "to_sign": [waiting.id],
        "to_dispatch": [signed.id],
        "sent": [sent.id],
        "all": [draft.id, waiting.id, signed.id, sent.id],
    }
    assert waiting_counts(clerk) == {"drafts": 1, "to_sign": 1, "to_dispatch": 1}


def test_what_waits_is_the_actors_own_next_step(cast: Cast) -> None:
    _draft(cast)
    signed = approved_letter(cast.ministry, draft_to(cast.mehrnaz))
    waiting = submitted_letter(cast.ministry, draft_to(cast.mehrnaz))
    returned = submitted_letter(cast.ministry, draft_to(cast.kaveh))
    return_letter(cast.ministry.signer, returned.id, "نام را درست کنید.", at=timezone.now())
    assert {letter.id for letter in letters_waiting_for(cast.ministry.writer)} == {signed.id, returned.id}
    assert [letter.id for letter in letters_waiting_for(cast.ministry.signer)] == [waiting.id]


def test_pages_hold_each_letter_once_also_where_many_changed_at_one_instant(cast: Cast) -> None:
    for number in range(7):
        _draft(cast, f"نامهٔ {number}")
    Letter.objects.update(changed_at=timezone.now())
    seen: list[UUID] = []
    after = None
    while page := letters_for(cast.ministry.writer, after=after, limit=3):
        seen += [letter.id for letter in page]
        after = (page[-1].changed_at, page[-1].id)
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 7


def test_a_page_costs_the_same_for_many_letters_and_reads_no_heavy_column(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    actor = cast.ministry.writer
    submitted_letter(cast.ministry, Draft(subject="م", body="م"), recipients_csv([1, 2, 3]))
    for count in (1, 9):
        for number in range(count):
            _draft(cast, f"نامهٔ {number}")
        with django_assert_num_queries(2):
            rows = [(one.agency.name, one.author.full_name, len(one.addressees.all())) for one in letters_for(actor)]
        assert len(rows) >= count
    listed = letters_for(actor, "to_sign")[0]
    assert getattr(listed, "last_row", None) == 3
    assert {"body", "dispatch_json"} <= listed.get_deferred_fields()


def test_the_last_revision_counts(cast: Cast) -> None:
    letter = submitted_letter(cast.ministry, draft_to(cast.mehrnaz))
    assert latest_revision(letter).ordinal == 1
    with pytest.raises(NotFound):
        latest_revision(_draft(cast))


def test_addressees_to_pick_from_are_others(cast: Cast) -> None:
    Company.objects.create(national_id="14000000100", name="بانک دماوند")
    names = [name for _, name in parties_for(cast.ministry.writer)]
    assert names == ["سازمان ثبت نمونه", "بانک دماوند"]
