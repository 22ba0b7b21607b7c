"""Every model of the floor has a factory that makes its smallest valid row."""

import pytest
from django.apps import apps
from django.db import connection

from tests import factories
from tests.factories import creators


@pytest.mark.parametrize(
    "model",
    list(apps.get_app_config("creators").get_models()),
    ids=lambda model: model.__name__,
)
@pytest.mark.django_db
def test_every_model_has_a_factory(model):
    row = getattr(factories, f"{model.__name__}Factory")()

    # The ties between shop, program and creator are looked at when a commit comes.
    connection.check_constraints()
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("factory", "trait"),
    [
        (creators.EnrollmentFactory, "applied"),
        (creators.EnrollmentFactory, "rejected"),
        (creators.EnrollmentFactory, "ended"),
        (creators.LinkFactory, "closed"),
        (creators.CodeFactory, "retired"),
        (creators.CodeFactory, "banned"),
        (creators.ClickFactory, "bot"),
        (creators.VerdictFactory, "pending"),
        (creators.VerdictFactory, "attributed"),
    ],
)
@pytest.mark.django_db
def test_every_trait_is_a_valid_row(factory, trait):
    row = factory(**{trait: True})

    connection.check_constraints()
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.django_db
def test_an_enrollment_has_an_audience_of_its_own():
    first, second = creators.EnrollmentFactory(), creators.EnrollmentFactory()

    assert first.audience.kind == "creator"
    assert first.audience.program == first.program
    assert first.audience != second.audience
