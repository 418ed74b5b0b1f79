"""The body of a letter: a small, safe part of Markdown, named "karpusheh-markdown/1" in letter.json.

Paragraphs, line breaks (every new line is one), bulleted and numbered lists (also with Persian numbers: «۱-», «۱.»),
tables, **strong** and *emphasis*; a backslash takes the meaning from the sign after it. Everything else (HTML, links,
pictures, headings, code) stays the text that was typed. `parse` gives one tree for paper and screen, so that both show
the same. Merge fields `{{name}}` are filled by `merge`; a value is text and never becomes markup.

Setting the tree on paper: `correspondence.typesetting`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from markdown_it.token import Token

from correspondence.bidi import BIDI_CONTROLS, isolate, reads_from_left
from correspondence.markdown_rules import DIGITS, FIELD, FIELD_NAME, field_name, letter_parser
from signing.errors import DomainError

Span = dict[str, Any]
Block = dict[str, Any]

MAX_CHARACTERS = 60_000
MAX_LIST_DEPTH = 6
MAX_COLUMNS = 12
# Deeper than any list that `parse` lets pass: markdown-it drops what lies below its own limit, and nothing may be lost.
_PARSER = letter_parser(4 * MAX_LIST_DEPTH)

# An escaped sign is consumed first, so that `\{{name}}` is no field; what is left of "{{" is a field gone wrong.
_FIELD = re.compile(rf"\\.|\{{\{{({FIELD_NAME})\}}\}}|(\{{\{{)", re.DOTALL)

# Marks of direction that cannot hide or reorder other text, and the joiners that Persian needs.
_HARMLESS_FORMAT = frozenset("\u200c\u200d\u200e\u200f\u061c\u00ad")
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_MARKUP = re.compile(r"[\\*|{]")
_MARKER_START = re.compile(rf"^([{DIGITS}]*)([-+.):])")


class BodyRefused(DomainError):
    """A text that cannot be the body of a letter."""

    def __init__(self, code: str, message: str | Promise) -> None:
        super().__init__(f"letter.body-{code}", message, field="body")


class MergeError(DomainError):
    """A merge field that cannot be filled; `name` is the field."""

    def __init__(self, code: str, message: str | Promise, name: str) -> None:
        super().__init__(f"letter.merge-{code}", message, field="body")
        self.name = name

    def __str__(self) -> str:
        return f"{self.message} ({self.name})"


def check_body(text: str) -> None:
    """Refuse a body that could not be shown, read or signed for what it is; raises BodyRefused.

    Refused are: nothing to read, more than 60,000 characters, control and private characters, lone surrogates, hidden
    marks that reorder other text (U+202A to 202E, U+2066 to 2069), lists and tables beyond what a page can hold.
    """
    if not any(map(str.isalnum, text)):
        raise BodyRefused("empty", _("The letter has no text yet."))
    if len(text) > MAX_CHARACTERS:
        raise BodyRefused("too-long", _("The text is longer than 60,000 characters. Put the rest into an attachment."))
    check_characters(text)
    parse(text)


def check_characters(text: str) -> None:
    """Refuse characters that hide, reorder or cannot be stored, in the body or in any other line of a letter.

    Raises BodyRefused. New line and tab pass, as do ZWNJ, ZWJ, soft hyphen, harakat and the marks LRM, RLM and ALM.
    """
    for place, character in enumerate(text, start=1):
        if character in BIDI_CONTROLS:
            message = _(
                "Character %(place)d is a hidden mark that turns the order of the text round (%(code)s). "
                "Nothing was saved; delete it and type the words again there."
            )
        elif character not in "\n\r\t" and _is_refused(character):
            message = _(
                "Character %(place)d (%(code)s) is a control sign that no reader can see. Delete it and try again."
            )
        else:
            continue
        raise BodyRefused("character", message % {"place": place, "code": f"U+{ord(character):04X}"})


def parse(text: str) -> list[Block]:
    """The body as a tree of plain JSON values, in time linear in its length.

    Blocks: `{"kind": "paragraph", "spans"}`, with `ltr` true where it is in Latin letters; `{"kind": "list", "ordered",
    "start", "items": [[block…]…]}`; `{"kind": "table", "align": ["start"|"center"|"end"…], "head": [spans…], "rows":
    [[spans…]…]}`. Spans: `{"text"}` with `strong`, `emphasis`, `ltr` (a code to isolate) or `field` true, or
    `{"break": true}`.
    Raises BodyRefused for what would be lost: lists deeper than 6, tables wider than 12 columns or than their head.
    """
    env: dict[str, Any] = {}
    tokens = _PARSER.parse(text, env)
    if any(t.type == "list_item_open" and t.level > 2 * MAX_LIST_DEPTH for t in tokens):
        raise BodyRefused("list-depth", _("The lists are nested too deeply; six levels are possible."))
    if "surplus" in env:
        message = _("Line %(line)d has more cells than the head of its table; they would be lost.")
        raise BodyRefused("table-cells", message % {"line": env["surplus"]})
    return _blocks(iter(tokens), "")


def to_html(text: str) -> SafeString:
    """The body as HTML without attributes other than class, dir and start; everything typed is escaped.

    Raises BodyRefused, like `parse`.
    """
    return mark_safe("".join(_html_blocks(parse(text))))


def plain_spans(text: str) -> list[Span]:
    """A line that is no Markdown (subject, salutation) as spans, with its merge fields."""
    spans: list[Span] = []
    start = 0
    for match in FIELD.finditer(text):
        spans += [{"text": text[start : match.start()]}, {"text": field_name(match[1]), "field": True}]
        start = match.end()
    return [piece for span in [*spans, {"text": text[start:]}] for piece in _isolated(span)]


def merge_fields(text: str) -> list[str]:
    """Names of the merge fields in their first order of appearance, with one spelling of ی, ک and spaces."""
    names = (field_name(match[1]) for match in _FIELD.finditer(text) if match[1])
    return list(dict.fromkeys(name for name in names if name))


def merge(text: str, values: Mapping[str, str]) -> str:
    """The Markdown `text` with each field replaced by its value, which stays text whatever it holds.

    Raises MergeError for a field that is malformed, missing or empty in `values`, BodyRefused for control characters.
    """
    return _merge(text, values, _as_text)


def merge_plain(text: str, values: Mapping[str, str]) -> str:
    """The same as `merge` for lines that are no Markdown (subject, salutation): values go in as they are."""
    return _merge(text, values, lambda value, _following: value)


def _is_refused(character: str) -> bool:
    return character not in _HARMLESS_FORMAT and unicodedata.category(character) in _REFUSED_CATEGORIES


def _merge(text: str, values: Mapping[str, str], insert: Callable[[str, str], str]) -> str:
    if "{{" not in text:
        return text
    known = {field_name(name): " ".join(value.split()) for name, value in values.items()}

    def fill(match: re.Match[str]) -> str:
        if match[2] or (match[1] is not None and not match[1].strip()):
            raise MergeError("malformed", _("A merge field is not closed, or its name has other signs."), match[0])
        if match[1] is None:
            return match[0]
        name = field_name(match[1])
        value = known.get(name, "")
        if not value:
            raise MergeError("missing", _("A merge field has no value in this row."), name)
        check_characters(value)
        return insert(value, text[match.end() : match.end() + 1])

    return _FIELD.sub(fill, text)


def _as_text(value: str, following: str) -> str:
    escaped = _MARKER_START.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", value))
    if following and following in ".)-" and value.isdecimal():
        return escaped + "\\"  # else "{{n}}. " at the start of a line would become a list
    if following == "|" and escaped.endswith("\\"):
        return escaped + " "  # else the last backslash would swallow the wall of the cell
    return escaped


def _blocks(tokens: Iterator[Token], until: str) -> list[Block]:
    blocks: list[Block] = []
    for token in tokens:
        if token.type == until:
            break
        if token.type == "inline":
            blocks.append(_paragraph(_spans(token)))
        elif token.type in {"bullet_list_open", "ordered_list_open"}:
            blocks.append(_list(tokens, token))
        elif token.type == "table_open":
            blocks.append(_table(tokens))
    return [block for block in blocks if block.get("spans") != []]


def _paragraph(spans: list[Span]) -> Block:
    latin = reads_from_left("".join(span.get("text", "") for span in spans))
    return {"kind": "paragraph", "spans": spans} | ({"ltr": True} if latin else {})


def _list(tokens: Iterator[Token], opening: Token) -> Block:
    items: list[list[Block]] = []
    for token in tokens:
        if token.type == "list_item_open":
            items.append(_blocks(tokens, "list_item_close"))
        elif token.type == opening.type.replace("open", "close"):
            break
    ordered = opening.type == "ordered_list_open"
    return {"kind": "list", "ordered": ordered, "start": int(opening.attrGet("start") or 1), "items": items}


def _table(tokens: Iterator[Token]) -> Block:
    align: list[str] = []
    rows: list[list[list[Span]]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "th_open":
            align.append(_alignment(token))
        elif token.type == "inline":
            rows[-1].append(_spans(token))
        elif token.type == "table_close":
            break
    if len(align) > MAX_COLUMNS:
        raise BodyRefused("table-width", _("A table has more than 12 columns; a page cannot hold it. Attach it."))
    return {"kind": "table", "align": align, "head": rows[0], "rows": rows[1:]}


def _alignment(cell: Token) -> str:
    style = str(cell.attrGet("style") or "")
    if style.endswith("center"):
        return "center"
    return "end" if style.endswith("right") else "start"


def _spans(inline: Token) -> list[Span]:
    spans: list[Span] = []
    strong = emphasis = 0
    for token in inline.children or []:
        strong += token.nesting if token.tag == "strong" else 0
        emphasis += token.nesting if token.tag == "em" else 0
        marks: Span = ({"strong": True} if strong else {}) | ({"emphasis": True} if emphasis else {})
        if token.type in {"softbreak", "hardbreak"}:
            spans.append({"break": True})
        elif token.type == "field":
            spans.append({"text": token.content, "field": True} | marks)
        elif token.content and spans and _same_marks(spans[-1], marks):
            spans[-1]["text"] += token.content
        elif token.content:
            spans.append({"text": token.content} | marks)
    return [piece for span in spans for piece in _isolated(span)]


def _same_marks(span: Span, marks: Span) -> bool:
    return "text" in span and {key: value for key, value in span.items() if key != "text"} == marks


def _isolated(span: Span) -> list[Span]:
    if "text" not in span or "field" in span:
        return [span]
    return [span | {"text": text} | ({"ltr": True} if ltr else {}) for text, ltr in isolate(span["text"])]


def _html_blocks(blocks: list[Block]) -> Iterator[str]:
    for block in blocks:
        if block["kind"] == "paragraph":
            direction = ' dir="ltr"' if "ltr" in block else ""
            yield f"<p{direction}>{_html_spans(block['spans'])}</p>"
        elif block["kind"] == "list":
            yield _html_list(block)
        else:
            yield _html_table(block)


def _html_list(block: Block) -> str:
    items = "".join(f"<li>{_html_item(item)}</li>" for item in block["items"])
    if not block["ordered"]:
        return f"<ul>{items}</ul>"
    start = format_html(' start="{}"', block["start"]) if block["start"] != 1 else ""
    return f"<ol{start}>{items}</ol>"


def _html_item(item: list[Block]) -> str:
    if item and item[0]["kind"] == "paragraph":
        return _html_spans(item[0]["spans"]) + "".join(_html_blocks(item[1:]))
    return "".join(_html_blocks(item))


def _html_table(block: Block) -> str:
    def row(cells: list[list[Span]], tag: str) -> str:
        pairs = zip(cells, block["align"], strict=True)
        return "".join(f'<{tag} class="k-{align}">{_html_spans(spans)}</{tag.split()[0]}>' for spans, align in pairs)

    body = "".join(f"<tr>{row(cells, 'td')}</tr>" for cells in block["rows"])
    head = row(block["head"], 'th scope="col"')
    return (
        '<div class="k-table-frame"><table class="k-letter-table">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _html_spans(spans: list[Span]) -> str:
    return "".join(_html_span(span) for span in spans)


def _html_span(span: Span) -> str:
    if "break" in span:
        return "<br>"
    html = str(escape(span["text"]))
    if "ltr" in span:
        html = f'<bdi dir="ltr">{html}</bdi>'
    if "field" in span:
        html = f'<span class="k-field">{html}</span>'
    if "emphasis" in span:
        html = f"<em>{html}</em>"
    return f"<strong>{html}</strong>" if "strong" in span else html
