"""Pages of an agency: its incoming letters, and its own letters seen together with their deliveries."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from correspondence.desk import listing_of
from correspondence.directory.access import Actor, actor_from
from correspondence.directory.errors import NotAllowed, NotFound
from correspondence.directory.views import session_digest
from correspondence.jalali import to_jalali
from correspondence.models import Letter
from correspondence.paging import next_key, read_key
from correspondence.reading import content_of, sheet_from, sheet_of, shown_number
from correspondence.selectors import get_letter
from correspondence.uploads import content_disposition
from inbox.models import Notice
from inbox.reading import envelope_of, letter_of
from inbox.results import PAGE as RECIPIENTS_PAGE
from inbox.results import Summary, deliveries_of, result_file, summary_of, undelivered_of
from inbox.selectors import PAGE, get_notice, notices_for
from inbox.services import register_incoming
from inbox.timeline import way_of, way_of_notice
from signing.evidence.models import Handoff
from signing.evidence.selectors import dead_handoffs, waiting_handoffs


@login_required
@require_GET
def incoming(request: HttpRequest) -> HttpResponse:
    """Letters that came to the actor's agencies, newest first."""
    actor = actor_from(request)
    if not actor.is_staff:
        raise NotAllowed
    return render(request, "inbox/incoming.html", _incoming_list(request, actor))


@login_required
@require_GET
def incoming_letter(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """An incoming letter: its envelope until the secretariat has registered it, then the letter."""
    actor = actor_from(request)
    found = get_notice(actor, notice_id)
    if found.mailbox.kind != "agency":
        raise NotFound
    agency_id = next(r.agency_id for r in actor.roles if r.agency_national_id == found.mailbox.party_id)
    may_register = actor.may("clerk", agency_id)
    context = _incoming_list(request, actor) | {
        "notice": found,
        "envelope": envelope_of(found),
        "registration": getattr(found, "registration", None),
        "may_register": may_register,
        "way": way_of_notice(found),
        "section": "incoming",
    }
    if found.is_opened:
        read = letter_of(found)
        context |= {"letter": read, "sheet": sheet_from(read.content)}
        context |= {"reply_url": _reply_url(found, read.content) if may_register else ""}
    return render(request, "inbox/incoming_letter.html", context)


@login_required
@require_POST
def incoming_registration(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Enter the letter into the incoming register."""
    registration = register_incoming(actor_from(request), notice_id, session=session_digest(request), at=timezone.now())
    number = shown_number(registration.number)
    messages.success(request, _("Registered under the number %(number)s.") % {"number": number})
    return redirect("incoming_letter", notice_id)


@login_required
@require_GET
def letter(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """A letter of one's own agency with its way so far; a draft opens in the composer."""
    actor = actor_from(request)
    found = get_letter(actor, letter_id)
    if found.is_editable and actor.may("clerk", found.agency_id):
        return redirect("letter_edit", letter_id)
    summary = summary_of(found)
    last_row = summary.accepted - summary.named
    context = {
        "letter": found,
        "sheet": sheet_of(content_of(found, timezone.now())),
        "signature": getattr(found, "approval", None),
        "attachments": found.attachments.defer("text"),
        "summary": summary,
        "is_run": last_row > 0,
        "way": way_of(found, is_run=last_row > 0),
        "troubles": _troubles_of(found),
        "may_sign": found.state == Letter.State.SUBMITTED and actor.may("approver", found.agency_id),
        "may_dispatch": found.state == Letter.State.APPROVED and actor.may("clerk", found.agency_id),
        "section": "sent" if found.is_dispatched else "desk",
    }
    context |= _deliveries(request, found, summary) if found.is_dispatched else {}
    context |= {} if last_row else {"listing": listing_of(actor, "sent" if found.is_dispatched else "all")}
    return render(request, "inbox/run.html" if last_row else "inbox/letter.html", context)


@login_required
@require_GET
def letter_result(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """One CSV line per line of the recipients' list: accepted with the notice's id, or refused with the reason."""
    found = get_letter(actor_from(request), letter_id)
    response = HttpResponse(result_file(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition("result.csv")
    return response


def _incoming_list(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    notices = notices_for(actor, "agency", after=read_key(request), limit=PAGE + 1)
    return {
        "notices": [envelope_of(notice) for notice in notices[:PAGE]],
        "next": next_key(notices, PAGE, "deposited_at"),
    }


def _reply_url(notice: Notice, content: dict[str, Any]) -> str:
    """The composer with addressee, subject and reference already there."""
    dispatched = notice.letter.dispatched_at or notice.deposited_at
    asked = {
        "to": content["agency"]["national_id"],
        "name": content["agency"]["name"],
        "subject": _("Reply: %(subject)s") % {"subject": content["subject"]},
        "number": notice.number,
        "dated": str(to_jalali(dispatched)),
    }
    return f"{reverse('letter_new')}?{urlencode(asked)}"


def _deliveries(request: HttpRequest, found: Letter, summary: Summary) -> dict[str, Any]:
    only, after = request.GET.get("only", ""), request.GET.get("after", "")
    # Named addressees have no row to go on from; they all stand on the first page.
    page = RECIPIENTS_PAGE if after else RECIPIENTS_PAGE + summary.named
    deliveries = deliveries_of(found, show=only, after=after, limit=page + 1)
    return {
        "deliveries": deliveries[:page],
        "next_row": deliveries[page - 1].row if len(deliveries) > page else None,
        "only": only if only in {"opened", "unopened"} else "",
        "undelivered": undelivered_of(found),
    }


def _troubles_of(found: Letter) -> list[Handoff]:
    """Background work for this letter that has failed, for good or for now. Such rows are few in the whole system."""
    failed = [*dead_handoffs(), *waiting_handoffs()] if found.is_dispatched else []
    return [handoff for handoff in failed if handoff.event.letter == found.id]
