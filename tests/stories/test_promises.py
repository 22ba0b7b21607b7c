"""Small marketplaces whose terms change: the statements and a plain reading agree."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creators import groups
from payouts.models import Commission
from shops import rates
from shops.terms import InvalidTerm, TermOverlaps
from tests.factories.creators import EnrollmentFactory, GroupMemberFactory
from tests.factories.shops import (
    AudienceFactory,
    BoostFactory,
    CategoryFactory,
    ProductFactory,
    ProgramFactory,
)
from tests.payouts.earning import sell, sweep
from tests.stories.oracle import promises, terms
from tests.stories.oracle.facts import Line

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
# Quarters of a day over three months: borders are met now and then, also of periods.
TIMES = st.integers(0, 4 * 90).map(lambda quarters: START + quarters * 6 * HOUR)
CREATORS = {"lea": {"gold"}, "mia": {"gold", "silver"}, "zoe": set()}
PARENTS = {"all": None, "warm": "all"}
PRODUCTS = {"RED": "warm", "BLUE": "all", "GREEN": None}
END = START + timedelta(days=200)

AMOUNTS = st.one_of(
    st.sampled_from([100, 500, 1000, 1000, 1500, 4000]).map(lambda bp: (bp, None)),
    st.sampled_from([40, 500]).map(lambda cents: (None, cents)),
)
WHO = st.sampled_from(
    [("everyone", "")] * 5
    + [("group", "gold"), ("group", "silver"), ("creator", "lea"), ("creator", "mia")]
)
WHAT = st.sampled_from(
    [("everything", "")] * 5
    + [("product", "RED"), ("category", "warm"), ("category", "all")]
)
CAPS = st.one_of(
    st.just((None, "")),
    st.tuples(st.integers(1, 2), st.sampled_from(["day", "week", "month", "ever"])),
)
MADE = st.fixed_dictionaries(
    {
        "at": st.one_of(st.none(), TIMES),
        "amount": AMOUNTS,
        "who": WHO,
        "what": WHAT,
        "starts": st.sampled_from(["ever", "at", "at", "at"]) | TIMES,
        "lasts": st.one_of(st.none(), st.integers(1, 60)),
        "first_only": st.sampled_from([False, False, False, True]),
        "cap": CAPS,
        "moved": st.none() | st.tuples(TIMES, st.sampled_from([0, 0, 0, 9, 40])),
    }
)
# Who comes into a group, or goes.
MOVES = st.tuples(
    TIMES,
    st.sampled_from(["join", "leave", "leave"]),
    st.sampled_from(["gold", "gold", "silver"]),
    st.sampled_from(list(CREATORS)),
)
SOLD = st.fixed_dictionaries(
    {
        "creator": st.sampled_from(list(CREATORS)),
        "sku": st.sampled_from([*PRODUCTS, *PRODUCTS, "UNKNOWN"]),
        "quantity": st.integers(1, 3),
        "net_cents": st.sampled_from([3, 10, 999, 4000, 10_000]),
        "placed_at": TIMES,
        "buyer": st.sampled_from(["", "a", "a", "b"]),
    }
)


class Market:
    """One market, told to the product by its verbs and to the oracle as plain facts."""

    def __init__(self, lock_days, since, boost_pct):
        self.notice = timedelta(days=lock_days)
        self.program = ProgramFactory(rate_bp=800, rate_lock_days=lock_days)
        shop = self.program.shop
        self.categories = {}
        for slug, parent in PARENTS.items():
            above = self.categories.get(parent)
            self.categories[slug] = CategoryFactory(shop=shop, slug=slug, parent=above)
        self.products = {
            sku: ProductFactory(
                shop=shop, sku=sku, category=self.categories.get(category)
            )
            for sku, category in PRODUCTS.items()
        }
        self.since = dict(zip(CREATORS, since, strict=True))
        self._enroll()
        self.boosts = []
        if boost_pct:
            window = {"starts_at": START, "ends_at": START + timedelta(days=45)}
            BoostFactory(program=self.program, multiplier_pct=boost_pct, **window)
            self.boosts = [
                terms.Boost(
                    1,
                    ("everyone", ""),
                    ("everything", ""),
                    terms.Window(*window.values()),
                    multiplier_pct=boost_pct,
                )
            ]
        self.said = {}
        self.plain = terms.Program(
            "p",
            800,
            groups={
                slug: {name for name, slugs in CREATORS.items() if slug in slugs}
                for slug in ("gold", "silver")
            },
            boosts=self.boosts,
        )

    def _enroll(self):
        self.people = {
            name: EnrollmentFactory(
                program=self.program, creator__handle=name, since=since
            )
            for name, since in self.since.items()
        }
        self.groups = {
            slug: AudienceFactory(program=self.program, slug=slug)
            for slug in ("gold", "silver")
        }
        for name, slugs in CREATORS.items():
            for slug in slugs:
                GroupMemberFactory(
                    enrollment=self.people[name], audience=self.groups[slug]
                )

    def open(self):
        self.program.active_periods.create()
        self.program.status = "active"
        self.program.save(update_fields=["status"])

    def add(self, made):
        """Make a rate where the product lets us, and write down what was said."""
        bp, flat = made["amount"]
        at, starts_at, (most, per) = made["at"], made["starts"], made["cap"]
        starts_at = {"ever": None, "at": at}.get(starts_at, starts_at)
        ends_at = None
        if made["lasts"]:
            ends_at = (starts_at or at or START) + timedelta(days=made["lasts"])
        try:
            rate = rates.add(
                self.program,
                at=at or START,
                rate_bp=bp,
                flat_cents=flat,
                audience=self._audience(made["who"]),
                product=self.products.get(made["what"][1]),
                category=self.categories.get(made["what"][1]),
                starts_at=starts_at,
                ends_at=ends_at,
                is_first_purchase_only=made["first_only"],
                most_sales=most,
                most_sales_per=per,
            )
        except (InvalidTerm, TermOverlaps):
            return None
        window = terms.Window(starts_at, ends_at)
        self.said[rate.pk] = promises.Said(
            terms.Rate(rate.pk, made["who"], made["what"], window, bp, flat),
            at,
            at and at + self.notice,
            None,
            made["first_only"],
            most,
            per,
        )
        return rate

    def move(self, rate, at, days):
        """Move an end where the product lets us, and write down what was said."""
        ends_at = at + timedelta(days=days)
        said = self.said[rate.pk]
        before = said.rate.window
        try:
            rates.end(rate, ends_at, at=at)
        except (InvalidTerm, TermOverlaps):
            return
        if ends_at == before.ends_at:
            return
        self.said[rate.pk] = promises.Said(
            terms.Rate(
                rate.pk,
                said.rate.who,
                said.rate.what,
                terms.Window(before.starts_at, ends_at),
                said.rate.rate_bp,
                said.rate.flat_cents,
            ),
            said.at,
            said.binds_at,
            promises.Moved(before.ends_at, at, at + self.notice),
            said.first_only,
            said.most,
            said.per,
        )

    def come_or_go(self, at, step, slug, name):
        """Let someone into a group or out of it, by the verb and in plain facts."""
        group, enrollment = self.groups[slug], self.people[name]
        if step == "join":
            groups.join(group, enrollment, at=at)
            self.plain.join(slug, name, at)
            return
        # A group with a rate, also one that is only promised, is left with notice.
        is_kept = any(
            said.rate.who == ("group", slug)
            and (
                not said.rate.window.is_over(at)
                or (said.moved is not None and at < said.moved.binds_at)
            )
            for said in self.said.values()
        )
        notice = self.notice if is_kept else timedelta(0)
        for member in enrollment.groups.filter(audience=group):
            groups.leave(member, at=at)
        self.plain.leave(slug, name, at, notice)

    def _audience(self, who):
        kind, name = who
        if kind == "creator":
            return self.people[name].audience
        return self.groups.get(name)

    def sell(self, sold):
        return sell(
            self.people[sold["creator"]],
            sold["net_cents"],
            quantity=sold["quantity"],
            product=self.products.get(sold["sku"]),
            placed_at=sold["placed_at"],
            buyer_hash=sold["buyer"] and sold["buyer"] * 64,
        )

    def read(self, solds):
        """Let the oracle price the lines, in the order of their placing."""
        shop = terms.Shop("s", "FR", ZoneInfo("Europe/Paris"), PARENTS, PRODUCTS)
        seen, lines = set(), []
        for number, sold in enumerate(solds):
            buyer = sold["buyer"]
            lines.append(
                promises.Sold(
                    sold["creator"],
                    self.since[sold["creator"]],
                    Line(number, sold["sku"], sold["quantity"], sold["net_cents"]),
                    sold["placed_at"],
                    is_first=bool(buyer) and buyer not in seen,
                )
            )
            seen.add(buyer)
        said = [self.said[pk] for pk in sorted(self.said)]
        return promises.price_in_turn(self.plain, shop, said, lines)


def events_of(made, moves):
    """Return what happens, in its order, as (moment, number, kind)."""
    changes = {number: row["at"] or START for number, row in enumerate(made)}
    events = [(at, number, "add") for number, at in changes.items()]
    events += [
        (row["moved"][0], number, "move")
        for number, row in enumerate(made)
        if row["moved"] and row["moved"][0] > changes[number]
    ]
    events += [(move[0], number, "walk") for number, move in enumerate(moves)]
    return sorted(events)


def happen(market, made, moves):
    """Say what was said before the program opened, then the rest, in its order."""
    made_rates = {}
    for number, row in enumerate(made):
        if row["at"] is None:
            made_rates[number] = market.add(row)
    market.open()
    for at, number, kind in events_of(made, moves):
        if kind == "add" and made[number]["at"] is not None:
            made_rates[number] = market.add(made[number])
        elif kind == "move" and made_rates[number]:
            market.move(made_rates[number], at, made[number]["moved"][1])
        elif kind == "walk":
            market.come_or_go(*moves[number])


def lived(lock_days, since, boost_pct, made, moves, solds, batch):
    """Live through it; return what each line earns by the product and by the oracle."""
    market = Market(lock_days, since, boost_pct)
    happen(market, made, moves)
    in_turn = sorted(solds, key=lambda row: row["placed_at"])
    in_turn = [s for s in in_turn if s["placed_at"] >= market.since[s["creator"]]]
    lines = []
    for sold in in_turn:
        lines.append(market.sell(sold))
        if not batch:
            sweep(at=END)
    sweep(at=END)
    ours = {row.line_id: row for row in Commission.objects.filter(number=0)}
    found = [
        (ours[line.pk].rate_bp, ours[line.pk].flat_cents, ours[line.pk].amount_cents)
        for line in lines
    ]
    wanted = [
        (
            earning.rate_bp if earning.flat_cents is None else None,
            earning.flat_cents,
            earning.of(sold["net_cents"]),
        )
        for earning, sold in zip(market.read(in_turn), in_turn, strict=True)
    ]
    return found, wanted


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    lock_days=st.sampled_from([0, 7, 30]),
    since=st.tuples(st.just(START), TIMES, TIMES),
    boost_pct=st.sampled_from([0, 0, 150, 1000]),
    made=st.lists(MADE, max_size=7),
    moves=st.lists(MOVES, max_size=5),
    solds=st.lists(SOLD, min_size=1, max_size=8),
    batch=st.booleans(),
)
def test_the_statements_and_a_plain_reading_agree(
    lock_days, since, boost_pct, made, moves, solds, batch
):
    with transaction.atomic():
        found, wanted = lived(lock_days, since, boost_pct, made, moves, solds, batch)
        transaction.set_rollback(True)

    assert found == wanted
