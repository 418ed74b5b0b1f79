"""The evidence in a proof: facts that their commitments fit, leaves that are in the log's tree, times in order.

The root of the tree comes only from the signed checkpoint, and leaf hashes are computed here from the leaves: a hash
that somebody hands us could be an inner node (RFC 9162 §2.1).
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from signing import merkle, notes
from signing.canonical import canonical
from signing.errors import NotCanonical
from signing.verify.certificates import Policy, Purpose, extension_of
from signing.verify.letters import read_canonical
from signing.verify.report import Findings
from signing.verify.revocation import Use
from signing.verify.seals import Seal
from signing.verify.signers import Signer, Surroundings, judge_signer
from signing.verify.stories import Event, check_story

EVENTS, CHECKPOINT, LOG_CERTIFICATE = "events.json", "checkpoint.txt", "log.pem"
FILES = (EVENTS, CHECKPOINT, LOG_CERTIFICATE)
EVENTS_FORMAT, EVENT_FORMAT = "karpusheh/events/1", "karpusheh/event/1"
MAX_EVENTS = 1_000
SALT_BYTES = 16
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
# Tokens of some authorities carry whole seconds only.
TOKEN_ACCURACY = timedelta(seconds=1)


def check_evidence(findings: Findings, files: Mapping[str, bytes], outer: Seal, policy: Policy) -> bool:
    """Check the events of a proof. `outer`: the seal over the proof, which no event may be later than."""
    head = _open_checkpoint(findings.within(CHECKPOINT), files, outer, policy)
    mine = findings.within(EVENTS)
    document = read_canonical(files[EVENTS])
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
    if len({event.index for event in found}) != len(found):
        return mine.failed("evidence.repeated")
    mine.passed("evidence.inclusion", f"{len(found)} / {head.size}")
    return _check_times(mine, found, outer) and check_story(mine, found, files)


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
    if not findings.require(claimed.origin in _logs_of(certificate), "log.certificate-origin", claimed.origin):
        return None
    use = Use(outer.time, is_proven=outer.time_is_proven)
    pool = (certificate, *others, *outer.pool)
    signer = Signer(certificate, pool, Purpose.LOG, use)
    judge_signer(findings, "log", signer, policy, Surroundings(policy.horizon))
    return head


def _logs_of(certificate: x509.Certificate) -> set[str]:
    """The logs that the certificate is for, by its alternative names: any other key under the same root could sign
    checkpoints too, but not speak for a log."""
    names = extension_of(certificate, x509.SubjectAlternativeName)
    addresses = names.get_values_for_type(x509.UniformResourceIdentifier) if names is not None else []
    return {address.removeprefix("https://") for address in addresses if address.startswith("https://")}


def _check_event(findings: Findings, entry: Any, head: notes.Head) -> Event | None:
    try:
        leaf, facts, salt = entry["leaf"].encode("utf-8"), entry["facts"], bytes.fromhex(entry["salt"])
        index, proof = entry["index"], [bytes.fromhex(step) for step in entry["proof"]]
        content = read_canonical(leaf) or {}
        commitment = hashlib.sha256(salt + canonical(facts)).hexdigest()
        at = datetime.fromisoformat(content["at"]).astimezone(UTC)
        event = Event(str(content["kind"]), str(content["subject"]), at, dict(facts), index)
    except (KeyError, TypeError, ValueError, AttributeError, NotCanonical) as error:
        findings.failed("evidence.format", f"{type(error).__name__}: {error}")
        return None
    known = content.get("format") == EVENT_FORMAT and type(index) is int and isinstance(facts, dict)
    if not known or not _INSTANT.fullmatch(content["at"]) or len(salt) != SALT_BYTES:
        findings.failed("evidence.format", event.kind)
        return None
    if not hmac.compare_digest(str(content.get("commitment")).encode(), commitment.encode()):
        findings.failed("evidence.commitment", event.kind)
        return None
    if not merkle.verify_inclusion(merkle.leaf_hash(leaf), index, head.size, proof, head.root):
        findings.failed("evidence.inclusion", event.kind)
        return None
    return event


def _check_times(findings: Findings, events: list[Event], outer: Seal) -> bool:
    for event in events:
        if event.at > outer.time + TOKEN_ACCURACY:
            return findings.failed("evidence.time", f"{event.kind}: {event.at} > {outer.time}")
    return findings.passed("evidence.time")
