"""Translations: `.po` catalogues to the `.mo` files that gettext reads, with the standard library alone.

Nothing here needs Django's settings, so that `./run` works on machines without GNU gettext.
The `.mo` format is that of the GNU gettext manual, "The Format of GNU MO Files".
"""

import ast
import re
import struct
from collections.abc import Iterator
from pathlib import Path

CONTEXT_END = "\x04"
PLURAL_END = "\x00"
_FIELD = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?)\s+(".*")$')
_FORM = re.compile(r"^msgstr\[(\d+)\]$")

Entry = dict[str, str]


class InvalidCatalog(ValueError):
    """A line of a `.po` file that is neither a comment, a field nor a string."""


def read_po(text: str) -> dict[str, str]:
    """Message key → translation, as gettext looks them up: `context EOT msgid`, plural forms joined by NUL.

    Fuzzy, obsolete and empty translations are left out, so that the English text shows instead of a wrong one.
    Raises InvalidCatalog with the number of the line, also for a message that stands twice.
    """
    catalog: dict[str, str] = {}
    for line, entry in _entries(text):
        key = _key(entry)
        if key in catalog:
            raise InvalidCatalog(f"line {line}: {entry['msgid']!r} stands twice")
        translation = _translation(entry)
        if translation:
            catalog[key] = translation
    return catalog


def write_mo(catalog: dict[str, str]) -> bytes:
    """The `.mo` file: magic, revision, count, offsets of both tables, no hash table, then the strings by key."""
    keys = sorted(catalog, key=str.encode)
    originals = [key.encode() for key in keys]
    translations = [catalog[key].encode() for key in keys]
    header = 7 * 4
    tables = 2 * 8 * len(keys)
    output = struct.pack("<7I", 0x950412DE, 0, len(keys), header, header + 8 * len(keys), 0, header + tables)
    place = header + tables
    for strings in (originals, translations):
        for string in strings:
            output += struct.pack("<2I", len(string), place)
            place += len(string) + 1
    return output + b"".join(string + b"\0" for string in originals + translations)


def compile_catalogs(root: Path) -> list[Path]:
    """Compile each `<app>/**/locale/*/LC_MESSAGES/*.po` that is newer than its `.mo`; the `.mo` files written.

    Raises InvalidCatalog with the file and the line.
    """
    written = []
    for source in catalogs(root):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        try:
            compiled = write_mo(read_po(source.read_text(encoding="utf-8")))
        except InvalidCatalog as error:
            raise InvalidCatalog(f"{source}: {error}") from error
        # Another start may read the file while this one writes it.
        unfinished = target.with_suffix(".mo.new")
        unfinished.write_bytes(compiled)
        unfinished.replace(target)
        written.append(target)
    return written


def catalogs(root: Path) -> list[Path]:
    """Our own `.po` files: those of installed packages come compiled."""
    apps = [folder for folder in root.iterdir() if (folder / "__init__.py").exists()]
    return sorted(path for app in apps for path in app.glob("**/locale/*/LC_MESSAGES/*.po"))


def _entries(text: str) -> Iterator[tuple[int, Entry]]:
    """Each entry that counts with the number of its last line; comments but `fuzzy` are dropped."""
    entry: Entry = {}
    field = ""
    fuzzy = False
    number = 0
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if "msgid" in entry and (not line or line.startswith(("#", "msgctxt ", "msgid "))):
            if not fuzzy:
                yield number, entry
            entry, field, fuzzy = {}, "", False
        if line.startswith("#,") and "fuzzy" in line:
            fuzzy = True
        elif line and not line.startswith("#"):
            field = _add_line(entry, field, line, number)
    if "msgid" in entry and not fuzzy:
        yield number, entry


def _add_line(entry: Entry, field: str, line: str, number: int) -> str:
    """Put one line into the entry; the field that a following string continues."""
    match = _FIELD.match(line)
    if match:
        field, line = match.group(1), match.group(2)
    elif not (field and line.startswith('"')):
        raise InvalidCatalog(f"line {number}: {line!r} is no part of a catalogue")
    try:
        entry[field] = entry.get(field, "") + str(ast.literal_eval(line))
    except (SyntaxError, ValueError) as error:
        raise InvalidCatalog(f"line {number}: {line!r} is no string") from error
    return field


def _key(entry: Entry) -> str:
    context = entry["msgctxt"] + CONTEXT_END if "msgctxt" in entry else ""
    plural = PLURAL_END + entry["msgid_plural"] if "msgid_plural" in entry else ""
    return context + entry["msgid"] + plural


def _translation(entry: Entry) -> str:
    """The text, or the plural forms in order; empty where one form is missing."""
    if "msgid_plural" not in entry:
        return entry.get("msgstr", "")
    numbered = {int(match.group(1)): text for name, text in entry.items() if (match := _FORM.match(name))}
    forms = [numbered[index] for index in sorted(numbered)]
    return PLURAL_END.join(forms) if forms and all(forms) else ""
