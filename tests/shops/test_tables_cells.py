"""Cells as people of five languages write them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from affiliate.common import money
from shops.tables import cells

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("text", "currency", "cents"),
    [
        ("1250", "EUR", 125000),
        ("12.5", "EUR", 1250),
        ("12,50", "EUR", 1250),
        ("1.250,00", "EUR", 125000),
        ("1,250.00", "EUR", 125000),
        ("1 250,00 €", "EUR", 125000),
        ("1\u202f250,00\u00a0€", "EUR", 125000),
        ("€1,250.00", "EUR", 125000),
        ("1'250.50", "EUR", 125050),
        ("1\u2019250.50", "EUR", 125050),
        ("1,250,000.50", "EUR", 125000050),
        ("1.250.000", "EUR", 125000000),
        ("12.50 EUR", "EUR", 1250),
        ("eur 12", "EUR", 1200),
        ("$12.50", "USD", 1250),
        ("0.500", "EUR", 50),
        ("12.5000", "EUR", 1250),
        ("1250", "JPY", 1250),
        ("1.2340", "KWD", 1234),
        ("0", "EUR", 0),
    ],
)
def test_an_amount_is_read_as_it_is_meant(text: str, currency: str, cents: int) -> None:
    assert cells.amount(text, currency) == cents


@pytest.mark.parametrize(
    ("text", "currency", "said"),
    [
        ("1.250", "EUR", "1.250 can be read as 1250 and as 1.25"),
        ("1,250", "EUR", "1,250 can be read as 1250 and as 1.25"),
        ("12.345,6.7", "EUR", "Write an amount"),
        ("1.25.00", "EUR", "Write an amount"),
        ("12,34,567", "EUR", "Write an amount"),
        ("12.", "EUR", "Write an amount"),
        (".5", "EUR", "Write an amount"),
        ("12.345", "JPY", "can be read as"),
        ("12.505", "EUR", "can be read as"),
        ("1234.505", "EUR", "EUR has 2 decimals"),
        ("12.5", "JPY", "JPY has 0 decimals"),
        ("-5", "EUR", "cannot be negative"),
        ("12 $", "EUR", "This is another currency"),
        ("12 USD", "EUR", "This is another currency"),
        ("£12", "EUR", "This is another currency"),
        ("=1+1", "EUR", "Write an amount"),
        ("١٢", "EUR", "Write an amount"),
        ("1e5", "EUR", "Write an amount"),
        ("9" * 60, "EUR", "Write an amount"),
        ("NaN", "EUR", "This is another currency"),
        ("\0", "EUR", "Write an amount"),
        ("", "EUR", "Write an amount"),
    ],
)
def test_what_is_no_amount_or_two_is_refused(
    text: str, currency: str, said: str
) -> None:
    with pytest.raises(cells.BadCell, match=said):
        cells.amount(text, currency)


@given(
    st.integers(min_value=0, max_value=10**13),
    st.sampled_from(["EUR", "JPY", "KWD", "USD", "TND", "ISK"]),
)
def test_every_amount_we_write_is_read_back(cents: int, currency: str) -> None:
    assert cells.amount(str(cells.written_amount(cents, currency)), currency) == cents


@pytest.mark.parametrize(
    ("text", "bp"),
    [("12,5 %", 1250), ("12.5", 1250), ("12", 1200), ("12,50%", 1250), ("0.01", 1)],
)
def test_a_percentage_is_read(text: str, bp: int) -> None:
    assert cells.percent(text) == bp


@pytest.mark.parametrize("text", ["12.505", "1.250,5", "-3", "12 EUR", "%", "", "½"])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(cells.BadCell):
        cells.percent(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-28", datetime(2026, 11, 27, 23, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ("2026-11-28 18:00", datetime(2026, 11, 28, 17, tzinfo=UTC)),
        ("2026-11-28T18:00:00Z", datetime(2026, 11, 28, 18, tzinfo=UTC)),
        ("28/11/2026", datetime(2026, 11, 27, 23, tzinfo=UTC)),
        ("28.11.2026 18:00", datetime(2026, 11, 28, 17, tzinfo=UTC)),
        ("03.04.2026", datetime(2026, 4, 2, 22, tzinfo=UTC)),
        ("04/04/2026", datetime(2026, 4, 3, 22, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_in_the_shops_zone(text: str, at: datetime) -> None:
    assert cells.instant(text, PARIS) == at


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("03/04/2026", "write 2026-04-03 or 2026-03-04"),
        ("2026-03-29 02:30", "The clocks skip this hour"),
        ("31/02/2026", "Write a day such as"),
        ("tomorrow", "Write a day such as"),
        ("0001-01-01", "Write a day such as"),
    ],
)
def test_a_moment_that_could_be_two_or_none_is_refused(text: str, said: str) -> None:
    with pytest.raises(cells.BadCell, match=said):
        cells.instant(text, PARIS)


RUNNING = ["=1", "+1", "-1", "@a", "\tx", "\rx", "'=1", "''@"]
SPLIT = [f"a{sign}{text}" for sign in (";", "\n", "\r", ';"') for text in RUNNING]


@pytest.mark.parametrize("text", RUNNING)
def test_what_a_spreadsheet_would_run_is_defused(text: str) -> None:
    assert not cells.defused(text).startswith(cells.RUNNING)
    assert cells.plain(cells.defused(text)) == text


@pytest.mark.parametrize("text", SPLIT)
def test_what_runs_behind_a_sign_that_splits_is_defused_too(text: str) -> None:
    defused = cells.defused(text)

    parts = [part.lstrip('"') for part in re.split("[;\n\r]", defused)]
    assert not any(part.startswith(cells.RUNNING) for part in parts)
    assert cells.plain(defused) == text


@given(
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.text(st.sampled_from("a;\n\r\t'\"=-"))
)
def test_defusing_and_reading_are_each_others_opposite(text: str) -> None:
    assert cells.plain(cells.defused(text)) == text


@pytest.mark.parametrize("word", ["oui", "YES", "ja", "sí", "vero", "1"])
def test_yes_is_understood_in_five_languages(word: str) -> None:
    assert cells.yes(word)


def test_a_word_that_is_neither_yes_nor_no_is_refused() -> None:
    with pytest.raises(cells.BadCell):
        cells.yes("peut-être")


def test_a_fourth_decimal_says_that_three_are_no_thousand() -> None:
    assert str(cells.written_amount(1250, "KWD")) == "1.2500"
    assert money.cents_from_decimal("1.2500", "KWD") == 1250
