"""What the events of a proof tell together, held against the letter that they are to be of.

Genuine evidence of another letter proves nothing here, nor does evidence of this one that leaves out its delivery.
Event names are those of ETSI EN 319 522: consignment (D.1) into the mailbox, handover (E.1) to the recipient.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from signing.verify.letters import DISPATCH, LETTER, read_canonical
from signing.verify.report import Findings
from signing.verify.runs import RUN, RUN_SIGNATURE

APPROVAL, DISPATCHED, SEALED = "letter.approved", "letter.dispatched", "letter.sealed"
CONSIGNMENT, HANDOVER = "notice.deposited", "notice.opened"
NEEDED = (APPROVAL, DISPATCHED, CONSIGNMENT)


@dataclass(frozen=True)
class Event:
    """An event whose place in the log is proven; `at` in UTC, `index` counts from 0."""

    kind: str
    subject: str
    at: datetime
    facts: Mapping[str, Any]
    index: int


def check_story(findings: Findings, events: list[Event], files: Mapping[str, bytes]) -> bool:
    """Check order, subjects, completeness and facts of the events, and say when the letter arrived and was opened."""
    return (
        _check_order(findings, events)
        and _check_subjects(findings, events, files)
        and _check_complete(findings, events)
        and _check_facts(findings, events, files)
        and _tell_delivery(findings, events)
    )


def _check_order(findings: Findings, events: list[Event]) -> bool:
    """A handover needs a consignment before it, and happens once."""
    for subject in {event.subject for event in events}:
        deposits = [one.at for one in events if (one.kind, one.subject) == (CONSIGNMENT, subject)]
        openings = [one.at for one in events if (one.kind, one.subject) == (HANDOVER, subject)]
        if len(openings) > 1 or len(deposits) > 1 or (openings and (not deposits or openings[0] < deposits[0])):
            return findings.failed("evidence.order", subject)
    return findings.passed("evidence.order")


def _check_subjects(findings: Findings, events: list[Event], files: Mapping[str, bytes]) -> bool:
    letter = read_canonical(files[LETTER]) or {}
    run = letter.get("run")
    own = {letter.get("id"), run.get("letter") if isinstance(run, dict) else None} - {None}
    notices = {event.subject for event in events if event.kind.startswith("notice.")}
    if run is not None:
        # Such a notice has a letter.json of its own, which bears its id.
        notices.add(str(letter.get("id")))
    for event in events:
        is_notice = event.kind.startswith("notice.")
        belongs = event.facts.get("letter") in own if is_notice else event.subject in own
        if not belongs or len(notices) > 1:
            return findings.failed("evidence.subject", event.kind)
    return findings.passed("evidence.subject")


def _check_complete(findings: Findings, events: list[Event]) -> bool:
    missing = [kind for kind in NEEDED if [one.kind for one in events].count(kind) != 1]
    return not missing or findings.failed("evidence.incomplete", ", ".join(missing))


def _check_facts(findings: Findings, events: list[Event], files: Mapping[str, bytes]) -> bool:
    """Every fact that the files tell too must be the same: hashes, number, and the time of dispatch."""
    dispatch = read_canonical(files[DISPATCH]) or {}
    of_run = RUN in files
    approved, signature = (RUN, RUN_SIGNATURE) if of_run else (LETTER, f"{LETTER}.p7s")
    number = {"number": dispatch.get("number")}
    told: dict[str, dict[str, object]] = {
        APPROVAL: {"sha256": _sha256(files[approved]), "signature_sha256": _sha256(files[signature])},
        # The number of a run is its whole block.
        DISPATCHED: {"sha256": _sha256(files[approved])} | ({} if of_run else number),
        # That PDF of a run is the sender's own copy.
        SEALED: {} if of_run else {"pdf_sha256": _sha256(files["letter.pdf"])},
        CONSIGNMENT: {"sha256": _sha256(files[LETTER])} | number,
        HANDOVER: {"sha256": _sha256(files[LETTER])},
    }
    for event in events:
        expected = told.get(event.kind, {})
        wrong = [name for name, value in expected.items() if event.facts.get(name) != value]
        if event.kind == DISPATCHED and _seconds(event.at) != dispatch.get("dispatched_at"):
            wrong.append("dispatched_at")
        if wrong:
            return findings.failed("evidence.facts", f"{event.kind}: {', '.join(wrong)}")
    return findings.passed("evidence.facts")


def _tell_delivery(findings: Findings, events: list[Event]) -> bool:
    at = {event.kind: str(event.at) for event in events}
    findings.passed("evidence.deposited", at[CONSIGNMENT])
    if HANDOVER in at:
        return findings.passed("evidence.opened", at[HANDOVER])
    return findings.noted("evidence.not-opened")


def _seconds(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
