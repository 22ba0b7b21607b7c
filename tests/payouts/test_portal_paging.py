"""A place in a list survives its way through an address, and nonsense is no place."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.portal import paging


@given(
    micros=st.integers(-(10**16), 10**17 - 1),
    number=st.integers(0, 10**18 - 1),
)
def test_a_place_is_read_as_it_was_written(micros, number):
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    place = paging.Place(epoch + timedelta(microseconds=micros), number)

    assert paging.place(str(place)) == place


@pytest.mark.parametrize(
    "text",
    ["", "x", "1", "1_", "_1", "1_-1", "1_x", "9" * 18 + "_1", "-" + "9" * 17 + "_1",
     "1_" + "9" * 19, "1_1 ", "\x00", "١_١", "1_1_1"],
)  # fmt: skip
def test_nonsense_is_no_place(text):
    assert paging.place(text) is None


LIST = [
    paging.Place(datetime(2026, 1, day, tzinfo=UTC), day) for day in range(9, 0, -1)
]


def fetch(start, is_upward, limit):
    key = (start.at, start.id) if start else None
    if is_upward:
        return [row for row in reversed(LIST) if (row.at, row.id) > key][:limit]
    return [row for row in LIST if key is None or (row.at, row.id) < key][:limit]


def read(asked, size=3):
    page = paging.read(asked, size, fetch, lambda row: row)
    return (
        [row.id for row in page.rows],
        page.older_than and page.older_than.id,
        page.newer_than and page.newer_than.id,
    )


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (paging.Asked(), ([9, 8, 7], 7, None)),
        (paging.Asked(older_than=LIST[2]), ([6, 5, 4], 4, 6)),
        (paging.Asked(older_than=LIST[5]), ([3, 2, 1], None, 3)),
        (paging.Asked(newer_than=LIST[6]), ([6, 5, 4], 4, 6)),
        (paging.Asked(newer_than=LIST[3]), ([9, 8, 7], 7, None)),
        (paging.Asked(newer_than=LIST[2]), ([9, 8], 8, None)),
        (paging.Asked(older_than=LIST[8]), ([9, 8, 7], 7, None)),
        (paging.Asked(newer_than=LIST[0]), ([9, 8, 7], 7, None)),
    ],
)
def test_pages_know_their_neighbours(asked, expected):
    assert read(asked) == expected


def test_a_list_that_fits_has_no_neighbours():
    assert read(paging.Asked(), size=9) == ([9, 8, 7, 6, 5, 4, 3, 2, 1], None, None)
