"""Adding a rate, a boost or an exclusion in the admin shows its cost first (R8)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils.timezone import now

from affiliate.common.models import AuditEntry
from payouts import previews
from shops.models import Boost, Exclusion, Rate
from tests.factories.shops import AudienceFactory, ProductFactory, RateFactory
from tests.payouts.earning import enrolled, program, sell, sweep
from tests.shops.backoffice import (
    ADD_BOOST,
    ADD_EXCLUSION,
    ADD_RATE,
    add,
    boost_form,
    member_browser,
    rate_form,
    text,
)

pytestmark = pytest.mark.django_db

ASK = "See what it would have cost"


@pytest.fixture
def lea():
    return enrolled(program(rate_bp=1000), creator__handle="lea")


@pytest.fixture
def red(lea):
    """Sell a red thing for 40.00 three days ago."""
    made = ProductFactory(shop=lea.program.shop, sku="RED", name="Red serum")
    at = now()
    sell(lea, 4000, product=made, placed_at=at - timedelta(days=3))
    sweep(at=at)
    return made


@pytest.fixture
def browser(lea):
    return member_browser(lea.program.shop)


def form_of(page):
    return page.context["adminform"].form


@pytest.mark.usefixtures("red")
def test_the_first_press_shows_what_it_would_have_cost_and_saves_nothing(browser, lea):
    assert ASK in text(browser.get(ADD_RATE))

    page = browser.post(ADD_RATE, rate_form(lea.program, rate_bp="15"))

    shown = text(page)
    for words in ("€4.00", "€6.00", "+€2.00", "@lea", "Red serum", "Not saved yet"):
        assert words in shown
    assert 'name="_save"' in shown
    assert 'value="15"' in shown
    assert not form_of(page).errors
    assert "keeps what they had" not in shown
    assert not Rate.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.usefixtures("red")
@pytest.mark.parametrize("kind", ["rate", "boost", "exclusion"])
def test_the_second_press_saves_what_was_shown(browser, lea, red, kind):
    where, form, model = {
        "rate": (ADD_RATE, rate_form(lea.program), Rate),
        "boost": (ADD_BOOST, boost_form(lea.program), Boost),
        "exclusion": (
            ADD_EXCLUSION,
            {"program": lea.program.pk, "product": red.pk},
            Exclusion,
        ),
    }[kind]
    page = browser.post(where, form)
    assert not model.objects.exists()

    answer = browser.post(where, {**form, "_seen": form_of(page).seen()})

    assert answer.status_code == 302
    assert model.objects.get().program == lea.program


@pytest.mark.parametrize(
    "changed",
    [
        {"rate_bp": "12.6"},
        {"rate_bp": "", "flat_cents": "2"},
        {"is_first_purchase_only": "on"},
        {"most_sales": "5", "most_sales_per": "day"},
        {"ends_at_0": "2100-01-01", "ends_at_1": "00:00"},
    ],
)
def test_another_value_is_shown_again_before_it_is_saved(browser, lea, changed):
    form = rate_form(lea.program)
    seen = form_of(browser.post(ADD_RATE, form)).seen()

    page = browser.post(ADD_RATE, {**form, **changed, "_seen": seen})

    assert form_of(page).preview is not None
    assert not Rate.objects.exists()


@pytest.mark.parametrize("forged", ["", "x", "0" * 64, "a:b:c"])
def test_a_proof_that_nobody_signed_saves_nothing(browser, lea, forged):
    browser.post(ADD_RATE, {**rate_form(lea.program), "_seen": forged})

    assert not Rate.objects.exists()


def test_what_somebody_else_saw_is_shown_again(browser, lea):
    form = rate_form(lea.program)
    seen = form_of(member_browser(lea.program.shop).post(ADD_RATE, form)).seen()

    browser.post(ADD_RATE, {**form, "_seen": seen})

    assert not Rate.objects.exists()


def test_what_was_seen_an_hour_ago_is_shown_again(browser, lea, monkeypatch):
    form = rate_form(lea.program)
    seen = form_of(browser.post(ADD_RATE, form)).seen()
    monkeypatch.setattr("payouts.admin.terms._SEEN_FOR_S", -1)

    browser.post(ADD_RATE, {**form, "_seen": seen})

    assert not Rate.objects.exists()


@pytest.mark.usefixtures("red")
def test_who_loses_is_named_with_the_day_on_which_it_binds(browser, lea):
    page = text(browser.post(ADD_RATE, rate_form(lea.program, rate_bp="5")))

    assert "-€2.00" in page
    assert "keeps what they had until" in page


def test_a_program_that_sold_nothing_says_so_and_lets_save(browser, lea):
    form = rate_form(lea.program)

    page = browser.post(ADD_RATE, form)

    assert "nothing would have been different" in text(page)
    assert add(browser, ADD_RATE, form).status_code == 302
    assert Rate.objects.count() == 1


def test_a_refusal_stands_beside_its_field_without_a_preview(browser, lea):
    page = browser.post(ADD_RATE, rate_form(lea.program, rate_bp="90"))

    assert "rate_bp" in form_of(page).errors
    assert ASK in text(page)
    assert "Not saved yet" not in text(page)


def test_an_overlap_is_refused_before_anything_is_shown(browser, lea):
    RateFactory(program=lea.program)

    page = browser.post(ADD_RATE, rate_form(lea.program))

    assert "overlaps in time" in text(page)
    assert "Not saved yet" not in text(page)


@pytest.mark.parametrize("kind", ["program", "product", "audience"])
def test_another_shops_rows_are_no_choice(browser, lea, kind):
    other = program()
    named = {
        "program": other.pk,
        "product": ProductFactory(shop=other.shop).pk,
        "audience": AudienceFactory(program=other).pk,
    }

    page = browser.post(ADD_RATE, rate_form(lea.program) | {kind: named[kind]})

    assert kind in form_of(page).errors
    assert form_of(page).preview is None


@pytest.mark.usefixtures("red")
def test_a_preview_leaves_no_table_behind(browser, lea):
    browser.post(ADD_RATE, rate_form(lea.program))

    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('pg_temp.shops_rate')")
        assert cursor.fetchone() == (None,)


@pytest.mark.usefixtures("red")
def test_it_is_said_that_older_lines_were_left_out(browser, lea, monkeypatch):
    monkeypatch.setattr(previews, "MOST_LINES", 1)

    page = text(browser.post(ADD_RATE, rate_form(lea.program)))

    assert "the newest ones count" in page
