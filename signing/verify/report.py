"""What a verification found: one check per line, one verdict per file.

Nothing here judges; the modules beside it do. The texts of the codes are in `messages`.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from signing.verify.messages import describe

# Persian names need the zero-width non-joiner.
_JOINERS = "\u200c\u200d"


class Status(enum.StrEnum):
    """The result of one check. OPEN: it could not be decided, for want of a trusted root."""

    PASS = "pass"  # noqa: S105 -- the word, not a secret
    NOTE = "note"
    OPEN = "open"
    FAIL = "fail"


class Verdict(enum.StrEnum):
    """VALID: everything holds. UNANCHORED: intact, but nobody vouches for the issuer. INVALID: do not rely on it."""

    VALID = "valid"
    UNANCHORED = "unanchored"
    INVALID = "invalid"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    `code` is stable, for programs ("pdf.byte-range"); `part` names the file inside a container, `detail` carries
    values (a time, a name) that need no translation.
    """

    code: str
    status: Status
    detail: str = ""
    part: str = ""

    @property
    def text(self) -> str:
        """One sentence in the active language."""
        return describe(self.code, failed=self.status in {Status.FAIL, Status.OPEN})

    def as_json(self) -> dict[str, str]:
        """The check for programs."""
        return {"code": self.code, "status": self.status, "text": self.text, "detail": self.detail, "part": self.part}


@dataclass(frozen=True)
class Report:
    """The result for one file; `sha256` is of the file as it was read, hex."""

    name: str
    kind: str
    sha256: str
    checks: tuple[Check, ...]
    signer: str = ""
    signed_at: datetime | None = None
    time_is_proven: bool = False

    @property
    def verdict(self) -> Verdict:
        """One failed check makes the file invalid; a missing root alone leaves it unanchored."""
        if not self.checks or any(check.status is Status.FAIL for check in self.checks):
            return Verdict.INVALID
        if any(check.status is Status.OPEN for check in self.checks):
            return Verdict.UNANCHORED
        return Verdict.VALID

    @property
    def failures(self) -> tuple[str, ...]:
        """Codes of the failed checks, in the order in which they were made."""
        return tuple(check.code for check in self.checks if check.status is Status.FAIL)

    def as_json(self) -> dict[str, object]:
        """The report for programs."""
        return {
            "name": self.name,
            "kind": self.kind,
            "sha256": self.sha256,
            "verdict": self.verdict,
            "signer": self.signer,
            "signed_at": self.signed_at.isoformat() if self.signed_at else None,
            "time_is_proven": self.time_is_proven,
            "checks": [check.as_json() for check in self.checks],
        }


def clean(text: str) -> str:
    """A value from a hostile file for a terminal: no control characters, no bidi overrides, no walls of text."""
    return "".join(c if c.isprintable() or c in _JOINERS else "\N{REPLACEMENT CHARACTER}" for c in text[:300])


@dataclass
class Findings:
    """Collects checks while a file is being judged; `within` gives a view for one file inside a container."""

    checks: list[Check] = field(default_factory=list)
    part: str = ""
    signer: str = ""
    signed_at: datetime | None = None
    time_is_proven: bool = False

    def passed(self, code: str, detail: str = "") -> bool:
        """Record a check that holds; returns True."""
        return self._add(code, Status.PASS, detail)

    def noted(self, code: str, detail: str = "") -> bool:
        """Record something to know that is no failure; returns True."""
        return self._add(code, Status.NOTE, detail)

    def left_open(self, code: str, detail: str = "") -> bool:
        """Record a check that cannot be decided; returns False."""
        return self._add(code, Status.OPEN, detail)

    def failed(self, code: str, detail: str = "") -> bool:
        """Record a reason for refusal; returns False."""
        return self._add(code, Status.FAIL, detail)

    def require(self, holds: bool, code: str, detail: str = "") -> bool:
        """Record the check as passed or failed; `detail` belongs to the failure. Returns `holds`."""
        return self.passed(code) if holds else self.failed(code, detail)

    def within(self, part: str) -> "Findings":
        """Findings on one file inside a container, gathered in the same list."""
        return Findings(self.checks, part)

    def has_failed(self, codes: Sequence[str] = ()) -> bool:
        """Whether a check failed: any, or one of `codes`."""
        return any(check.status is Status.FAIL and (not codes or check.code in codes) for check in self.checks)

    def report(self, name: str, kind: str, sha256: str) -> Report:
        """Close the collection."""
        known = Report(name, kind, sha256, tuple(self.checks))
        return replace(known, signer=self.signer, signed_at=self.signed_at, time_is_proven=self.time_is_proven)

    def _add(self, code: str, status: Status, detail: str) -> bool:
        self.checks.append(Check(code, status, clean(detail), self.part))
        return status in {Status.PASS, Status.NOTE}
