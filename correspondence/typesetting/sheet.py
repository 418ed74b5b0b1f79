"""What stands on the paper, computed from letter.json and dispatch.json: plain values that the Typst files lay out.

Dates become Jalali, numbers Persian, texts pieces with isolated codes; the fixed words are in the template itself.
"""

import re
from datetime import date, datetime
from typing import Any

from correspondence.bidi import isolate, reads_from_left
from correspondence.jalali import format_date, persian_digits
from correspondence.markdown import Block, Span, parse, plain_spans
from correspondence.typesetting.glyphs import printable

Json = dict[str, Any]
Pieces = list[Span]

# The drawn emblems, and the other names by which a sector may be known.
EMBLEMS = {
    "government": ("ministry", "province", "presidency"),
    "roads": ("transport", "urban"),
    "justice": ("court", "judiciary", "prosecution"),
    "tax": ("finance", "customs"),
    "energy": ("utilities", "electricity", "gas", "oil"),
    "water": (),
    "health": ("medical", "hospital"),
    "police": ("security", "traffic"),
    "bank": ("insurance", "central_bank"),
    "municipality": ("city", "local"),
    "education": ("university", "school", "science"),
    "labour": ("welfare", "social", "social_security", "pension"),
    "registry": ("civil_registry", "land_registry", "identity"),
    "communications": ("telecom", "ict", "post"),
    "environment": ("nature", "forests"),
    "agriculture": ("food",),
    "industry": ("trade", "mines"),
    "company": ("private",),
}
_EMBLEM_OF = {other: name for name, others in EMBLEMS.items() for other in (name, *others)}

WORD, CELL_WORD = 40, 16  # characters after which an unbroken word must be breakable, on the line and in a table
_BREAK = "\u200b"
_SEAL_CHARACTERS = 24


def sheet(letter: Json, dispatch: Json | None, verify_at: str) -> Json:
    """The values of one letter; without `dispatch` those of a preview. `verify_at` is the address to print.

    Raises KeyError, TypeError or ValueError for content that is not of "karpusheh/letter/1" or "karpusheh/dispatch/1".
    """
    return {
        "title": letter["subject"],
        "author": letter["agency"]["name"],
        "development": letter["environment"] != "production",
        "classification": letter["classification"],
        "priority": letter["priority"],
        "agency": _agency(letter["agency"]),
        "to": [_party(party) for party in letter["to"]],
        "recipients": _grouped(letter["recipients"]["count"]) if letter["recipients"] else None,
        "subject": _line(letter["subject"], letter["kind"]),
        "salutation": _line(letter["salutation"], letter["kind"]),
        "relations": [_relation(relation) for relation in letter["relations"]],
        "body": [_block(block) for block in parse(letter["body"])],
        "reply_due": format_date(date.fromisoformat(letter["reply_due"])) if letter["reply_due"] else None,
        "signatories": [_signatory(person) for person in letter["signatories"]],
        "cc": [_party(party) | {"purpose": party["purpose"]} for party in letter["cc"]],
        "attachments": [_attachment(file) for file in letter["attachments"]],
        "verify": verify_at,
    } | _dispatch(dispatch, letter["kind"])


def printed_at(letter: Json, dispatch: Json | None) -> int:
    """The instant that the PDF bears, in seconds since 1970: of dispatch, or of composition in a preview."""
    text = dispatch["dispatched_at"] if dispatch else letter["composed_at"]
    return int(datetime.fromisoformat(text).timestamp())


def _dispatch(dispatch: Json | None, kind: str) -> Json:
    if dispatch is None:
        prevails = "pdf" if kind == "letter" else "json"
        return {"number": None, "date": None, "code": None, "prevails": prevails}
    code = dispatch["verification_code"]
    return {
        "number": _number(dispatch["number"]),
        "date": persian_digits(dispatch["jalali_date"]),
        "code": " ".join(code[start : start + 4] for start in range(0, len(code), 4)),
        "prevails": dispatch["prevails"],
    }


def _agency(agency: Json) -> Json:
    return {
        "name": _pieces(agency["name"]),
        "parent": _pieces(agency["parent"]),
        "unit": _pieces(agency["unit"]),
        "address": _pieces(agency["address"]),
        "emblem": _EMBLEM_OF.get(agency["emblem"]) or _EMBLEM_OF.get(agency["sector"]) or "government",
        "short": printable(_short(agency["name"])),
    }


def _short(name: str) -> str:
    """As many words of the name as fit into the seal, not ending in «و»."""
    words = name.split() or [""]
    kept = words[:1]
    for word in words[1:]:
        if len(" ".join([*kept, word])) > _SEAL_CHARACTERS:
            break
        kept.append(word)
    return " ".join(kept[:-1] if len(kept) > 1 and kept[-1] == "و" else kept)[:_SEAL_CHARACTERS]


def _party(party: Json) -> Json:
    return {"name": _pieces(party["name"]), "title": _pieces(party["title"])}


def _signatory(person: Json) -> Json:
    return _party(person) | {"on_behalf_of": _pieces(person["on_behalf_of"] or "")}


def _relation(relation: Json) -> Json:
    day = relation["date"]
    return {
        "kind": relation["kind"],
        "number": _number(relation["number"]),
        "date": format_date(date.fromisoformat(day), "numeric") if day else None,
    }


def _attachment(file: Json) -> Json:
    return {"position": file["position"], "name": _pieces(file["name"]), "size": _size(file["size"])}


def _size(count: int) -> str:
    for unit, name in ((1024 * 1024, "مگابایت"), (1024, "کیلوبایت")):
        if count >= unit:
            tenths = round(count * 10 / unit)
            whole = f"{tenths // 10}" if tenths % 10 == 0 or tenths >= 1000 else f"{tenths // 10}٫{tenths % 10}"
            return persian_digits(f"{whole} {name}")
    return persian_digits(f"{count} بایت")


def _grouped(count: int) -> str:
    return persian_digits(f"{count:,}".replace(",", "٬"))


def _number(number: str) -> Pieces:
    """A letter's number in Persian digits, except where Latin letters belong to it."""
    latin = any("a" <= character.lower() <= "z" for character in number)
    return _pieces(number if latin else persian_digits(number))


def _pieces(text: str) -> Pieces:
    """A line of text as spans, with codes isolated, signs that the typeface lacks spelled out, long words broken."""
    if reads_from_left(text):
        return [_piece({"text": text.strip(), "ltr": True}, WORD)]
    return [_piece({"text": part} | ({"ltr": True} if ltr else {}), WORD) for part, ltr in isolate(text.strip())]


def _line(text: str, kind: str) -> Pieces:
    """The same for a line of the sender, which in the master of a run still has its merge fields."""
    return [_piece(span, WORD) for span in plain_spans(text.strip())] if kind == "run" else _pieces(text)


def _piece(span: Span, longest: int) -> Span:
    if "text" not in span:
        return span
    text = printable(span["text"])
    if "ltr" in span and len(text) > longest:
        text = re.sub(r"(?<=[/._@?&=-])(?=\w)", _BREAK, text)
    return span | {"text": re.sub(rf"[^\s{_BREAK}]{{{longest}}}(?=[^\s{_BREAK}])", rf"\g<0>{_BREAK}", text)}


def _block(block: Block) -> Block:
    if block["kind"] == "paragraph":
        return block | {"spans": [_piece(span, WORD) for span in block["spans"]]}
    if block["kind"] == "list":
        return block | {"items": [[_block(part) for part in item] for item in block["items"]]}
    return block | {"head": _cells(block["head"]), "rows": [_cells(row) for row in block["rows"]]}


def _cells(row: list[list[Span]]) -> list[list[Span]]:
    return [[_piece(span, CELL_WORD) for span in cell] for cell in row]
