"""What every page's frame knows. No query is made for visitors who have not signed in, and one at most for others."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from correspondence.directory.access import actor_from


def shell(request: HttpRequest) -> dict[str, Any]:
    """`environment`, and for signed-in people `actor` and `live_seq`: the place from which their page looks for news."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"environment": settings.ENVIRONMENT, "live_seq": None}
    actor = actor_from(request)
    live_seq = request.karpusheh_live_seq  # type: ignore[attr-defined]
    return {"environment": settings.ENVIRONMENT, "actor": actor, "live_seq": live_seq}
