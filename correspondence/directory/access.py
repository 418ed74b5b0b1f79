"""Who is acting, and what they may do. Every selector and service takes an `Actor` first."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from correspondence.directory.errors import NotAllowed
from correspondence.directory.models import Person, Representative, Role
from signing.evidence.feed import head


@dataclass(frozen=True)
class ActiveRole:
    """One right of the actor at one agency, in force now."""

    agency_id: UUID
    agency_name: str
    agency_national_id: str
    right: str
    title: str


@dataclass(frozen=True)
class Actor:
    """A signed-in person with the roles in force at the moment of the request; `companies` are national ids."""

    person_id: UUID
    national_code: str
    name: str
    roles: tuple[ActiveRole, ...] = ()
    companies: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The actor as evidence names it."""
        return f"person:{self.person_id}"

    @property
    def agency_ids(self) -> tuple[UUID, ...]:
        """Agencies where the actor has any role, each once."""
        return tuple(dict.fromkeys(role.agency_id for role in self.roles))

    def may(self, right: str, agency_id: UUID) -> bool:
        """Whether the actor holds `right` at the agency."""
        return any(role.agency_id == agency_id and role.right == right for role in self.roles)

    def title_at(self, right: str, agency_id: UUID) -> str:
        """The title of the role, as it stands under a signature; empty where there is no such role."""
        return next((r.title for r in self.roles if r.agency_id == agency_id and r.right == right), "")

    @property
    def parties(self) -> dict[str, list[str]]:
        """Whose mailboxes the actor reads: national numbers by kind of party (person, company, agency)."""
        agencies = dict.fromkeys(role.agency_national_id for role in self.roles)
        return {"person": [self.national_code], "company": list(self.companies), "agency": list(agencies)}

    @property
    def is_staff(self) -> bool:
        """Whether the actor works for an agency."""
        return bool(self.roles)


def actor_of(person: Person, at: datetime) -> Actor:
    """The person as an actor, with the roles in force at `at`. Two queries."""
    roles = (
        Role.objects.filter(person=person, revoked_at=None, valid_from__lte=at)
        .filter(Q(valid_until=None) | Q(valid_until__gt=at))
        .select_related("agency")
        .order_by("id")
    )
    companies = Representative.objects.filter(person=person, revoked_at=None).values_list(
        "company__national_id", flat=True
    )
    return Actor(
        person_id=person.id,
        national_code=person.national_code,
        name=person.full_name,
        roles=tuple(ActiveRole(r.agency_id, r.agency.name, r.agency.national_id, r.right, r.title) for r in roles),
        companies=tuple(companies),
    )


def actor_from(request: HttpRequest) -> Actor:
    """The actor of a signed-in request, read once per request. Views are behind `login_required`."""
    known: Actor | None = getattr(request, "karpusheh_actor", None)
    if known is None:
        person = request.user
        if not isinstance(person, Person):
            raise NotAllowed
        # The place in the feed is read before anything the page shows, so that no change falls between the two.
        request.karpusheh_live_seq = head()  # type: ignore[attr-defined]
        known = actor_of(person, timezone.now())
        request.karpusheh_actor = known  # type: ignore[attr-defined]
    return known


def require(actor: Actor, right: str, agency_id: UUID) -> None:
    """Raise NotAllowed unless the actor holds `right` at the agency."""
    if not actor.may(right, agency_id):
        raise NotAllowed
