"""Pages of the mailbox, of an agency's incoming letters, and of a letter seen together with its deliveries."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from correspondence.directory.access import actor_from
from correspondence.directory.views import session_digest
from correspondence.markdown import to_html
from correspondence.paging import next_key, read_key
from correspondence.selectors import get_letter
from correspondence.uploads import content_disposition
from correspondence.views import file_response, pdf_response
from inbox.proof import proof_of
from inbox.reading import envelope_of, letter_of
from inbox.results import deliveries_of, result_file, summary_of
from inbox.selectors import (
    PAGE,
    get_notice,
    get_notice_attachment,
    get_opened_notice,
    notices_for,
    unopened_count,
)
from inbox.services import open_notice, register_incoming, sealed_notice_pdf
from inbox.verification import read_code, verified
from signing.evidence.errors import NotYetPublished
from signing.evidence.selectors import events_of


@login_required
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The mailbox: newest first, the unopened ones apart where asked for."""
    actor, unopened_only = actor_from(request), request.GET.get("view") == "unopened"
    notices = notices_for(actor, "citizen", unopened_only=unopened_only, after=read_key(request), limit=PAGE + 1)
    context = {
        "notices": [envelope_of(notice) for notice in notices[:PAGE]],
        "unopened": unopened_count(actor),
        "view": "unopened" if unopened_only else "all",
        "next": next_key(notices, PAGE, "deposited_at"),
    }
    return render(request, "inbox/inbox.html", context)


@login_required
@require_GET
def notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Before opening: sender, kind and legal effect. Afterwards: the letter. Looking at this page opens nothing."""
    found = get_notice(actor_from(request), notice_id)
    context = {"notice": found, "envelope": envelope_of(found)}
    if not found.is_opened:
        return render(request, "inbox/notice_before.html", context)
    context |= {"letter": letter_of(found), "events": events_of(subject=found.id)}
    return render(request, "inbox/notice.html", context)


@login_required
@require_POST
def notice_opening(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """The recipient's act of opening."""
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


@login_required
@require_GET
def incoming(request: HttpRequest) -> HttpResponse:
    """Letters that came to the actor's agencies, newest first."""
    notices = notices_for(actor_from(request), "agency", after=read_key(request), limit=PAGE + 1)
    context = {
        "notices": [envelope_of(notice) for notice in notices[:PAGE]],
        "next": next_key(notices, PAGE, "deposited_at"),
    }
    return render(request, "inbox/incoming.html", context)


@login_required
@require_GET
def incoming_letter(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """An incoming letter: its envelope until the secretariat has registered it, then the letter."""
    found = get_notice(actor_from(request), notice_id)
    context = {"notice": found, "envelope": envelope_of(found), "letter": None, "events": []}
    if found.is_opened:
        context |= {"letter": letter_of(found), "events": events_of(subject=found.id)}
    return render(request, "inbox/incoming_letter.html", context)


@login_required
@require_POST
def incoming_registration(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Enter the letter into the incoming register."""
    register_incoming(actor_from(request), notice_id, session=session_digest(request), at=timezone.now())
    return redirect("incoming_letter", notice_id)


@login_required
@require_GET
def letter(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """A letter of one's own agency with its way so far; a draft opens in the composer."""
    actor = actor_from(request)
    found = get_letter(actor, letter_id)
    if found.is_editable and actor.may("clerk", found.agency_id):
        return redirect("letter_edit", letter_id)
    deliveries = deliveries_of(found, after=request.GET.get("after", ""))
    context = {
        "letter": found,
        "body": to_html(found.body),
        "attachments": found.attachments.all(),
        "addressees": found.addressees.all(),
        "relations": found.relations.all(),
        "summary": summary_of(found),
        "deliveries": deliveries,
        "events": events_of(letter=found.id, kinds=("letter",)),
        "may_sign": actor.may("approver", found.agency_id),
        "may_dispatch": actor.may("clerk", found.agency_id),
    }
    return render(request, "inbox/letter.html", context)


@login_required
@require_GET
def letter_result(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """One CSV line per line of the recipients' list: accepted with the notice's id, or refused with the reason."""
    found = get_letter(actor_from(request), letter_id)
    response = HttpResponse(result_file(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition("result.csv")
    return response


@require_GET
def verify_code(request: HttpRequest, code: str = "") -> HttpResponse:
    """For anyone with a letter on paper: whether a code is genuine, by whom and when; never what the letter says."""
    typed = code or request.GET.get("code", "")
    context = {"typed": typed, "code": read_code(typed), "found": verified(typed) if typed else None}
    return render(request, "inbox/verify.html", context)
