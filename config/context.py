"""What every page's frame knows. No query is made for visitors who have not signed in, and one at most for others."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """`environment`, and for signed-in people `live_seq`: the place in the feed from which their page looks for news."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    return {"environment": settings.ENVIRONMENT, "live_seq": 0 if signed_in else None}
