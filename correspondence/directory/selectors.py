"""Reads of the directory that are no one's private matter."""

from collections.abc import Iterable

from correspondence.directory.models import Agency, Company, Role


def open_roles(limit: int = 500) -> list[Role]:
    """Roles that were not withdrawn, with person and agency, by agency and right. No access check: for development doors."""
    roles = Role.objects.filter(revoked_at=None).select_related("person", "agency")
    return list(roles.order_by("agency__national_id", "right")[:limit])


def own_names(parties: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The names that agencies and companies have in the directory, by kind and national id; others are absent. Two queries."""
    numbers: dict[str, list[str]] = {"agency": [], "company": []}
    for kind, party_id in parties:
        numbers.setdefault(kind, []).append(party_id)
    tables = {"agency": Agency.objects, "company": Company.objects}
    return {
        (kind, number): name
        for kind, rows in tables.items()
        for number, name in rows.filter(national_id__in=numbers[kind]).values_list("national_id", "name")
    }
