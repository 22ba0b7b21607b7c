"""Partial refunds in any order end at exactly nothing (C4, invariant I7)."""

from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from payouts import commissions, invariants
from tests.factories.shops import RateFactory
from tests.payouts.earning import LATER, earn, enrolled, program, refund, rows


def left(of):
    return sum(cents for _, _, cents in rows(of.line))


@st.composite
def refunds(draw):
    """Return (net, refunds that add up to it in any order)."""
    net = draw(st.integers(1, 5000))
    cuts = draw(st.lists(st.integers(0, net), max_size=6))
    marks = [0, *sorted(cuts), net]
    parts = [high - low for low, high in pairwise(marks)]
    return net, draw(st.permutations(parts))


class TestAnyRefunds(TestCase):
    @settings(
        max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(
        parts=refunds(),
        rate_bp=st.integers(100, 8000),
        paid_after=st.integers(0, 6),
        flat_cents=st.none() | st.integers(0, 900),
    )
    def test_they_end_at_exactly_nothing(self, parts, rate_bp, paid_after, flat_cents):
        net, pieces = parts
        lea = enrolled(program(rate_bp=rate_bp))
        if flat_cents is not None:
            RateFactory(program=lea.program, rate_bp=None, flat_cents=flat_cents)
        sale = earn(lea, net, quantity=2)
        standing = sale.amount_cents
        for number, piece in enumerate(pieces):
            if number == paid_after and standing > 0:
                commissions.approve(at=LATER)
            refund(sale.line, piece, at=LATER)
            assert 0 <= left(sale) <= standing
            standing = left(sale)

        assert standing == 0
        assert list(invariants.findings()) == []
