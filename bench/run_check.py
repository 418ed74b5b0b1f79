"""What must be true of a run before its time counts: every notice is listed, opened and verified by its recipient.

    KARPUSHEH_DATA=FOLDER python bench/run_check.py LETTER ROWS [OPENED]

OPENED says how many are opened through the service (default: all). Ends with 1 and a line on what is wrong.
"""

import json
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from rich.progress import track  # noqa: E402

from correspondence.directory.access import Actor, actor_of  # noqa: E402
from correspondence.directory.authentication import bind_person  # noqa: E402
from correspondence.models import Approval, Recipient  # noqa: E402
from inbox.models import Notice  # noqa: E402
from inbox.selectors import notices_for  # noqa: E402
from inbox.services import open_notice  # noqa: E402
from signing.canonical import digest  # noqa: E402
from signing.evidence.checkpoints import log_key, sequence_pending  # noqa: E402
from signing.evidence.leaves import leaf_of  # noqa: E402
from signing.evidence.models import Event  # noqa: E402
from signing.evidence.proofs import export_events  # noqa: E402
from signing.merkle import leaf_hash, verify_inclusion  # noqa: E402
from signing.notes import open_checkpoint  # noqa: E402
from signing.services import cades_signer, development_pki_files  # noqa: E402
from signing.verify import Policy, Verdict, read_policy, verify_file  # noqa: E402

SAMPLE = 200
BATCH = 200


class Wrong(Exception):
    """The run is not what it claims to be."""


def expect(holds: bool, what: str) -> None:
    """Raise Wrong with `what` unless it holds."""
    if not holds:
        raise Wrong(what)


def notices_of(letter: UUID, label: str, rows: int) -> Iterator[tuple[Notice, Recipient]]:
    """The notices beside the rows of the manifest they were made from, with a progress bar."""
    notices = Notice.objects.filter(letter=letter).exclude(row=None).order_by("row").iterator(BATCH)
    recipients = Recipient.objects.filter(letter=letter).exclude(row=None).order_by("row").iterator(BATCH)
    yield from track(zip(notices, recipients, strict=True), label, total=rows)


def check_contents(letter: UUID, rows: int) -> None:
    """Rows and numbers without gap, own content, its hash in dispatch.json, and a signature that anyone can verify."""
    approval, policy = Approval.objects.get(letter=letter), trusted()
    certificate = cades_signer(f"person:{approval.signatory_id}").chain[0]
    first, seen, codes = 0, 0, set()
    for notice, recipient in notices_of(letter, "signatures", rows):
        seen += 1
        content, signature = bytes(notice.content or b""), bytes(notice.signature or b"")
        own, dispatch = json.loads(content), json.loads(bytes(notice.dispatch_json or b""))
        first = first or dispatch["index"]
        expect(notice.row == recipient.row == seen, f"row {seen} is missing")
        expect(dispatch["index"] == first + seen - 1, f"row {seen} has the number {dispatch['index']}")
        expect(notice.number == dispatch["number"], f"row {seen}: two numbers")
        expect(dispatch["letter_sha256"] == digest(content), f"row {seen}: dispatch.json belongs to another letter")
        expect(own["run"]["letter_sha256"] == digest(bytes(approval.content)), f"row {seen}: another run")
        expect(own["id"] == dispatch["letter"] == str(notice.id), f"row {seen}: another notice")
        expect(recipient.fields["مبلغ"] in own["body"], f"row {seen}: another recipient's content")
        report = verify_file(signature, "letter.json.p7s", policy, content=content)
        expect(report.verdict == Verdict.VALID, f"row {seen}: signature {report.verdict}")
        expect(certificate in signature, f"row {seen}: signed by somebody else")
        codes.add(notice.verification_code)
    expect(seen == rows == len(codes), f"{seen} notices and {len(codes)} codes for {rows} rows")


def trusted() -> Policy:
    """The development root, with its revocation lists."""
    files = development_pki_files()
    return read_policy([files["root.pem"]], [files["crl.der"], files["root-crl.der"]])


def open_all(letter: UUID, rows: int, wanted: int) -> int:
    """Let recipients list and open their notices; returns how many were opened now or before."""
    opened = 0
    batch: list[tuple[UUID, str]] = []
    for notice, recipient in notices_of(letter, "openings", rows):
        if opened + len(batch) < wanted:
            batch.append((notice.id, recipient.party_id))
        if len(batch) == BATCH or (batch and notice.row == rows):
            opened += open_batch(batch)
            batch = []
    return opened


def open_batch(batch: list[tuple[UUID, str]]) -> int:
    """In one transaction, so that the check takes one commit instead of two for each."""
    with transaction.atomic():
        for notice_id, national_code in batch:
            actor = citizen(national_code)
            expect(notice_id in [found.id for found in notices_for(actor)], f"{notice_id} is not listed")
            found = open_notice(actor, notice_id, session="bench", at=timezone.now())
            expect(found.is_opened, f"{notice_id} was not opened")
    return len(batch)


def citizen(national_code: str) -> Actor:
    """The recipient, signed in."""
    person, _ = bind_person(national_code, at=timezone.now())
    return actor_of(person, timezone.now())


def check_log(letter: UUID, rows: int) -> None:
    """One deposit and one announcement of every notice, all in the signed tree; inclusion proofs of a sample."""
    while sequence_pending():
        pass
    events = Event.objects.filter(letter=letter)
    for kind in ("notice.deposited", "notice.announced"):
        found = events.filter(kind=kind, index__isnull=False).values("subject").distinct().count()
        expect(found == rows, f"{found} of {rows} {kind} are in the tree")
    serials = list(events.filter(kind="notice.deposited").values_list("serial", flat=True))
    sample = list(Event.objects.filter(serial__in=random.sample(serials, min(SAMPLE, rows))))
    exported, note = export_events(sample)
    head = open_checkpoint(note, log_key())
    for event, proof in zip(sample, exported["events"], strict=True):
        path = [bytes.fromhex(step) for step in proof["proof"]]
        leaf = leaf_hash(leaf_of(event))
        expect(verify_inclusion(leaf, proof["index"], head.size, path, head.root), f"{event.id} is not in the tree")


def main(letter: UUID, rows: int, wanted: int) -> None:
    """Check everything, and say what was checked."""
    check_contents(letter, rows)
    print(f"{rows:,} notices: own content, number without gap, hash in dispatch.json, CAdES valid under the root")
    print(f"{open_all(letter, rows, wanted):,} listed for their recipients and opened through the service")
    check_log(letter, rows)
    print(f"{rows:,} deposits and announcements in the signed tree; inclusion of {min(SAMPLE, rows)} proved")


if __name__ == "__main__":
    try:
        count = int(sys.argv[2])
        main(UUID(sys.argv[1]), count, int(sys.argv[3]) if len(sys.argv) > 3 else count)
    except Wrong as wrong:
        sys.exit(f"WRONG: {wrong}")
