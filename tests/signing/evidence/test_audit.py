"""Whoever may write to the tables behind our back is found, down to the record."""

import json
from collections.abc import Callable
from importlib import import_module
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from signing.evidence.audit import Fault, audit
from signing.evidence.checkpoints import latest_checkpoint, log_key, sequence_pending
from signing.evidence.leaves import leaf_of
from signing.evidence.log import NewEvent, record_batch
from signing.evidence.models import Checkpoint, Event, Tile
from signing.merkle import leaf_hash
from signing.notes import format_checkpoint, open_checkpoint, sign_note
from signing.services import sign_log
from tests.signing.evidence.conftest import ANNA, AT, happen

pytestmark = pytest.mark.django_db
triggers = import_module("signing.evidence.migrations.0002_append_only")
SIZES = (3, 280, 700)


@pytest.fixture
def log() -> list[Event]:
    """700 events under three heads, and the triggers gone: the attacker is a superuser of the database."""
    done = 0
    for size in SIZES:
        rows = [NewEvent(uuid4(), {"row": number}, mailbox=uuid4()) for number in range(done, size)]
        with transaction.atomic():
            record_batch("test.deposited", rows, ANNA, AT, agency=uuid4(), letter=uuid4())
        sequence_pending()
        done = size
    triggers.remove(connection)
    return list(Event.objects.order_by("index"))


def the_fault() -> Fault:
    fault = audit().fault
    assert fault is not None
    return fault


def change(event: Event, **columns: object) -> None:
    Event.objects.filter(pk=event.pk).update(**columns)


def test_an_untouched_log_is_whole(log: list[Event]) -> None:
    happen()
    heard: list[tuple[int, int]] = []
    report = audit(progress=lambda done, total: heard.append((done, total)))
    assert (report.events, report.checkpoints, report.pending, report.fault) == (700, 3, 1, None)
    head = latest_checkpoint()
    assert head is not None
    assert report.root == bytes(head.root).hex()
    assert heard[-1] == (700, 700)


def test_an_empty_log_is_whole() -> None:
    assert audit().fault is None


@pytest.mark.parametrize("index", [0, 2, 3, 255, 256, 300, 699])
@pytest.mark.parametrize(
    "columns",
    [
        {"facts": '{"row":8}'},
        {"salt": bytes(16)},
        {"kind": "test.returned"},
        {"at": AT.replace(microsecond=0)},
        {"subject": uuid4()},
        {"id": uuid4()},
        {"version": 2},
    ],
)
def test_an_edited_event_is_named(log: list[Event], index: int, columns: dict[str, object]) -> None:
    change(log[index], **columns)
    fault = the_fault()
    assert (fault.index, fault.what) == (index, "the event differs from what was signed")
    assert fault.event == columns.get("id", log[index].id)


@pytest.mark.parametrize("columns", [{"actor": "system"}, {"mailbox": uuid4()}, {"agency": None}, {"letter": uuid4()}])
def test_an_event_led_to_another_reader_is_named(log: list[Event], columns: dict[str, object]) -> None:
    change(log[300], **columns)
    assert the_fault() == Fault("the event's topics or actor differ from its facts", index=300, event=log[300].id)


@pytest.mark.parametrize("index", [0, 3, 256, 699])
def test_a_deleted_event_is_missed_at_its_place(log: list[Event], index: int) -> None:
    Event.objects.filter(pk=log[index].pk).delete()
    fault = the_fault()
    assert (fault.index, fault.event) == (index, None)
    assert fault.what.startswith("no event stands here")


def test_an_event_taken_out_of_the_tree_is_missed(log: list[Event]) -> None:
    change(log[40], index=None)
    assert the_fault().index == 40


def test_swapped_events_are_named(log: list[Event]) -> None:
    first, second = log[10], log[400]
    change(first, index=10_000)
    change(second, index=10)
    change(first, index=400)
    assert the_fault() == Fault("the event differs from what was signed", index=10, event=second.id)


def test_an_event_inserted_into_the_past_is_named(log: list[Event]) -> None:
    change(log[10], index=None)
    forged = happen()
    change(forged, index=10)
    assert the_fault() == Fault("the event differs from what was signed", index=10, event=forged.id)


def test_an_event_put_behind_the_last_head_is_named(log: list[Event]) -> None:
    forged = happen()
    change(forged, index=700)
    assert the_fault() == Fault("the event has a place beyond every checkpoint", index=700, event=forged.id)


def test_a_truncated_log_is_missed(log: list[Event]) -> None:
    Event.objects.filter(index__gte=500).delete()
    assert the_fault() == Fault("no event stands here, though the log had one", index=500)


def replace_hash(tile: Tile, offset: int, value: bytes) -> None:
    hashes = bytearray(bytes(tile.hashes))
    hashes[offset * 32 : offset * 32 + 32] = value
    Tile.objects.filter(pk=tile.pk).update(hashes=bytes(hashes))


def test_an_event_edited_together_with_its_tile_breaks_the_head_above_it(log: list[Event]) -> None:
    change(log[300], salt=bytes(16))
    edited = Event.objects.get(pk=log[300].pk)
    replace_hash(Tile.objects.get(level=0, index=1), 44, leaf_hash(leaf_of(edited)))
    fault = the_fault()
    assert fault.checkpoint == 700
    assert "from 280 on do not give the root" in fault.what


def test_a_damaged_tile_is_told_from_a_damaged_event(log: list[Event]) -> None:
    replace_hash(Tile.objects.get(level=0, index=1), 44, b"x" * 32)
    assert the_fault() == Fault("the event and the stored tree differ", index=300, event=log[300].id)


def test_a_lost_tile_is_named(log: list[Event]) -> None:
    Tile.objects.filter(level=0, index=1).delete()
    assert the_fault() == Fault("the tile with the hash of the event is missing", index=256, event=log[256].id)


def test_a_damaged_upper_tile_is_named(log: list[Event]) -> None:
    replace_hash(Tile.objects.get(level=1, index=0), 1, b"x" * 32)
    assert the_fault() == Fault("tile 1/0 differs from the tiles beneath it")


def forge_note(head: Checkpoint) -> dict[str, object]:
    return {"note": head.note.replace("\n280\n", "\n281\n")}


def sign_another_root(head: Checkpoint) -> dict[str, object]:
    note = sign_note(format_checkpoint(log_key().name, head.size, b"x" * 32), log_key(), sign_log)
    return {"note": note}


def store_another_root(head: Checkpoint) -> dict[str, object]:
    return {"root": b"x" * 32}


def store_another_frontier(head: Checkpoint) -> dict[str, object]:
    return {"frontier": bytes(len(head.frontier))}


def extend_another(head: Checkpoint) -> dict[str, object]:
    return {"extends": 2}


@pytest.mark.parametrize(
    "forge", [forge_note, sign_another_root, store_another_root, store_another_frontier, extend_another]
)
def test_a_forged_checkpoint_is_named(log: list[Event], forge: Callable[[Checkpoint], dict[str, object]]) -> None:
    head = Checkpoint.objects.get(size=280)
    Checkpoint.objects.filter(size=280).update(**forge(head))
    assert the_fault().checkpoint == 280


def test_a_deleted_checkpoint_is_missed_by_its_successor(log: list[Event]) -> None:
    Checkpoint.objects.filter(size=280).delete()
    assert the_fault().checkpoint == 700


def test_a_deleted_last_checkpoint_leaves_events_without_one(log: list[Event]) -> None:
    Checkpoint.objects.filter(size=700).delete()
    assert the_fault().what == "the event has a place beyond every checkpoint"


def test_a_log_cut_back_with_its_heads_is_found_by_a_head_kept_elsewhere(log: list[Event]) -> None:
    kept = latest_checkpoint()
    assert kept is not None
    known = open_checkpoint(kept.note, log_key())
    assert audit(known).fault is None
    Event.objects.filter(index__gte=280).delete()
    Checkpoint.objects.filter(size__gt=280).delete()
    assert audit().fault is None
    assert audit(known).fault == Fault("the log was cut back: it once had 700 events", index=280)


def test_a_rewritten_log_is_found_by_a_head_kept_elsewhere(log: list[Event]) -> None:
    kept = latest_checkpoint()
    assert kept is not None
    known = open_checkpoint(kept.note, log_key())
    for model in (Event, Checkpoint, Tile):
        model.objects.all().delete()
    with transaction.atomic():
        record_batch("test.deposited", [NewEvent(uuid4(), {}) for _ in range(701)], ANNA, AT)
    sequence_pending()
    assert audit().fault is None
    assert audit(known).fault == Fault("the log differs from the checkpoint kept outside it", checkpoint=700)


def test_the_command_reports_and_fails(log: list[Event], tmp_path: Path) -> None:
    head = latest_checkpoint()
    assert head is not None
    known = tmp_path / "checkpoint.txt"
    known.write_text(head.note, encoding="utf-8")
    out = StringIO()
    call_command("verify_log", known=known, stdout=out)
    assert "The log is whole: 700 events" in out.getvalue()
    change(log[17], facts="{}")
    out = StringIO()
    with pytest.raises(SystemExit) as exit_info:
        call_command("verify_log", stdout=out)
    assert exit_info.value.code == 1
    assert f"index 17, event {log[17].id}" in out.getvalue()
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_log", json=True, stdout=out)
    assert json.loads(out.getvalue())["fault"]["event"] == str(log[17].id)
    known.write_text("nothing", encoding="utf-8")
    with pytest.raises(CommandError, match="no signed note"):
        call_command("verify_log", known=known)
