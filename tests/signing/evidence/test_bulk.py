"""Writing many rows at once: each value reaches its column as the model itself would have written it."""

import pytest
from django.db import IntegrityError, transaction

from inbox.models import Mailbox
from signing.evidence.bulk import insert_rows
from signing.ids import uuid7
from tests.signing.evidence.conftest import AT

pytestmark = pytest.mark.django_db
NAMES = ("id", "kind", "party_id", "name")


def test_rows_are_read_back_as_they_were_given() -> None:
    rows = [(uuid7(), "person", f"00{n}", "نامه‌رسان") for n in range(3)]
    insert_rows(Mailbox, NAMES, rows, {"created_at": AT})
    assert sorted(Mailbox.objects.values_list(*NAMES)) == rows
    assert {box.created_at for box in Mailbox.objects.all()} == {AT}


def test_no_rows_are_no_mistake() -> None:
    insert_rows(Mailbox, NAMES, [], {"created_at": AT})
    assert not Mailbox.objects.exists()


def test_what_is_taken_is_refused_or_left_out() -> None:
    first, second = ((uuid7(), "person", "001", name) for name in ("مریم", "کاوه"))
    insert_rows(Mailbox, NAMES, [first], {"created_at": AT})
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(Mailbox, NAMES, [second], {"created_at": AT})
    insert_rows(Mailbox, NAMES, [second], {"created_at": AT}, ignore_conflicts=True)
    assert [box.name for box in Mailbox.objects.all()] == ["مریم"]


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        insert_rows(Mailbox, NAMES, [(uuid7(), "person")], {"created_at": AT})
