"""What every page's frame knows. No query is made for visitors who have not signed in."""

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from correspondence.directory.access import Actor, actor_from
from correspondence.selectors import waiting_counts
from inbox.selectors import unregistered_count


def shell(request: HttpRequest) -> dict[str, Any]:
    """`environment`, and for signed-in people `actor` and `live_seq`: the place from which their page looks for news.

    `frame` is the base of pages that belong to nobody's desk. Those who work for an agency get `nav_counts`, what waits
    in each list of the desk.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"environment": settings.ENVIRONMENT, "live_seq": None, "frame": "base.html"}
    actor = actor_from(request)
    known = {
        "environment": settings.ENVIRONMENT,
        "actor": actor,
        "frame": "base_staff.html" if actor.is_staff else "base_citizen.html",
        "live_seq": request.karpusheh_live_seq,  # type: ignore[attr-defined]
    }
    # Counted only when a page shows them: those of citizens never do.
    return known | {"nav_counts": SimpleLazyObject(partial(_nav_counts, actor))} if actor.is_staff else known


def _nav_counts(actor: Actor) -> dict[str, int]:
    return waiting_counts(actor) | {"incoming": unregistered_count(actor)}
