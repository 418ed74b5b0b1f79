"""Refusals reach people as a page and programs as problem details; a full disk and a busy database say what was kept."""

import errno
import json

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.utils import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from config.middleware import DomainErrorMiddleware
from signing.errors import DomainError, KeyUnavailable


def answer(error: Exception, accept: str = "application/json") -> HttpResponse | None:
    request = RequestFactory().get("/letters/", headers={"accept": accept})
    request.user = AnonymousUser()
    middleware = DomainErrorMiddleware(lambda _request: HttpResponse())
    with translation.override("en"):
        return middleware.process_exception(request, error)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("not_found", 404),
        ("forbidden", 403),
        ("conflict", 409),
        ("letter.conflict", 409),
        ("letter.not-found", 404),
        ("too_many_codes", 429),
        ("letter.subject-missing", 422),
    ],
)
def test_a_code_has_one_status(code: str, status: int) -> None:
    response = answer(DomainError(code, _("Close")))
    assert response is not None and response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert json.loads(response.content) | {"title": ""} == {
        "type": "about:blank",
        "title": "",
        "status": status,
        "detail": "Close",
        "code": code,
    }


def test_a_key_that_rests_is_no_fault_of_the_caller() -> None:
    response = answer(KeyUnavailable("log"))
    assert response is not None and response.status_code == 503


def test_a_person_reads_a_page_in_which_nothing_is_markup_but_ours() -> None:
    response = answer(DomainError("conflict", "<b>changed</b>"), accept="text/html")
    assert response is not None and response.status_code == 409
    assert response["X-Problem"] == "conflict"
    page = response.content.decode()
    assert "&lt;b&gt;changed" in page and "Something changed in the meantime" in page and "data-problem" in page


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), OperationalError("database or disk is full")]
)
def test_a_full_disk_is_told_apart(error: Exception) -> None:
    response = answer(error)
    assert response is not None and response.status_code == 507
    assert "nothing was saved" in json.loads(response.content)["detail"]


def test_a_busy_database_asks_to_come_again() -> None:
    response = answer(OperationalError("database is locked"))
    assert response is not None and (response.status_code, response["Retry-After"]) == (503, "5")


@pytest.mark.parametrize("error", [ValueError("bug"), OSError(errno.EACCES, "no"), OperationalError("no such table")])
def test_a_fault_of_ours_stays_a_fault(error: Exception) -> None:
    assert answer(error) is None
