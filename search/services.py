"""Bringing the index up to what the tables say: for single events, and for all that there is.

Everything here may be repeated and interrupted; what the index holds already is not written again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from correspondence.models import Letter
from inbox.models import Notice
from search.analysis import ANALYSER_VERSION
from search.backends.base import OWNER_KINDS, Document, OwnerKind, Stamp, search_backend
from search.documents import letter_documents, letter_version, notice_documents, notice_version

# The letters apart, since all notices of a run share one.
_NOTICES = Notice.objects.defer("content", "signature", "dispatch_json").prefetch_related(
    Prefetch("letter", Letter.objects.select_related("agency").defer("body", "dispatch_json"))
)
_LETTERS = Letter.objects.defer("dispatch_json").prefetch_related("addressees", "relations")


@dataclass(frozen=True)
class Comparison:
    """How a range of the index differs from the tables; `outdated` were written by another analyser or before a change."""

    present: int
    missing: list[tuple[OwnerKind, UUID]]
    outdated: list[tuple[OwnerKind, UUID]]
    extra: list[tuple[OwnerKind, UUID]]


def index_letter(letter_id: UUID) -> None:
    """Write a letter's document as it is now. Raises SearchUnavailable."""
    search_backend().index(letter_documents(_LETTERS.filter(id=letter_id)))


def index_notice(notice_id: UUID) -> None:
    """Write a notice's document as it is now. Raises SearchUnavailable."""
    search_backend().index(notice_documents(_NOTICES.filter(id=notice_id)))


def index_chunk(letter_id: UUID, first: int, last: int) -> None:
    """Write the documents of the rows `first`..`last` of a run, or those of the named addressees for row 0."""
    rows = Q(row__gte=first, row__lte=last) | (Q(row=None) if first == 0 else Q(pk__in=[]))
    search_backend().index(notice_documents(_NOTICES.filter(rows, letter_id=letter_id)))


def source_count() -> int:
    """How many documents the tables give."""
    return Letter.objects.count() + Notice.objects.count()


def compare(batch: int, *, everything: bool = False) -> Iterator[Comparison]:
    """The differences between the tables and the index, a range of ids at a time.

    `everything` counts what the index holds as outdated without looking at it.
    """
    for kind in OWNER_KINDS:
        after: UUID | None = None
        while True:
            versions = _source_versions(kind, after, batch)
            upto = max(versions) if len(versions) == batch else None
            yield _compare_range(kind, versions, search_backend().scan(kind, after, upto), everything)
            if upto is None:
                break
            after = upto


def repair(difference: Comparison) -> None:
    """Write what is missing or outdated and remove what is extra. Raises SearchUnavailable."""
    backend = search_backend()
    wanted = difference.missing + difference.outdated
    for kind in OWNER_KINDS:
        ids = [owner_id for owner_kind, owner_id in wanted if owner_kind == kind]
        if ids:
            backend.index(_DOCUMENTS[kind](ids))
    if difference.extra:
        backend.forget(difference.extra)


def _compare_range(
    kind: OwnerKind, versions: dict[UUID, int], stamps: Mapping[UUID, Stamp], everything: bool
) -> Comparison:
    missing: list[tuple[OwnerKind, UUID]] = []
    outdated: list[tuple[OwnerKind, UUID]] = []
    for owner_id, version in versions.items():
        stamp = stamps.get(owner_id)
        if stamp is None:
            missing.append((kind, owner_id))
        elif everything or stamp.version < version or stamp.analyser != ANALYSER_VERSION:
            outdated.append((kind, owner_id))
    extra = [(kind, owner_id) for owner_id in stamps if owner_id not in versions]
    return Comparison(len(versions), missing, outdated, extra)


def _source_versions(kind: OwnerKind, after: UUID | None, batch: int) -> dict[UUID, int]:
    if kind == "letter":
        letters = _page(Letter.objects.all(), after, batch).values_list("id", "changed_at")
        return {owner_id: letter_version(changed_at) for owner_id, changed_at in letters}
    notices = _page(Notice.objects.all(), after, batch).values_list("id", "first_viewed_at", "registration__id")
    return {
        owner_id: notice_version(opened=viewed_at is not None, registered=registration is not None)
        for owner_id, viewed_at, registration in notices
    }


def _page(rows: QuerySet[Any], after: UUID | None, batch: int) -> QuerySet[Any]:
    return (rows if after is None else rows.filter(id__gt=after)).order_by("id")[:batch]


_DOCUMENTS: dict[OwnerKind, Callable[[Sequence[UUID]], list[Document]]] = {
    "letter": lambda ids: letter_documents(_LETTERS.filter(id__in=ids)),
    "notice": lambda ids: notice_documents(_NOTICES.filter(id__in=ids)),
}
