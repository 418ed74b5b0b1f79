"""What the tests of the evidence log share: handlers for one test only, and facts about nobody."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from signing.evidence import log
from signing.evidence.models import Event
from signing.evidence.outbox import Handler, on
from signing.evidence.subscriptions import forget
from signing.ids import uuid7

AT = datetime(2026, 11, 22, 8, 30, 15, 123456, tzinfo=UTC)
ANNA = f"person:{UUID(int=1)}"

Subscribe = Callable[..., Callable[[Handler], Handler]]


@pytest.fixture
def subscribe() -> Iterator[Subscribe]:
    """As `on`, and forgotten after the test."""
    handlers: list[Handler] = []

    def subscribe(*kinds: str, courtesy: bool = False) -> Callable[[Handler], Handler]:
        def keep(handler: Handler) -> Handler:
            handlers.append(handler)
            return on(*kinds, courtesy=courtesy)(handler)

        return keep

    yield subscribe
    for handler in handlers:
        forget(handler)


def happen(kind: str = "test.happened", subject: UUID | None = None, **options: Any) -> Event:
    """Record one event in a transaction of its own."""
    facts = options.pop("facts", {"text": "نامه"})
    with transaction.atomic():
        return log.record(kind, subject or uuid7(), options.pop("actor", ANNA), AT, facts=facts, **options)
