"""The start page, and the door: national code, one-time code, out again."""

import hashlib
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth import login, logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_otp import login as otp_login

from correspondence.directory.access import actor_from
from correspondence.directory.authentication import bind_person
from correspondence.directory.codes import LIFETIME, SIGN_IN, Waiting, check_code, send_code, waiting_code
from correspondence.directory.errors import CodeRefused, TooManyCodes
from correspondence.directory.forms import CodeForm, SignInForm
from signing.evidence.log import record

PENDING = "sign_in_challenge"
_GATEWAY_FAILED = gettext_lazy("The code could not be sent. Nothing has changed; please try again in a minute.")


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Three sentences for strangers; the own desk or inbox for those signed in."""
    if request.user.is_authenticated:
        return redirect(_home(request))
    return render(request, "directory/start.html")


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for the national code and send a code; answers alike for people known and unknown."""
    if "HX-Request" in request.headers:
        # A part of a page asked for itself after the session had ended: the whole page is loaded anew, and leads here.
        return HttpResponse(headers={"HX-Refresh": "true"})
    if request.method == "GET" and request.user.is_authenticated:
        return redirect(_next(request) or _home(request))
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _send(request, form, form.cleaned_data["national_code"]):
        return redirect("sign_in_code")
    context = {"form": form, "next": _next(request)}
    return render(request, "directory/sign_in.html", context, status=_status_of(form))


@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Take the code; the right one binds the person to mobile and mailbox and begins a fresh session.

    A POST with `resend` sends another code instead; the one before it is then worth nothing in this session.
    """
    waiting = _waiting(request)
    if waiting is None:
        return redirect("sign_in")
    if "resend" in request.POST:
        form = CodeForm({})
        if _send(request, form, waiting.national_code):
            messages.success(request, _("Another code is on its way; the one before it is void."))
            return redirect("sign_in_code")
    else:
        form = CodeForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and _enter(request, form):
            return redirect(_leave(request))
    return render(request, "directory/sign_in_code.html", _code_page(request, form), status=_status_of(form))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session; recorded, so that its open sockets look and close."""
    if request.user.is_authenticated:
        actor = actor_from(request)
        logout(request)
        with transaction.atomic():
            record("session.ended", actor.person_id, actor.label, timezone.now(), facts={"scope": "one"})
    return redirect("start")


def session_digest(request: HttpRequest) -> str:
    """A name for the browser session that evidence may carry: it opens nothing and cannot be turned back."""
    return hashlib.sha256((request.session.session_key or "").encode()).hexdigest()[:32]


def _send(request: HttpRequest, form: forms.Form, national_code: str) -> bool:
    """Send a code and remember its challenge in this session; otherwise tell in the form why not."""
    try:
        challenge = send_code(national_code, SIGN_IN, address=request.META.get("REMOTE_ADDR", ""), at=timezone.now())
    except TooManyCodes as error:
        _refuse(form, str(error.message))
    except OSError:
        _refuse(form, str(_GATEWAY_FAILED))
    else:
        before = request.session.get(PENDING, {})
        target = _next(request) if "national_code" in request.POST else before.get("next", "")
        request.session[PENDING] = {"challenge": str(challenge), "next": target}
        return True
    return False


def _refuse(form: forms.Form, message: str) -> None:
    """Put the message beside the form's only field, instead of what was wrong with it before."""
    form.errors.clear()
    form.add_error(next(iter(form.fields)), message)


def _enter(request: HttpRequest, form: forms.Form) -> bool:
    """Sign the person in whom the typed code proves; otherwise tell in the form why not."""
    at = timezone.now()
    try:
        national_code = check_code(_challenge(request), form.cleaned_data["code"], SIGN_IN, at=at)
    except CodeRefused as error:
        form.add_error("code", str(error.message))
        return False
    pending = request.session[PENDING]
    person, device = bind_person(national_code, at=at)
    login(request, person, backend="correspondence.directory.authentication.OneTimeCodeBackend")
    otp_login(request, device)
    # Another person's session is emptied by signing in, hence written again.
    request.session[PENDING] = pending
    return True


def _leave(request: HttpRequest) -> str:
    """The page that was asked for before signing in, or the own first page."""
    return request.session.pop(PENDING)["next"] or _home(request)


def _code_page(request: HttpRequest, form: forms.Form) -> dict[str, Any]:
    waiting, now = _waiting(request), timezone.now()
    left = max(0, int((waiting.expires_at - now).total_seconds())) if waiting else 0
    return {
        "form": form,
        "waiting": waiting,
        "seconds_left": left,
        "clock_left": f"{left // 60}:{left % 60:02d}",
        "lifetime_minutes": int(LIFETIME.total_seconds() // 60),
    }


def _challenge(request: HttpRequest) -> UUID:
    return UUID(request.session[PENDING]["challenge"])


def _waiting(request: HttpRequest) -> Waiting | None:
    """The code that this session waits for."""
    if PENDING not in request.session:
        return None
    return waiting_code(_challenge(request), SIGN_IN, at=timezone.now())


def _status_of(form: forms.Form) -> int:
    return 422 if form.is_bound and form.errors else 200


def _home(request: HttpRequest) -> str:
    return reverse("desk" if actor_from(request).is_staff else "inbox")


def _next(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else ""
