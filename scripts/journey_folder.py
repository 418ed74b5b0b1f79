"""The folder that a journey sends: letter.toml, attachments/ and a list of recipients (examples/journey/README.md)."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from journey_client import Failed

FORMAT = "karpusheh-folder/1"
LISTS = ("recipients.csv", "recipients.xlsx")


@dataclass(frozen=True)
class LetterFolder:
    """What was read; `recipients` is None for a letter to named addressees only."""

    letter: dict[str, Any]
    attachments: list[Path]
    recipients: Path | None

    @property
    def agency(self) -> str:
        """National id of the sender; empty for any."""
        return _digits(self.letter.get("agency", ""))

    @property
    def subject(self) -> str:
        """The subject with its merge fields."""
        return str(self.letter["subject"])

    @property
    def subject_word(self) -> str:
        """The longest word of the subject that is no merge field."""
        words = re.sub(r"\{\{.*?\}\}", " ", self.subject).split()
        return max(words, key=len) if words else self.subject

    @property
    def first_words(self) -> str:
        """The beginning of a line of the body without any markup or merge field."""
        lines = [line.strip() for line in str(self.letter["body"]).splitlines()]
        plain = [line for line in lines if len(line) > 24 and not re.search(r"[{}*|#<]", line)]
        return plain[0][:24] if plain else ""

    @property
    def find(self) -> list[str]:
        """Words that stand in attachments only."""
        return [str(word) for word in self.letter.get("find", [])]

    @property
    def addressees(self) -> list[dict[str, str]]:
        """Named addressees and copies, with their role."""
        to = self.letter.get("to", [])
        named = [] if to == "recipients" else [{**entry, "role": "to"} for entry in to]
        return named + [{**entry, "role": "cc"} for entry in self.letter.get("cc", [])]

    @property
    def named(self) -> int:
        """How many are named."""
        return len(self.addressees)

    @property
    def named_people(self) -> list[str]:
        """National codes among the named."""
        return [number for entry in self.addressees if len(number := _digits(entry["id"])) == 10]

    @property
    def named_others(self) -> list[str]:
        """National ids of companies and agencies among the named."""
        return [number for entry in self.addressees if len(number := _digits(entry["id"])) == 11]

    def form_fields(self, agency: str) -> dict[str, str]:
        """The composer's form, filled in."""
        letter = self.letter
        fields = {
            "agency": agency,
            "subject": self.subject,
            "salutation": str(letter.get("salutation", "")),
            "body": str(letter["body"]).strip(),
            "notice_kind": str(letter.get("notice_kind", "letter")),
            "classification": str(letter.get("classification", "unclassified")),
            "priority": str(letter.get("priority", "normal")),
            "reply_due": str(letter.get("reply_due", "")),
        }
        addressees = [
            {
                "role": entry["role"],
                "identifier": str(entry["id"]),
                "name": str(entry.get("name", "")),
                "title": str(entry.get("title", "")),
                "purpose": str(entry.get("purpose", "")),
            }
            for entry in self.addressees
        ]
        relations = [
            {"kind": str(entry["kind"]), "number": str(entry["number"]), "date": str(entry.get("date", ""))}
            for entry in letter.get("relations", [])
        ]
        return _formset("addressee", addressees) | _formset("relation", relations) | fields


def read_folder(folder: Path) -> LetterFolder:
    """Raises Failed, one clear line, for a folder that holds no such letter."""
    path = folder / "letter.toml"
    try:
        letter = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise Failed(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Failed(f"{path} is no TOML: {error}") from error
    if letter.get("format", FORMAT) != FORMAT:
        raise Failed(f"{path} has the format {letter['format']!r}; this program knows {FORMAT!r}")
    missing = [key for key in ("subject", "body") if not str(letter.get(key, "")).strip()]
    if missing:
        raise Failed(f"{path} has no {' and no '.join(missing)}")
    lists = [folder / name for name in LISTS if (folder / name).exists()]
    if letter.get("to", "recipients") == "recipients" and not lists:
        raise Failed(f"{folder} has no {' or '.join(LISTS)}")
    attachments = sorted((folder / "attachments").iterdir()) if (folder / "attachments").is_dir() else []
    return LetterFolder(letter, [path for path in attachments if path.is_file()], lists[0] if lists else None)


def _formset(prefix: str, rows: list[dict[str, str]]) -> dict[str, str]:
    fields = {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        fields |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return fields


def _digits(text: object) -> str:
    return "".join(str(int(sign)) for sign in str(text) if sign.isdecimal())
