"""The smallest plan of a program that is still a draft."""

import factory
from factory.django import DjangoModelFactory

from shops.models import ProgramPlan
from tests.factories.shops import ProgramFactory


class ProgramPlanFactory(DjangoModelFactory):
    """The first step is saved, and nothing of the others."""

    class Meta:
        model = ProgramPlan

    program = factory.SubFactory(ProgramFactory)
