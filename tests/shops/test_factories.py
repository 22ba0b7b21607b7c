"""Every model of the floor has a factory that makes its smallest valid row."""

import pytest
from django.apps import apps

from tests import factories
from tests.factories import shops


@pytest.mark.parametrize(
    "model",
    list(apps.get_app_config("shops").get_models()),
    ids=lambda model: model.__name__,
)
@pytest.mark.django_db
def test_every_model_has_a_factory(model):
    row = getattr(factories, f"{model.__name__}Factory")()

    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.django_db
def test_an_active_program_has_been_active_since_ever():
    program = shops.ProgramFactory(active=True)

    assert program.active_periods.filter(starts_at=None, ends_at=None).exists()
    assert not shops.ProgramFactory().active_periods.exists()
