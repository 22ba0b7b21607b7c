"""The smallest valid rows of the ground."""

from datetime import UTC, datetime

import factory
from factory.django import DjangoModelFactory

from affiliate.common.models import AuditEntry, OutboxMessage, User


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


class AuditEntryFactory(DjangoModelFactory):
    """What the platform did, in its own chain; number and hashes come by trigger."""

    class Meta:
        model = AuditEntry

    chain = "platform"
    at = datetime(2026, 11, 3, 9, 15, tzinfo=UTC)
    actor_label = "system"
    action = "run.opened"
    object_type = "payouts.run"
    object_id = factory.Sequence("{}".format)


class OutboxMessageFactory(DjangoModelFactory):
    """A message that waits; `parked=True` was given up."""

    class Meta:
        model = OutboxMessage

    class Params:
        parked = factory.Trait(
            attempts=8, parked_at=datetime(2026, 11, 3, 9, 15, tzinfo=UTC)
        )

    topic = "test"
