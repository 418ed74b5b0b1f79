"""The start page, and the door: national code, one-time code, out again."""

import hashlib
from uuid import UUID

from django.contrib.auth import login, logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_otp import login as otp_login

from correspondence.directory.access import actor_from
from correspondence.directory.authentication import bind_person
from correspondence.directory.codes import LIFETIME, SIGN_IN, check_code, send_code
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
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["national_code"]
        address = request.META.get("REMOTE_ADDR", "")
        try:
            challenge = send_code(code, SIGN_IN, address=address, at=timezone.now())
        except TooManyCodes as error:
            form.add_error("national_code", str(error.message))
        except OSError:
            form.add_error(None, str(_GATEWAY_FAILED))
        else:
            request.session[PENDING] = {"challenge": str(challenge), "next": _next(request)}
            return redirect("sign_in_code")
    status = 422 if form.errors else 200
    return render(request, "directory/sign_in.html", {"form": form, "next": _next(request)}, status=status)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Take the code; the right one binds the person to mobile and mailbox and begins a fresh session."""
    pending = request.session.get(PENDING)
    if pending is None:
        return redirect("sign_in")
    form, at = CodeForm(request.POST or None), timezone.now()
    if request.method == "POST" and form.is_valid():
        try:
            code = check_code(UUID(pending["challenge"]), form.cleaned_data["code"], SIGN_IN, at=at)
        except CodeRefused as error:
            form.add_error("code", str(error.message))
        else:
            person, device = bind_person(code, at=at)
            login(request, person, backend="correspondence.directory.authentication.OneTimeCodeBackend")
            otp_login(request, device)
            request.session.pop(PENDING, None)
            return redirect(pending["next"] or _home(request))
    context = {"form": form, "lifetime_minutes": int(LIFETIME.total_seconds() // 60)}
    return render(request, "directory/sign_in_code.html", context, status=422 if form.errors else 200)


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


def _home(request: HttpRequest) -> str:
    return reverse("desk" if actor_from(request).is_staff else "inbox")


def _next(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else ""
