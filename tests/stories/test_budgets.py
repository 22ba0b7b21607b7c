"""Random markets with budgets: the statements and a plain reading agree to the cent."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.db.models import F, Sum

from payouts import invariants
from payouts.models import Commission
from shops.models import Budget, Order, OrderLine, UnsettledLine
from tests.factories.creators import CodeFactory, EnrollmentFactory, GroupMemberFactory
from tests.factories.shops import (
    AudienceFactory,
    BoostFactory,
    BudgetFactory,
    CategoryFactory,
    ProductFactory,
    ProgramFactory,
    RateFactory,
    RefundFactory,
    RefundLineFactory,
)
from tests.payouts.earning import sweep
from tests.stories.oracle import budgets, terms
from tests.stories.oracle.facts import Line
from tests.stories.oracle.promises import Sold

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 1, tzinfo=UTC)
END = START + timedelta(days=200)
MARKETS, LINES = 12, 300
CREATORS = {"lea": ["gold"], "mia": ["gold", "silver"], "zoe": []}
PARENTS = {"all": None, "warm": "all"}
PRODUCTS = {"RED": "warm", "BLUE": "all", "GREEN": None}
WHO = [("everyone", "")] * 4 + [
    ("group", "gold"),
    ("creator", "lea"),
    ("creator", "mia"),
]
WHAT = [("everything", "")] * 3 + [("product", "RED"), ("category", "warm")]


class Market:
    """One market, drawn by chance: rows for the product, plain facts for the oracle."""

    def __init__(self, chance):
        self.chance = chance
        self.program = ProgramFactory(active=True, rate_bp=800, cap_bp=3000)
        shop = self.program.shop
        self.things = {("everything", ""): {}}
        for slug, parent in PARENTS.items():
            above = self.things.get(("category", parent), {}).get("category")
            made = CategoryFactory(shop=shop, slug=slug, parent=above)
            self.things["category", slug] = {"category": made}
        for sku, slug in PRODUCTS.items():
            above = self.things.get(("category", slug), {}).get("category")
            made = ProductFactory(shop=shop, sku=sku, category=above)
            self.things["product", sku] = {"product": made}
        self.people = {("everyone", ""): None}
        self.codes = {}
        for name in CREATORS:
            joined = EnrollmentFactory(program=self.program, creator__handle=name)
            self.people["creator", name] = joined.audience
            self.codes[name] = CodeFactory(enrollment=joined)
        for slug in ("gold", "silver"):
            self.people["group", slug] = AudienceFactory(
                program=self.program, slug=slug
            )
        for name, slugs in CREATORS.items():
            for slug in slugs:
                GroupMemberFactory(
                    enrollment=self.codes[name].enrollment,
                    audience=self.people["group", slug],
                )
        self.purse = budgets.Purse()
        self.plain = terms.Program(
            "p",
            800,
            cap_bp=3000,
            groups={
                slug: {name for name, slugs in CREATORS.items() if slug in slugs}
                for slug in ("gold", "silver")
            },
        )

    def _reach(self):
        who, what = self.chance.choice(WHO), self.chance.choice(WHAT)
        return who, what, {"audience": self.people[who], **self.things[what]}

    def add_rates(self):
        for who, what in {
            (self.chance.choice(WHO), self.chance.choice(WHAT)) for _ in "123"
        }:
            bp = self.chance.choice([500, 1250, 2500])
            reach = {"audience": self.people[who], **self.things[what]}
            made = RateFactory(program=self.program, rate_bp=bp, **reach)
            rate = terms.Rate(made.pk, who, what, terms.Window(), bp)
            self.plain.rates.append(rate)

    def add_boosts(self):
        for _ in range(self.chance.randint(1, 5)):
            who, what, reach = self._reach()
            start = START + timedelta(days=self.chance.randint(0, 40))
            window = (start, start + timedelta(days=self.chance.randint(1, 60)))
            pct = self.chance.choice([150, 150, 200, 300, 1000])
            made = BoostFactory(
                program=self.program,
                multiplier_pct=pct,
                starts_at=window[0],
                ends_at=window[1],
                **reach,
            )
            boost = terms.Boost(made.pk, who, what, terms.Window(*window), "", pct)
            self.plain.boosts.append(boost)
            if self.chance.random() < 0.7:
                cents = self.chance.choice([1, 99, 700, 5000, 40_000, 10**7])
                BudgetFactory(program=self.program, boost=made, amount_cents=cents)
                self.purse.boosts[made.pk] = cents
        if self.chance.random() < 0.5:
            cents = self.chance.choice([50, 9999, 100_000, 10**7])
            BudgetFactory(program=self.program, boost=None, amount_cents=cents)
            self.purse.program = cents

    def sell(self, count):
        """Leave lines for the sweeps; return them in the order they were placed."""
        shop, draw = self.program.shop, self.chance
        placed = sorted(
            START + timedelta(minutes=draw.randint(0, 60 * 24 * 100))
            for _ in range(count)
        )
        made, solds = [], []
        for number, at in enumerate(placed):
            name = draw.choice(list(CREATORS))
            sku = draw.choice([*PRODUCTS, "UNKNOWN"])
            net, quantity = draw.choice([1, 3, 999, 4000, 10_000]), draw.randint(1, 3)
            order = Order.objects.create(
                shop=shop, external_id=str(number), version=1, placed_at=at,
                content_hash="", currency=shop.currency, status="paid",
                codes=[self.codes[name].code],
            )  # fmt: skip
            made.append(
                OrderLine.objects.create(
                    order=order, shop=shop, external_id="1", sku=sku, quantity=quantity,
                    product=self.things.get(("product", sku), {}).get("product"),
                    net_cents=net, tax_cents=0,
                )
            )  # fmt: skip
            line = Line(number, sku, quantity, net)
            solds.append(Sold(name, START, line, at))
        UnsettledLine.objects.bulk_create(UnsettledLine(line=line) for line in made)
        return made, solds

    def refund(self, line):
        """Give a part of the line back, or all that is left of it."""
        left = line.net_cents - line.refunded_cents
        cents = self.chance.choice([left, left // 2, 1])
        if not 0 < cents <= left:
            return
        RefundLineFactory(
            refund=RefundFactory(order=line.order), line=line, net_cents=cents
        )
        OrderLine.objects.filter(pk=line.pk).update(
            refunded_cents=F("refunded_cents") + cents
        )
        line.refresh_from_db()
        UnsettledLine.objects.get_or_create(line=line)


@pytest.mark.parametrize("seed", range(MARKETS))
def test_random_markets_with_budgets_earn_what_a_plain_reading_says(seed):
    market = Market(Random(seed))  # noqa: S311  the same market every time
    market.add_rates()
    market.add_boosts()
    lines, solds = market.sell(LINES)
    for line in market.chance.sample(lines, LINES // 10):
        market.refund(line)
    sweep(at=END)
    for line in market.chance.sample(lines, LINES // 5):
        market.refund(line)
    sweep(at=END)

    shop = terms.Shop("s", "FR", ZoneInfo("Europe/Paris"), PARENTS, PRODUCTS)
    given = budgets.give(market.plain, shop, market.purse, solds)
    wanted = {
        line.pk: each.of(line.net_cents - line.refunded_cents)
        for line, each in zip(lines, given, strict=True)
    }
    earned = Commission.objects.values("line").annotate(all=Sum("amount_cents"))
    assert {row["line"]: row["all"] for row in earned} == wanted
    left = {
        b.boost_id: b.left_cents for b in Budget.objects.filter(boost__isnull=False)
    }
    assert left == market.purse.boosts
    assert list(invariants.findings()) == []
