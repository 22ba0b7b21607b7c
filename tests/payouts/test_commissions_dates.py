"""When a commission is payable: hold, withdrawal, deliveries, local midnight (C2)."""

from datetime import UTC, date, datetime

import pytest

from payouts import commissions
from payouts.commissions import withdrawal
from payouts.models import Commission
from shops.models import Shop
from tests.factories.shops import ProgramFactory
from tests.payouts.earning import (
    PLACED,
    cancel,
    change,
    earn,
    enrolled,
    program,
    refund,
    sweep,
)
from tests.shops.rewriting import rewrite

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_are_right")]


def instant(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def dates(sale):
    sale.refresh_from_db()
    return str(sale.hold_starts_on), str(sale.payable_on)


@pytest.mark.parametrize(
    ("received", "ends"),
    [
        ("2026-12-09", "2026-12-23"),
        ("2026-12-11", "2026-12-28"),  # Christmas on a Friday, then a weekend
        ("2026-12-18", "2027-01-04"),  # New Year on a Friday, then a weekend
        ("2026-04-16", "2026-04-30"),
        ("2026-04-17", "2026-05-04"),  # 1 May on a Friday
        ("2026-03-23", "2026-04-07"),  # Easter Monday
        ("2026-05-11", "2026-05-26"),  # Whit Monday
        ("2026-06-30", "2026-07-15"),  # 14 July on a Tuesday
        ("2028-02-15", "2028-02-29"),  # a leap day
        ("2026-11-07", "2026-11-23"),  # a Saturday
        ("2026-11-08", "2026-11-23"),  # a Sunday
    ],
)
def test_the_right_of_withdrawal_ends_on_a_working_day_in_france(received, ends):
    assert str(withdrawal.ends_on(date.fromisoformat(received), "FR")) == ends


@pytest.mark.parametrize(
    ("country", "ends"),
    [("FR", "2026-05-04"), ("DE", "2026-05-04"), ("NL", "2026-05-01")],
)
def test_each_country_has_its_own_holidays(country, ends):
    assert str(withdrawal.ends_on(date(2026, 4, 17), country)) == ends


@pytest.mark.parametrize("country", ["XX", "ZZ"])
def test_a_country_without_known_holidays_has_weekends(country):
    assert withdrawal.ends_on(date(2026, 4, 17), country) == date(2026, 5, 1)
    assert withdrawal.ends_on(date(2026, 11, 7), country) == date(2026, 11, 23)


def test_without_a_delivery_the_hold_starts_after_the_shipping():
    # 3 November and 5 days, held 30 days to 8 December, payable on the day after.
    assert dates(earn(enrolled())) == ("2026-11-08", "2026-12-09")


@pytest.mark.parametrize(
    ("delivered", "hold_days", "payable_on"),
    [
        ("2026-12-09", 14, "2026-12-24"),
        ("2026-12-11", 14, "2026-12-29"),
        ("2026-12-18", 14, "2027-01-05"),
        ("2026-12-11", 0, "2026-12-29"),  # never less than the withdrawal
        ("2026-12-11", 16, "2026-12-29"),
        ("2026-12-11", 17, "2026-12-29"),  # the hold ends on 28 December too
        ("2026-12-11", 18, "2026-12-30"),
        ("2026-12-11", 30, "2027-01-11"),
        ("2026-12-11", 60, "2027-02-10"),
    ],
)
def test_the_hold_lasts_its_days_or_the_withdrawal(delivered, hold_days, payable_on):
    lea = enrolled(program(hold_days=hold_days))

    sale = earn(lea, delivered_at=instant(f"{delivered}T12:00"))

    assert dates(sale) == (delivered, payable_on)


@pytest.mark.parametrize(
    ("delivered_at", "starts_on"),
    [
        ("2026-12-08T22:59:59.999999", "2026-12-08"),
        ("2026-12-08T23:00:00", "2026-12-09"),  # midnight in Paris, in winter
        ("2026-07-01T21:59:59.999999", "2026-07-01"),
        ("2026-07-01T22:00:00", "2026-07-02"),  # and in summer
        ("2026-03-28T22:59:59", "2026-03-28"),
        ("2026-03-28T23:00:00", "2026-03-29"),  # the day of 23 hours
        ("2026-03-29T21:59:59", "2026-03-29"),
        ("2026-03-29T22:00:00", "2026-03-30"),
        ("2026-10-24T22:00:00", "2026-10-25"),  # the day of 25 hours
        ("2026-10-25T22:59:59", "2026-10-25"),
        ("2026-10-25T23:00:00", "2026-10-26"),
    ],
)
def test_the_day_of_a_delivery_is_the_shops(delivered_at, starts_on):
    sale = earn(enrolled(), delivered_at=instant(delivered_at))

    assert dates(sale)[0] == starts_on


@pytest.mark.parametrize(
    ("time_zone", "starts_on"),
    [
        ("Europe/Paris", "2026-12-09"),
        ("America/New_York", "2026-12-08"),
        ("Asia/Tokyo", "2026-12-09"),
    ],
)
def test_each_shop_has_its_own_midnight(time_zone, starts_on):
    lea = enrolled()
    Shop.objects.update(time_zone=time_zone)

    sale = earn(lea, delivered_at=instant("2026-12-09T03:00"))

    assert dates(sale)[0] == starts_on


# ------------------------------------------------------------------ deliveries


def test_a_delivery_moves_what_still_waits():
    sale = earn(enrolled())
    refund(sale.line, 1000)

    change(sale.line, delivered_at=instant("2026-12-18T10:00"))

    assert dates(sale) == ("2026-12-18", "2027-01-18")
    assert dates(Commission.objects.get(number=1)) == ("2026-12-18", "2027-01-18")


def test_an_early_delivery_brings_the_day_forward():
    sale = earn(enrolled())

    change(sale.line, delivered_at=instant("2026-11-04T10:00"))

    assert dates(sale) == ("2026-11-04", "2026-12-05")


def test_a_delivery_moves_what_is_held_while_it_waits(django_user_model):
    sale = earn(enrolled())
    commissions.hold(sale.pk, "A question.", by=_person(django_user_model), at=PLACED)

    change(sale.line, delivered_at=instant("2026-12-18T10:00"))

    assert dates(sale) == ("2026-12-18", "2027-01-18")


def _person(model):
    return model.objects.create_user("desk@mail.example")


def test_a_delivery_after_the_approval_moves_nothing():
    sale = earn(enrolled())
    commissions.approve(at=instant("2026-12-09T12:00"))

    change(sale.line, delivered_at=instant("2026-12-18T10:00"))

    assert dates(sale) == ("2026-11-08", "2026-12-09")


def test_a_delivery_while_cancelled_counts_when_paid_again():
    sale = earn(enrolled())
    cancel(sale.line)
    change(sale.line, delivered_at=instant("2026-12-18T10:00"))

    change(sale.line, status="paid")

    again = Commission.objects.get(line=sale.line, kind="restoration")
    assert (again.status, again.amount_cents) == ("pending", 400)
    assert dates(again) == ("2026-12-18", "2027-01-18")


def test_terms_changed_later_move_no_day():
    sale = earn(enrolled())
    rewrite(sale.line.order.shop.programs.get(), hold_days=60, shipping_days=20)

    refund(sale.line, 1000)

    assert dates(sale) == ("2026-11-08", "2026-12-09")
    assert dates(Commission.objects.get(number=1)) == ("2026-11-08", "2026-12-09")


def test_a_delivery_keeps_the_hold_of_the_sale():
    sale = earn(enrolled())
    rewrite(sale.line.order.shop.programs.get(), hold_days=60, shipping_days=20)

    change(sale.line, delivered_at=instant("2026-12-18T10:00"))

    assert dates(sale) == ("2026-12-18", "2027-01-18")


# ------------------------------------------------------------------ the day itself


@pytest.mark.parametrize(
    ("at", "approved"),
    [
        ("2026-12-08T22:59:59.999999", 0),
        ("2026-12-08T23:00:00", 1),  # 9 December in Paris
    ],
)
def test_it_is_approved_from_the_shops_midnight_on(at, approved):
    earn(enrolled())

    assert commissions.approve(at=instant(at)) == approved
    assert commissions.approve(at=instant(at)) == 0


def test_each_shop_approves_at_its_own_midnight():
    paris, tokyo = enrolled(), enrolled(ProgramFactory(active=True))
    Shop.objects.filter(pk=tokyo.program.shop_id).update(time_zone="Asia/Tokyo")
    placed = instant("2026-11-03T10:00")
    here, there = earn(paris, placed_at=placed), earn(tokyo, placed_at=placed)
    assert dates(here) == dates(there)

    commissions.approve(at=instant("2026-12-08T15:00"))

    here.refresh_from_db()
    there.refresh_from_db()
    assert (here.status, there.status) == ("pending", "approved")


def test_approving_takes_no_more_than_its_limit():
    lea = enrolled()
    for _ in range(3):
        earn(lea)
    ripe = instant("2026-12-09T12:00")

    assert [commissions.approve(at=ripe, limit=2) for _ in range(3)] == [2, 1, 0]


def test_a_sale_first_seen_after_its_hold_is_approved_at_once():
    sale = earn(enrolled(), at=instant("2027-03-01T12:00"))

    assert sale.status == "pending"
    assert commissions.approve(at=instant("2027-03-01T12:00")) == 1
    sweep()
