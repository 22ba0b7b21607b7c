"""The smallest valid rows of how creators joined."""

import factory
from factory.django import DjangoModelFactory

from creators import acceptances
from creators.models import TermsAcceptance
from tests.factories.creators import EnrollmentFactory
from tests.factories.shops import MOMENT
from tests.factories.terms_versions import TermsVersionFactory


class TermsAcceptanceFactory(DjangoModelFactory):
    class Meta:
        model = TermsAcceptance

    enrollment = factory.SubFactory(EnrollmentFactory)
    program = factory.SelfAttribute("enrollment.program")
    version = factory.SubFactory(
        TermsVersionFactory, program=factory.SelfAttribute("..program")
    )
    accepted_at = MOMENT
    address_hash = factory.LazyFunction(lambda: acceptances.address_hash("192.0.2.1"))
