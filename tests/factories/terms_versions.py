"""The smallest valid text to accept."""

import factory
from factory.django import DjangoModelFactory

from shops.models import TermsVersion
from tests.factories.shops import MOMENT, ProgramFactory


class TermsVersionFactory(DjangoModelFactory):
    """Number 1, in force at once; a later one of a program takes `number`."""

    class Meta:
        model = TermsVersion

    program = factory.SubFactory(ProgramFactory)
    number = 1
    text = "Be honest."
    published_at = MOMENT
    in_force_from = factory.SelfAttribute("published_at")
