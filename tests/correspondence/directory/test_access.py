"""Who somebody is, what they may do at this moment, and how the first sign-in binds a person."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.demo.country import synthetic_code as code_of
from correspondence.directory.access import actor_of, require
from correspondence.directory.authentication import bind_person, end_sessions, revoke_role
from correspondence.directory.errors import NotAllowed
from correspondence.directory.models import Company, MobileDevice, Person, RegisteredPerson, Representative, Role
from signing.evidence.models import Event
from tests.people import Cast, draft_to, give_role, make_person, sign_in, submitted_letter

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_roles_count_from_their_first_moment_to_their_last(cast: Cast) -> None:
    person = make_person(90, "مهمان")
    role = give_role(person, cast.ministry.agency, Role.Right.CLERK, NOW)
    role.valid_until = NOW + timedelta(hours=1)
    role.save()
    held = [
        bool(actor_of(person, at).roles)
        for at in (NOW - timedelta(seconds=1), NOW, NOW + timedelta(minutes=59), NOW + timedelta(hours=1))
    ]
    assert held == [False, True, True, False]


def test_a_right_at_one_agency_is_none_at_another(cast: Cast) -> None:
    actor = cast.ministry.writer
    require(actor, Role.Right.CLERK, cast.ministry.agency.id)
    for right, office in ((Role.Right.APPROVER, cast.ministry), (Role.Right.CLERK, cast.registry)):
        with pytest.raises(NotAllowed):
            require(actor, right, office.agency.id)


def test_a_company_is_read_until_the_representation_ends(cast: Cast) -> None:
    company = Company.objects.create(national_id="14000000100", name="شرکت نمونه")
    link = Representative.objects.create(person=cast.mehrnaz, company=company, title="مدیرعامل")
    assert actor_of(cast.mehrnaz, NOW).parties["company"] == ["14000000100"]
    link.revoked_at = NOW
    link.save()
    assert actor_of(cast.mehrnaz, NOW).parties["company"] == []


def test_binding_is_recorded_once_and_takes_over_a_new_mobile() -> None:
    person = make_person(91, "تازه‌وارد")
    first, device = bind_person(person.national_code, at=NOW)
    RegisteredPerson.objects.filter(pk=person.national_code).update(mobile="+989990008888", full_name="تازه‌وارد نو")
    second, again = bind_person(person.national_code, at=NOW + timedelta(days=1))
    assert first.pk == second.pk
    assert second.bound_at == NOW
    assert (second.full_name, again.pk, again.mobile) == ("تازه‌وارد نو", device.pk, "+989990008888")
    events = Event.objects.filter(kind="person.bound", subject=person.id)
    assert [event.actor for event in events] == [f"person:{person.id}"]


def test_somebody_whom_nobody_has_written_to_can_sign_in_first() -> None:
    person, _ = bind_person(code_of(92), at=NOW)
    assert Person.objects.get(national_code=code_of(92)) == person
    assert Event.objects.filter(kind="person.bound").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_first_sign_ins_at_once_bind_once() -> None:
    start, found = Barrier(2), []

    def enter() -> None:
        try:
            start.wait()
            found.append(bind_person(code_of(93), at=NOW)[0].pk)
        finally:
            connection.close()

    threads = [Thread(target=enter) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1
    assert Event.objects.filter(kind="person.bound").count() == 1
    assert MobileDevice.objects.count() == 1


def test_a_withdrawn_role_is_gone_with_the_next_request(cast: Cast) -> None:
    letter = submitted_letter(cast.ministry, draft_to(cast.mehrnaz))
    client = sign_in(Client(), cast.ministry.approver)
    page, approval = reverse("letter", args=[letter.id]), reverse("letter_approval", args=[letter.id])
    assert client.get(page).status_code == 200
    for role in Role.objects.filter(person=cast.ministry.approver):
        revoke_role(role.id, by="system", at=timezone.now())
        revoke_role(role.id, by="system", at=timezone.now())
    assert client.get(page).status_code == 404
    assert client.post(approval, {"code": "123456"}).status_code == 404
    assert client.get(reverse("desk")).status_code == 403
    assert Event.objects.filter(kind="role.revoked").count() == 1


def test_ended_sessions_open_nothing_any_more(cast: Cast) -> None:
    client = sign_in(Client(), cast.mehrnaz)
    assert client.get(reverse("inbox")).status_code == 200
    end_sessions(cast.mehrnaz.id, by="system", at=timezone.now())
    assert client.get(reverse("inbox")).status_code == 302


def test_an_inactive_person_is_nobody(cast: Cast) -> None:
    client = sign_in(Client(), cast.mehrnaz)
    Person.objects.filter(pk=cast.mehrnaz.pk).update(is_active=False)
    assert client.get(reverse("inbox")).status_code == 302
