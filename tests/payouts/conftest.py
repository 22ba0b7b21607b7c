"""What the tests of the money share."""

import pytest

from payouts import invariants


@pytest.fixture
def books_are_right(db):
    """Prove every invariant on what the test leaves behind."""
    yield
    assert list(invariants.findings()) == []
