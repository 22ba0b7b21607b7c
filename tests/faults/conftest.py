"""A crew for each test that asks for one; it ends before the tables are emptied."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.crew import Crew


@pytest.fixture
def crew(transactional_db: None, tmp_path: Path) -> Iterator[Crew]:
    with Crew(tmp_path) as crew:
        yield crew
