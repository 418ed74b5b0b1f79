"""The port to a search engine, and the values that pass through it.

The index is a projection: it may be lost and rebuilt (`manage.py reindex`), and nothing else depends on it. It is
trusted with plain text and with the scopes, hence with who may see what: a driver filters inside the engine's query.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, get_args
from uuid import UUID

from django.core.checks import CheckMessage

from config.backends import BackendHandler
from search.analysis import Columns, Query, index_columns

OwnerKind = Literal["letter", "notice"]
OWNER_KINDS: tuple[OwnerKind, ...] = get_args(OwnerKind)
ScopeKind = Literal["agency", "mailbox", "person"]
_SCOPE_MARKS: dict[ScopeKind, str] = {"agency": "sa", "mailbox": "sm", "person": "sp"}
# Between two fields of a document, so that a phrase does not run from one into the other.
_FIELD_END = " fieldend "


def scope(kind: ScopeKind, owner: UUID) -> str:
    """The token of everything that `owner` may see: letters and digits only, one word for every tokeniser."""
    return f"{_SCOPE_MARKS[kind]}{owner.hex}"


@dataclass(frozen=True)
class Document:
    """A letter or a notice as it may be found; `version` rises with every change, `at` never changes.

    `scopes` are tokens of `scope()`: whoever has one of them may see all of the document. `keywords` find it and are
    never shown.
    """

    owner_kind: OwnerKind
    owner_id: UUID
    version: int
    scopes: tuple[str, ...]
    letter: UUID
    agency: UUID | None
    at: datetime
    title: str = ""
    number: str = ""
    body: str = ""
    people: str = ""
    attachments: str = ""
    keywords: str = ""

    @property
    def key(self) -> tuple[OwnerKind, UUID]:
        """What identifies it in the index."""
        return self.owner_kind, self.owner_id

    def columns(self, analyse: Callable[[str], Columns] = index_columns) -> Columns:
        """The analysed terms of all fields; `analyse` may remember what it read, since letters have much in common."""
        fields = (self.number, self.title, self.people, self.keywords, self.body, self.attachments)
        analysed = [analyse(field) for field in fields if field]
        return Columns(
            _FIELD_END.join(columns.main for columns in analysed),
            " ".join(columns.variants for columns in analysed if columns.variants),
        )


@dataclass(frozen=True)
class Hit:
    """A document that was found, with the text to show; long texts are cut to what is searched for marks.

    `place` is the document's own place in the order of results, for the next page.
    """

    owner_kind: OwnerKind
    owner_id: UUID
    scopes: tuple[str, ...]
    letter: UUID
    agency: UUID | None
    at: datetime
    title: str
    number: str
    body: str
    people: str
    attachments: str
    place: int


@dataclass(frozen=True)
class Hits:
    """One page, newest first; `more` says whether another one follows, of documents of the same scopes."""

    items: Sequence[Hit]
    more: bool


@dataclass(frozen=True)
class Stamp:
    """What the index knows of the state of a document."""

    version: int
    analyser: int


class SearchBackend(Protocol):
    """A driver of a search engine. Drivers share no code on purpose; the contract suite in the tests holds for all.

    Every method raises SearchUnavailable when the engine fails; nothing may be concluded then about what was written.
    """

    def index(self, documents: Sequence[Document]) -> None:
        """Write or replace; durable and visible to `find` when it returns. Repeating it changes nothing.

        Late writes lose: a document whose stored version is higher stays as it is, without an error.
        """

    def forget(self, keys: Iterable[tuple[OwnerKind, UUID]]) -> None:
        """Remove; keys that are not there are no error."""

    def find(self, scopes: Sequence[str], query: Query, after: int | None, limit: int) -> Hits:
        """Up to `limit` documents of these scopes that fulfil the query: newest first, after the place `after`.

        Scopes are part of the engine's own query: other documents influence neither items, nor `more`, nor the order.
        Without scopes, and without a unit in the query, nothing is found. Counts and scores are not given.
        """

    def scan(self, kind: OwnerKind, after: UUID | None, upto: UUID | None) -> Mapping[UUID, Stamp]:
        """The stamps of all stored documents of a kind with after < owner_id ≤ upto (None: without that bound)."""

    def check(self) -> list[CheckMessage]:
        """What stands against using this driver. Must not fail while the engine is away."""


_backends = BackendHandler("SEARCH")


def search_backend() -> SearchBackend:
    """The configured driver."""
    backend: SearchBackend = _backends["default"]
    return backend
