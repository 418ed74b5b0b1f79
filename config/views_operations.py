"""The operators' page: background work that failed or waits, and how far the evidence log has come."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from correspondence.directory.access import Actor, actor_from
from correspondence.directory.errors import NotAllowed
from signing.evidence.checkpoints import latest_checkpoint
from signing.evidence.outbox import retry
from signing.evidence.selectors import dead_handoffs, handoff_counts, pending_events, waiting_handoffs

# What a handler does, in words; others show their own name.
_WORK: dict[str, str | Promise] = {
    "seal_letter": gettext_lazy("Sealing the letter's PDF"),
    "deliver_letter": gettext_lazy("Putting the letter into the inboxes"),
    "deliver_next_chunk": gettext_lazy("Putting the next part of a list into the inboxes"),
    "announce_deposited": gettext_lazy("Telling the recipients by SMS"),
    "index_letter": gettext_lazy("Making the letter searchable"),
    "index_chunk": gettext_lazy("Making the letters of a list searchable"),
}


@login_required
@require_GET
def operations(request: HttpRequest) -> HttpResponse:
    """Failed background work with its error, what waits for its next try, and the state of the log."""
    _require_administrator(actor_from(request))
    context: dict[str, Any] = {
        "dead": [(_work(handoff.handler), handoff) for handoff in dead_handoffs()],
        "waiting": [(_work(handoff.handler), handoff) for handoff in waiting_handoffs()],
        "counts": handoff_counts(),
        "pending": pending_events(),
        "instant": timezone.now(),
        "checkpoint": latest_checkpoint(),
    }
    return render(request, "operations.html", context)


@login_required
@require_POST
def handoff_retry(request: HttpRequest, handoff_id: UUID) -> HttpResponse:
    """Arm a failed task again; recorded with the name of who did it."""
    actor = actor_from(request)
    _require_administrator(actor)
    retry(handoff_id, actor.label, timezone.now())
    messages.success(request, _("The task runs again now. If it fails once more, it comes back here."))
    return redirect("operations")


def _require_administrator(actor: Actor) -> None:
    if not any(actor.may("administrator", agency_id) for agency_id in actor.agency_ids):
        raise NotAllowed


def _work(handler: str) -> str | Promise:
    name = handler.rpartition(".")[2]
    return _WORK.get(name, name)
