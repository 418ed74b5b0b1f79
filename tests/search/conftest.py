"""Documents and backends that the search tests share."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import LazySettings

from search.backends.base import Document, SearchBackend, scope, search_backend
from search.backends.database import DatabaseSearch
from search.backends.dummy import DummySearch
from signing.ids import uuid7

BEGINNING = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
MAILBOX = UUID("01900000-0000-7000-8000-00000000000a")

MakeDocument = Callable[..., Document]


@pytest.fixture
def make_document() -> MakeDocument:
    """Documents of one mailbox, each a second younger than the one before."""
    made = 0

    def make(body: str = "", **fields: Any) -> Document:
        nonlocal made
        made += 1
        values = {
            "owner_kind": "notice",
            "owner_id": uuid7(),
            "version": 1,
            "scopes": (scope("mailbox", MAILBOX),),
            "letter": uuid7(),
            "agency": None,
            "at": BEGINNING + timedelta(seconds=made),
            "body": body,
        }
        return Document(**{**values, **fields})

    return make


@pytest.fixture(params=[DatabaseSearch, DummySearch])
def backend(request: pytest.FixtureRequest, db: None) -> SearchBackend:
    """Each driver in turn, for the contract that holds for all."""
    driver: SearchBackend = request.param()
    return driver


@pytest.fixture
def dummy_search(settings: LazySettings) -> Iterator[DummySearch]:
    """The driver that fails on demand, as the configured one."""
    settings.SEARCH = {"default": {"BACKEND": "search.backends.dummy.DummySearch"}}
    driver = search_backend()
    assert isinstance(driver, DummySearch)
    yield driver
