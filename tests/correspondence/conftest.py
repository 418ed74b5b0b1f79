"""The cast, for every test of correspondence."""

import pytest

from tests.people import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    """Two agencies, two citizens."""
    return make_cast()


@pytest.fixture
def cast_on_disk(disk_database: None) -> Cast:
    """The same, in a database for many threads."""
    return make_cast()
