"""Which rate decides: who before what, the more specific first (R2 to R5)."""

import pytest

from payouts import explanations
from payouts.models import Commission
from shops.models import Rate
from tests.factories.creators import GroupMemberFactory
from tests.factories.shops import (
    AudienceFactory,
    CategoryFactory,
    ProductFactory,
    RateFactory,
)
from tests.payouts.earning import (
    PLACED,
    amounts,
    earn,
    enrolled,
    program,
    refund,
    rows,
    sell,
)
from tests.shops.rewriting import rewrite

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_are_right")]


class Shelf:
    """A creator in a group, a product three branches down, and a rate at every rank."""

    def __init__(self):
        self.lea = enrolled(program(rate_bp=1000))
        self.group = AudienceFactory(program=self.lea.program)
        GroupMemberFactory(enrollment=self.lea, audience=self.group)
        shop = self.lea.program.shop
        self.top = CategoryFactory(shop=shop)
        self.middle = CategoryFactory(shop=shop, parent=self.top)
        self.leaf = CategoryFactory(shop=shop, parent=self.middle)
        self.product = ProductFactory(shop=shop, category=self.leaf)

    def rate(self, rate_bp, who=None, **what):
        return RateFactory(
            program=self.lea.program, audience=who, rate_bp=rate_bp, **what
        )

    def rates(self):
        """Return a rate of every rank, the one that should win first."""
        solo, group = self.lea.audience, self.group
        return [
            self.rate(1900, solo, product=self.product),
            self.rate(1800, solo, category=self.middle),
            self.rate(1700, solo),
            self.rate(1600, group, product=self.product),
            self.rate(1500, group, category=self.middle),
            self.rate(1400, group),
            self.rate(1300, product=self.product),
            self.rate(1250, category=self.leaf),
            self.rate(1225, category=self.middle),
            self.rate(1200, category=self.top),
            self.rate(1100),
        ]

    def earn(self, cents=10_000, **facts):
        return earn(self.lea, cents, product=self.product, **facts)


@pytest.fixture
def shelf():
    return Shelf()


def test_each_rank_wins_once_those_above_it_have_ended(shelf):
    rates = shelf.rates()
    won = []
    for rate in [*rates, None]:
        won.append(shelf.earn())
        if rate:
            Rate.objects.filter(pk=rate.pk).update(ends_at=PLACED)

    assert [sale.rate_bp for sale in won] == [
        1900, 1800, 1700, 1600, 1500, 1400, 1300, 1250, 1225, 1200, 1100, 1000,
    ]  # fmt: skip
    assert [explanations.won(sale).who for sale in won] == (
        ["creator"] * 3 + ["group"] * 3 + ["everyone"] * 5 + ["default"]
    )
    assert [explanations.won(sale).what for sale in won] == [
        "product", "category", "everything",
        "product", "category", "everything",
        "product", "category", "category", "category", "everything", "everything",
    ]  # fmt: skip


@pytest.mark.parametrize("keep", range(11))
def test_a_rate_alone_reaches_the_line(shelf, keep):
    rates = shelf.rates()
    kept = rates.pop(keep)
    Rate.objects.exclude(pk=kept.pk).delete()

    sale = shelf.earn()

    assert (sale.rate, sale.rate_bp) == (kept, kept.rate_bp)


def test_the_order_of_making_rates_decides_nothing(shelf):
    shelf.rate(1100)
    shelf.rate(1300, product=shelf.product)
    shelf.rate(1900, shelf.lea.audience, product=shelf.product)
    shelf.rate(1400, shelf.group)

    assert shelf.earn().rate_bp == 1900


def test_a_lower_rate_of_a_higher_rank_wins(shelf):
    shelf.rate(100, shelf.lea.audience)
    shelf.rate(8000)

    assert shelf.earn().amount_cents == 100


def test_those_who_lost_are_kept(shelf):
    first, second = shelf.rate(1900, shelf.lea.audience), shelf.rate(1400, shelf.group)
    third = RateFactory(
        program=shelf.lea.program,
        product=shelf.product,
        rate_bp=None,
        flat_cents=250,
    )

    sale = shelf.earn()

    assert sale.rate == first
    assert [vars(rate) for rate in explanations.lost(sale)] == [
        {
            "id": second.pk,
            "bp": 1400,
            "flat_cents": None,
            "who": "group",
            "what": "everything",
            "group": shelf.group.slug,
        },
        {
            "id": third.pk,
            "bp": None,
            "flat_cents": 250,
            "who": "everyone",
            "what": "product",
            "group": None,
        },
        {
            "id": None,
            "bp": 1000,
            "flat_cents": None,
            "who": "default",
            "what": "everything",
            "group": None,
        },
    ]


def test_rates_of_others_neither_win_nor_lose(shelf):
    zoe = enrolled(shelf.lea.program)
    strangers = AudienceFactory(program=shelf.lea.program)
    other = ProductFactory(shop=shelf.lea.program.shop)
    beside = CategoryFactory(shop=shelf.lea.program.shop, parent=shelf.middle)
    shelf.rate(5000, zoe.audience)
    shelf.rate(5000, strangers)
    shelf.rate(5000, product=other)
    shelf.rate(5000, category=beside)
    RateFactory(program=program(shop=shelf.lea.program.shop), rate_bp=5000)

    sale = shelf.earn()

    assert (sale.amount_cents, sale.rate) == (1000, None)
    assert "lost_rates" not in sale.snapshot


def test_a_line_outside_the_catalogue_has_the_rates_for_everything(shelf):
    shelf.rate(1300, product=shelf.product)
    shelf.rate(1200, category=shelf.leaf)
    shelf.rate(1100)

    assert earn(shelf.lea, 10_000, product=None).rate_bp == 1100


@pytest.mark.parametrize(
    ("window", "rate_bp"),
    [
        ({"starts_at": PLACED}, 2000),
        ({"starts_at": PLACED.replace(microsecond=1)}, 1000),
        ({"ends_at": PLACED.replace(microsecond=1)}, 2000),
        ({"ends_at": PLACED}, 1000),
    ],
    ids=str,
)
def test_a_rate_holds_from_its_first_moment_to_before_its_end(window, rate_bp):
    lea = enrolled()
    RateFactory(program=lea.program, rate_bp=2000, **window)

    assert earn(lea).rate_bp == rate_bp


def test_one_rate_takes_over_from_the_other_without_a_gap():
    lea = enrolled()
    RateFactory(program=lea.program, rate_bp=2000, ends_at=PLACED)
    RateFactory(program=lea.program, rate_bp=3000, starts_at=PLACED)
    before = PLACED.replace(hour=8)

    assert earn(lea, placed_at=before).rate_bp == 2000
    assert earn(lea, placed_at=PLACED).rate_bp == 3000


# ------------------------------------------------------------------ two groups


def in_two_groups(lea):
    gold, silver = AudienceFactory.create_batch(2, program=lea.program)
    for group in (gold, silver):
        GroupMemberFactory(enrollment=lea, audience=group)
    return gold, silver


def test_of_two_groups_the_one_that_pays_more_on_this_line_wins():
    lea = enrolled()
    gold, silver = in_two_groups(lea)
    RateFactory(program=lea.program, audience=gold, rate_bp=1200)
    RateFactory(program=lea.program, audience=silver, rate_bp=None, flat_cents=500)

    # 12 % of 40.00 is 4.80, of 50.00 it is 6.00.
    assert amounts(earn(lea, 4000), earn(lea, 5000)) == [500, 600]


def test_of_two_groups_that_pay_the_same_the_older_rate_wins():
    lea = enrolled()
    gold, silver = in_two_groups(lea)
    older = RateFactory(program=lea.program, audience=silver, rate_bp=1250)
    RateFactory(program=lea.program, audience=gold, rate_bp=None, flat_cents=500)

    assert earn(lea, 4000).rate == older


def test_two_groups_are_compared_on_the_line_as_it_was_sold():
    lea = enrolled()
    gold, silver = in_two_groups(lea)
    RateFactory(program=lea.program, audience=gold, rate_bp=1200)
    RateFactory(program=lea.program, audience=silver, rate_bp=None, flat_cents=500)
    line = sell(lea, 5000)

    refund(line, 1000)

    # 6.00 against 5.00 when it was sold: the refund does not choose another rate.
    assert rows(line) == [("sale", "pending", 480)]


# ------------------------------------------------------------------ what stays


def test_a_correction_uses_the_rate_of_the_sale(shelf):
    sale = shelf.earn()
    rewrite(shelf.lea.program, rate_bp=5000, cap_bp=5000)
    shelf.rate(4000, product=shelf.product)

    refund(sale.line, 5000)

    assert rows(sale.line) == [
        ("sale", "pending", 1000),
        ("reversal", "pending", -500),
    ]
    assert Commission.objects.get(number=1).rate_bp == 1000


def test_a_later_sale_of_an_earlier_order_has_the_rate_of_the_order():
    lea = enrolled()
    RateFactory(program=lea.program, rate_bp=2000, ends_at=PLACED)

    assert earn(lea, placed_at=PLACED.replace(day=2)).rate_bp == 2000
