"""What "karpusheh-markdown/1" takes from Markdown, as rules for markdown-it, and the three rules of our own.

Lists with Persian numbers, stars that look at spaces only, merge fields. The tree of it: `correspondence.markdown`.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

DIGITS = "0-9۰-۹٠-٩"
FIELD_NAME = rf"[A-Za-z{DIGITS}_آ-غف-يٱ-ۓ\u0654\u200c ]{{1,60}}"
FIELD = re.compile(rf"\{{\{{({FIELD_NAME})\}}\}}")
_FOLD = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک"})
_PERSIAN_MARKER = re.compile(r"^([ \t]*)([۰-۹٠-٩]{1,9})([.)-])(?=[ \t]+\S)", re.MULTILINE)
_TO_ASCII = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")


def letter_parser(depth: int) -> MarkdownIt:
    """A parser of paragraphs, lists, tables, stars, backslashes and fields.

    It drops what is nested beyond `depth`, and the cells of a row beyond the columns of its head; where it did the
    latter, the environment holds the line number of that row as "surplus".
    """
    parser = MarkdownIt("zero", {"maxNesting": depth})
    parser.enable(["list", "table", "newline", "escape", "emphasis", "balance_pairs"])
    parser.core.ruler.after("normalize", "persian_markers", _persian_markers)
    parser.core.ruler.after("block", "restore_markers", _restore_markers)
    parser.core.ruler.after("block", "surplus_cells", _surplus_cells)
    parser.inline.ruler.at("emphasis", _asterisks)
    parser.inline.ruler.push("field", _field)
    return parser


@lru_cache(maxsize=1024)
def field_name(name: str) -> str:
    """The name as fields and columns are compared: one spelling of ی, ک and of spaces."""
    return " ".join(name.split()).translate(_FOLD)


def _persian_markers(state: StateCore) -> None:
    """Write Persian numbers of lists as Markdown knows them, remembering what stood there."""
    typed: dict[int, tuple[str, str]] = {}

    def convert(match: re.Match[str]) -> str:
        marker = match[2].translate(_TO_ASCII) + match[3].replace("-", ".")
        typed[line_of(match.start())] = (marker, match[2] + match[3])
        return match[1] + marker

    line_of = _line_counter(state.src)
    state.src = _PERSIAN_MARKER.sub(convert, state.src)
    state.env["typed"] = typed


def _line_counter(text: str) -> Callable[[int], int]:
    seen, line = 0, 0

    def line_of(place: int) -> int:
        nonlocal seen, line
        line += text.count("\n", seen, place)
        seen = place
        return line

    return line_of


def _restore_markers(state: StateCore) -> None:
    """Give back the typed number where it turned out to begin a line of a paragraph, not an item of a list."""
    typed: dict[int, tuple[str, str]] = state.env["typed"]
    for token in state.tokens:
        if token.type != "inline" or not token.map or not typed:
            continue
        lines = token.content.split("\n")
        for number, line in enumerate(lines):
            marker, original = typed.get(token.map[0] + number, ("", ""))
            if marker and line.startswith(marker):
                lines[number] = original + line[len(marker) :]
        token.content = "\n".join(lines)


def _surplus_cells(state: StateCore) -> None:
    lines = state.src.split("\n")
    table: Token | None = None
    columns = 0
    for token in state.tokens:
        if token.type == "table_open":
            table, columns = token, 0
        elif token.type == "th_open":
            columns += 1
        elif token.type == "table_close" and table and table.map:
            for number in range(table.map[0] + 2, table.map[1]):
                if _cells(lines[number]) > columns:
                    state.env["surplus"] = number + 1
            table = None


def _cells(line: str) -> int:
    cells = escapedSplit(line.strip())
    return len(cells) - (cells[0] == "") - (len(cells) > 1 and cells[-1] == "")


def _asterisks(state: StateInline, silent: bool) -> bool:
    """Stars open before and close after anything but a space.

    The rule of CommonMark looks at punctuation too and fails on «**«واژه»**ها»; here a filled-in value can never change
    what is strong. Underscores are text: names of fields have them.
    """
    if silent or state.src[state.pos] != "*":
        return False
    end = state.pos
    while end < state.posMax and state.src[end] == "*":
        end += 1
    opens = end < state.posMax and not state.src[end].isspace()
    closes = state.pos > 0 and not state.src[state.pos - 1].isspace()
    length = end - state.pos
    for _star in range(length):
        state.push("text", "", 0).content = "*"
        state.delimiters.append(Delimiter(ord("*"), length, len(state.tokens) - 1, -1, opens, closes))
    state.pos = end
    return True


def _field(state: StateInline, silent: bool) -> bool:
    match = FIELD.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        state.push("field", "", 0).content = field_name(match[1])
    state.pos = match.end()
    return True
