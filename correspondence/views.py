"""Pages of the desk: the list, approval with its one-time code, dispatch, and a letter's files."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from correspondence.desk import listing_of, tasks_of
from correspondence.directory.access import Actor, actor_from, require
from correspondence.directory.codes import Waiting, waiting_code
from correspondence.directory.errors import CodeRefused, NotAllowed, TooManyCodes
from correspondence.directory.models import Role
from correspondence.errors import BeingSealed, Conflict, LetterIncomplete
from correspondence.forms import NOTICE_KINDS, ApprovalForm, ReturnForm
from correspondence.models import Letter, Revision
from correspondence.paging import read_key
from correspondence.reading import changes_of, content_of, sheet_of, shown_number
from correspondence.responses import file_response, pdf_response
from correspondence.sealing import sealed_pdf
from correspondence.selectors import get_attachment, get_letter, latest_revision
from correspondence.services import approve_letter, dispatch_letter, return_letter, send_signing_code
from correspondence.services.approve import signing_purpose
from correspondence.typesetting import render_letter

SIGNING = "signing_challenges"
SHOWN = ("text", "changes", "pdf")


@login_required
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """The agency's letters by view and day, and what waits for the person who looks."""
    actor = actor_from(request)
    if not actor.is_staff:
        raise NotAllowed
    listing = listing_of(actor, request.GET.get("view"), read_key(request))
    return render(request, "correspondence/desk.html", {"listing": listing, "tasks": tasks_of(actor)})


@login_required
@require_POST
def letter_return(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Give the letter back to its writer."""
    actor, form = actor_from(request), ReturnForm(request.POST)
    letter = _letter_to_sign(actor, letter_id)
    if form.is_valid():
        try:
            return_letter(actor, letter_id, form.cleaned_data["reason"], at=timezone.now())
        except LetterIncomplete as error:
            form.add_error("reason", str(error.message))
        else:
            messages.success(request, _("The letter went back to its writer with your reason."))
            return redirect("letter", letter_id)
    return _approval_page(request, actor, letter, return_form=form)


@login_required
@require_POST
def letter_approval_code(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Send the signatory a code for the revision that lies before them."""
    address = request.META.get("REMOTE_ADDR", "")
    try:
        challenge = send_signing_code(actor_from(request), letter_id, address=address, at=timezone.now())
    except OSError:
        messages.error(request, _("The code could not be sent. Nothing has changed; please try again in a minute."))
    except TooManyCodes as error:
        messages.error(request, str(error.message))
    else:
        request.session[SIGNING] = {**request.session.get(SIGNING, {}), str(letter_id): str(challenge)}
    return redirect("letter_approval", letter_id)


@login_required
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def letter_approval(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Read what waits for one's signature, and sign it with a one-time code."""
    actor = actor_from(request)
    if request.method == "GET":
        letter = get_letter(actor, letter_id)
        require(actor, Role.Right.APPROVER, letter.agency_id)
        if letter.state != Letter.State.SUBMITTED:
            return redirect("letter", letter_id)
        return _approval_page(request, actor, letter)
    letter = _letter_to_sign(actor, letter_id)
    form = ApprovalForm(request.POST)
    challenge = request.session.get(SIGNING, {}).get(str(letter_id))
    if form.is_valid() and challenge:
        try:
            approve_letter(
                actor,
                letter_id,
                revision_sha256=form.cleaned_data["revision"],
                challenge_id=UUID(challenge),
                code=form.cleaned_data["code"],
                at=timezone.now(),
            )
        except CodeRefused as error:
            form.refuse_code(str(error.message))
        else:
            messages.success(request, _("Signed. The letter can now be numbered and sent."))
            return redirect("letter", letter_id)
    elif not challenge:
        form.add_error("code", _("First ask for a code; it is bound to this very text."))
    return _approval_page(request, actor, letter, form=form)


@login_required
@require_POST
def letter_dispatch(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Number and send."""
    letter = dispatch_letter(actor_from(request), letter_id, at=timezone.now())
    number = shown_number(letter.number)
    messages.success(request, _("The letter was sent under the number %(number)s.") % {"number": number})
    return redirect("letter", letter_id)


@login_required
@require_GET
def letter_pdf(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """The sealed PDF."""
    letter = get_letter(actor_from(request), letter_id)
    pdf = sealed_pdf(letter.id)
    if pdf is None:
        raise BeingSealed
    return pdf_response(pdf, letter.number)


@login_required
@require_GET
def letter_preview(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """The letter as it will be typeset, without number and seal."""
    letter = get_letter(actor_from(request), letter_id)
    return pdf_response(render_letter(content_of(letter, timezone.now()), None), "preview")


@login_required
@require_GET
def letter_attachment(request: HttpRequest, letter_id: UUID, attachment_id: UUID) -> FileResponse:
    """An attachment of one's own agency's letter."""
    attachment = get_attachment(actor_from(request), letter_id, attachment_id)
    return file_response(attachment.sha256, attachment.name, attachment.media_type)


def _letter_to_sign(actor: Actor, letter_id: UUID) -> Letter:
    letter = get_letter(actor, letter_id)
    require(actor, Role.Right.APPROVER, letter.agency_id)
    if letter.state != Letter.State.SUBMITTED:
        raise Conflict
    return letter


def _waiting_code(request: HttpRequest, revision: Revision) -> Waiting | None:
    """The code that was sent for this very revision and can still be typed."""
    challenge = request.session.get(SIGNING, {}).get(str(revision.letter_id))
    if not challenge:
        return None
    waiting = waiting_code(UUID(challenge), signing_purpose(revision), at=timezone.now())
    return waiting if waiting is not None and waiting.is_open else None


def _approval_page(
    request: HttpRequest,
    actor: Actor,
    letter: Letter,
    *,
    form: ApprovalForm | None = None,
    return_form: ReturnForm | None = None,
) -> HttpResponse:
    revision = latest_revision(letter)
    shown = request.GET.get("show")
    context: dict[str, Any] = {
        "letter": letter,
        "revision": revision,
        "sheet": sheet_of(bytes(revision.content)),
        "changes": changes_of(revision),
        "show": shown if shown in SHOWN else "text",
        "listing": listing_of(actor, "to_sign"),
        "attachments": letter.attachments.defer("text"),
        "form": form or ApprovalForm(),
        "return_form": return_form or ReturnForm(),
        "waiting": _waiting_code(request, revision),
        "signatory_title": actor.title_at(Role.Right.APPROVER, letter.agency_id),
        "kind_label": dict(NOTICE_KINDS)[letter.notice_kind],
        "section": "to_sign",
    }
    failed = any(given is not None and given.errors for given in (form, return_form))
    return render(request, "correspondence/approval.html", context, status=422 if failed else 200)
