"""What the database refuses of shops, catalogues, programs and their terms."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.factories.shops import (
    MOMENT,
    ActivePeriodFactory,
    AudienceFactory,
    BoostFactory,
    CategoryFactory,
    ExclusionFactory,
    ProductFactory,
    ProgramFactory,
    RateFactory,
)
from tests.shops.refusals import is_refused, make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
BACKWARDS = {"starts_at": MOMENT, "ends_at": MOMENT}
AHEAD = {"starts_at": MOMENT, "ends_at": MOMENT + DAY}


# ------------------------------------------------------------------ one row


@pytest.mark.parametrize(
    ("factory", "base", "fault"),
    [
        pytest.param(
            ProgramFactory,
            {"rate_bp": 100},
            {"rate_bp": 99},
            marks=pytest.mark.breaks("program_rate_is_between_floor_and_cap"),
        ),
        pytest.param(
            ProgramFactory,
            {"rate_bp": 2000, "cap_bp": 2000},
            {"rate_bp": 2001},
            marks=pytest.mark.breaks("program_rate_is_between_floor_and_cap"),
        ),
        pytest.param(
            ProgramFactory,
            {"cap_bp": 8000},
            {"cap_bp": 8001},
            marks=pytest.mark.breaks("program_rate_is_between_floor_and_cap"),
        ),
        pytest.param(
            ProgramFactory,
            {"window_days": 90},
            {"window_days": 91},
            marks=pytest.mark.breaks("program_window_is_1_to_90_days"),
        ),
        pytest.param(
            ProgramFactory,
            {"window_days": 1},
            {"window_days": 0},
            marks=pytest.mark.breaks("program_window_is_1_to_90_days"),
        ),
        pytest.param(
            ProgramFactory,
            {"hold_days": 60},
            {"hold_days": 61},
            marks=pytest.mark.breaks("program_hold_is_at_most_60_days"),
        ),
        pytest.param(
            ProgramFactory,
            {"status": "draft"},
            {"status": "lost"},
            marks=pytest.mark.breaks("program_status_is_known"),
        ),
        pytest.param(
            ProgramFactory,
            {"code_policy": "always"},
            {"code_policy": "never"},
            marks=pytest.mark.breaks("program_code_policy_is_known"),
        ),
        pytest.param(
            ActivePeriodFactory,
            AHEAD,
            BACKWARDS,
            marks=pytest.mark.breaks("active_period_ends_after_it_starts"),
        ),
        pytest.param(
            AudienceFactory,
            {"kind": "group"},
            {"kind": "crowd"},
            marks=pytest.mark.breaks("audience_kind_is_known"),
        ),
        pytest.param(
            RateFactory,
            AHEAD,
            BACKWARDS,
            marks=pytest.mark.breaks("rate_ends_after_it_starts"),
        ),
        pytest.param(
            RateFactory,
            {"rate_bp": 1000},
            {"flat_cents": 5},
            marks=pytest.mark.breaks("rate_is_percent_or_flat"),
        ),
        pytest.param(
            RateFactory,
            {"rate_bp": 1000},
            {"rate_bp": None},
            marks=pytest.mark.breaks("rate_is_percent_or_flat"),
        ),
        pytest.param(
            RateFactory,
            {"rate_bp": 8000},
            {"rate_bp": 8001},
            marks=pytest.mark.breaks("rate_is_between_floor_and_cap"),
        ),
        pytest.param(
            RateFactory,
            {"rate_bp": 100},
            {"rate_bp": 99},
            marks=pytest.mark.breaks("rate_is_between_floor_and_cap"),
        ),
        pytest.param(
            ExclusionFactory,
            AHEAD,
            BACKWARDS,
            marks=pytest.mark.breaks("exclusion_ends_after_it_starts"),
        ),
        pytest.param(
            ExclusionFactory,
            {},
            {"product": None},
            marks=pytest.mark.breaks("exclusion_names_product_or_category"),
        ),
        pytest.param(
            BoostFactory,
            AHEAD,
            BACKWARDS,
            marks=pytest.mark.breaks("boost_ends_after_it_starts"),
        ),
        pytest.param(
            BoostFactory,
            AHEAD,
            {"ends_at": None},
            marks=pytest.mark.breaks("boost_has_a_window"),
        ),
        pytest.param(
            BoostFactory,
            {"multiplier_pct": 101},
            {"multiplier_pct": 100},
            marks=pytest.mark.breaks("boost_raises_at_most_tenfold"),
        ),
        pytest.param(
            BoostFactory,
            {"multiplier_pct": 1000},
            {"multiplier_pct": 1001},
            marks=pytest.mark.breaks("boost_raises_at_most_tenfold"),
        ),
    ],
)
def test_a_row_is_refused_for_one_difference(factory, base, fault):
    is_refused(factory, base, fault)


# ------------------------------------------------------------------ overlaps


@pytest.mark.breaks("active_periods_do_not_overlap")
def test_periods_of_one_program_do_not_overlap():
    program = ProgramFactory()
    ActivePeriodFactory(program=program, ends_at=MOMENT)

    is_refused(
        ActivePeriodFactory,
        {"program": program, "starts_at": MOMENT},
        {"starts_at": MOMENT - DAY},
    )


@pytest.mark.breaks("rate_is_alone_for_its_who_and_what")
@pytest.mark.parametrize("what", [{}, {"audience"}, {"product"}, {"category"}])
def test_rates_for_the_same_do_not_overlap(what):
    program = ProgramFactory()
    makers = {
        "audience": lambda: AudienceFactory(program=program),
        "product": lambda: ProductFactory(shop=program.shop),
        "category": lambda: CategoryFactory(shop=program.shop),
    }
    same = {"program": program, **{name: makers[name]() for name in what}}
    RateFactory(**same, ends_at=MOMENT)

    is_refused(RateFactory, {**same, "starts_at": MOMENT}, {"starts_at": MOMENT - DAY})
    for name in what:
        make(RateFactory, {**same, name: makers[name]()})  # for another


# ------------------------------------------------------------------ two shops


@pytest.mark.parametrize(
    "factory",
    [
        pytest.param(
            RateFactory, marks=pytest.mark.breaks("rate_names_product_or_category")
        ),
        pytest.param(
            BoostFactory, marks=pytest.mark.breaks("boost_names_product_or_category")
        ),
        pytest.param(
            ExclusionFactory,
            marks=pytest.mark.breaks("exclusion_names_product_or_category"),
        ),
    ],
)
def test_a_term_names_a_product_or_a_category(factory):
    program = ProgramFactory()
    product = ProductFactory(shop=program.shop)
    category = CategoryFactory(shop=program.shop)

    is_refused(
        factory, {"program": program, "product": product}, {"category": category}
    )


@pytest.mark.parametrize(
    "factory",
    [
        pytest.param(RateFactory, marks=pytest.mark.breaks("rate_stays_in_its_shop")),
        pytest.param(BoostFactory, marks=pytest.mark.breaks("boost_stays_in_its_shop")),
        pytest.param(
            ExclusionFactory, marks=pytest.mark.breaks("exclusion_stays_in_its_shop")
        ),
    ],
)
@pytest.mark.parametrize(
    ("name", "what"), [("product", ProductFactory), ("category", CategoryFactory)]
)
def test_a_term_stays_in_its_shop(factory, name, what):
    program = ProgramFactory()
    base = {"program": program, "product": None, name: what(shop=program.shop)}

    is_refused(factory, base, {name: what()})


@pytest.mark.breaks("rate_stays_in_its_shop")
def test_a_rate_cannot_be_moved_to_another_shops_program():
    rate = RateFactory()
    product = ProductFactory(shop=rate.program.shop)
    rate.product = product
    rate.save(update_fields=["product"])
    rate.program = ProgramFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        rate.save(update_fields=["program"])


@pytest.mark.parametrize(
    "factory",
    [
        pytest.param(
            RateFactory, marks=pytest.mark.breaks("rate_audience_is_of_its_program")
        ),
        pytest.param(
            BoostFactory, marks=pytest.mark.breaks("boost_audience_is_of_its_program")
        ),
    ],
)
def test_an_audience_is_of_the_terms_program(factory):
    program = ProgramFactory()
    own = AudienceFactory(program=program)
    neighbours = AudienceFactory(program=ProgramFactory(shop=program.shop))

    is_refused(factory, {"program": program, "audience": own}, {"audience": neighbours})
