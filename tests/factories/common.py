"""The smallest valid rows of the ground."""

import factory
from factory.django import DjangoModelFactory

from affiliate.common.models import User


class UserFactory(DjangoModelFactory):
    """A person who cannot sign in; `password="..."` lets them."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence("person-{}@mail.example".format)
    name = factory.Sequence("Person {}".format)

    @factory.post_generation
    def password(self, create, extracted, **kwargs):
        if extracted:
            self.set_password(extracted)
            self.save(update_fields=["password"])
