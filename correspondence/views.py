"""Pages of the clerk's and approver's desk: lists, composing, files, submission, approval, dispatch."""

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

from correspondence.blobs import documents
from correspondence.content import letter_content
from correspondence.directory.access import Actor, actor_from
from correspondence.errors import BeingSealed
from correspondence.forms import (
    AddresseeFormSet,
    ApprovalForm,
    LetterForm,
    RelationFormSet,
    ReturnForm,
    draft_of,
    initial_addressees,
    initial_of,
    initial_relations,
)
from correspondence.markdown import to_html
from correspondence.models import Letter
from correspondence.paging import next_key, read_key
from correspondence.recipients import read_recipients
from correspondence.sealing import sealed_pdf
from correspondence.selectors import (
    PAGE,
    get_attachment,
    get_draft,
    get_letter,
    latest_revision,
    letters_for,
    parties_for,
)
from correspondence.services import (
    add_attachment,
    approve_letter,
    compose_letter,
    dispatch_letter,
    remove_attachment,
    return_letter,
    revise_letter,
    send_signing_code,
    set_recipients,
    submit_letter,
)
from correspondence.typesetting import render_letter
from correspondence.uploads import content_disposition
from signing.canonical import canonical
from signing.errors import DomainError

SIGNING = "signing_challenges"


@login_required
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """The agency's letters by view, last changed first."""
    view = request.GET.get("view", "all")
    letters = letters_for(actor_from(request), view, after=read_key(request), limit=PAGE + 1)  # type: ignore[arg-type]
    context = {"letters": letters[:PAGE], "view": view, "next": next_key(letters, PAGE, "changed_at")}
    return render(request, "correspondence/desk.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def letter_new(request: HttpRequest) -> HttpResponse:
    """Begin a letter."""
    actor = actor_from(request)
    forms = _forms(request, actor, None)
    if request.method == "POST" and all(form.is_valid() for form in forms.values()):
        agency_id = UUID(forms["form"].cleaned_data["agency"])
        try:
            letter = compose_letter(actor, agency_id, draft_of(**forms), at=timezone.now())
        except DomainError as error:
            _show(forms["form"], error)
        else:
            return redirect("letter_edit", letter.id)
    return _composer(request, actor, forms, None)


@login_required
@require_http_methods(["GET", "POST"])
def letter_edit(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Go on writing a draft."""
    actor = actor_from(request)
    letter = get_draft(actor, letter_id)
    forms = _forms(request, actor, letter)
    if request.method == "POST" and all(form.is_valid() for form in forms.values()):
        version = forms["form"].cleaned_data["version"] or 0
        try:
            revise_letter(actor, letter_id, version, draft_of(**forms), at=timezone.now())
        except DomainError as error:
            _show(forms["form"], error)
        else:
            messages.success(request, _("The draft is saved."))
            return redirect("letter_edit", letter_id)
    return _composer(request, actor, forms, letter)


@login_required
@require_POST
def attachment_add(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Attach the uploaded files, each by itself: a refused one does not hold back the others."""
    actor = actor_from(request)
    get_draft(actor, letter_id)
    for upload in request.FILES.getlist("file"):
        try:
            add_attachment(
                actor, letter_id, upload, upload.name or "", upload.content_type or "", at=timezone.now()
            )  # fmt: skip
        except DomainError as error:
            messages.error(request, str(error.message))
    return redirect("letter_edit", letter_id)


@login_required
@require_POST
def attachment_remove(request: HttpRequest, letter_id: UUID, attachment_id: UUID) -> HttpResponse:
    """Take a file off a draft."""
    remove_attachment(actor_from(request), letter_id, attachment_id, at=timezone.now())
    return redirect("letter_edit", letter_id)


@login_required
@require_POST
def recipients_upload(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Take a list of recipients; its refused lines are shown with their reasons."""
    actor = actor_from(request)
    get_draft(actor, letter_id)
    upload = request.FILES.get("file")
    if upload is not None:
        try:
            sheet = read_recipients(upload.read(), upload.name or "")
            set_recipients(actor, letter_id, sheet, at=timezone.now())
        except DomainError as error:
            messages.error(request, str(error.message))
    return redirect("letter_edit", letter_id)


@login_required
@require_POST
def letter_submission(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Lay the letter before the approvers."""
    try:
        submit_letter(actor_from(request), letter_id, at=timezone.now())
    except DomainError as error:
        if error.field is None:
            raise
        messages.error(request, str(error.message))
        return redirect("letter_edit", letter_id)
    return redirect("letter", letter_id)


@login_required
@require_POST
def letter_return(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Give the letter back to its writer."""
    form = ReturnForm(request.POST)
    if form.is_valid():
        return_letter(actor_from(request), letter_id, form.cleaned_data["reason"], at=timezone.now())
        return redirect("letter", letter_id)
    messages.error(request, _("Say what should be changed."))
    return redirect("letter_approval", letter_id)


@login_required
@require_POST
def letter_approval_code(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Send the signatory a code for the revision that lies before them."""
    address = request.META.get("REMOTE_ADDR", "")
    try:
        challenge = send_signing_code(actor_from(request), letter_id, address=address, at=timezone.now())
    except OSError:
        messages.error(request, _("The code could not be sent. Nothing has changed; please try again in a minute."))
    else:
        request.session[SIGNING] = {**request.session.get(SIGNING, {}), str(letter_id): str(challenge)}
    return redirect("letter_approval", letter_id)


@login_required
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def letter_approval(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Read what waits for one's signature, and sign it with a one-time code."""
    actor = actor_from(request)
    letter = get_letter(actor, letter_id)
    challenge = request.session.get(SIGNING, {}).get(str(letter_id))
    form = ApprovalForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and challenge:
        try:
            approve_letter(
                actor,
                letter_id,
                revision_sha256=form.cleaned_data["revision"],
                challenge_id=UUID(challenge),
                code=form.cleaned_data["code"],
                at=timezone.now(),
            )
        except DomainError as error:
            if error.field != "code":
                raise
            form.add_error("code", str(error.message))
        else:
            return redirect("letter", letter_id)
    elif request.method == "POST" and not challenge:
        form.add_error("code", _("First ask for a code; it is bound to this very text."))
    revision = latest_revision(letter)
    context = {
        "letter": letter,
        "revision": revision,
        "form": form,
        "return_form": ReturnForm(),
        "code_sent": bool(challenge),
        "body": to_html(letter.body),
    }
    return render(request, "correspondence/approval.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def letter_dispatch(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Number and send."""
    dispatch_letter(actor_from(request), letter_id, at=timezone.now())
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
    pdf = render_letter(canonical(letter_content(letter, timezone.now())), None)
    return pdf_response(pdf, "preview")


@login_required
@require_GET
def letter_attachment(request: HttpRequest, letter_id: UUID, attachment_id: UUID) -> FileResponse:
    """An attachment of one's own agency's letter."""
    attachment = get_attachment(actor_from(request), letter_id, attachment_id)
    return file_response(attachment.sha256, attachment.name, attachment.media_type)


def pdf_response(pdf: bytes, number: str) -> HttpResponse:
    """A PDF to look at, under the letter's number; it may be framed by our own pages only."""
    name = "".join(sign if sign.isalnum() else "-" for sign in number) or "letter"
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition(f"{name}.pdf").replace("attachment", "inline", 1)
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cache-Control"] = "private, no-store"
    return response


def file_response(sha256: str, name: str, media_type: str) -> FileResponse:
    """A stored file to save, under its own name, never to be run or shown by the browser as a page."""
    response = FileResponse(documents().open(sha256), content_type=media_type)
    response["Content-Disposition"] = content_disposition(name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


def _forms(request: HttpRequest, actor: Actor, letter: Letter | None) -> dict[str, Any]:
    data = request.POST if request.method == "POST" else None
    initial = initial_of(letter) if letter else {"salutation": _("With greetings and respect;")}
    addressees = initial_addressees(letter) if letter else None
    relations = initial_relations(letter) if letter else None
    return {
        "form": LetterForm(actor, data, initial=initial),
        "addressees": AddresseeFormSet(data, initial=addressees, prefix="addressee"),
        "relations": RelationFormSet(data, initial=relations, prefix="relation"),
    }


def _composer(request: HttpRequest, actor: Actor, forms: dict[str, Any], letter: Letter | None) -> HttpResponse:
    invalid = any(form.is_bound and not form.is_valid() for form in forms.values())
    context = forms | {"letter": letter, "parties": parties_for(actor)}
    if letter is not None:
        context |= {
            "attachments": letter.attachments.all(),
            "accepted": letter.recipients.exclude(row=None).count(),
            "refused": letter.recipients.filter(row=None)[:200],
        }
    status = 422 if invalid or forms["form"].errors else 200
    return render(request, "correspondence/composer.html", context, status=status)


def _show(form: LetterForm, error: DomainError) -> None:
    """Put a refusal beside its field, or above the form where it belongs to no single one."""
    form.add_error(error.field if error.field in form.fields else None, str(error.message))
