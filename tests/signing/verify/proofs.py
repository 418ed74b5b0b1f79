"""A proof as the inbox makes it, from parts that a test can exchange before or after the platform seals them."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

import typst
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signing.asic import build_container
from signing.backends.local import LocalSigning, LocalTimestamps
from signing.canonical import canonical
from signing.cms import CadesSigner
from signing.merkle import inclusion_proof, leaf_hash, node_hash
from signing.notes import NoteKey, format_checkpoint, sign_note
from signing.pdf import seal_pdf
from signing.verify import Policy, Report, read_policy, verify_file

Files: TypeAlias = dict[str, bytes]

ORIGIN = "karpusheh.example/log"
AGENCY, NATIONAL_ID = "seal:14000000001", "14000000001"
LETTER_ID = "0190a000-0000-7000-8000-000000000001"
NOTICE_ID = "0190a000-0000-7000-8000-000000000002"
_SOURCE = """
#set document(title: "Letter", date: datetime(year: 2026, month: 11, day: 22))
#let attach(name) = pdf.attach(
  name, read(name, encoding: none), relationship: "source", mime-type: "application/json", description: name,
)
#attach("letter.json")
#attach("dispatch.json")
Letter 1405/102/4581
"""


@dataclass(frozen=True)
class Fact:
    """An event, as seconds before now, with its facts."""

    kind: str
    subject: str
    ago: float
    facts: Mapping[str, str] = field(default_factory=dict)


class ProofMaker:
    """Makes proofs under the development keys."""

    def __init__(self, keys: LocalSigning, timestamps: LocalTimestamps, folder: Path) -> None:
        self.keys, self.timestamps, self.folder = keys, timestamps, folder
        self.now = datetime.now(UTC)
        self.agency = self.signer(AGENCY)
        self.platform = self.signer("seal:platform")

    def signer(self, key_id: str) -> CadesSigner:
        return CadesSigner(self.keys.chain(key_id), partial(self.keys.sign, key_id))

    def files(self, **letter: Any) -> dict[str, bytes]:
        """All files of a good proof; `letter` changes entries of letter.json."""
        return self.proof_of(canonical({**LETTER, **letter}))

    def files_of_run(self, master: Mapping[str, Any] = {}, **notice: Any) -> dict[str, bytes]:
        """All files of the proof of a notice of a run; `master` changes entries of the run, `notice` of the notice."""
        run_json = canonical({**RUN, **master})
        run = {"letter": RUN["id"], "letter_sha256": hashlib.sha256(run_json).hexdigest(), "row": 2}
        own = {"kind": "notice", "recipients": None, "run": run, "subject": "قبض ۲۰۰", "body": "مبلغ 200 ریال است."}
        return self.proof_of(canonical({**RUN, "id": NOTICE_ID, **own, **notice}), run_json)

    def proof_of(self, letter_json: bytes, run_json: bytes | None = None) -> dict[str, bytes]:
        """All files around these two."""
        named = {"letter": json.loads(letter_json)["id"], "letter_sha256": hashlib.sha256(letter_json).hexdigest()}
        dispatched_at = (self.now - timedelta(seconds=40)).strftime("%Y-%m-%dT%H:%M:%SZ")
        dispatch_json = canonical({**DISPATCH, **named, "dispatched_at": dispatched_at})
        files = {
            "letter.json": letter_json,
            "letter.json.p7s": self.sign(letter_json),
            "dispatch.json": dispatch_json,
            "letter.pdf": self.pdf(letter_json, dispatch_json),
            "README.txt": b"how to check",
        }
        if run_json is not None:
            files |= {"run.json": run_json, "run.json.p7s": self.sign(run_json)}
        return {**files, **self.evidence(story(files))}

    def sign(self, data: bytes) -> bytes:
        """The agency's CAdES B-T."""
        return self.agency.sign(data, self.now, timestamp=self.timestamps.timestamp)

    def pdf(self, letter_json: bytes, dispatch_json: bytes, signer: CadesSigner | None = None) -> bytes:
        """Sealed PDF with both files inside."""
        (self.folder / "letter.json").write_bytes(letter_json)
        (self.folder / "dispatch.json").write_bytes(dispatch_json)
        (self.folder / "letter.typ").write_text(_SOURCE, encoding="utf-8")
        pdf = typst.compile(str(self.folder / "letter.typ"), format="pdf", pdf_standards=["a-3b"])
        assert isinstance(pdf, bytes)
        stamp = self.timestamps.timestamp
        return seal_pdf(pdf, signer or self.agency, timestamp=stamp, at=self.now, reason="seal", name="agency")

    def evidence(self, facts: list[Fact]) -> dict[str, bytes]:
        """events.json, checkpoint.txt and log.pem of a log in which neighbours stand between our events."""
        salts = [hashlib.sha256(str(number).encode()).digest()[:16] for number in range(len(facts))]
        leaves = [self._leaf(fact, salt) for fact, salt in zip(facts, salts, strict=True)]
        tree = [leaf_hash(one) for leaf in leaves for one in (leaf, b"a neighbour")]
        events: list[Any] = [
            {
                "leaf": leaf.decode(),
                "facts": dict(fact.facts),
                "salt": salt.hex(),
                "index": 2 * number,
                "proof": [step.hex() for step in inclusion_proof(2 * number, len(tree), _subtrees(tree))],
            }
            for number, (fact, salt, leaf) in enumerate(zip(facts, salts, leaves, strict=True))
        ]
        document: dict[str, Any] = {"format": "karpusheh/events/1", "events": events, "tree_size": len(tree)}
        root = _root(tree)
        certificate = x509.load_der_x509_certificate(self.keys.chain("log")[0])
        return {
            "events.json": canonical(document),
            "checkpoint.txt": self.checkpoint(len(tree), root).encode(),
            "log.pem": certificate.public_bytes(Encoding.PEM),
        }

    def checkpoint(
        self, size: int, root: bytes, origin: str = ORIGIN, sign: Callable[[bytes], bytes] | None = None
    ) -> str:
        certificate = x509.load_der_x509_certificate(self.keys.chain("log")[0])
        key = NoteKey(origin, certificate.public_key().public_bytes_raw())  # type: ignore[union-attr]
        return sign_note(format_checkpoint(origin, size, root), key, sign or partial(self.keys.sign, "log"))

    def resealed(self, files: Mapping[str, bytes]) -> bytes:
        """The container of changed files with evidence that fits them, sealed by the platform."""
        return self.seal({**files, **self.evidence(story(files))})

    def seal(self, files: Mapping[str, bytes]) -> bytes:
        """The container, sealed by the platform."""
        return build_container(files, self.platform, timestamp=self.timestamps.timestamp, at=datetime.now(UTC))

    def _leaf(self, fact: Fact, salt: bytes) -> bytes:
        at = self.now - timedelta(seconds=fact.ago)
        return canonical(
            {
                "format": "karpusheh/event/1",
                "id": f"0190a000-0000-7000-8000-{hashlib.sha256(salt).hexdigest()[:12]}",
                "kind": fact.kind,
                "at": at.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z",
                "subject": fact.subject,
                "commitment": hashlib.sha256(salt + canonical(dict(fact.facts))).hexdigest(),
            }
        )


LETTER: dict[str, Any] = {
    "format": "karpusheh/letter/1",
    "id": LETTER_ID,
    "environment": "development",
    "kind": "letter",
    "agency": {"id": "1", "national_id": NATIONAL_ID, "name": "سازمان ثبت نمونه"},
    "subject": "ابلاغ رأی",
    "run": None,
}
RUN: dict[str, Any] = {
    **LETTER,
    "id": "0190a000-0000-7000-8000-00000000000a",
    "kind": "run",
    "subject": "قبض {{شماره}}",
    "body": "مبلغ {{مبلغ}} ریال است.",
    "recipients": {"count": 3, "manifest_sha256": "00"},
}
DISPATCH: dict[str, Any] = {
    "format": "karpusheh/dispatch/1",
    "number": "1405/102/4581",
    "environment": "development",
}


def story(files: Mapping[str, bytes], letter: str = "") -> list[Fact]:
    """What happens to the notice in a proof, in order; `letter` is the id where the file itself cannot be read."""
    approved = "run.json" if "run.json" in files else "letter.json"
    letter = letter or json.loads(files[approved])["id"]
    number = json.loads(files["dispatch.json"])["number"]
    signed = {"letter": letter, "sha256": _sha256(files[approved])}
    bound = {"letter": letter, "sha256": _sha256(files["letter.json"])}
    return [
        Fact("letter.approved", letter, 50, {**signed, "signature_sha256": _sha256(files[f"{approved}.p7s"])}),
        Fact("letter.dispatched", letter, 40, {**signed, "number": number}),
        Fact("letter.sealed", letter, 35, {"letter": letter, "pdf_sha256": _sha256(files["letter.pdf"])}),
        Fact("notice.deposited", NOTICE_ID, 30, {"event": "ContentConsignment", **bound, "number": number}),
        Fact("notice.announced", NOTICE_ID, 20, {"letter": letter}),
        Fact("notice.opened", NOTICE_ID, 10, {"event": "ContentHandover", **bound}),
    ]


def judge(data: bytes, policy: Policy) -> Report:
    """The report on a proof, as of now."""
    # The policy is as old as the module; proofs are made later.
    current = read_policy(log_origin=policy.log_origin)
    return verify_file(data, "proof.asice", Policy(policy.roots, policy.crls, current.at, policy.log_origin))


def retimed(facts: list[Fact], kind: str, ago: float) -> list[Fact]:
    return [replace(fact, ago=ago) if fact.kind == kind else fact for fact in facts]


def edited(data: bytes, edit: Callable[[Any], None]) -> bytes:
    """A JSON file changed by `edit`."""
    value = json.loads(data)
    edit(value)
    return canonical(value)


def rezipped(container: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The same container with its files changed, outside of the platform's seal."""
    with zipfile.ZipFile(BytesIO(container)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    return zipped(list(files.items()))


def zipped(entries: list[tuple[str, bytes]], *, stored: tuple[str, ...] = ("mimetype",)) -> bytes:
    """A ZIP file of these entries, in this order, names may repeat."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in entries:
            method = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return buffer.getvalue()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _root(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(_root(hashes[:split]), _root(hashes[split:]))


def _subtrees(hashes: list[bytes]) -> Callable[[int, int], bytes]:
    return lambda level, position: _root(hashes[position << level : (position + 1) << level])
