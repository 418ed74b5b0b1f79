"""Pages of the mailbox, and the public check of a code from paper."""

from datetime import timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from correspondence.directory.access import actor_from
from correspondence.directory.views import session_digest
from correspondence.paging import next_key, read_key
from correspondence.responses import file_response, pdf_response
from correspondence.uploads import content_disposition
from inbox.proof import is_provable, proof_of
from inbox.reading import envelope_of, envelopes_of, letter_of, way_to_recipient
from inbox.selectors import (
    PAGE,
    get_notice,
    get_notice_attachment,
    get_opened_notice,
    notices_for,
    unopened_count,
)
from inbox.services import open_notice, sealed_notice_pdf
from inbox.verification import WINDOW_SECONDS, count_miss, may_ask, read_code, verified
from signing.evidence.errors import NotYetPublished

# How long the receipt of an opening shows as new.
FRESH = timedelta(seconds=10)
# How many letters stay in sight beside the one that is read, where the screen is wide.
SIDE = 12


@login_required
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The mailbox: newest first, the unopened ones apart where asked for."""
    actor, unopened_only = actor_from(request), request.GET.get("view") == "unopened"
    notices = notices_for(actor, "citizen", unopened_only=unopened_only, after=read_key(request), limit=PAGE + 1)
    envelopes = envelopes_of(notices[:PAGE])
    context = {
        # Official service stands out as cards among the other letters, in the one order of time.
        "groups": [
            (is_service, list(group)) for is_service, group in groupby(envelopes, lambda e: e.effect.is_service)
        ],
        "unopened": unopened_count(actor),
        "first_name": actor.name.split(" ")[0],
        "today": timezone.now(),
        "view": "unopened" if unopened_only else "all",
        "is_first_page": read_key(request) is None,
        "next": next_key(notices, PAGE, "deposited_at"),
    }
    return render(request, "inbox/inbox.html", context)


@login_required
@require_GET
def notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Before opening: sender, kind and legal effect. Afterwards: the letter. Looking at this page opens nothing."""
    actor = actor_from(request)
    found = get_notice(actor, notice_id)
    if found.mailbox.kind == "agency":
        return redirect("incoming_letter", notice_id)
    side = envelopes_of(notices_for(actor, limit=SIDE))
    context: dict[str, Any] = {"notice": found, "envelope": envelope_of(found), "side": side}
    if not found.is_opened:
        return render(request, "inbox/notice_before.html", context)
    letter = letter_of(found)
    context |= {
        "letter": letter,
        "way": way_to_recipient(found, letter),
        "is_issued": is_provable(found),
        "is_fresh": found.first_viewed_at is not None and timezone.now() - found.first_viewed_at < FRESH,
    }
    return render(request, "inbox/notice.html", context)


@require_POST
def notice_opening(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """The recipient's act of opening. Whoever must sign in first comes back to the page that asks for it."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("notice", args=[notice_id]))
    open_notice(actor_from(request), notice_id, session=session_digest(request), at=timezone.now())
    return redirect("notice", notice_id)


@login_required
@require_GET
def notice_pdf(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """The sealed PDF of an opened notice."""
    found = get_opened_notice(actor_from(request), notice_id)
    return pdf_response(sealed_notice_pdf(found, at=timezone.now()), found.number)


@login_required
@require_GET
def notice_attachment(request: HttpRequest, notice_id: UUID, attachment_id: UUID) -> FileResponse:
    """An attachment of an opened notice."""
    found = get_notice_attachment(actor_from(request), notice_id, attachment_id)
    return file_response(found.sha256, found.name, found.media_type)


@login_required
@require_GET
def notice_proof(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """The proof of an opened notice, to keep and to check anywhere."""
    found = get_opened_notice(actor_from(request), notice_id)
    try:
        proof = proof_of(found, at=timezone.now())
    except NotYetPublished:
        response = render(request, "inbox/proof_pending.html", {"notice": found}, status=503)
        response["Retry-After"] = "2"
        return response
    name = "".join(sign if sign.isalnum() else "-" for sign in found.number)
    response = HttpResponse(proof, content_type="application/vnd.etsi.asic-e+zip")
    response["Content-Disposition"] = content_disposition(f"proof-{name}.asice")
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
def verify_code(request: HttpRequest, code: str = "") -> HttpResponse:
    """For anyone with a letter on paper: whether a code is genuine, by whom and when; never what the letter says."""
    typed = (code or request.GET.get("code", "")).strip()
    read, address, at = read_code(typed), request.META.get("REMOTE_ADDR", ""), timezone.now()
    context: dict[str, Any] = {"typed": typed, "code": read, "state": ""}
    if typed and not may_ask(address, at):
        response = render(request, "inbox/verify.html", context | {"state": "too_many"}, status=429)
        response["Retry-After"] = str(WINDOW_SECONDS)
        return response
    if typed and not read:
        context["state"] = "malformed"
    elif typed:
        found = verified(read)
        context |= {"state": "genuine" if found else "not_found", "found": found}
        if found is None:
            count_miss(address, at)
    return render(request, "inbox/verify.html", context)
