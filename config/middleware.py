"""Refusals and known failures become answers here, once: a page for people, RFC 9457 problem details for programs."""

import errno
from collections.abc import Callable

from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from signing.errors import DomainError

# Every other code is 422: understood, and refused by a rule.
STATUS = {
    "not_found": 404,
    "forbidden": 403,
    "conflict": 409,
    "too_many": 429,
    "too_many_codes": 429,
    "too_large": 413,
    "being_sealed": 503,
    "signing.key-unavailable": 503,
    "signing.timestamp-unavailable": 503,
    "search.unavailable": 503,
}
TITLES: dict[int, str | Promise] = {
    403: _("This is not open to you"),
    404: _("There is nothing here"),
    409: _("Something changed in the meantime"),
    413: _("That is too large"),
    422: _("This was not done"),
    429: _("Please wait a little"),
    503: _("Not possible at this moment"),
    507: _("There is no room left on our side"),
}
FULL = _(
    "The disk of the system is full, so nothing was saved, sent or numbered. The operators see this too; "
    "please try again later, repeating is safe."
)
BUSY = _("The system is busy and did not take your request. Nothing was changed; please try again in a few seconds.")


class DomainErrorMiddleware:
    """Answers `DomainError`, a full disk and a busy database; everything else stays a fault for the server's log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Django calls this when a view raises; None leaves the exception to the next in line."""
        if isinstance(exception, DomainError):
            return problem(request, _status_of(exception.code), exception.code, str(exception))
        if _is_disk_full(exception):
            return problem(request, 507, "storage.full", str(FULL))
        if isinstance(exception, OperationalError) and "locked" in str(exception):
            response = problem(request, 503, "storage.busy", str(BUSY))
            response["Retry-After"] = "5"
            return response
        return None


def problem(request: HttpRequest, status: int, code: str, text: str) -> HttpResponse:
    """The refusal as HTML, or as application/problem+json (RFC 9457) for a client that prefers JSON."""
    title = TITLES.get(status, TITLES[422])
    if request.get_preferred_type(["text/html", "application/json", "application/problem+json"]) in {
        "application/json",
        "application/problem+json",
    }:
        details = {"type": "about:blank", "title": str(title), "status": status, "detail": text, "code": code}
        return JsonResponse(details, status=status, content_type="application/problem+json")
    response = render(request, "problem.html", {"title": title, "text": text, "calm": status != 507}, status=status)
    # The page's script shows the text of a refusal instead of exchanging part of the page for it.
    response["X-Problem"] = code
    return response


def _status_of(code: str) -> int:
    return STATUS.get(code) or STATUS.get(code.rpartition(".")[2].replace("-", "_"), 422)


def _is_disk_full(exception: Exception) -> bool:
    if isinstance(exception, OSError):
        return exception.errno in {errno.ENOSPC, errno.EDQUOT}
    return isinstance(exception, OperationalError) and "disk is full" in str(exception)
