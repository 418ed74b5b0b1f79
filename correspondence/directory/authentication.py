"""Signing in: the person whom a checked one-time code proves."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.db import transaction
from django.http import HttpRequest

from correspondence.directory.models import MobileDevice, Person, Role
from correspondence.directory.registers import PersonRecord, person_register
from signing.evidence.log import record


class OneTimeCodeBackend(BaseBackend):
    """Django's way back from a session to its person; nobody authenticates by a password."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        return None

    def get_user(self, user_id: Any) -> Person | None:
        return Person.objects.filter(pk=user_id, is_active=True).first()


def bind_person(national_code: str, *, at: datetime) -> tuple[Person, MobileDevice]:
    """The person who has just entered the code sent to the registered mobile, and that mobile as a django-otp device.

    The first time makes the binding a recorded fact (`person.bound`); a changed mobile is taken over.
    """
    found = person_register().find([national_code])
    known = found.get(national_code) or PersonRecord(national_code, "", "")
    with transaction.atomic():
        person, _ = Person.objects.select_for_update().get_or_create(
            national_code=national_code, defaults={"full_name": known.full_name}
        )
        if person.bound_at is None:
            person.bound_at = at
            record("person.bound", person.id, f"person:{person.id}", at, facts={"national_code": national_code})
        person.full_name, person.mobile = known.full_name or person.full_name, known.mobile
        person.save(update_fields=["full_name", "mobile", "bound_at"])
        device, _ = MobileDevice.objects.update_or_create(
            user=person, defaults={"mobile": known.mobile, "name": "mobile", "confirmed": True}
        )
    return person, device


def end_sessions(person_id: UUID, *, by: str, at: datetime) -> None:
    """End every session of the person, also the open sockets, by raising the epoch that sessions are bound to.

    Records `session.ended` with `by` as the actor, which makes the sockets look.
    """
    with transaction.atomic():
        person = Person.objects.select_for_update().get(id=person_id)
        person.session_epoch += 1
        person.save(update_fields=["session_epoch"])
        record("session.ended", person_id, by, at, facts={"scope": "all"})


def revoke_role(role_id: UUID, *, by: str, at: datetime) -> None:
    """Withdraw a role at once, for pages and open sockets alike; records `role.revoked`. Does nothing the second time."""
    with transaction.atomic():
        role = Role.objects.select_for_update().get(id=role_id)
        if role.revoked_at is not None:
            return
        role.revoked_at = at
        role.save(update_fields=["revoked_at"])
        facts = {"right": role.right, "role": str(role.id)}
        record("role.revoked", role.person_id, by, at, facts=facts, agency=role.agency_id)
