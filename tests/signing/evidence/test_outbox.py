"""Handoffs: every event's work is done once, whatever crashes, and what cannot be done is seen."""

import logging
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from signing.evidence import outbox
from signing.evidence.errors import HandoffNotDead
from signing.evidence.log import record
from signing.evidence.models import Event, Handoff
from signing.evidence.outbox import MAX_ATTEMPTS, Reject, Retry, attempt, backfill, claim, drain, finishing, keeping
from signing.evidence.selectors import dead_handoffs, handoff_counts, waiting_handoffs
from tests.signing.evidence.conftest import ANNA, AT, Subscribe, happen

pytestmark = pytest.mark.django_db
FAR = timedelta(days=30)


def effects() -> int:
    return Event.objects.filter(kind="test.done").count()


def do_effect(handoff: Handoff) -> None:
    record("test.done", handoff.event.subject, "system", AT, facts={"cause": str(handoff.event.id)})


def do_once(handoff: Handoff) -> None:
    with finishing(handoff):
        do_effect(handoff)


def end_lease(handoff: Handoff) -> None:
    Handoff.objects.filter(pk=handoff.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_drain_does_everything_and_what_it_causes(subscribe: Subscribe) -> None:
    heard: list[str] = []

    @subscribe("test.happened")
    def act(handoff: Handoff) -> None:
        do_once(handoff)

    @subscribe("test.done")
    def hear(handoff: Handoff) -> None:
        with finishing(handoff):
            heard.append(str(handoff.event.subject))

    events = [happen() for _ in range(30)]
    assert drain() == 60
    assert heard == [str(event.subject) for event in events]
    assert drain() == 0
    assert handoff_counts() == {"open": 0, "done": 60, "dead": 0}


def test_of_two_claimers_each_handoff_goes_to_one(subscribe: Subscribe) -> None:
    subscribe("test.happened")(do_once)
    for _ in range(5):
        happen()
    first, second, third = claim(limit=3), claim(limit=3), claim(limit=3)
    assert (len(first), len(second), third) == (3, 2, [])
    assert len({handoff.pk for handoff in first + second}) == 5


def test_duties_go_before_courtesies_however_long_these_wait(subscribe: Subscribe) -> None:
    done: list[str] = []

    @subscribe("test.happened", courtesy=True)
    def tell(handoff: Handoff) -> None:
        with finishing(handoff):
            done.append("tell")

    @subscribe("test.happened", "test.next")
    def deposit(handoff: Handoff) -> None:
        with finishing(handoff):
            done.append("deposit")
            if len(done) < 4:
                record("test.next", handoff.event.subject, "system", AT, facts={})

    happen()
    while claimed := claim():
        attempt(claimed[0])
    assert done == ["deposit"] * 4 + ["tell"]


def test_duties_of_one_rank_go_by_age(subscribe: Subscribe) -> None:
    subscribe("test.happened")(do_once)
    subjects = [happen().subject for _ in range(3)]
    assert [claim()[0].event.subject for _ in subjects] == subjects


def test_a_new_courtesy_is_given_the_events_before_it_as_a_courtesy(subscribe: Subscribe) -> None:
    happen()

    @subscribe("test.happened", courtesy=True)
    def tell(handoff: Handoff) -> None:
        do_once(handoff)

    backfill(f"{tell.__module__}.{tell.__qualname__}", AT)
    assert Handoff.objects.get().rank == 1


def test_a_zombie_whose_lease_was_lost_changes_nothing(subscribe: Subscribe) -> None:
    subscribe("test.happened")(do_once)
    happen()
    [zombie] = claim()
    end_lease(zombie)
    [successor] = claim()
    assert not attempt(zombie)
    assert effects() == 0
    assert attempt(successor)
    assert not attempt(zombie)
    assert effects() == 1


def test_a_zombie_cannot_postpone_what_another_has_done(subscribe: Subscribe) -> None:
    @subscribe("test.happened")
    def fail_late(handoff: Handoff) -> None:
        end_lease(handoff)
        [successor] = claim()
        do_once(successor)
        raise Retry(None, "the zombie wants to try again")

    happen()
    [zombie] = claim()
    assert not attempt(zombie)
    assert handoff_counts() == {"open": 0, "done": 1, "dead": 0}
    assert effects() == 1


def test_a_late_handler_that_nobody_replaced_may_finish(subscribe: Subscribe) -> None:
    subscribe("test.happened")(do_once)
    happen()
    [handoff] = claim()
    end_lease(handoff)
    assert attempt(handoff)


def fail_before(handoff: Handoff) -> None:
    if handoff.attempts == 1:
        raise OSError("the wire is cut")
    do_once(handoff)


def fail_inside(handoff: Handoff) -> None:
    with finishing(handoff):
        do_effect(handoff)
        if handoff.attempts == 1:
            raise OSError("the wire is cut")


def fail_after(handoff: Handoff) -> None:
    do_once(handoff)
    raise OSError("the wire is cut")


def forget_to_finish(handoff: Handoff) -> None:
    if handoff.attempts > 1:
        do_once(handoff)


@pytest.mark.parametrize("handler", [fail_before, fail_inside, forget_to_finish])
def test_a_failed_attempt_is_repeated_and_takes_effect_once(
    subscribe: Subscribe, handler: Callable[[Handoff], None]
) -> None:
    subscribe("test.happened")(handler)
    happen()
    assert drain() == 1
    assert effects() == 0
    [waiting] = waiting_handoffs()
    assert waiting.attempts == 1
    assert waiting.error
    assert drain(timezone.now() + FAR) == 1
    assert effects() == 1
    assert handoff_counts() == {"open": 0, "done": 1, "dead": 0}


def test_a_failure_after_the_commit_changes_nothing_any_more(subscribe: Subscribe) -> None:
    subscribe("test.happened")(fail_after)
    happen()
    drain()
    assert drain(timezone.now() + FAR) == 0
    assert effects() == 1
    assert handoff_counts()["done"] == 1


@pytest.mark.parametrize("at_commit", [False, True])
def test_a_killed_worker_is_replaced_when_its_lease_ends(subscribe: Subscribe, at_commit: bool) -> None:
    @subscribe("test.happened")
    def die(handoff: Handoff) -> None:
        if handoff.attempts > 1:
            do_once(handoff)
            return
        if at_commit:
            with finishing(handoff):
                do_effect(handoff)
                raise SystemExit
        raise SystemExit

    happen()
    [handoff] = claim()
    with pytest.raises(SystemExit):
        attempt(handoff)
    assert (drain(), effects()) == (0, 0)
    end_lease(handoff)
    assert (drain(), effects()) == (1, 1)


def test_work_that_kills_its_worker_each_time_is_buried_and_holds_up_nobody(subscribe: Subscribe) -> None:
    @subscribe("test.happened")
    def die_of_the_poisoned_one(handoff: Handoff) -> None:
        if handoff.event.read_facts().get("poison"):
            raise SystemExit
        do_once(handoff)

    happen(facts={"poison": True})
    for _ in range(20):
        happen()
    for _ in range(MAX_ATTEMPTS):
        for handoff in claim(limit=50):
            if handoff.event.read_facts().get("poison"):
                with pytest.raises(SystemExit):
                    attempt(handoff)
                end_lease(handoff)
            else:
                attempt(handoff)
    assert claim(limit=50) == []
    assert handoff_counts() == {"open": 0, "done": 20, "dead": 1}
    assert "worker was lost" in dead_handoffs()[0].error


def test_pauses_grow_and_end_in_the_dead_letters(subscribe: Subscribe, caplog: pytest.LogCaptureFixture) -> None:
    @subscribe("test.happened")
    def fail(handoff: Handoff) -> None:
        raise OSError("the wire is cut")

    happen()
    now, pauses = timezone.now(), []
    with caplog.at_level(logging.CRITICAL):
        while waiting := list(Handoff.objects.filter(state=Handoff.State.OPEN)):
            pauses.append(waiting[0].due_at - now)
            now = max(now, waiting[0].due_at)
            assert drain(now) == 1
    assert len(pauses) == MAX_ATTEMPTS
    assert timedelta(seconds=2.5) <= pauses[1] <= timedelta(seconds=5)
    assert timedelta(minutes=30) <= pauses[-1] <= timedelta(hours=1)
    [dead] = dead_handoffs()
    assert (dead.attempts, dead.error) == (MAX_ATTEMPTS, "OSError: the wire is cut")


def test_a_handler_may_say_when_to_come_back(subscribe: Subscribe) -> None:
    @subscribe("test.happened")
    def busy(handoff: Handoff) -> None:
        raise Retry(timedelta(minutes=7), "the exchange is closed")

    happen()
    now = timezone.now()
    drain(now)
    [waiting] = waiting_handoffs()
    assert (waiting.due_at, waiting.error) == (now + timedelta(minutes=7), "the exchange is closed")


def test_what_is_rejected_is_dead_at_once_and_can_be_armed_again(subscribe: Subscribe) -> None:
    repaired = False

    @subscribe("test.happened")
    def refuse(handoff: Handoff) -> None:
        if not repaired:
            raise Reject("no such number")
        do_once(handoff)

    letter, agency = uuid4(), uuid4()
    event = happen(letter=letter, agency=agency)
    drain()
    [dead] = dead_handoffs()
    assert (dead.attempts, dead.error) == (1, "no such number")
    repaired = True
    outbox.retry(dead.pk, ANNA, timezone.now())
    assert (drain(), effects()) == (1, 1)
    retried = Event.objects.get(kind="handoff.retried")
    assert (retried.actor, retried.subject, retried.letter, retried.agency) == (ANNA, event.subject, letter, agency)
    assert retried.read_facts()["error"] == "no such number"


def test_only_the_dead_are_armed_again(subscribe: Subscribe) -> None:
    subscribe("test.happened")(do_once)
    happen()
    handoff = Handoff.objects.get()
    for _ in range(2):
        with pytest.raises(HandoffNotDead):
            outbox.retry(handoff.pk, ANNA, timezone.now())
        drain()
    with pytest.raises(HandoffNotDead):
        outbox.retry(uuid4(), ANNA, timezone.now())
    assert not Event.objects.filter(kind="handoff.retried").exists()


def test_a_handler_unknown_to_this_process_waits_for_one_that_knows_it(subscribe: Subscribe) -> None:
    subscribe("test.happened")(do_once)
    happen()
    Handoff.objects.update(handler="inbox.handlers.of_a_later_release")
    assert drain() == 1
    [waiting] = waiting_handoffs()
    assert waiting.error == "this process has no such handler"


def test_long_work_keeps_its_chunks_and_resumes_after_them(subscribe: Subscribe) -> None:
    @subscribe("test.happened")
    def deposit_in_chunks(handoff: Handoff) -> None:
        while effects() < 3:
            with keeping(handoff):
                do_effect(handoff)
            if effects() == 2 and handoff.event.handoffs.get().error == "":
                raise OSError("the wire is cut")
        with finishing(handoff):
            pass

    happen()
    drain()
    assert (effects(), waiting_handoffs()[0].attempts) == (2, 1)
    drain(timezone.now() + FAR)
    assert (effects(), handoff_counts()["done"]) == (3, 1)


def test_a_chunk_of_a_lost_lease_is_not_kept(subscribe: Subscribe) -> None:
    subscribe("test.happened")(do_once)
    happen()
    [zombie] = claim()
    end_lease(zombie)
    claim()
    with pytest.raises(Handoff.Lost), keeping(zombie):
        do_effect(zombie)
    assert effects() == 0


def test_keeping_renews_the_lease(subscribe: Subscribe) -> None:
    subscribe("test.happened")(do_once)
    happen()
    [handoff] = claim()
    end_lease(handoff)
    with keeping(handoff):
        pass
    assert claim() == []
    assert attempt(handoff)


def test_a_new_handler_is_given_the_events_before_it(subscribe: Subscribe) -> None:
    happen(), happen("test.other")

    @subscribe("test.happened")
    def act(handoff: Handoff) -> None:
        do_once(handoff)

    happen()
    name = f"{act.__module__}.{act.__qualname__}"
    assert backfill(name, AT) == 1
    assert backfill(name, AT) == 0
    drain()
    assert effects() == 2
    with pytest.raises(ValueError, match="no handler"):
        backfill("nobody.at_all", AT)


@pytest.mark.django_db(transaction=True)
def test_finishing_is_a_transaction_of_its_own(subscribe: Subscribe) -> None:
    subscribe("test.happened")(do_once)
    happen()
    [handoff] = claim()
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic(), finishing(handoff):
        pass
    assert attempt(handoff)


def test_two_handlers_of_one_name_are_a_mistake(subscribe: Subscribe) -> None:
    subscribe("test.happened")(do_once)

    def other(handoff: Handoff) -> None: ...

    other.__qualname__ = do_once.__qualname__
    with pytest.raises(ValueError, match="two handlers"):
        outbox.on("test.happened")(other)
