"""The operators' page: failed work with its error and a button, for administrators only."""

import pytest
from django.test import Client
from django.utils import timezone

from correspondence.directory.models import Role
from correspondence.services import dispatch_letter
from signing.evidence.models import Event, Handoff
from tests.people import Cast, approved_letter, draft_to, give_role, make_cast, missing_id, settle, sign_in


@pytest.fixture
def cast(db: None) -> Cast:
    """Two agencies, two citizens; the ministry's approver is also administrator."""
    cast = make_cast()
    give_role(cast.ministry.approver, cast.ministry.agency, Role.Right.ADMINISTRATOR, timezone.now())
    return cast


@pytest.fixture
def administrator(cast: Cast) -> Client:
    """Signed in."""
    return sign_in(Client(), cast.ministry.approver)


def failed(cast: Cast) -> Handoff:
    """A task that has failed for good."""
    letter = approved_letter(cast.ministry, draft_to(cast.mehrnaz))
    dispatch_letter(cast.ministry.writer, letter.id, at=timezone.now())
    task = Handoff.objects.get(event__letter=letter.id, handler__endswith="seal_letter")
    Handoff.objects.filter(pk=task.pk).update(state="dead", attempts=8, error="OSError: no space left <b>")
    settle()
    return task


def test_a_failed_task_shows_its_error_and_runs_again(administrator: Client, cast: Cast) -> None:
    task = failed(cast)
    page = administrator.get("/operations/").content.decode()
    assert "مهر PDF نامه" in page and "no space left &lt;b&gt;" in page
    assert administrator.get(f"/operations/handoffs/{task.pk}/retry/").status_code == 405
    assert administrator.post(f"/operations/handoffs/{task.pk}/retry/").status_code == 302
    assert Event.objects.get(kind="handoff.retried").actor == f"person:{cast.ministry.approver.id}"
    settle()
    task.refresh_from_db()
    assert task.state == "done"
    assert administrator.post(f"/operations/handoffs/{task.pk}/retry/").status_code == 422


def test_others_neither_see_nor_touch(cast: Cast) -> None:
    task = failed(cast)
    for person in (cast.ministry.clerk, cast.registry.approver, cast.mehrnaz):
        client = sign_in(Client(), person)
        assert client.get("/operations/").status_code == 403
        assert client.post(f"/operations/handoffs/{task.pk}/retry/").status_code == 403
    assert Client().get("/operations/").status_code == 302
    task.refresh_from_db()
    assert task.state == "dead"


def test_a_task_that_does_not_exist_is_told_as_a_refusal(administrator: Client) -> None:
    assert administrator.post(f"/operations/handoffs/{missing_id()}/retry/").status_code == 422
