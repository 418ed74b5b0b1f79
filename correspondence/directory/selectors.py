"""Reads of the directory that are no one's private matter."""

from correspondence.directory.models import Role


def open_roles(limit: int = 500) -> list[Role]:
    """Roles that were not withdrawn, with person and agency, by agency and right. No access check: for development doors."""
    roles = Role.objects.filter(revoked_at=None).select_related("person", "agency")
    return list(roles.order_by("agency__national_id", "right")[:limit])
