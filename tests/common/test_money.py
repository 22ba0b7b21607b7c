import pytest
from babel.numbers import get_currency_precision
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from affiliate.common import money

whole = st.integers(-(10**15), 10**15)


# ------------------------------------------------------------------ rounding, rule M3


@pytest.mark.parametrize(
    ("base_cents", "rate_bp", "share_cents"),
    [
        (500, 290, 15),
        (15, 1000, 2),
        (3, 2000, 1),
        (2, 2000, 0),
        (0, 1000, 0),
        (999, 10_000, 999),
        (999, 0, 0),
    ],
)
def test_a_share_is_rounded_half_up_once(base_cents, rate_bp, share_cents):
    assert money.share_of(base_cents, rate_bp) == share_cents


def test_a_share_of_a_negative_amount_is_refused():
    with pytest.raises(ValueError, match="negative"):
        money.share_of(-1, 1000)


@pytest.mark.parametrize("rate_bp", [-1, 10_001])
def test_a_rate_outside_its_range_is_refused(rate_bp):
    with pytest.raises(ValueError, match=r"outside 0\.\.10000"):
        money.share_of(100, rate_bp)


@given(amount=st.integers(0, 10**15), rate_bp=st.integers(0, 10_000))
def test_a_share_never_exceeds_what_it_is_of(amount, rate_bp):
    assert 0 <= money.share_of(amount, rate_bp) <= amount


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(5, 2, 3), (-5, 2, -3), (5, -2, -3), (-5, -2, 3), (7, 3, 2), (8, 3, 3), (1, 3, 0)],
)
def test_a_half_goes_away_from_zero(numerator, denominator, rounded):
    assert money.round_half_up(numerator, denominator) == rounded


@given(numerator=whole, denominator=whole.filter(bool))
def test_a_reversal_rounds_to_the_exact_opposite(numerator, denominator):
    forth = money.round_half_up(numerator, denominator)

    assert money.round_half_up(-numerator, denominator) == -forth


def in_sql(numerator: int, denominator: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select round_half_up(%s::numeric, %s::numeric)", [numerator, denominator]
        )
        return cursor.fetchone()[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [
        (500 * 290, 10_000, 15),  # M3: 14.5
        (15 * 1000, 10_000, 2),
        (3 * 2000, 10_000, 1),
        (2 * 2000, 10_000, 0),
        (-500 * 290, 10_000, -15),
        # Just below a half, by less than a division with few decimals can see.
        (10**27 // 2 - 1, 10**27, 0),
        (123_456_789_012 * 10**15 + 10**15 // 2 - 1, 10**15, 123_456_789_012),
        (123_456_789_012 * 10**15 + 10**15 // 2, 10**15, 123_456_789_013),
    ],
)
def test_the_sql_twin_rounds_the_same_literals(numerator, denominator, rounded):
    assert in_sql(numerator, denominator) == rounded
    assert money.round_half_up(numerator, denominator) == rounded


@pytest.mark.django_db
@settings(max_examples=300, deadline=None)
@given(
    numerator=st.integers(-(10**18), 10**18),
    denominator=st.one_of(
        st.sampled_from([1, 2, 3, 7, 100, 10_000, 1_000_000]), st.integers(1, 10**15)
    ),
)
def test_python_and_sql_agree(numerator, denominator):
    assert in_sql(numerator, denominator) == money.round_half_up(numerator, denominator)


@pytest.mark.django_db
def test_the_planner_inlines_the_sql_twin():
    with connection.cursor() as cursor:
        cursor.execute(
            "explain (verbose) select round_half_up("
            " a * a * a * a * a * a * a * a * a * a * a * a * a, 10000)"
            " from generate_series(1, 2) a"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "round(" in plan
    assert "round_half_up" not in plan


# ------------------------------------------------------------------ currencies, rule M1


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [("EUR", 2), ("USD", 2), ("JPY", 0), ("KWD", 3), ("RSD", 2), ("IQD", 3)],
)
def test_a_currency_has_the_decimals_of_iso_4217(currency, decimals):
    assert money.exponent(currency) == decimals


def test_the_decimals_differ_from_what_people_write_only_where_known():
    differing = {
        code
        for code in money._currencies()
        if money.exponent(code) != get_currency_precision(code)
    }

    assert differing == {
        "AFN", "ALL", "IQD", "IRR", "KPW", "LAK", "LBP",
        "MGA", "MMK", "RSD", "SLL", "SOS", "SYP", "YER",
    }  # fmt: skip


@pytest.mark.parametrize(
    "code", ["", "EU", "eur", "EURO", "DEM", "XXX", "XAU", "ABC", "€"]
)
def test_what_is_no_currency_in_use_is_refused(code):
    assert not money.is_currency(code)
    with pytest.raises(ValueError, match="not a currency"):
        money.exponent(code)


# ------------------------------------------------------------------ reading


@pytest.mark.parametrize(
    ("text", "currency", "cents"),
    [
        ("12.50", "EUR", 1250),
        ("12.5", "EUR", 1250),
        ("12", "EUR", 1200),
        ("12.500", "EUR", 1250),
        ("-0.01", "EUR", -1),
        ("+0.10", "EUR", 10),
        ("1200", "JPY", 1200),
        ("1200.00", "JPY", 1200),
        ("1.234", "KWD", 1234),
        ("0.1", "KWD", 100),
        ("90071992547409.93", "EUR", 9_007_199_254_740_993),
    ],
)
def test_a_decimal_is_read_exactly(text, currency, cents):
    assert money.cents_from_decimal(text, currency) == cents


@pytest.mark.parametrize(("text", "currency"), [("0.125", "EUR"), ("1.5", "JPY")])
def test_more_decimals_than_there_are_need_rounding_to_be_asked_for(text, currency):
    with pytest.raises(ValueError, match="more decimals"):
        money.cents_from_decimal(text, currency)


@pytest.mark.parametrize(
    ("text", "cents"), [("0.125", 13), ("0.1249", 12), ("-0.125", -13), ("1.005", 101)]
)
def test_rounding_goes_half_up(text, cents):
    assert money.cents_from_decimal(text, "EUR", rounding=True) == cents


@pytest.mark.parametrize(
    "text",
    ["", " 1", "1,50", "1.", ".5", "1e3", "NaN", "Infinity", "0x10", "1_000", "١٢",
     "--1", "1.2.3", "9" * 21],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match="not an amount"):
        money.cents_from_decimal(text, "EUR")


def test_a_float_is_never_read():
    with pytest.raises(TypeError, match="float"):
        money.cents_from_decimal(12.5, "EUR")


# ------------------------------------------------------------------ splitting, rule M5


def test_the_odd_cent_of_two_halves_goes_around():
    assert money.largest_remainder(99, [1, 1], turn=0) == [50, 49]
    assert money.largest_remainder(99, [1, 1], turn=1) == [49, 50]
    assert money.largest_remainder(99, [1, 1], turn=2) == [50, 49]


def test_the_largest_remainder_comes_before_any_turn():
    assert money.largest_remainder(100, [50, 30, 20], turn=1) == [50, 30, 20]
    assert money.largest_remainder(10, [1, 1, 4], turn=0) == [2, 2, 6]
    assert money.largest_remainder(101, [50, 30, 20], turn=2) == [51, 30, 20]


def test_among_equals_the_turn_is_fair():
    odd_cents = [0, 0, 0]
    for turn in range(30):
        parts = money.largest_remainder(100, [1, 1, 1], turn)
        odd_cents = [
            odd + part - 33 for odd, part in zip(odd_cents, parts, strict=True)
        ]

    assert odd_cents == [10, 10, 10]


@given(
    total=st.integers(-(10**12), 10**12),
    weights=st.lists(st.integers(0, 10_000), min_size=1, max_size=8).filter(any),
    turn=st.integers(0, 100),
)
def test_parts_add_up_and_stay_within_a_cent_of_their_share(total, weights, turn):
    parts = money.largest_remainder(total, weights, turn)

    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_weights_that_split_nothing_are_refused(weights):
    with pytest.raises(ValueError, match="Weights"):
        money.largest_remainder(100, weights)


# ------------------------------------------------------------------ showing


@pytest.mark.parametrize(
    ("cents", "currency", "language", "words"),
    [
        (123456, "EUR", "fr", "1 234,56 €"),
        (123456, "EUR", "en", "€1,234.56"),
        (-5, "EUR", "en", "-€0.05"),
        (0, "EUR", "fr", "0,00 €"),
        (1200, "JPY", "en", "¥1,200"),
        (1234, "KWD", "en", "KWD 1.234"),
        (12345, "RSD", "en", "RSD 123.45"),
        (10**17 + 1, "EUR", "en", "€1,000,000,000,000,000.01"),
        (123456, "EUR", "fr-be", "1 234,56 €"),
    ],
)
def test_an_amount_is_shown_as_people_write_it(cents, currency, language, words):
    shown = money.show(cents, currency, language)

    # Which of the narrow spaces separates is the locale's business.
    assert shown.replace("\u202f", " ").replace("\xa0", " ") == words
