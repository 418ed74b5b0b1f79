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
from typing import Any

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

    def files(self, facts: list[Fact] | None = None, **letter: Any) -> dict[str, bytes]:
        """All files of a good proof; `letter` changes entries of letter.json."""
        letter_json = canonical({**LETTER, **letter})
        dispatch_json = canonical({**DISPATCH, "letter_sha256": hashlib.sha256(letter_json).hexdigest()})
        return {
            "letter.json": letter_json,
            "letter.json.p7s": self.agency.sign(letter_json, self.now, timestamp=self.timestamps.timestamp),
            "dispatch.json": dispatch_json,
            "letter.pdf": self.pdf(letter_json, dispatch_json),
            **self.evidence(facts if facts is not None else story(letter_json)),
            "README.txt": b"how to check",
        }

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
DISPATCH: dict[str, Any] = {
    "format": "karpusheh/dispatch/1",
    "letter": LETTER_ID,
    "number": "1405/102/4581",
    "environment": "development",
}


def story(letter_json: bytes) -> list[Fact]:
    """What happens to a notice, in order."""
    bound = {"letter": LETTER_ID, "sha256": hashlib.sha256(letter_json).hexdigest()}
    return [
        Fact("letter.approved", LETTER_ID, 50, {"letter": LETTER_ID}),
        Fact("letter.dispatched", LETTER_ID, 40, bound),
        Fact("notice.deposited", NOTICE_ID, 30, {"event": "ContentConsignment", **bound}),
        Fact("notice.announced", NOTICE_ID, 20, {"letter": LETTER_ID}),
        Fact("notice.opened", NOTICE_ID, 10, {"event": "ContentHandover", **bound}),
    ]


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


def _root(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(_root(hashes[:split]), _root(hashes[split:]))


def _subtrees(hashes: list[bytes]) -> Callable[[int, int], bytes]:
    return lambda level, position: _root(hashes[position << level : (position + 1) << level])
