"""Every model of the floor has a factory that makes its smallest valid row."""

import pytest
from django.apps import apps
from django.db import connection

from payouts.rails import sepa
from tests import factories
from tests.factories import payouts


@pytest.mark.parametrize(
    "model",
    list(apps.get_app_config("payouts").get_models()),
    ids=lambda model: model.__name__,
)
@pytest.mark.django_db
def test_every_model_has_a_factory(model):
    row = getattr(factories, f"{model.__name__}Factory")()

    # Balances and sums are looked at when a commit comes.
    connection.check_constraints()
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("factory", "trait"),
    [
        (factory, trait)
        for factory in vars(payouts).values()
        if isinstance(factory, type) and factory.__module__ == payouts.__name__
        for trait in factory._meta.parameters
    ],
)
@pytest.mark.django_db
def test_every_trait_is_a_valid_row(factory, trait):
    row = factory(**{trait: True})

    connection.check_constraints()
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_rows_that_hold_together_are_committed_together():
    entry, payout = payouts.LedgerEntryFactory(), payouts.PayoutFactory(returned=True)

    assert sorted(leg.amount_cents for leg in entry.legs.all()) == [-400, 400]
    assert payout.amount_cents == 2500
    assert payout.lines.get().is_active is False


def test_the_accounts_of_the_factory_are_valid():
    assert sepa.check_iban(payouts.german_iban(7), "Lea") == "DE32500105170000000007"
