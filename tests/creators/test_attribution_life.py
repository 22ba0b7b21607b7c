"""What becomes of a verdict when its order changes, and what never touches it (R4)."""

from datetime import timedelta

import pytest

from affiliate.common import ids
from creators.models import Code, Enrollment, UnaccruedVerdict, Verdict
from shops.models import ActivePeriod, OrderLine, Product
from tests.creators.judging import (
    NOW,
    PLACED,
    change,
    click,
    code,
    enrolled,
    judge,
    line,
    link,
    program,
    short,
)
from tests.factories.creators import CreatorEmailFactory
from tests.factories.shops import ExclusionFactory, ProductFactory
from tests.shops.rewriting import rewrite

pytestmark = pytest.mark.django_db

WAITS = ("pending", "order_not_paid", None)
CALLED_OFF = ("nobody", "order_cancelled", None)


@pytest.fixture
def lea():
    return enrolled(program())


@pytest.fixture
def sold(lea):
    """Return a line that a click of Lea's attributes, judged while it was paid."""
    sold = line(lea.program, clicks=[click(link(lea))])
    judge(sold)
    return sold


def test_a_line_of_an_unpaid_order_waits(lea):
    waiting = line(lea.program, clicks=[click(link(lea))], status="pending")

    assert short(judge(waiting)[0]) == WAITS
    assert not UnaccruedVerdict.objects.exists()


def test_a_line_of_a_cancelled_order_is_nobodys(lea):
    called_off = line(lea.program, clicks=[click(link(lea))], status="cancelled")

    assert short(judge(called_off)[0]) == CALLED_OFF


def test_pending_then_paid_then_cancelled_then_paid_again(lea):
    hers = ("attributed", "latest_click", lea.creator.handle)
    waiting = line(lea.program, clicks=[click(link(lea))], status="pending")
    judge(waiting)

    life = [
        short(change(waiting, status=status, version=version))
        for version, status in enumerate(["paid", "cancelled", "pending", "paid"], 2)
    ]

    assert life == [hers, CALLED_OFF, WAITS, hers]
    assert Verdict.objects.count() == 1


@pytest.mark.parametrize("first", ["pending", "cancelled"])
def test_a_line_that_was_never_paid_is_judged_when_it_is(lea, first):
    waiting = line(lea.program, clicks=[click(link(lea))], status=first)
    judge(waiting)

    assert change(waiting, status="paid").creator == lea.creator


def test_every_change_of_a_line_that_earned_goes_to_the_floor_above(sold):
    UnaccruedVerdict.objects.all().delete()

    judge(sold)

    assert UnaccruedVerdict.objects.filter(verdict_id=sold.pk).exists()


def test_the_touches_of_a_cancelled_line_can_still_be_read(sold):
    found = change(sold, status="cancelled")

    assert [touch["kind"] for touch in found.touches] == ["click"]


def test_a_newer_version_with_other_touches_is_judged_anew(sold, lea):
    zoe = link(lea.program)

    assert (
        change(sold, clicks=[click(zoe)], version=2).creator == zoe.enrollment.creator
    )
    assert change(sold, clicks=[], version=3).state == "nobody"


def test_a_newer_version_with_another_buyer_is_judged_anew(sold, lea):
    CreatorEmailFactory(creator=lea.creator, address="lea@mail.example")
    email = lea.creator.emails.get()

    assert change(sold, buyer_hash=email.email_hash).reason == "own_purchase"


def test_a_newer_version_placed_at_another_moment_is_judged_anew(sold):
    later = PLACED + timedelta(days=60)

    assert change(sold, placed_at=later).reason == "outside_window"


# --------------------------------------------------------- what changes nothing (R4)


def exclude_the_product(lea, sold):
    ExclusionFactory(program=lea.program, product=sold.product)


def pause_the_program(lea, sold):
    ActivePeriod.objects.update(ends_at=PLACED)


def end_the_enrollment(lea, sold):
    Enrollment.objects.update(status="ended", ended_at=PLACED)


def shorten_the_window(lea, sold):
    rewrite(lea.program, window_days=1)


def demand_the_catalogue(lea, sold):
    OrderLine.objects.update(product=None)
    rewrite(lea.program, catalogue_only=True)


def learn_that_the_buyer_is_the_creator(lea, sold):
    CreatorEmailFactory(creator=lea.creator, address="lea@mail.example")


def retire_the_code(lea, sold):
    Code.objects.update(status="retired", retired_at=PLACED)


def change_the_policy(lea, sold):
    rewrite(lea.program, code_policy="if_winner")


LATER = [
    exclude_the_product,
    pause_the_program,
    end_the_enrollment,
    shorten_the_window,
    demand_the_catalogue,
    learn_that_the_buyer_is_the_creator,
    retire_the_code,
    change_the_policy,
]


def rich_line(lea, **order):
    """Return a line that Lea's code earns, with every fact that could undo it."""
    code(lea, "LEA10", max_uses=1)
    return line(
        lea.program,
        codes=["LEA10"],
        product=ProductFactory(shop=lea.program.shop),
        buyer_hash=ids.email_hash("lea@mail.example"),
        **order,
    )


@pytest.mark.parametrize("happens", LATER)
def test_what_happens_after_the_verdict_changes_nothing(lea, happens):
    sold = rich_line(lea)
    before = judge(sold)[0]
    happens(lea, sold)

    after = judge(sold, at=NOW + timedelta(days=1))[0]

    assert short(before) == ("attributed", "code_applied", lea.creator.handle)
    assert (short(after), after.touches) == (short(before), before.touches)
    assert after.decided_at == NOW


@pytest.mark.parametrize("happens", LATER)
def test_a_refund_after_a_change_of_terms_keeps_the_verdict(lea, happens):
    sold = rich_line(lea)
    judge(sold)
    happens(lea, sold)
    OrderLine.objects.update(refunded_cents=1000)

    assert judge(sold)[0].creator == lea.creator


@pytest.mark.parametrize("happens", LATER)
@pytest.mark.parametrize("meanwhile", ["cancelled", "pending"])
def test_paid_again_after_a_change_of_terms_is_the_same_creators(
    lea, happens, meanwhile
):
    sold = rich_line(lea)
    judge(sold)
    change(sold, status=meanwhile, version=2)
    happens(lea, sold)

    assert change(sold, status="paid", version=3).creator == lea.creator


def test_a_product_that_enters_the_catalogue_later_changes_nothing(lea):
    ours = lea.program
    rewrite(ours, catalogue_only=True)
    unknown = line(ours, clicks=[click(link(lea))])
    judge(unknown)
    OrderLine.objects.update(product=ProductFactory(shop=ours.shop))

    assert Product.objects.exists()
    assert judge(unknown)[0].reason == "not_in_catalogue"


@pytest.mark.parametrize("meanwhile", ["cancelled", "pending"])
def test_paid_again_with_other_touches_is_judged_anew(sold, lea, meanwhile):
    zoe = link(lea.program)
    change(sold, status=meanwhile, version=2)
    change(sold, clicks=[click(zoe)], version=3)

    assert change(sold, status="paid", version=4).link == zoe


def test_paid_again_says_how_it_was_won(lea):
    ours = lea.program
    by_code = line(ours, codes=[code(lea, "LEA10").code])
    by_click = line(ours, clicks=[click(link(lea))])
    before = [(v.state, v.reason, v.via, v.touches) for v in judge(by_code, by_click)]
    for each in (by_code, by_click):
        change(each, status="cancelled")

    after = [change(each, status="paid") for each in (by_code, by_click)]

    assert before == [(v.state, v.reason, v.via, v.touches) for v in after]
