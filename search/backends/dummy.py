"""A search engine in memory for tests, which fails on demand: before it did anything, or after it did it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal
from uuid import UUID

from django.core.checks import CheckMessage

from search.analysis import ANALYSER_VERSION, Query, matches
from search.backends.base import Document, Hit, Hits, OwnerKind, Stamp
from search.errors import SearchUnavailable


class DummySearch:
    """`fail_next` makes the next call raise SearchUnavailable `before` or `after` its work, once; `calls` are counted."""

    def __init__(self) -> None:
        self.documents: dict[tuple[OwnerKind, UUID], Document] = {}
        self.fail_next: Literal["before", "after"] | None = None
        self.calls = 0

    def index(self, documents: Sequence[Document]) -> None:
        self._begin()
        for document in documents:
            stored = self.documents.get(document.key)
            if stored is None or stored.version <= document.version:
                self.documents[document.key] = document
        self._end()

    def forget(self, keys: Iterable[tuple[OwnerKind, UUID]]) -> None:
        self._begin()
        for key in keys:
            self.documents.pop(key, None)
        self._end()

    def find(self, scopes: Sequence[str], query: Query, after: int | None, limit: int) -> Hits:
        self._begin()
        found = [
            _hit(document)
            for document in self.documents.values()
            if set(scopes) & set(document.scopes) and matches(_text(document), query)
        ]
        found.sort(key=lambda hit: hit.place, reverse=True)
        page = [hit for hit in found if after is None or hit.place < after][: limit + 1]
        self._end()
        return Hits(page[:limit], more=len(page) > limit)

    def scan(self, kind: OwnerKind, after: UUID | None, upto: UUID | None) -> Mapping[UUID, Stamp]:
        return {
            owner_id: Stamp(document.version, ANALYSER_VERSION)
            for (owner_kind, owner_id), document in self.documents.items()
            if owner_kind == kind and (after is None or owner_id > after) and (upto is None or owner_id <= upto)
        }

    def check(self) -> list[CheckMessage]:
        return []

    def _begin(self) -> None:
        self.calls += 1
        if self.fail_next == "before":
            self.fail_next = None
            raise SearchUnavailable("told to fail before the work")

    def _end(self) -> None:
        if self.fail_next == "after":
            self.fail_next = None
            raise SearchUnavailable("told to fail after the work")


def _text(document: Document) -> str:
    fields = (document.number, document.title, document.people, document.keywords, document.body, document.attachments)
    return " \n\n\n\n fieldend \n\n\n\n ".join(fields)


def _hit(document: Document) -> Hit:
    return Hit(
        owner_kind=document.owner_kind,
        owner_id=document.owner_id,
        scopes=document.scopes,
        letter=document.letter,
        agency=document.agency,
        at=document.at,
        title=document.title,
        number=document.number,
        body=document.body,
        people=document.people,
        attachments=document.attachments,
        place=int(document.at.timestamp() * 1000) << 20 | document.owner_id.int & 0xFFFFF,
    )
