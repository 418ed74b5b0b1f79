"""Recording facts: only inside the transaction that makes them true, and never to be changed."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from signing.errors import NotCanonical
from signing.evidence.log import NewEvent, OutsideTransaction, record, record_batch
from signing.evidence.models import Event, Handoff
from signing.evidence.outbox import Handoff as SameHandoff
from tests.signing.evidence.conftest import ANNA, AT, Subscribe, happen

transactional = pytest.mark.django_db(transaction=True)
ordinary = pytest.mark.django_db


@transactional
def test_a_fact_without_a_transaction_is_refused() -> None:
    with pytest.raises(OutsideTransaction):
        record("test.happened", uuid4(), ANNA, AT, facts={})
    with pytest.raises(OutsideTransaction):
        record_batch("test.happened", [], ANNA, AT)
    assert not Event.objects.exists()


@transactional
def test_what_rolls_back_did_not_happen(subscribe: Subscribe) -> None:
    @subscribe("test.happened")
    def act(handoff: Handoff) -> None: ...

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record("test.happened", uuid4(), ANNA, AT, facts={})
        raise ZeroDivisionError
    assert not Event.objects.exists()
    assert not Handoff.objects.exists()


@ordinary
def test_a_fact_is_kept_as_it_was_told() -> None:
    agency, mailbox, letter, subject = uuid4(), uuid4(), uuid4(), uuid4()
    event = happen(subject=subject, facts={"n": 1}, agency=agency, mailbox=mailbox, letter=letter)
    event.refresh_from_db()
    assert (event.kind, event.subject, event.actor, event.at) == ("test.happened", subject, ANNA, AT)
    assert (event.agency, event.mailbox, event.letter, event.index) == (agency, mailbox, letter, None)
    bound = {"actor": ANNA, "agency": str(agency), "mailbox": str(mailbox), "letter": str(letter)}
    assert event.read_facts() == {"n": 1} | bound
    assert event.id.version == 7
    assert len(bytes(event.salt)) == 16


@ordinary
def test_every_subscriber_gets_one_handoff(subscribe: Subscribe) -> None:
    @subscribe("test.happened", "test.other")
    def first(handoff: SameHandoff) -> None: ...

    @subscribe("test.happened")
    def second(handoff: SameHandoff) -> None: ...

    event = happen()
    names = list(event.handoffs.order_by("handler").values_list("handler", flat=True))
    assert [name.rpartition(".")[2] for name in names] == ["first", "second"]


@ordinary
@pytest.mark.parametrize(
    ("kind", "actor", "at", "facts"),
    [
        ("Test", ANNA, AT, {}),
        ("test", ANNA, AT, {}),
        ("test.happened\n", ANNA, AT, {}),
        ("test.happened", "anna", AT, {}),
        ("test.happened", "person:1", AT, {}),
        ("test.happened", ANNA, datetime(2026, 11, 22, 8, 30), {}),  # noqa: DTZ001 - that is the point
        ("test.happened", ANNA, AT, {"actor": "system"}),
        ("test.happened", ANNA, AT, {"letter": "another"}),
    ],
)
def test_a_malformed_fact_is_refused(kind: str, actor: str, at: datetime, facts: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        record(kind, uuid4(), actor, at, facts=facts)
    assert not Event.objects.exists()


@ordinary
def test_facts_are_json_without_floats() -> None:
    with pytest.raises(NotCanonical):
        happen(facts={"amount": 1.5})


@ordinary
def test_a_batch_keeps_its_order_and_its_topics() -> None:
    agency, letter = uuid4(), uuid4()
    rows = [NewEvent(uuid4(), {"row": number}, mailbox=uuid4()) for number in range(700)]
    ids = record_batch("test.deposited", rows, "system", AT, agency=agency, letter=letter)
    events = list(Event.objects.order_by("serial"))
    assert [event.id for event in events] == ids == sorted(ids)
    assert [event.subject for event in events] == [row.subject for row in rows]
    assert [event.mailbox for event in events] == [row.mailbox for row in rows]
    assert {(event.agency, event.letter, event.at, event.index) for event in events} == {(agency, letter, AT, None)}
    assert events[5].read_facts()["row"] == 5
    assert len({bytes(event.salt) for event in events}) == 700


@ordinary
def test_a_batch_and_a_single_record_are_alike() -> None:
    subject, mailbox = uuid4(), uuid4()
    single = happen("test.deposited", subject, mailbox=mailbox, facts={"row": 1})
    [batched] = record_batch("test.deposited", [NewEvent(subject, {"row": 1}, mailbox=mailbox)], ANNA, AT)
    ignored = {"serial", "id", "salt"}
    first, second = (
        {field.attname: getattr(event, field.attname) for field in Event._meta.concrete_fields}
        for event in Event.objects.filter(id__in=[single.id, batched]).order_by("serial")
    )
    assert {name: first[name] for name in first.keys() - ignored} == {
        name: second[name] for name in second.keys() - ignored
    }


@ordinary
def test_a_batch_of_a_kind_with_subscribers_is_refused(subscribe: Subscribe) -> None:
    @subscribe("test.deposited")
    def act(handoff: Handoff) -> None: ...

    with pytest.raises(ValueError, match="never hear"):
        record_batch("test.deposited", [NewEvent(uuid4(), {})], ANNA, AT)


@transactional
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE evidence_event SET facts = '{}'",
        "UPDATE evidence_event SET kind = 'test.other'",
        "UPDATE evidence_event SET actor = 'system', tree_index = 7 WHERE tree_index IS NULL",
        "UPDATE evidence_event SET mailbox = NULL, agency = NULL, letter = subject",
        "UPDATE evidence_event SET tree_index = 9 WHERE tree_index = 5",
        "UPDATE evidence_event SET tree_index = NULL WHERE tree_index = 5",
        "DELETE FROM evidence_event",
        "INSERT INTO evidence_event (id, version, kind, subject, actor, at, facts, salt, tree_index) "
        "SELECT subject, version, kind, subject, actor, at, facts, salt, 6 FROM evidence_event WHERE tree_index = 5",
    ],
)
def test_the_database_itself_refuses_changes(statement: str) -> None:
    placed, pending = happen(subject=UUID(int=3)), happen(subject=UUID(int=4))
    Event.objects.filter(pk=placed.pk).update(index=5)
    before = list(Event.objects.order_by("serial").values_list())
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(Event.objects.order_by("serial").values_list()) == before
    assert Event.objects.get(pk=pending.pk).index is None
