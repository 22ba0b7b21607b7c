"""The list of sales: own lines only, each where it stands after corrections."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from payouts import commissions, runs
from payouts.models import DeclineReason
from payouts.portal import paging, sales
from tests.factories import (
    BoostFactory,
    CodeFactory,
    CommissionFactory,
    EnrollmentFactory,
    ProgramFactory,
    UserFactory,
)
from tests.payouts import selling

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def code():
    code = selling.creator_with_code()
    selling.payable(code.enrollment.creator)
    return code


def page(code, asked=None, **filters):
    creator_id = code.enrollment.creator_id
    return sales.page(creator_id, asked=asked or paging.Asked(), **filters)


def only(code):
    (row,) = page(code).sales
    return row


def standing(code):
    row = only(code)
    return row.state, row.amount_cents, row.original_cents, row.is_corrected


def paid(code, tmp_path):
    sale = selling.sell(code, net_cents=20000)
    selling.approve()
    run = selling.open_run()
    selling.pay(run, tmp_path)
    return sale, run


def test_a_newcomer_has_no_sales(code):
    shown = selling.visitor(code).get(reverse("portal_sales"))

    assert shown.context["is_new"]
    assert "No sales yet" in selling.words(shown)


def test_a_sale_shows_what_was_sold_where_and_when(code):
    selling.sell(code, name="Sérum Aurore")
    row = only(code)

    assert (row.product, row.shop, row.program) == (
        "Sérum Aurore",
        "Maison Lune",
        "Ambassadeurs",
    )
    assert row.ordered_at == selling.PLACED
    assert str(row.payable_on) == "2026-12-09"


def test_what_is_not_in_the_catalogue_is_called_by_its_sku(code):
    selling.sell(code, sku="XYZ-9")

    assert only(code).product == "XYZ-9"


# ------------------------------------------------------------------ where it stands


def test_a_sale_within_its_hold_is_pending(code):
    selling.sell(code)

    assert standing(code) == ("pending", 400, 400, False)


def test_a_refund_of_a_part_leaves_the_rest(code):
    selling.change(selling.sell(code).line, refunded_cents=1000)

    assert standing(code) == ("pending", 300, 400, True)


def test_a_refund_of_everything_leaves_nothing(code):
    selling.change(selling.sell(code).line, refunded_cents=4000)

    assert standing(code) == ("void", 0, 400, True)
    assert only(code).payable_on is None


def test_a_refund_that_is_undone_waits_again(code):
    line = selling.sell(code).line
    selling.change(line, refunded_cents=4000)
    selling.change(line, refunded_cents=0)

    assert standing(code) == ("pending", 400, 400, False)
    assert str(only(code).payable_on) == "2026-12-09"


def test_a_declined_sale_is_cancelled(code):
    sale = selling.sell(code)
    commissions.decline(
        sale.pk, DeclineReason.TEST_ORDER, by=UserFactory(), at=selling.NOW
    )
    selling.sweep()

    assert standing(code) == ("void", 0, 400, True)


def test_a_held_sale_is_held(code):
    sale = selling.sell(code)
    commissions.hold(sale.pk, "A question.", by=UserFactory(), at=selling.NOW)

    assert standing(code) == ("held", 400, 400, False)


def test_an_approved_sale_is_ready(code):
    selling.sell(code)
    selling.approve()

    assert standing(code) == ("approved", 400, 400, False)


def test_an_approved_sale_that_is_wholly_refunded_is_cancelled(code):
    line = selling.sell(code).line
    selling.approve()
    selling.change(line, at=selling.RIPE, refunded_cents=4000)

    assert standing(code) == ("void", 0, 400, True)


def test_a_sale_in_a_run_is_being_paid(code):
    selling.sell(code, net_cents=20000)
    selling.approve()
    selling.open_run()

    assert standing(code) == ("in_run", 2000, 2000, False)


def test_a_paid_sale_is_paid_also_while_a_part_is_owed_back(code, tmp_path):
    sale, _ = paid(code, tmp_path)
    before = standing(code)
    selling.change(sale.line, at=selling.PAYDAY, refunded_cents=5000)

    assert before == ("paid", 2000, 2000, False)
    assert standing(code) == ("paid", 1500, 2000, True)


def test_a_paid_sale_that_was_clawed_back_is_nothing_any_more(code, tmp_path):
    sale, _ = paid(code, tmp_path)
    selling.change(sale.line, at=selling.PAYDAY, refunded_cents=20000)

    assert standing(code) == ("void", 0, 2000, True)


def test_a_returned_sale_is_ready_again(code, tmp_path):
    _, run = paid(code, tmp_path)
    runs.return_payout(run.payouts.get().pk, "Closed.", at=selling.PAYDAY)

    assert standing(code) == ("approved", 2000, 2000, False)


def test_a_sale_that_earned_nothing_says_why_and_opens_nothing(code):
    selling.sell(code, net_cents=2)
    row = only(code)

    assert (row.commission_id, row.state, row.amount_cents) == (None, "void", 0)
    assert row.zero_reason == "That is less than half a cent, so it is 0."


def test_a_sale_of_what_was_given_away_says_that_nothing_was_paid(code):
    selling.sell(code, net_cents=0)

    assert only(code).zero_reason == (
        "Nothing was paid for this line, or all of it was given back, so it earns"
        " nothing."
    )


@pytest.mark.parametrize(
    ("multiplier_pct", "times"), [(200, "2"), (150, "1.5"), (125, "1.25"), (1000, "10")]
)
def test_a_boost_shows_how_often_it_counts(code, multiplier_pct, times):
    BoostFactory(program=code.program, multiplier_pct=multiplier_pct)
    selling.sell(code)

    assert only(code).boost_times == Decimal(times)
    assert f"× {times}" in selling.words(
        selling.visitor(code).get(reverse("portal_sales"))
    )


# ------------------------------------------------------------------ choosing and paging


def test_a_state_chooses_its_sales(code):
    selling.sell(code, name="Approved one")
    selling.approve()
    selling.sell(code, name="Pending one")

    shown = page(code, state="approved")

    assert [row.product for row in shown.sales] == ["Approved one"]
    assert not shown.is_new


def test_a_program_chooses_its_sales(code):
    enrollment = EnrollmentFactory(
        creator=code.enrollment.creator, program=ProgramFactory(active=True)
    )
    selling.sell(CodeFactory(enrollment=enrollment), name="Elsewhere")
    selling.sell(code, name="Here")

    shown = page(code, program=str(code.program_id))

    assert [row.product for row in shown.sales] == ["Here"]
    assert len(shown.programs) == 2


@pytest.mark.parametrize(
    "query",
    ["state=nonsense", "program=x", "program=99999999999999999999", "state=%00"],
)
def test_a_filter_that_means_nothing_chooses_nothing(code, query):
    selling.sell(code)

    shown = selling.visitor(code).get(reverse("portal_sales") + "?" + query)

    assert len(shown.context["sales"]) == 1


def test_another_creators_program_is_no_choice(code):
    other = selling.creator_with_code("TOM10")
    selling.sell(code)

    shown = page(code, program=str(other.program_id))

    assert (shown.program, len(shown.sales)) == ("", 1)


def test_a_choice_without_sales_says_so(code):
    selling.sell(code)

    shown = selling.visitor(code).get(reverse("portal_sales") + "?state=held")

    assert not shown.context["is_new"]
    assert "No sale matches" in selling.words(shown)


def many(code, count):
    """Write sales an hour apart, two of each moment; the books are not asked here."""
    for number in range(count):
        placed_at = selling.PLACED - timedelta(hours=number // 2)
        CommissionFactory(
            enrollment=code.enrollment, line__order__placed_at=placed_at, snapshot={}
        )


def ids(rows):
    return [row.commission_id for row in rows]


def test_pages_cut_the_list_without_repeating_or_leaving_out(code):
    many(code, sales.PAGE_SIZE * 2 + 1)
    first = page(code)
    second = page(code, paging.Asked(older_than=first.older_than))
    third = page(code, paging.Asked(older_than=second.older_than))

    found = [*ids(first.sales), *ids(second.sales), *ids(third.sales)]
    assert len(found) == len(set(found)) == sales.PAGE_SIZE * 2 + 1
    assert first.newer_than is None
    assert third.older_than is None
    assert sorted((row.place.at, row.place.id) for row in first.sales) == [
        (row.place.at, row.place.id) for row in reversed(first.sales)
    ]


def test_the_way_back_is_the_same(code):
    many(code, sales.PAGE_SIZE + 5)
    first = page(code)
    second = page(code, paging.Asked(older_than=first.older_than))

    back = page(code, paging.Asked(newer_than=second.newer_than))

    assert ids(back.sales) == ids(first.sales)
    assert back.newer_than is None


def test_a_new_sale_shifts_no_row_into_the_next_page(code):
    many(code, sales.PAGE_SIZE + 5)
    first = page(code)
    before = ids(page(code, paging.Asked(older_than=first.older_than)).sales)
    selling.sell(code, order__placed_at=selling.PLACED + timedelta(days=1))

    after = ids(page(code, paging.Asked(older_than=first.older_than)).sales)

    assert after == before


def test_the_addresses_of_the_pages_keep_the_filters(code):
    many(code, sales.PAGE_SIZE + 1)
    path = reverse("portal_sales")
    browser = selling.visitor(code)

    shown = browser.get(path + "?state=pending")
    older = browser.get(shown.context["next_url"])

    assert shown.context["previous_url"] == ""
    assert older.context["state"] == "pending"
    assert len(older.context["sales"]) == 1
    assert older.context["next_url"] == ""
    back = browser.get(older.context["previous_url"])
    assert ids(back.context["sales"]) == ids(shown.context["sales"])


def test_a_place_beyond_the_last_sale_shows_the_first_ones(code):
    selling.sell(code)

    shown = selling.visitor(code).get(reverse("portal_sales") + "?before=0_0")

    assert len(shown.context["sales"]) == 1


# ------------------------------------------------------------------ who sees what


def test_a_creator_sees_nothing_of_another(code):
    other = selling.creator_with_code("TOM10")
    selling.sell(other, name="Secret cream")
    selling.sell(code, name="Own cream")

    shown = selling.visitor(code).get(reverse("portal_sales"))

    assert "Own cream" in selling.words(shown)
    assert "Secret cream" not in selling.words(shown)
    assert len(shown.context["programs"]) == 1


def test_thirty_sales_cost_as_many_queries_as_three(code):
    many(code, 3)
    few = selling.queries(code, reverse("portal_sales"))
    many(code, sales.PAGE_SIZE + 3)

    assert selling.queries(code, reverse("portal_sales")) == few


@pytest.mark.parametrize(
    ("language", "expected"),
    [("fr", ("Ventes", "Attendue", "4,00 €")), ("en", ("Sales", "Expected", "€4.00"))],
)
def test_the_page_is_in_the_readers_language(code, language, expected):
    selling.sell(code)

    shown = selling.words(selling.visitor(code, language).get(reverse("portal_sales")))

    assert all(words in shown for words in expected), shown
