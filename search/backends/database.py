"""Search in the application's own SQLite by FTS5, over terms that our analyser made.

The row id of a document is its place in the order of results, so that FTS5 walks newest first and stops at the limit.
FTS5 keeps no statistics here (columnsize=0) and ranks nothing: its scores would tell of other people's letters.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from django.core import checks
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from search.analysis import ANALYSER_VERSION, MARKED_CHARACTERS, Alternative, Columns, Query, index_columns
from search.backends.base import OWNER_KINDS, Document, Hit, Hits, OwnerKind, Stamp
from search.errors import SearchUnavailable
from search.models import SearchDocument
from signing.evidence.bulk import in_batches, insert_rows, values_in_statement

_BATCH = 400
_PLACE_BITS = 20
_TEXTS = ("title", "number", "body", "people", "attachments")
_FIELDS = ("place", "owner_kind", "owner_id", "version", "scopes", "letter", "agency", "at", *_TEXTS)

_Key = tuple[str, UUID]


class DatabaseSearch:
    """FTS5 in the default database. Where that is not SQLite, `check` says so and the other methods fail."""

    def index(self, documents: Sequence[Document]) -> None:
        """Terms are analysed before the transaction begins, so that the writer is not held for it."""
        newest = {document.key: document for document in sorted(documents, key=lambda document: document.version)}
        analyse = cache(index_columns)
        analysed = [(document, document.columns(analyse)) for document in newest.values()]
        try:
            for start in range(0, len(analysed), _BATCH):
                with transaction.atomic():
                    _write(analysed[start : start + _BATCH])
        except DatabaseError as error:
            raise SearchUnavailable(str(error)) from error

    def forget(self, keys: Iterable[tuple[OwnerKind, UUID]]) -> None:
        """Both tables in one transaction."""
        try:
            with transaction.atomic():
                _delete([place for place, _ in _stored(list(keys)).values()])
        except DatabaseError as error:
            raise SearchUnavailable(str(error)) from error

    def find(self, scopes: Sequence[str], query: Query, after: int | None, limit: int) -> Hits:
        """One statement; FTS5 meets the terms of scope and query in its own index and reads rows in reverse."""
        if not scopes or not query.units:
            return Hits([], more=False)
        bound = "" if after is None else "AND search_index.rowid < %s"
        statement = (
            "SELECT document.* FROM search_index CROSS JOIN search_searchdocument document"  # noqa: S608 - no input
            " ON document.place = search_index.rowid"
            f" WHERE search_index MATCH %s {bound} ORDER BY search_index.rowid DESC LIMIT %s"
        )
        parameters: list[Any] = [_expression(scopes, query), *([] if after is None else [after]), limit + 1]
        try:
            rows = list(SearchDocument.objects.raw(statement, parameters))
        except DatabaseError as error:
            raise SearchUnavailable(str(error)) from error
        return Hits([_hit(row) for row in rows[:limit]], more=len(rows) > limit)

    def scan(self, kind: OwnerKind, after: UUID | None, upto: UUID | None) -> Mapping[UUID, Stamp]:
        """One query on the unique key."""
        stored = SearchDocument.objects.filter(owner_kind=kind)
        if after is not None:
            stored = stored.filter(owner_id__gt=after)
        if upto is not None:
            stored = stored.filter(owner_id__lte=upto)
        rows = stored.values_list("owner_id", "version", "analyser")
        return {owner_id: Stamp(version, analyser) for owner_id, version, analyser in rows}

    def check(self) -> list[checks.CheckMessage]:
        """The default database must be an SQLite that was built with FTS5."""
        if connection.vendor != "sqlite":
            return [checks.Error("the embedded search needs SQLite; configure another driver", id="search.E001")]
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pragma_compile_options WHERE compile_options = 'ENABLE_FTS5'")
            if cursor.fetchone() is None:
                return [checks.Error("this SQLite was built without FTS5", id="search.E002")]
        return []


def _write(analysed: Sequence[tuple[Document, Columns]]) -> None:
    stored = _stored([document.key for document, _ in analysed])
    current = [
        (document, columns)
        for document, columns in analysed
        if document.key not in stored or stored[document.key][1] <= document.version
    ]
    places = _places([document for document, _ in current if document.key not in stored])
    places |= {key: place for key, (place, _) in stored.items()}
    # Terms may be left of a document whose row is gone (tables emptied by hand), hence not only of stored ones.
    _delete([places[document.key] for document, _ in current])
    rows = [_row(document, places[document.key]) for document, _ in current]
    insert_rows(SearchDocument, _FIELDS, rows, {"analyser": ANALYSER_VERSION, "updated_at": timezone.now()})
    terms = [(places[document.key], " ".join(document.scopes), *columns) for document, columns in current]
    with connection.cursor() as cursor:
        for batch in in_batches(terms, values_in_statement() // 4):
            marks = ", ".join(["(%s, %s, %s, %s)"] * len(batch))
            statement = f"INSERT INTO search_index (rowid, scope, main, variants) VALUES {marks}"  # noqa: S608 - marks only
            cursor.execute(statement, [value for row in batch for value in row])


def _stored(keys: Sequence[_Key]) -> dict[_Key, tuple[int, int]]:
    """Place and version of those documents that are in the index."""
    found: dict[_Key, tuple[int, int]] = {}
    for kind in OWNER_KINDS:
        ids = [owner_id for owner_kind, owner_id in keys if owner_kind == kind]
        for start in range(0, len(ids), _BATCH):
            rows = SearchDocument.objects.filter(owner_kind=kind, owner_id__in=ids[start : start + _BATCH])
            for owner_id, place, version in rows.values_list("owner_id", "place", "version"):
                found[kind, owner_id] = place, version
    return found


def _places(documents: Sequence[Document]) -> dict[_Key, int]:
    """A free place for each: its millisecond, then 20 bits of its id, then the next that is free."""
    wanted: dict[_Key, int] = {}
    for document in documents:
        milliseconds = int(document.at.timestamp() * 1000)
        wanted[document.key] = milliseconds << _PLACE_BITS | document.owner_id.int & ((1 << _PLACE_BITS) - 1)
    if not wanted:
        return {}
    taken = set(SearchDocument.objects.filter(place__in=list(wanted.values())).values_list("place", flat=True))
    for key, place in wanted.items():
        free = place
        while free in taken or (free != place and SearchDocument.objects.filter(place=free).exists()):
            free += 1
        taken.add(free)
        wanted[key] = free
    return wanted


def _row(document: Document, place: int) -> tuple[Any, ...]:
    """In the order of _FIELDS."""
    return (
        place,
        document.owner_kind,
        document.owner_id,
        document.version,
        " ".join(document.scopes),
        document.letter,
        document.agency,
        document.at,
        *(_storable(getattr(document, name)) for name in _TEXTS),
    )


def _storable(text: str) -> str:
    """What is shown is not searched for marks any further, and no database takes half a surrogate pair."""
    return text[:MARKED_CHARACTERS].encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def _delete(places: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        for batch in in_batches(places, values_in_statement()):
            marks = ", ".join(["%s"] * len(batch))
            cursor.execute(f"DELETE FROM search_searchdocument WHERE place IN ({marks})", batch)  # noqa: S608
            cursor.execute(f"DELETE FROM search_index WHERE rowid IN ({marks})", batch)  # noqa: S608


def _hit(row: SearchDocument) -> Hit:
    kind: OwnerKind = "letter" if row.owner_kind == "letter" else "notice"
    return Hit(
        owner_kind=kind,
        owner_id=row.owner_id,
        scopes=tuple(row.scopes.split()),
        letter=row.letter,
        agency=row.agency,
        at=row.at,
        title=row.title,
        number=row.number,
        body=row.body,
        people=row.people,
        attachments=row.attachments,
        place=row.place,
    )


def _expression(scopes: Sequence[str], query: Query) -> str:
    """The query in FTS5's language. Terms come from the analyser, so nothing that a person typed is syntax in it."""
    allowed = " OR ".join(_quoted(token) for token in scopes)
    units = [" OR ".join(map(_alternative, unit.alternatives)) for unit in query.units]
    return f"scope : ({allowed}) AND " + " AND ".join(f"({unit})" for unit in units)


def _alternative(alternative: Alternative) -> str:
    columns = "main" if len(alternative) > 1 else "{main variants}"
    return f"{columns} : {_quoted(' '.join(alternative))}"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
