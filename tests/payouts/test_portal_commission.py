"""One sale: why this amount, why this date, what happened since, and whose it is."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from django.utils.translation import override

from payouts import commissions, runs
from payouts.models import DeclineReason
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
    UserFactory,
)
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


# ------------------------------------------------------------------ why this date


def test_the_way_of_a_sale_that_waits(code):
    page = read(selling.sell(code))

    assert way(page) == [
        ("ordered", "2026-11-03", True),
        ("delivery_assumed", "2026-11-08", True),
        ("hold_ends", "2026-12-08", False),
        ("payable", "2026-12-09", False),
        ("in_run", "2027-01-01", False),
    ]
    assert [step.key for step in page.trail if step.is_next] == ["hold_ends"]
    assert (page.hold.hold_days, page.hold.shipping_days) == (30, 5)
    assert not page.hold.is_by_law


def test_a_known_delivery_starts_the_hold(code):
    delivered_at = datetime(2026, 11, 5, 22, 30, tzinfo=UTC)

    page = read(selling.sell(code, order__delivered_at=delivered_at))

    assert way(page)[1] == ("delivered", "2026-11-05", True)
    assert way(page)[3] == ("payable", "2026-12-06", False)


@pytest.mark.parametrize(
    ("delivered_on", "ends_on", "is_moved"),
    [
        # The three of rule C2: moved past Christmas, a weekend, and New Year.
        ("2026-12-09", "2026-12-23", False),
        ("2026-12-11", "2026-12-28", True),
        ("2026-12-18", "2027-01-04", True),
    ],
)
def test_a_short_hold_ends_when_the_law_says(delivered_on, ends_on, is_moved):
    code = selling.creator_with_code(hold_days=7)
    delivered_at = datetime.fromisoformat(f"{delivered_on}T12:00:00+00:00")

    page = read(selling.sell(code, order__delivered_at=delivered_at))

    assert way(page)[2][:2] == ("hold_ends", ends_on)
    assert (page.hold.is_by_law, page.hold.is_moved_by_law) == (True, is_moved)


def test_a_hold_of_the_law_s_length_that_the_program_set_is_the_program_s():
    code = selling.creator_with_code(hold_days=14)
    delivered_at = datetime(2026, 12, 9, 12, tzinfo=UTC)

    page = read(selling.sell(code, order__delivered_at=delivered_at))

    assert (page.hold.hold_days, page.hold.is_by_law) == (14, False)


def test_terms_that_change_later_change_nothing_of_the_hold(code):
    sale = selling.sell(code)
    type(code.program).objects.update(hold_days=7, shipping_days=1)
    page = read(sale)

    assert (page.hold.hold_days, page.hold.shipping_days) == (30, 5)


def test_past_the_hold_the_next_run_is_awaited(code):
    sale = selling.sell(code)
    selling.approve()
    page = read(sale, at=selling.RIPE)

    assert [step.key for step in page.trail if step.is_next] == ["in_run"]
    assert way(page)[-1] == ("in_run", "2027-01-01", False)


def test_what_a_run_left_behind_awaits_the_one_after(code):
    sale = selling.sell(code)
    selling.approve()
    at = datetime(2027, 1, 2, 9, tzinfo=UTC)

    assert way(read(sale, at=at))[-1] == ("in_run", "2027-02-01", False)


def test_a_paid_sale_names_its_payout(code, tmp_path):
    sale = selling.sell(code, net_cents=20000)
    selling.approve()
    run = selling.open_run()
    drafted = read(sale, at=selling.PAYDAY)
    selling.pay(run, tmp_path)
    page = read(sale, at=selling.PAYDAY)

    assert way(drafted)[-2:] == [
        ("in_run", "2027-01-01", True),
        ("paid", "None", False),
    ]
    assert way(page)[-1] == ("paid", "2027-01-03", True)
    assert page.payout == commission.InPayout(
        run.payouts.get().pk, datetime(2026, 12, 1, tzinfo=UTC).date()
    )


def test_a_held_sale_says_why_and_promises_no_day(code):
    sale = selling.sell(code)
    commissions.hold(sale.pk, "The shop asks.", by=UserFactory(), at=selling.NOW)
    page = read(sale)

    assert [key for key, _, _ in way(page)] == ["ordered", "delivery_assumed", "held"]
    assert page.commission.held_reason == "The shop asks."
    shown = selling.visitor(code).get(reverse("portal_commission", args=[sale.pk]))
    assert "The shop asks." in selling.words(shown)


def test_a_declined_sale_says_why_in_the_readers_language(code):
    sale = selling.sell(code)
    commissions.decline(
        sale.pk, DeclineReason.TEST_ORDER, by=UserFactory(), at=selling.NOW
    )
    selling.sweep()
    path = reverse("portal_commission", args=[sale.pk])

    assert "the order was a test" in selling.words(selling.visitor(code).get(path))
    french = selling.words(selling.visitor(code, "fr").get(path))
    assert "la commande était un essai" in french
    assert way(read(sale))[-1] == ("void", "2026-11-24", True)


def test_a_cancelled_sale_keeps_its_touch_and_ends(code):
    sale = selling.sell(code)
    selling.cancel(sale.line)
    page = read(sale)

    assert way(page) == [("ordered", "2026-11-03", True), ("void", "2026-11-24", True)]
    assert (page.commission.via, page.commission.touch) == ("code", "LEA10")
    assert page.commission.amount_cents == 0


def test_a_restored_sale_waits_as_long_as_before(code):
    sale = selling.sell(code)
    selling.change(sale.line, refunded_cents=4000)
    selling.change(sale.line, refunded_cents=0)
    page = read(sale)

    assert page.commission.state == "pending"
    assert way(page)[3] == ("payable", "2026-12-09", False)
    assert [row.kind for row in page.corrections] == ["reversal", "restoration"]


# ------------------------------------------------------------------ the books


def moves(page):
    return [
        (move.from_account, move.to_account, move.amount_cents)
        for move in page.movements
    ]


def test_the_books_tell_the_whole_way_of_the_money(code, tmp_path):
    other = selling.sell(code, net_cents=10000)
    sale = selling.sell(code, net_cents=20000)
    selling.approve()
    run = selling.open_run()
    selling.pay(run, tmp_path)
    selling.change(sale.line, at=selling.PAYDAY + timedelta(days=9), refunded_cents=50)

    assert moves(read(sale)) == [
        ("shop_owed", "creator_accrued", 2000),
        ("creator_accrued", "creator_payable", 2000),
        ("creator_payable", "in_transit", 2000),
        ("in_transit", "bank", 2000),
        ("creator_payable", "shop_owed", 5),
    ]
    assert moves(read(other))[-1] == ("in_transit", "bank", 1000)


def test_the_books_tell_a_transfer_that_came_back(code, tmp_path):
    sale = selling.sell(code, net_cents=20000)
    selling.approve()
    run = selling.open_run()
    selling.pay(run, tmp_path)
    runs.return_payout(
        run.payouts.get().pk, "Closed.", at=selling.PAYDAY + timedelta(days=5)
    )
    page = read(sale)

    assert sorted(moves(page)[-2:]) == [
        ("bank", "in_transit", 2000),
        ("in_transit", "creator_payable", 2000),
    ]
    assert page.payout is None


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
