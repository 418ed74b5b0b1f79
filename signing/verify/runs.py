"""A notice of a run held against the run that was approved: one signatory, one text, each row with its own values.

The signatory approves the run (run.json, signed with a time-stamp); the system then signs each notice with the same
key. Whoever holds a notice can check here that it says what was approved, but for the values of the merge fields.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from signing.verify.certificates import Policy
from signing.verify.cms import digest_of
from signing.verify.letters import LETTER, LETTER_FORMAT, check_signatory, read_canonical
from signing.verify.report import Findings
from signing.verify.seals import Seal, verify_seal
from signing.verify.signers import Surroundings

RUN, RUN_SIGNATURE = "run.json", "run.json.p7s"

# What a notice has of its own; of these the texts follow the run's.
_OWN = {"id", "kind", "recipients", "run", "to"}
_TEXTS = {"subject", "salutation", "body"}
# A sign after a backslash is text, even if it looks like a field.
_FIELD = re.compile(r"\\.|(\{\{[^{}\n]{1,60}\}\})", re.DOTALL)


def is_of_run(files: Mapping[str, bytes]) -> bool:
    """Whether the letter says that it is a notice of a run."""
    letter = read_canonical(files[LETTER])
    return letter is not None and letter.get("run") is not None


def check_run(findings: Findings, files: Mapping[str, bytes], signature: Seal | None, policy: Policy) -> None:
    """Check the run's signature, and that the notice is one of it. `signature`: who signed the notice."""
    personal = findings.within(RUN_SIGNATURE)
    around = Surroundings(policy.horizon)
    approval = verify_seal(personal, files[RUN_SIGNATURE], digest_of(files[RUN]), policy, around)
    if approval is not None:
        check_signatory(personal, files[RUN], approval.certificate)
    if approval is not None and signature is not None:
        same = approval.certificate.subject == signature.certificate.subject
        personal.require(same, "run.signatory")
    mine = findings.within(RUN)
    run, notice = read_canonical(files[RUN]), read_canonical(files[LETTER])
    if run is None or run.get("format") != LETTER_FORMAT or run.get("kind") != "run":
        mine.failed("run.format")
    elif notice is not None and mine.require(_is_named(notice, run, files[RUN]), "run.hash"):
        mine.require(_says_the_same(run, notice), "run.content")


def _is_named(notice: Mapping[str, Any], run: Mapping[str, Any], run_json: bytes) -> bool:
    named, listed = notice.get("run"), run.get("recipients")
    if notice.get("kind") != "notice" or not isinstance(named, dict) or not isinstance(listed, dict):
        return False
    row, count = named.get("row"), listed.get("count")
    in_list = type(row) is int and type(count) is int and 1 <= row <= count
    return in_list and named.get("letter") == run.get("id") and named.get("letter_sha256") == _sha256(run_json)


def _says_the_same(run: Mapping[str, Any], notice: Mapping[str, Any]) -> bool:
    if run.keys() != notice.keys() or any(run[key] != notice[key] for key in run.keys() - _OWN - _TEXTS):
        return False
    return all(_follows(str(run.get(key, "")), str(notice.get(key, ""))) for key in _TEXTS)


def _follows(template: str, text: str) -> bool:
    """Whether `text` is `template` with something in the place of each merge field; in linear time."""
    pieces, start = [], 0
    for match in _FIELD.finditer(template):
        if match[1]:
            pieces.append(template[start : match.start()])
            start = match.end()
    first, *others = [*pieces, template[start:]]
    if not others:
        return text == template
    *between, last = others
    position, end = len(first), len(text) - len(last)
    if not text.startswith(first) or not text.endswith(last) or position > end:
        return False
    for piece in between:
        found = text.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
