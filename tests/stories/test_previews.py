"""What a preview says is what the same sales cost where the term had been there (R8).

The same small market is lived through twice: once without the term, which is previewed
at the end, and once with it from the beginning.
"""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payouts import previews
from payouts.models import Commission
from shops import boosts, rates
from shops.models import Rate
from shops.terms import InvalidTerm, TermOverlaps
from tests.factories.shops import BoostFactory, BudgetFactory, RateFactory
from tests.payouts.earning import sweep
from tests.stories.test_promises import (
    AMOUNTS,
    CAPS,
    END,
    MADE,
    SOLD,
    START,
    TIMES,
    WHAT,
    WHO,
    Market,
)

pytestmark = pytest.mark.django_db

BUDGETS = st.sampled_from([None, None, 1, 90, 400])
RATE = st.fixed_dictionaries(
    {
        "amount": AMOUNTS,
        "who": WHO,
        "what": WHAT,
        "first_only": st.sampled_from([False, False, True]),
        "cap": CAPS,
    }
)
BOOST = st.fixed_dictionaries(
    {
        "pct": st.sampled_from([110, 200, 1000]),
        "who": WHO,
        "what": WHAT,
        "budget": BUDGETS,
    }
)


def reach(market, drawn):
    return {
        "audience": market._audience(drawn["who"]),
        "product": market.products.get(drawn["what"][1]),
        "category": market.categories.get(drawn["what"][1]),
    }


def rate_of(market, drawn):
    bp, flat = drawn["amount"]
    most, per = drawn["cap"]
    return {
        "rate_bp": bp,
        "flat_cents": flat,
        "is_first_purchase_only": drawn["first_only"],
        "most_sales": most,
        "most_sales_per": per,
        **reach(market, drawn),
    }


def boost_of(market, drawn):
    return {"name": "New", "multiplier_pct": drawn["pct"], **reach(market, drawn)}


class NewRate:
    """A rate, told to the verb for long after the last sale, and as if always there."""

    def __init__(self, drawn):
        self.drawn = drawn

    def add(self, market):
        fields = rate_of(market, self.drawn)
        return rates.add(market.program, starts_at=END, at=END, **fields)

    def hold(self, market):
        """Let it hold since ever, instead of rates for the same."""
        fields = rate_of(market, self.drawn)
        same = {name: fields[name] for name in ("audience", "product", "category")}
        same = {
            name if value else f"{name}__isnull": value or True
            for name, value in same.items()
        }
        Rate.objects.filter(program=market.program, **same).delete()
        RateFactory(program=market.program, **fields)


class NewBoost(NewRate):
    def add(self, market):
        return boosts.add(
            market.program,
            budget_cents=self.drawn["budget"],
            starts_at=END + timedelta(days=1),
            ends_at=END + timedelta(days=2),
            at=END,
            **boost_of(market, self.drawn),
        )

    def hold(self, market):
        window = {"starts_at": START - timedelta(days=1), "ends_at": END}
        fields = boost_of(market, self.drawn)
        boost = BoostFactory(program=market.program, **window, **fields)
        if self.drawn["budget"]:
            BudgetFactory(
                program=market.program, boost=boost, amount_cents=self.drawn["budget"]
            )


class Undo(Exception):  # noqa: N818  no error: takes back what was lived through
    pass


def lived(drawn, solds, *, then):
    """Live through the market; return what `then` gives, and take all back."""
    found = []
    try:
        with transaction.atomic():
            market = Market(drawn["lock_days"], drawn["since"], 0)
            if drawn["boost_pct"]:
                running = BoostFactory(
                    program=market.program,
                    multiplier_pct=drawn["boost_pct"],
                    starts_at=START,
                    ends_at=START + timedelta(days=45),
                )
                if drawn["boost_budget"]:
                    BudgetFactory(
                        program=market.program,
                        boost=running,
                        amount_cents=drawn["boost_budget"],
                    )
            if drawn["program_budget"]:
                BudgetFactory(
                    program=market.program,
                    boost=None,
                    amount_cents=drawn["program_budget"],
                )
            made = sorted(drawn["made"], key=lambda row: row["at"] or START)
            for row in [row for row in made if row["at"] is None]:
                market.add(row)
            market.open()
            for row in [row for row in made if row["at"] is not None]:
                market.add(row)
            found.append(then(market, solds))
            raise Undo
    except Undo:
        return found[0]


def sell(market, solds):
    for sold in sorted(solds, key=lambda row: row["placed_at"]):
        if sold["placed_at"] >= market.since[sold["creator"]]:
            market.sell(sold)
    sweep(at=END)


def earned():
    found = {}
    for handle, cents in Commission.objects.values_list(
        "creator__handle", "amount_cents"
    ):
        found[handle] = found.get(handle, 0) + cents
    return found


def previewed(new):
    """Return what was earned, and what a preview says of it, by creator."""

    def then(market, solds):
        sell(market, solds)
        earnings = earned()
        try:
            preview = previews.of(lambda: new.add(market), at=END)
        except (InvalidTerm, TermOverlaps):
            return None
        after = {
            row.name: earnings[row.name] + row.difference_cents
            for cost in preview.costs
            for row in cost.creators.rows
        }
        totals = [(cost.before_cents, cost.after_cents) for cost in preview.costs]
        return earnings, {**earnings, **after}, totals

    return then


def having_had(new):
    """Return what is earned where the term is there from the beginning."""

    def then(market, solds):
        with connection.cursor() as cursor:
            # What was announced before stays, as it would have been.
            cursor.execute("set local session_replication_role = replica")
            new.hold(market)
            cursor.execute("set local session_replication_role = origin")
        sell(market, solds)
        return earned()

    return then


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    drawn=st.fixed_dictionaries(
        {
            "lock_days": st.sampled_from([0, 7, 30]),
            "since": st.tuples(st.just(START), TIMES, TIMES),
            "boost_pct": st.sampled_from([0, 150, 1000]),
            "boost_budget": BUDGETS,
            "program_budget": BUDGETS,
            "made": st.lists(MADE, max_size=5),
        }
    ),
    solds=st.lists(SOLD, min_size=1, max_size=8),
    new=st.one_of(RATE.map(NewRate), BOOST.map(NewBoost)),
)
def test_a_preview_is_what_would_have_been_earned(drawn, solds, new):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(previews, "DAYS", 1000)
        said = lived(drawn, solds, then=previewed(new))
    if said is None:
        return
    earnings, after, totals = said

    would = lived(drawn, solds, then=having_had(new))

    assert after == would
    assert sum(after for _, after in totals) <= sum(would.values())
    for before, now in totals:
        assert now - before == sum(would.values()) - sum(earnings.values())
