"""The sequencer: contiguous places in commit order, one head at a time, and nothing half done after a failure."""

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from django.conf import settings as configured
from django.db import connection, transaction
from pytest_django import Settings

from signing.errors import KeyUnavailable
from signing.evidence import feed
from signing.evidence.checkpoints import (
    Sequenced,
    latest_checkpoint,
    log_key,
    on_sequenced,
    sequence_pending,
    stop_telling,
)
from signing.evidence.errors import LogBroken, NotYetPublished
from signing.evidence.leaves import leaf_of
from signing.evidence.log import NewEvent, record_batch
from signing.evidence.models import Checkpoint, Event, Tile
from signing.evidence.proofs import export_events, inclusion_proof
from signing.evidence.selectors import events_of, pending_events
from signing.evidence.tiles import TileReader, grown_tiles, save_tiles
from signing.merkle import consistency_proof, leaf_hash, root_of, verify_consistency, verify_inclusion
from signing.merkle import inclusion_proof as make_proof
from signing.notes import Head, open_checkpoint
from tests.signing.evidence.conftest import ANNA, AT, happen
from tests.signing.evidence.interrupted_key import NAME, InterruptedSigning

pytestmark = pytest.mark.django_db


@pytest.fixture
def interrupt(settings: Settings) -> Iterator[Callable[[Callable[[], object]], None]]:
    """Let something happen at the next signing of a head."""
    options = configured.SIGNING["log"]["OPTIONS"]
    settings.SIGNING = configured.SIGNING | {"log": {"BACKEND": NAME, "OPTIONS": options}}
    yield InterruptedSigning.interruptions.append
    InterruptedSigning.interruptions.clear()


def happen_often(count: int) -> list[UUID]:
    rows = [NewEvent(uuid4(), {"row": number}) for number in range(count)]
    with transaction.atomic():
        return record_batch("test.deposited", rows, ANNA, AT)


def assert_sound() -> None:
    """Places 0…n-1 in order of recording, one signed head over exactly them, all of them provable."""
    last = latest_checkpoint()
    size = last.size if last else 0
    placed = list(Event.objects.exclude(index=None).order_by("index"))
    assert [event.index for event in placed] == list(range(size))
    if last:
        leaves = [leaf_hash(leaf_of(event)) for event in placed]
        assert open_checkpoint(last.note, log_key()) == Head(configured.EVIDENCE_LOG_ORIGIN, size, root_of(leaves))
        tiles = TileReader()
        for index in range(0, size, max(1, size // 40)):
            proof = inclusion_proof(placed[index], size, tiles)
            assert verify_inclusion(leaves[index], index, size, proof, bytes(last.root))


def test_an_empty_log_has_no_head() -> None:
    assert sequence_pending() == 0
    assert latest_checkpoint() is None
    assert feed.head() == -1


def test_events_are_placed_in_the_order_of_recording_without_gaps() -> None:
    ids = [happen().id for _ in range(3)] + happen_often(4)
    assert sequence_pending(limit=5) == 5
    assert sequence_pending(limit=5) == 2
    assert sequence_pending(limit=5) == 0
    assert [event.id for event in Event.objects.order_by("index")] == ids
    assert [head.size for head in Checkpoint.objects.order_by("size")] == [5, 7]
    assert_sound()


@pytest.mark.parametrize("steps", [[255, 1, 1], [256, 256], [1, 600, 300]])
def test_any_growth_gives_tiles_that_prove_every_older_head(steps: list[int]) -> None:
    for count in steps:
        happen_often(count)
        while sequence_pending():
            pass
    assert_sound()
    heads = list(Checkpoint.objects.order_by("size"))
    for old, new in pairwise(heads):
        proof = consistency_proof(old.size, new.size, TileReader())
        assert verify_consistency(old.size, new.size, bytes(old.root), bytes(new.root), proof)
    assert all(len(bytes(tile.hashes)) == tile.width * 32 <= Tile.WIDTH * 32 for tile in Tile.objects.all())


def test_tiles_of_the_third_level_prove_too() -> None:
    leaves = [leaf_hash(number.to_bytes(4)) for number in range(66_000)]
    for start, end in pairwise([0, 65_535, 65_537, 66_000]):
        save_tiles(grown_tiles(start, leaves[start:end]))
    assert Tile.objects.get(level=2).width == 1
    root, tiles = root_of(leaves), TileReader()
    for index in (0, 255, 256, 65_535, 65_536, 65_999):
        assert verify_inclusion(leaves[index], index, 66_000, make_proof(index, 66_000, tiles), root)
    with pytest.raises(LogBroken, match="has no hashes"):
        make_proof(0, 66_001, tiles)


def test_of_two_sequencers_at_once_one_passes(interrupt: Callable[[Callable[[], object]], None]) -> None:
    happen_often(3)

    def be_quicker() -> None:
        happen()
        assert sequence_pending() == 4

    interrupt(be_quicker)
    assert sequence_pending() == 0
    assert Checkpoint.objects.count() == 1
    assert sequence_pending() == 0
    happen()
    assert sequence_pending() == 1
    assert_sound()


def unreachable() -> None:
    raise KeyUnavailable("log")


def killed() -> None:
    raise SystemExit


@pytest.mark.parametrize(("fault", "error"), [(unreachable, KeyUnavailable), (killed, SystemExit)])
def test_a_failure_before_the_commit_leaves_nothing_and_the_next_call_recovers(
    interrupt: Callable[[Callable[[], object]], None], fault: Callable[[], None], error: type[BaseException]
) -> None:
    happen_often(300)
    sequence_pending(limit=290)
    interrupt(fault)
    with pytest.raises(error):
        sequence_pending()
    assert (feed.head(), pending_events()) == (289, 10)
    assert_sound()
    happen()
    assert sequence_pending() == 11
    assert_sound()


def test_a_failure_after_the_commit_loses_nothing(caplog: pytest.LogCaptureFixture) -> None:
    told: list[Sequenced] = []

    @on_sequenced
    def fail(sequenced: Sequence[Sequenced]) -> None:
        raise OSError("no socket")

    on_sequenced(told.extend)
    agency = uuid4()
    event = happen(agency=agency)
    assert sequence_pending() == 1
    stop_telling(fail)
    stop_telling(told.extend)
    assert told == [Sequenced(0, event.kind, event.subject, agency, None, None)]
    assert "no socket" in caplog.text
    assert_sound()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"root": b"x" * 32}, "differs"),
        ({"frontier": b"x" * 32}, "differs"),
        ({"frontier": b"x"}, "no frontier"),
        ({"note": "nothing\n"}, "no signed note"),
    ],
)
def test_a_head_that_contradicts_itself_is_not_extended(change: dict[str, object], what: str) -> None:
    happen()
    sequence_pending()
    happen()
    import_module("signing.evidence.migrations.0002_append_only").remove(connection)
    Checkpoint.objects.update(**change)
    with pytest.raises(LogBroken, match=what):
        sequence_pending()
    assert (pending_events(), Checkpoint.objects.count()) == (1, 1)


def test_missing_tiles_stop_the_sequencer() -> None:
    happen_often(3)
    sequence_pending()
    Tile.objects.all().delete()
    happen()
    with pytest.raises(LogBroken, match="tile 0/0 holds 0 hashes"):
        sequence_pending()
    assert feed.head() == 2


def test_the_feed_gives_each_topic_its_own_in_order() -> None:
    agency, mailbox, stranger, letter = uuid4(), uuid4(), uuid4(), uuid4()
    both = happen(agency=agency, mailbox=mailbox, letter=letter)
    theirs = happen(agency=stranger)
    hers = happen(mailbox=mailbox)
    assert feed.events_after(-1, mailboxes=[mailbox]) == []
    sequence_pending()
    mine = feed.events_after(-1, agencies=[agency], mailboxes=[mailbox])
    assert [(item.index, item.subject, item.letter) for item in mine] == [
        (0, both.subject, letter),
        (2, hers.subject, None),
    ]
    assert [item.subject for item in feed.events_after(0, mailboxes=[mailbox])] == [hers.subject]
    assert [item.subject for item in feed.events_after(-1, agencies=[stranger, agency])] == [
        both.subject,
        theirs.subject,
    ]
    assert feed.events_after(-1) == []
    assert feed.head() == 2


def test_a_reader_that_asks_in_pieces_misses_nothing() -> None:
    mailboxes = [uuid4() for _ in range(3)]
    for number in range(40):
        happen(mailbox=mailboxes[number % 3])
        sequence_pending()
    seen, after = [], -1
    while part := feed.events_after(after, mailboxes=mailboxes, limit=7):
        seen += [item.index for item in part]
        after = part[-1].index
    assert seen == list(range(40))


def test_nothing_is_exported_before_it_is_published() -> None:
    with pytest.raises(NotYetPublished):
        export_events([])
    first = happen()
    sequence_pending()
    second = happen()
    first.refresh_from_db()
    with pytest.raises(NotYetPublished):
        export_events([first, second])
    with pytest.raises(NotYetPublished):
        inclusion_proof(first, 0)


def test_what_is_exported_convinces_whoever_has_only_the_key() -> None:
    letter = uuid4()
    for _ in range(5):
        happen(), happen(letter=letter)
    sequence_pending()
    happen_often(300)
    sequence_pending()
    exported, note = export_events(events_of(letter=letter))
    head = open_checkpoint(note, log_key())
    assert exported["format"] == "karpusheh/events/1"
    assert exported["tree_size"] == head.size == 310
    assert [entry["index"] for entry in exported["events"]] == [1, 3, 5, 7, 9]
    for entry in exported["events"]:
        leaf = leaf_hash(entry["leaf"].encode())
        proof = [bytes.fromhex(step) for step in entry["proof"]]
        assert verify_inclusion(leaf, entry["index"], head.size, proof, head.root)


def test_a_leaf_is_the_written_form_for_ever() -> None:
    event = Event(
        id=UUID("0199a2b3-c4d5-7000-8000-000000000001"),
        kind="notice.opened",
        subject=UUID("0199a2b3-c4d5-7000-8000-000000000002"),
        at=AT.replace(microsecond=0),
        facts='{"actor":"system","متن":"نامه"}',
        salt=bytes(16),
    )
    assert leaf_of(event).decode() == (
        '{"at":"2026-11-22T08:30:15.000000Z",'
        '"commitment":"d69638610bcc34cb54025dcd874e9cb58f556019584f2b203fc2519d20a8f907",'
        '"format":"karpusheh/event/1","id":"0199a2b3-c4d5-7000-8000-000000000001","kind":"notice.opened",'
        '"subject":"0199a2b3-c4d5-7000-8000-000000000002"}'
    )


def test_a_timeline_is_of_one_letter_or_one_subject() -> None:
    letter, subject = uuid4(), uuid4()
    first, second = happen(letter=letter, subject=subject), happen("test.other", letter=letter)
    assert [event.id for event in events_of(letter=letter)] == [first.id, second.id]
    assert [event.id for event in events_of(letter=letter, kinds=["test.other"])] == [second.id]
    assert [event.id for event in events_of(subject=subject)] == [first.id]
    with pytest.raises(ValueError, match="letter or a subject"):
        events_of()
    with pytest.raises(ValueError, match="letter or a subject"):
        events_of(letter=letter, subject=subject)
