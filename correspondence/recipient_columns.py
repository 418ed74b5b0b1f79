"""The head of a list of recipients: which columns hold the id and the name, and what merge fields the others become."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from correspondence.directory.identifiers import fold_name

# Headers are compared folded, so without spaces: «کد ملی مؤدی» is کدملیمودی here.
_WHOSE = (
    "(?:گیرنده|مخاطب|مودی|شخص|اشخاص|فرد|افراد|مشترک|مالک|متقاضی|دارنده|بیمهشده|بیمهگذار|کارفرما|کارگاه|شرکت|موسسه|سازمان"
    "|حقیقی|حقوقی|نامه|دهرقمی|یازدهرقمی)*"
)
_OR = "(?:یا|و)?"
_ID = re.compile(
    f"(?:کد|شماره|شناسه)ملی{_WHOSE}(?:{_OR}(?:کد|شماره|شناسه)ملی{_WHOSE})?|شناسه(?:گیرنده|مخاطب)"
    "|(?:company|person|legal|recipient|addressee|party)?(?:national)?(?:id|identifier)"
    "|national(?:code|no|number|codeorid)(?:orid)?|nin|(?:code?|kode?)mell?i|mell?icode"
)
_COMPANY_NAME = re.compile(
    "(?:نام|عنوان)?(?:شرکت|موسسه|سازمان|کارگاه|شخصحقوقی|اشخاصحقوقی|حقوقی)|(?:company|organi[sz]ation|legal)(?:name)?"
)
_FIRST_NAME = re.compile("نام(?:کوچک)?|(?:first|given)name")
_LAST_NAME = re.compile("(?:نام)?(?:خانوادگی|فامیل|فامیلی)|(?:last|family|sur)name|surname")
_FULL_NAME = re.compile(
    f"نام(?:{_OR}(?:نام)?خانوادگی|کامل)?(?:{_OR}عنوان)?{_WHOSE}(?:{_OR}(?:نام|عنوان){_WHOSE})?|گیرنده|مخاطب"
    "|(?:full|recipient|person|addressee)?name|nameandsurname|recipient|addressee"
)

# The first that fits counts: «نام شرکت» is a company's name, «نام» alone may be half of one.
_ROLES = (
    ("id", _ID),
    ("company", _COMPANY_NAME),
    ("first", _FIRST_NAME),
    ("last", _LAST_NAME),
    ("full", _FULL_NAME),
)

_PERSIAN_SPELLING = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک"})
# Excel writes ="0012345679" and '0012345679 to keep a number as text, and 12345.0 where it was made a number.
_EXCEL_TEXT = re.compile(r"""=\s*"([^"]*)"|'(.*)""", re.DOTALL)
_EXCEL_FLOAT = re.compile(r"([0-9۰-۹٠-٩]{6,})\.0+")
_NEEDS_CLEANING = re.compile(
    "[^\x20-\x7e\u00ab\u00bb\u060c\u061b\u061f\u0621-\u063a\u0641-\u0652\u0660-\u066c\u067e-\u06d3\u06f0-\u06f9\u200c]"
    "|[ \u200c]{2}|^[ \u200c]|[ \u200c]$"
)
_ZWNJ = "\u200c"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Co"})
_ASIDE = re.compile(r"\s*[(（\[].*[)）\]]\s*$")


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of a list are, by their place. `names` are the merge fields, the id is none of them."""

    width: int
    names: tuple[str, ...]
    has_name: bool
    _fields: tuple[tuple[int, str], ...]
    _ids: tuple[int, ...]
    _names: tuple[int, ...]
    _companies: tuple[int, ...]
    _parts: tuple[int, ...]

    def ids(self, cells: Sequence[str]) -> list[str]:
        """The different ids of a row, as typed, without what spreadsheets put around them."""
        found = [cells[place] for place in self._ids if cells[place]]
        if any("." in typed for typed in found):
            found = [_EXCEL_FLOAT.sub(r"\1", typed) for typed in found]
        return list(dict.fromkeys(found)) if len(found) > 1 else found

    def name(self, cells: Sequence[str], party_kind: str) -> str:
        """The name of a row: of the company for companies where there is such a column, else of the person."""
        person = next((cells[place] for place in self._names if cells[place]), "")
        person = person or " ".join(cells[place] for place in self._parts if cells[place])
        company = next((cells[place] for place in self._companies if cells[place]), "")
        return (company or person) if party_kind == "company" else (person or company)

    def fields(self, cells: Sequence[str], name: str) -> dict[str, str]:
        """The values of a row by merge field; «نام» is there for every list that has names."""
        values = {key: cells[place] for place, key in self._fields}
        if self.has_name:
            values.setdefault("نام", name)
        return values


def find_columns(record: Sequence[str]) -> Columns | None:
    """Read a record as the head of a list; None where no cell of it names the column of the id."""
    headers = [clean_cell(cell) for cell in record]
    while headers and not headers[-1]:
        headers.pop()
    roles = [_role(header) for header in headers]
    ids = _places(roles, "id")
    if not ids:
        return None
    fields = _field_names(headers, ids)
    names = tuple(key for _place, key in fields)
    has_name = not {"full", "company", "first", "last"}.isdisjoint(roles)
    return Columns(
        width=len(headers),
        names=names if not has_name or "نام" in names else (*names, "نام"),
        has_name=has_name,
        _fields=fields,
        _ids=ids,
        _names=_places(roles, "full"),
        _companies=_places(roles, "company"),
        _parts=_places(roles, "first")[:1] + _places(roles, "last")[:1],
    )


def clean_cell(cell: str) -> str:
    """A cell as text for a letter: one line, single spaces, no controls, bidi marks or unseen signs; ZWNJ is kept."""
    if cell[:1] in "='" and (match := _EXCEL_TEXT.fullmatch(cell.strip())):
        cell = match[1] or match[2] or ""
    if not _NEEDS_CLEANING.search(cell):
        return cell
    kept = (sign for sign in map(_spaced, cell) if sign == _ZWNJ or unicodedata.category(sign) not in _UNSEEN)
    return re.sub(rf"{_ZWNJ}{{2,}}", _ZWNJ, " ".join("".join(kept).split())).strip(f" {_ZWNJ}")


def _role(header: str) -> str | None:
    for text in (_ASIDE.sub("", header), header):
        folded = fold_name(re.sub(r"[^\w\u200c ]|_", " ", text))
        for role, pattern in _ROLES:
            if pattern.fullmatch(folded):
                return role
    return None


def _spaced(sign: str) -> str:
    return " " if sign.isspace() else sign


def _field_names(headers: Sequence[str], ids: tuple[int, ...]) -> tuple[tuple[int, str], ...]:
    taken: dict[str, int] = {}
    for place, header in enumerate(headers):
        # «مبلغ (ریال)» becomes the field «مبلغ», for a field's name holds letters and digits only.
        key = " ".join(_ASIDE.sub("", header).strip(" *:").translate(_PERSIAN_SPELLING).split()) or header
        if not key or place in ids:
            continue
        number = 2
        unique = key
        while unique in taken:
            unique, number = f"{key} {number}", number + 1
        taken[unique] = place
    return tuple((place, key) for key, place in taken.items())


def _places(roles: Sequence[str | None], role: str) -> tuple[int, ...]:
    return tuple(place for place, found in enumerate(roles) if found == role)
