"""Pages of writing: begin a letter, go on with it, its files and its list of recipients, lay it before the approver."""

from typing import Any, BinaryIO, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from correspondence.composing import Composer, composer_of, page_context, require_clerk, wants_rows
from correspondence.directory.access import Actor, actor_from, require
from correspondence.directory.models import Role
from correspondence.errors import Conflict, NotEditable
from correspondence.models import Letter
from correspondence.recipients import RecipientSheet, read_recipients
from correspondence.selectors import get_draft, get_letter
from correspondence.services import (
    add_attachment,
    compose_letter,
    remove_attachment,
    revise_letter,
    set_recipients,
    submit_letter,
)
from correspondence.uploads import clean_name
from signing.errors import DomainError

SUBMIT = "submission"


@login_required
@require_http_methods(["GET", "POST"])
def letter_new(request: HttpRequest) -> HttpResponse:
    """Begin a letter."""
    actor = actor_from(request)
    require_clerk(actor)
    posted = request.POST if request.method == "POST" else None
    composer = composer_of(actor, None, posted=posted, asked=request.GET)
    if posted is None or wants_rows(posted):
        return _page(request, actor, composer, None)
    if composer.is_valid:
        try:
            letter = compose_letter(actor, composer.agency_id, composer.draft, at=timezone.now())
        except DomainError as error:
            composer.refuse(error)
        else:
            return _after_saving(request, actor, letter)
    return _page(request, actor, composer, None, status=422)


@login_required
@require_http_methods(["GET", "POST"])
def letter_edit(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Go on writing a draft. Whatever keeps it from being saved, the text stays on the page."""
    actor = actor_from(request)
    letter = get_letter(actor, letter_id)
    require(actor, Role.Right.CLERK, letter.agency_id)
    if request.method == "GET" and not letter.is_editable:
        return redirect("letter", letter_id)
    posted = request.POST if request.method == "POST" else None
    composer = composer_of(actor, letter, posted=posted)
    if posted is None or wants_rows(posted):
        return _page(request, actor, composer, letter)
    if not composer.is_valid:
        return _page(request, actor, composer, letter, status=422)
    try:
        version = composer.form.cleaned_data["version"] or 0
        revise_letter(actor, letter_id, version, composer.draft, at=timezone.now())
    except (Conflict, NotEditable) as error:
        return _meanwhile(request, actor, composer, error, letter_id)
    except DomainError as error:
        composer.refuse(error)
        return _page(request, actor, composer, letter, status=422)
    return _after_saving(request, actor, letter)


@login_required
@require_POST
def letter_submission(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Lay the letter before the approvers."""
    return _submit(request, actor_from(request), letter_id)


@login_required
@require_POST
def attachment_add(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Attach the uploaded files, each by itself: a refused one does not hold back the others."""
    actor = actor_from(request)
    get_draft(actor, letter_id)
    refused: list[dict[str, str]] = []
    for upload in request.FILES.getlist("file"):
        try:
            name, declared = upload.name or "", upload.content_type or ""
            add_attachment(actor, letter_id, cast(BinaryIO, upload), name, declared, at=timezone.now())
        except DomainError as error:
            refused.append({"name": clean_name(upload.name or ""), "reason": str(error.message)})
    if not request.FILES:
        refused.append({"name": "", "reason": _("Choose a file first; nothing was attached.")})
    return _section(request, actor, letter_id, "attachments", {"refused_files": refused})


@login_required
@require_POST
def attachment_remove(request: HttpRequest, letter_id: UUID, attachment_id: UUID) -> HttpResponse:
    """Take a file off a draft."""
    remove_attachment(actor_from(request), letter_id, attachment_id, at=timezone.now())
    return redirect(f"{_edit_url(letter_id)}#attachments")


@login_required
@require_POST
def recipients_upload(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Take a list of recipients, or none (`remove`); its refused lines are shown with their reasons."""
    actor = actor_from(request)
    get_draft(actor, letter_id)
    upload = request.FILES.get("file")
    reason = ""
    try:
        if "remove" in request.POST:
            set_recipients(actor, letter_id, RecipientSheet((), []), at=timezone.now())
        elif upload is None:
            reason = _("Choose a list first; nothing was read.")
        else:
            sheet = read_recipients(upload.read(), upload.name or "")
            set_recipients(actor, letter_id, sheet, at=timezone.now())
    except DomainError as error:
        reason = str(error.message)
    return _section(request, actor, letter_id, "recipients", {"list_refusal": reason})


def _section(request: HttpRequest, actor: Actor, letter_id: UUID, anchor: str, refused: dict[str, Any]) -> HttpResponse:
    """Back to the draft; where something was refused, the page itself with the reasons."""
    if not any(refused.values()):
        return redirect(f"{_edit_url(letter_id)}#{anchor}")
    letter = get_letter(actor, letter_id)
    return _page(request, actor, composer_of(actor, letter), letter, status=422, extra=refused)


def _after_saving(request: HttpRequest, actor: Actor, letter: Letter) -> HttpResponse:
    if request.POST.get("then") == SUBMIT:
        return _submit(request, actor, letter.id)
    messages.success(request, _("The draft is saved."))
    return redirect("letter_edit", letter.id)


def _submit(request: HttpRequest, actor: Actor, letter_id: UUID) -> HttpResponse:
    try:
        submit_letter(actor, letter_id, at=timezone.now())
    except DomainError as error:
        if error.field is None:
            raise
        reason = str(error.message)
        messages.error(request, _("Saved, but not laid before the approver: %(reason)s") % {"reason": reason})
        return redirect("letter_edit", letter_id)
    messages.success(request, _("The letter now lies before the approver."))
    return redirect("letter", letter_id)


def _meanwhile(
    request: HttpRequest, actor: Actor, composer: Composer, error: Conflict, letter_id: UUID
) -> HttpResponse:
    """Somebody else saved or submitted the letter: show theirs beside the text that was typed here."""
    theirs = get_letter(actor, letter_id)
    composer.refuse(error)
    composer.take_version(theirs.version)
    return _page(request, actor, composer, theirs, status=409, extra={"theirs": theirs})


def _page(
    request: HttpRequest,
    actor: Actor,
    composer: Composer,
    letter: Letter | None,
    *,
    status: int = 200,
    extra: dict[str, Any] | None = None,
) -> HttpResponse:
    context = page_context(actor, composer, letter) | (extra or {})
    return render(request, "correspondence/composer.html", context, status=status)


def _edit_url(letter_id: UUID) -> str:
    return reverse("letter_edit", args=[letter_id])
