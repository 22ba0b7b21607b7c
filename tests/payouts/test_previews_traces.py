"""A preview saves nothing, and nobody waits for it (R8)."""

import pytest
from django.db import connection, transaction

from payouts import previews
from payouts.commissions import pricing
from payouts.models import Commission
from shops import rates, terms
from shops.models import Rate
from tests.common.racing import impatient, race
from tests.factories.shops import (
    AudienceFactory,
    BudgetFactory,
    ProductFactory,
    RateFactory,
)
from tests.payouts.earning import (
    NOW,
    earn,
    enrolled,
    program,
    sell,
    sweep,
)
from tests.payouts.previewing import boost, exclusion, figures, rate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_are_right")]


@pytest.fixture
def lea():
    """Return a creator's enrollment in a program that pays 10 %."""
    return enrolled(program(rate_bp=1000), creator__handle="lea")


def counts():
    """Return how many rows every table of the database has."""
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        cursor.execute(
            " union all ".join(
                f"select '{name}', count(*) from {name}" for name in tables
            )
        )
        return dict(cursor.fetchall())


def shadows():
    """Return which of the product's tables are hidden by temporary ones."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select t.relname from pg_class t join pg_class p using (relname)
                where t.relpersistence = 't' and p.relpersistence = 'p'"""
        )
        return [row[0] for row in cursor.fetchall()]


def test_nothing_is_saved_and_the_next_sale_earns_by_the_real_terms(lea):
    BudgetFactory(program=lea.program, boost=None, amount_cents=1000)
    red = ProductFactory(shop=lea.program.shop)
    earn(lea, 4000, product=red)
    before = counts()

    boost(lea, budget_cents=1)
    rate(lea)
    exclusion(lea, product=red)

    assert counts() == before
    assert shadows() == []
    assert earn(lea, 4000).amount_cents == 400


def test_many_previews_on_one_connection_read_their_own_terms(lea):
    earn(lea, 4000)

    found = [figures(rate(lea, rate_bp=bp))[1] for bp in range(1000, 2200, 100)]

    assert found == list(range(400, 880, 40))


def test_what_fails_halfway_leaves_no_shadow(lea, monkeypatch):
    earn(lea, 4000)
    monkeypatch.setattr(pricing, "PRICE", "select 1 / 0")

    with pytest.raises(Exception, match="division by zero"):
        rate(lea)
    monkeypatch.undo()

    assert shadows() == []
    assert figures(rate(lea)) == (400, 600)
    assert Commission.objects.get().amount_cents == 400


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"rate_bp": 9000}, terms.InvalidTerm),
        ({"rate_bp": None}, terms.InvalidTerm),
        ({}, terms.TermOverlaps),
    ],
)
def test_the_verb_refuses_what_it_refuses(lea, fields, refusal):
    RateFactory(program=lea.program)

    with pytest.raises(refusal):
        rate(lea, **fields)

    assert Rate.objects.count() == 1


@pytest.mark.parametrize("kind", ["product", "audience"])
def test_what_is_another_shops_is_refused(lea, kind):
    other = program()
    named = {
        "product": {"product": ProductFactory(shop=other.shop)},
        "audience": {"audience": AudienceFactory(program=other)},
    }

    with pytest.raises(terms.InvalidTerm):
        rate(lea, **named[kind])


@pytest.fixture
def during(monkeypatch):
    """Return what runs work on another connection while a preview is at its end."""
    found = []

    def set_work(work):
        read = previews.figures.read

        def read_and_work(rows):
            found.extend(race([work]))
            return read(rows)

        monkeypatch.setattr(previews.figures, "read", read_and_work)
        return found

    return set_work


def impatiently(work):
    """Do this work, and fail at once if it has to wait for a lock."""

    def do():
        with impatient("1ms"):
            return work()

    return do


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_preview(lea, during):
    RateFactory(program=lea.program, most_sales=9, most_sales_per="ever")
    BudgetFactory(program=lea.program, boost=None, amount_cents=9000)
    earn(lea, 4000)
    line = sell(lea, 4000)

    def work():
        sweep()
        rates.add(lea.program, rate_bp=2000, audience=lea.audience, at=NOW)
        return Commission.objects.get(line=line).amount_cents

    found = during(impatiently(work))

    assert figures(rate(lea, audience=lea.audience)) == (480, 600)
    assert found == [480]


@pytest.mark.django_db(transaction=True)
def test_a_preview_waits_for_no_sweep(lea):
    RateFactory(program=lea.program, most_sales=9, most_sales_per="ever")
    BudgetFactory(program=lea.program, boost=None, amount_cents=9000)
    earn(lea, 4000)
    sell(lea, 4000)

    with transaction.atomic():
        sweep()
        (found,) = race([impatiently(lambda: rate(lea, audience=lea.audience))])

    assert figures(found) == (480, 600)
