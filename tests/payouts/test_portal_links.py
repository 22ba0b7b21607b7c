"""Links and codes with what each brought and earned, from the rows of its lines."""

import pytest
import time_machine
from django.urls import reverse

from payouts.portal import links
from tests.factories import ClickFactory, CodeFactory, LinkFactory
from tests.payouts import selling

pytestmark = pytest.mark.django_db


@pytest.fixture
def code():
    return selling.creator_with_code()


def card(code):
    (found,) = links.read(code.enrollment.creator_id, at=selling.NOW)
    return found


def test_a_newcomer_finds_a_link_and_a_code_without_figures(code):
    selling.link_of(code, slug="lea-shop")
    found = card(code)

    assert [row.earned_cents for row in (*found.links, *found.codes)] == [0, 0]
    shown = selling.words(selling.visitor(code).get(reverse("portal_links")))
    assert "/l/lea-shop" in shown
    assert "LEA10" in shown


def test_each_line_counts_for_what_won_it(code):
    link = selling.link_of(code)
    selling.sell_by_click(link)
    selling.sell_by_click(link, net_cents=1000)
    selling.sell(code, net_cents=20000)
    (by_link,), (by_code,) = card(code).links, card(code).codes

    assert (by_link.order_count, by_link.sales_cents, by_link.earned_cents) == (
        2,
        5000,
        500,
    )
    assert (by_code.order_count, by_code.sales_cents, by_code.earned_cents) == (
        1,
        20000,
        2000,
    )


def test_refunds_count_off(code):
    selling.change(selling.sell(code).line, refunded_cents=1000)
    (row,) = card(code).codes

    assert (row.sales_cents, row.earned_cents) == (3000, 300)


def test_a_cancelled_order_counts_no_more(code):
    selling.cancel(selling.sell(code).line)
    (row,) = card(code).codes

    assert (row.order_count, row.sales_cents, row.earned_cents) == (0, 0, 0)


def test_another_currency_is_counted_and_not_added(code):
    selling.sell(code, order__currency="USD")
    (row,) = card(code).codes

    assert (row.order_count, row.sales_cents, row.earned_cents) == (1, 0, 0)


def test_a_creator_sees_nothing_of_another(code):
    other = selling.creator_with_code("TOM10")
    selling.link_of(other, slug="tom-shop")
    selling.sell(other)

    shown = selling.words(selling.visitor(code).get(reverse("portal_links")))

    assert "TOM10" not in shown
    assert "tom-shop" not in shown


def test_thirty_links_cost_as_many_queries_as_three(code):
    def show(count):
        for _ in range(count):
            ClickFactory(link=LinkFactory(enrollment=code.enrollment))
            selling.sell(CodeFactory(enrollment=code.enrollment))
        return selling.queries(code, reverse("portal_links"))

    assert show(3) == show(27)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", ["Liens et codes", "10 % sur les ventes", "4,00 €"]),
        ("en", ["Links and codes", "10% on sales", "€4.00"]),
    ],
)
def test_the_page_is_in_the_readers_language(code, language, expected):
    selling.sell(code)
    with time_machine.travel(selling.NOW, tick=False):
        browser = selling.visitor(code, language)
        shown = selling.words(browser.get(reverse("portal_links")))

    assert [words for words in expected if words not in shown] == []
