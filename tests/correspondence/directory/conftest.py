"""The cast, for the tests of the door."""

import pytest

from tests.people import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    """Two agencies, two citizens."""
    return make_cast()
