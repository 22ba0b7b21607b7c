"""Random markets whose settings change: verdicts and days are those of a plain reading.

What a shop says of its settings, and when orders come in, are drawn by chance; borders
are met now and then, because all moments are quarters of days.
"""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from creators.clicks import token
from creators.models import Verdict
from payouts.models import Commission
from shops import drafting, program_settings
from tests.factories.creators import CodeFactory, EnrollmentFactory, LinkFactory
from tests.factories.shops import (
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
    ProgramFactory,
)
from tests.payouts.earning import queue, sweep
from tests.stories.oracle import book, terms
from tests.stories.oracle.facts import Line, Order, Touches
from tests.stories.oracle.verdicts import Judge

pytestmark = pytest.mark.django_db

START = datetime(2026, 2, 1, tzinfo=UTC)
QUARTER, DAYS = timedelta(hours=6), 150
END = START + timedelta(days=300)
MARKETS, WISHES, ORDERS = 12, 14, 60
PARIS = ZoneInfo("Europe/Paris")
FIRST = {
    "code_policy": "if_involved",
    "window_days": 20,
    "halo": True,
    "catalogue_only": False,
    "hold_days": 30,
    "shipping_days": 5,
}
VALUES = {
    "code_policy": ["always", "if_involved", "if_winner"],
    "window_days": [1, 10, 20, 30, 90],
    "halo": [True, False],
    "catalogue_only": [True, False],
    "hold_days": [0, 20, 30, 60],
    "shipping_days": [0, 5, 10],
}


class Market:
    """One market: rows for the product, plain facts for the oracle."""

    def __init__(self, chance):
        self.chance = chance
        self.program = ProgramFactory(active=True, **FIRST)
        shop = self.program.shop
        self.products = {sku: ProductFactory(shop=shop, sku=sku) for sku in "AB"}
        self.plain = terms.Program("p", 1000, **FIRST)
        self.market = terms.Market(
            terms.Shop("s", "FR", PARIS, products=dict.fromkeys("AB")),
            {"p": self.plain},
            {},
            {},
            {},
        )
        self.links = [link for name in ("lea", "mia") for link in self._join(name)]
        self.lines = []

    def _join(self, name):
        enrollment = EnrollmentFactory(program=self.program, creator__handle=name)
        code = CodeFactory(enrollment=enrollment, code=name.upper())
        plain = terms.Enrollment(name, self.plain, terms.Window())
        self.market.codes[code.code] = [
            terms.Code(code.pk, code.code, plain, terms.Window(), None, False)
        ]
        for sku in ("A", None):
            link = LinkFactory(enrollment=enrollment, product=self.products.get(sku))
            yield link, terms.Link(link.slug, plain, sku)

    def say(self, at):
        """Ask for a few settings to be others, or take back all that is planned."""
        if self.chance.random() < 0.2:
            program_settings.withdraw(self.program, at=at)
            self.plain.wishes += [terms.Wish(at, name, None) for name in VALUES]
            return
        named = self.chance.sample(list(VALUES), self.chance.randint(1, 3))
        wanted = {name: self.chance.choice(VALUES[name]) for name in named}
        drafting.change(self.program, wanted, at=at)
        self.plain.wishes += [terms.Wish(at, *each) for each in wanted.items()]

    def sell(self, placed_at):
        """Leave an order for the sweeps, with touches of either creator."""
        draw, number = self.chance, len(self.lines)
        clicks = [self._click(placed_at) for _ in range(draw.randint(0, 3))]
        codes = draw.sample(["LEA", "MIA"], draw.choice([0, 0, 1, 2]))
        sku = draw.choice("AAABBX")
        order = OrderFactory(
            shop=self.program.shop,
            external_id=str(number),
            placed_at=placed_at,
            clicks=clicks,
            codes=codes,
        )
        row = OrderLineFactory(order=order, product=self.products.get(sku))
        queue(row)
        line = Line(1, sku, row.quantity, row.net_cents)
        plain = Order(str(number), placed_at, (line,))
        self.lines.append((row, plain, Touches(tuple(clicks), tuple(codes))))

    def _click(self, placed_at):
        link, plain = self.chance.choice(self.links)
        days = self.chance.choice([1, 10, 20, 30, 90])
        slip = self.chance.choice([0, 0, 1, 10**6])
        at = placed_at - timedelta(days=days, microseconds=slip)
        click = token.mint(link.pk, at)
        self.market.clicks[click] = terms.Click(click, plain, at)
        return click

    def read(self):
        """Let the oracle judge each order, and say when what it earns is payable."""
        judge = Judge(self.market)
        for _row, order, touches in self.lines:
            (found,) = judge.judge(order, touches)
            day = None
            if found.state == "attributed":
                day = book.payable_on(order, self.plain, None, "FR", PARIS)
            yield found.state, found.via, found.creator, day


def found(row):
    """Return what the product came to, in the same words."""
    verdict = Verdict.objects.get(line=row)
    sale = Commission.objects.filter(line=row, number=0).first()
    creator = verdict.creator.handle if verdict.creator else ""
    return verdict.state, verdict.via, creator, sale and sale.payable_on


@pytest.mark.parametrize("in_time", [True, False], ids=["in time", "late"])
@pytest.mark.parametrize("seed", range(MARKETS))
def test_orders_have_the_settings_of_their_moment_whenever_they_come(seed, in_time):
    """In time, each order is judged before what is said later; late, after all."""
    chance = Random(seed)  # noqa: S311  the same market every time
    market = Market(chance)
    moments = [START + number * QUARTER for number in range(DAYS * 4)]
    # What is said at a moment holds for an order placed at it, so it is said first.
    events = [(at, "say") for at in chance.sample(moments, WISHES)]
    events += [(at, "sell") for at in chance.choices(moments, k=ORDERS)]
    for at, event in sorted(events):
        if event == "sell":
            market.sell(at)
            continue
        if in_time:
            sweep(at=at)
        market.say(at)
    sweep(at=END)

    wanted = list(market.read())
    assert [found(row) for row, _order, _touches in market.lines] == wanted
    states = {state for state, *_rest in wanted}
    assert states == {"attributed", "nobody"}
