"""The evidence in a proof: facts that their commitments fit, leaves that are in the log's tree, times in order.

The root of the tree comes only from the signed checkpoint, and leaf hashes are computed here from the leaves: a hash
that somebody hands us could be an inner node (RFC 9162 §2.1).
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from signing import merkle, notes
from signing.canonical import canonical
from signing.errors import NotCanonical
from signing.verify.certificates import Policy, Purpose
from signing.verify.letters import LETTER, read_object
from signing.verify.report import Findings
from signing.verify.revocation import Use
from signing.verify.seals import Seal
from signing.verify.signers import Signer, Surroundings, judge_signer

EVENTS, CHECKPOINT, LOG_CERTIFICATE = "events.json", "checkpoint.txt", "log.pem"
FILES = (EVENTS, CHECKPOINT, LOG_CERTIFICATE)
EVENTS_FORMAT, EVENT_FORMAT = "karpusheh/events/1", "karpusheh/event/1"
MAX_EVENTS = 1_000
SALT_BYTES = 16
CONSIGNMENT, HANDOVER = "notice.deposited", "notice.opened"
# Tokens of some authorities carry whole seconds only.
TOKEN_ACCURACY = timedelta(seconds=1)


@dataclass(frozen=True)
class _Event:
    kind: str
    subject: str
    at: datetime
    facts: Mapping[str, Any]


def check_evidence(findings: Findings, files: Mapping[str, bytes], outer: Seal, policy: Policy) -> bool:
    """Check the events of a proof. `outer`: the seal over the proof, which no event may be later than."""
    head = _open_checkpoint(findings.within(CHECKPOINT), files, outer, policy)
    mine = findings.within(EVENTS)
    document = read_object(files[EVENTS])
    entries: Any = document.get("events") if document else None
    if document is None or document.get("format") != EVENTS_FORMAT or not _is_list(entries):
        return mine.failed("evidence.format")
    if head is None:
        return False
    if document.get("tree_size") != head.size:
        return mine.failed("evidence.tree-size", f"{document.get('tree_size')} / {head.size}")
    events = [_check_event(mine, entry, head) for entry in entries]
    found = [event for event in events if event is not None]
    if len(found) != len(events):
        return False
    mine.passed("evidence.inclusion", f"{len(found)} / {head.size}")
    return _check_story(mine, found, files, outer)


def _is_list(entries: Any) -> bool:
    return isinstance(entries, list) and 0 < len(entries) <= MAX_EVENTS


def _open_checkpoint(findings: Findings, files: Mapping[str, bytes], outer: Seal, policy: Policy) -> notes.Head | None:
    try:
        certificate, *others = x509.load_pem_x509_certificates(files[LOG_CERTIFICATE])
        text = files[CHECKPOINT].decode("utf-8")
        claimed = notes.parse_checkpoint(text.partition("\n\n")[0] + "\n")
    except ValueError as error:
        findings.failed("log.format", str(error))
        return None
    key = certificate.public_key()
    if not isinstance(key, ed25519.Ed25519PublicKey):
        findings.failed("log.key-usage")
        return None
    if policy.log_origin and claimed.origin != policy.log_origin:
        findings.failed("log.origin", claimed.origin)
        return None
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    try:
        head = notes.open_checkpoint(text, notes.NoteKey(claimed.origin, raw))
    except ValueError as error:
        findings.failed("log.signature", str(error))
        return None
    findings.passed("log.signature", claimed.origin)
    use = Use(outer.time, is_proven=outer.time_is_proven)
    pool = (certificate, *others, *outer.pool)
    signer = Signer(certificate, pool, Purpose.LOG, use)
    judge_signer(findings, "log", signer, policy, Surroundings(policy.horizon))
    return head


def _check_event(findings: Findings, entry: Any, head: notes.Head) -> _Event | None:
    try:
        leaf, facts, salt = entry["leaf"].encode("utf-8"), entry["facts"], bytes.fromhex(entry["salt"])
        index, proof = entry["index"], [bytes.fromhex(step) for step in entry["proof"]]
        content = read_object(leaf) or {}
        commitment = hashlib.sha256(salt + canonical(facts)).hexdigest()
        at = datetime.fromisoformat(content["at"]).astimezone(UTC)
        event = _Event(str(content["kind"]), str(content["subject"]), at, dict(facts))
        is_canonical = canonical(content) == leaf
    except (KeyError, TypeError, ValueError, AttributeError, NotCanonical) as error:
        findings.failed("evidence.format", f"{type(error).__name__}: {error}")
        return None
    known = content.get("format") == EVENT_FORMAT and type(index) is int and isinstance(facts, dict)
    if not known or not is_canonical or len(salt) != SALT_BYTES:
        findings.failed("evidence.format", event.kind)
        return None
    if not hmac.compare_digest(str(content.get("commitment")), commitment):
        findings.failed("evidence.commitment", event.kind)
        return None
    if not merkle.verify_inclusion(merkle.leaf_hash(leaf), index, head.size, proof, head.root):
        findings.failed("evidence.inclusion", event.kind)
        return None
    return event


def _check_story(findings: Findings, events: list[_Event], files: Mapping[str, bytes], outer: Seal) -> bool:
    in_time = _check_times(findings, events, outer) and _check_order(findings, events)
    return in_time and _check_subjects(findings, events, files)


def _check_times(findings: Findings, events: list[_Event], outer: Seal) -> bool:
    for event in events:
        if event.at > outer.time + TOKEN_ACCURACY:
            return findings.failed("evidence.time", f"{event.kind}: {event.at} > {outer.time}")
    return findings.passed("evidence.time")


def _check_order(findings: Findings, events: list[_Event]) -> bool:
    """ETSI EN 319 522: a handover (E.1) needs a consignment (D.1) before it, and happens once."""
    for subject in {event.subject for event in events}:
        deposits = [one.at for one in events if (one.kind, one.subject) == (CONSIGNMENT, subject)]
        openings = [one.at for one in events if (one.kind, one.subject) == (HANDOVER, subject)]
        if len(openings) > 1 or len(deposits) > 1 or (openings and (not deposits or openings[0] < deposits[0])):
            return findings.failed("evidence.order", subject)
    return findings.passed("evidence.order")


def _check_subjects(findings: Findings, events: list[_Event], files: Mapping[str, bytes]) -> bool:
    """The facts must be of this letter: genuine evidence of another one proves nothing here."""
    letter = read_object(files[LETTER]) or {}
    run = letter.get("run")
    own = {letter.get("id"), run.get("letter") if isinstance(run, dict) else None} - {None}
    digest = hashlib.sha256(files[LETTER]).hexdigest()
    notices = {event.subject for event in events if event.kind.startswith("notice.")}
    for event in events:
        is_notice = event.kind.startswith("notice.")
        belongs = event.facts.get("letter") in own if is_notice else event.subject in own
        same = event.kind not in {CONSIGNMENT, HANDOVER} or event.facts.get("sha256") == digest
        if not belongs or not same or len(notices) > 1:
            return findings.failed("evidence.subject", event.kind)
    return findings.passed("evidence.subject")
