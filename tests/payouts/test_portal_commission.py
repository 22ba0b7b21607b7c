"""One sale: why this amount, why this date, what happened since, and whose it is."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from django.utils.translation import override

from payouts.portal import commission
from tests.factories import (
    AudienceFactory,
    BoostFactory,
    CategoryFactory,
    ClickFactory,
    CodeFactory,
    EnrollmentFactory,
    GroupMemberFactory,
    LinkFactory,
    ProductFactory,
    RateFactory,
)
from tests.factories.shops import BudgetFactory
from tests.payouts import selling

pytestmark = pytest.mark.django_db


@pytest.fixture
def code():
    code = selling.creator_with_code()
    selling.payable(code.enrollment.creator)
    return code


def read(sale, at=selling.NOW):
    with override("en"):
        return commission.read(sale.creator, sale.pk, at=at)


def way(page):
    return [(step.key, str(step.on), step.is_done) for step in page.trail]


# ------------------------------------------------------------------ why this amount


def test_the_reckoning_is_the_snapshots(code):
    RateFactory(program=code.program, audience=code.enrollment.audience, rate_bp=1300)
    BoostFactory(program=code.program, name="Launch", multiplier_pct=150)
    sale = selling.sell(code)
    page = read(sale)

    assert (page.reckoning.net_cents, page.reckoning.refunded_cents) == (4000, 0)
    assert (page.reckoning.rate.who, page.reckoning.rate.bp) == ("creator", 1300)
    assert page.reckoning.boost == commission.BoostWords("Launch", Decimal("1.5"))
    assert page.commission.amount_cents == 780
    assert not page.reckoning.is_capped
    assert "13 % of the €40.00" in page.explanation


def test_a_rate_of_a_group_on_a_category_is_named(code):
    care = CategoryFactory(shop=code.program.shop, slug="care", name="Care")
    gold = AudienceFactory(program=code.program, slug="gold", name="Gold circle")
    GroupMemberFactory(enrollment=code.enrollment, audience=gold)
    RateFactory(program=code.program, audience=gold, category=care, rate_bp=1500)
    product = ProductFactory(shop=code.program.shop, category=care)

    rate = read(selling.sell(code, product=product)).reckoning.rate

    assert (rate.who, rate.who_name) == ("group", "Gold circle")
    assert (rate.what, rate.what_name) == ("category", "Care")


def test_a_rate_on_a_product_is_named_and_the_losers_follow(code):
    product = ProductFactory(shop=code.program.shop, name="Sérum")
    RateFactory(program=code.program, product=product, rate_bp=2000)
    RateFactory(program=code.program, rate_bp=1100)
    page = read(selling.sell(code, product=product))

    assert page.reckoning.rate.what_name == "Sérum"
    assert [(rate.bp, rate.is_default) for rate in page.lost_rates] == [
        (1100, False),
        (1000, True),
    ]


def test_a_boost_that_was_not_the_best_is_shown_as_lost(code):
    BoostFactory(program=code.program, name="Best", multiplier_pct=300)
    BoostFactory(program=code.program, name="Second", multiplier_pct=200)

    page = read(selling.sell(code))

    assert page.lost_boosts == [commission.BoostWords("Second", Decimal(2))]


def test_a_flat_rate_is_an_amount_for_each_unit(code):
    RateFactory(program=code.program, flat=True)
    sale = selling.sell(code)
    with time_machine.travel(selling.NOW, tick=False):
        shown = selling.visitor(code).get(reverse("portal_commission", args=[sale.pk]))

    assert "2 × €1.00" in selling.words(shown)
    assert read(sale).reckoning.rate.bp is None


def test_the_cap_is_said(code):
    RateFactory(program=code.program, rate_bp=5000)
    BoostFactory(program=code.program, multiplier_pct=200)

    page = read(selling.sell(code))

    assert (page.reckoning.is_capped, page.reckoning.cap_bp) == (True, 8000)
    assert page.commission.amount_cents == 3200


def test_what_a_budget_had_left_is_a_step_of_the_reckoning(code):
    boost = BoostFactory(program=code.program)
    BudgetFactory(program=code.program, boost=boost, amount_cents=150)
    sale = selling.sell(code)
    page = read(sale)

    assert page.commission.amount_cents == 550
    assert (page.reckoning.held_by, page.reckoning.left_cents) == ("boost_budget", 150)
    assert "Left in the boost's budget" in selling.words(
        selling.visitor(code).get(reverse("portal_commission", args=[sale.pk]))
    )


def test_what_was_refunded_before_the_sale_was_counted_is_shown(code):
    page = read(selling.sell(code, refunded_cents=1000))

    assert (page.reckoning.net_cents, page.reckoning.refunded_cents) == (4000, 1000)
    assert page.commission.original_cents == 300


def test_a_later_refund_changes_nothing_of_the_reckoning(code):
    sale = selling.sell(code)
    selling.change(sale.line, refunded_cents=1000)
    page = read(sale)

    assert (page.reckoning.net_cents, page.reckoning.refunded_cents) == (4000, 0)
    assert [(row.kind, row.amount_cents) for row in page.corrections] == [
        ("reversal", -100)
    ]
    assert page.commission.amount_cents == 300


def test_a_refund_and_a_cancellation_are_said(code):
    sale = selling.sell(code)
    selling.change(sale.line, refunded_cents=1000)
    selling.cancel(sale.line)
    page = read(sale)
    shown = selling.visitor(code).get(reverse("portal_commission", args=[sale.pk]))

    assert page.commission.refunded_cents == 1000
    assert page.commission.cancelled_at == selling.NOW
    assert "Order cancelled 24 Nov 2026" in selling.words(shown)
    assert "Refunded to the buyer €10.00" in selling.words(shown)


# ------------------------------------------------------------------ whose, by what


def test_a_click_names_its_link_and_its_moment(code):
    product = ProductFactory(shop=code.program.shop, name="Sérum")
    link = selling.link_of(code, product=product)

    page = read(selling.sell_by_click(link))

    assert (page.commission.via, page.commission.touch) == ("click", "Sérum")
    assert page.commission.touched_at == selling.PLACED - timedelta(hours=1)


def test_a_click_that_was_loaded_names_its_link(code):
    link = selling.link_of(code, slug="lea-shop")
    ClickFactory(link=link, click_id="old-1", at=selling.PLACED - timedelta(days=1))

    page = read(selling.sell(code, order__codes=[], order__clicks=["old-1"]))

    assert page.commission.touch.endswith("/l/lea-shop")


def test_what_others_showed_is_never_told(code):
    """The line goes to another creator, whose click beats ours once it is known."""
    own = selling.link_of(code, slug="own-link")
    rival = EnrollmentFactory(program=code.program, creator__handle="rival")
    theirs = LinkFactory(enrollment=rival, slug="rival-link")
    clicks = [
        ClickFactory(link=own, at=selling.PLACED - timedelta(hours=3)).click_id,
        ClickFactory(link=theirs, at=selling.PLACED - timedelta(hours=1)).click_id,
    ]
    sale = selling.sell(code, order__codes=[], order__clicks=clicks[:1])
    order = sale.line.order
    order.clicks = clicks
    order.save(update_fields=["clicks"])
    selling.change(sale.line)

    page = read(sale)
    shown = selling.visitor(code).get(reverse("portal_commission", args=[sale.pk]))

    assert (page.commission.state, page.commission.via) == ("void", "click")
    assert page.commission.touch.endswith("/l/own-link")
    assert b"rival" not in shown.content


def test_the_rivals_page_tells_only_the_rivals_touch(code):
    rival = CodeFactory(
        enrollment=EnrollmentFactory(program=code.program, creator__handle="rival"),
        code="RIVAL10",
    )
    sale = selling.sell(code, order__codes=["LEA10", "RIVAL10"])
    shown = selling.visitor(code).get(reverse("portal_commission", args=[sale.pk]))

    assert read(sale).commission.touch == "LEA10"
    assert b"RIVAL10" not in shown.content
    assert b"rival" not in shown.content
    assert commission.read(rival.enrollment.creator, sale.pk, at=selling.NOW) is None


def test_another_creators_sale_is_as_missing_as_an_unknown_one(code):
    other = selling.creator_with_code("TOM10")
    foreign = selling.sell(other)
    browser = selling.visitor(code)

    answers = [
        browser.get(reverse("portal_commission", args=[number]))
        for number in (foreign.pk, foreign.pk + 1000, 9**25)
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len({answer.content for answer in answers}) == 1


def test_a_correction_has_no_page_of_its_own(code):
    sale = selling.sell(code)
    selling.change(sale.line, refunded_cents=1000)
    correction = type(sale).objects.get(line=sale.line, number=1)

    assert read(correction) is None


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "fr",
            [
                "Pourquoi ce montant",
                "4,00 €",
                "9 décembre 2026",
                "le taux du programme",
            ],
        ),
        ("en", ["Why this amount", "€4.00", "9 December 2026", "the code LEA10"]),
    ],
)
def test_the_page_is_in_the_readers_language(code, language, expected):
    sale = selling.sell(code)
    with time_machine.travel(selling.NOW, tick=False):
        browser = selling.visitor(code, language)
        shown = selling.words(browser.get(reverse("portal_commission", args=[sale.pk])))

    assert [words for words in expected if words not in shown] == []


def test_thirty_corrections_cost_as_many_queries_as_three(code):
    sale = selling.sell(code)
    path = reverse("portal_commission", args=[sale.pk])
    for cents in (100, 200, 300):
        selling.change(sale.line, refunded_cents=cents)
    few = selling.queries(code, path)
    for cents in range(400, 3000, 100):
        selling.change(sale.line, refunded_cents=cents)

    assert selling.queries(code, path) == few
