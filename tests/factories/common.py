"""The smallest valid rows of the ground."""

from datetime import UTC, datetime

import factory
from factory.django import DjangoModelFactory

from affiliate.common.models import AuditEntry, Notice, OutboxMessage, User


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


class NoticeFactory(DjangoModelFactory):
    """What a creator was told of a boost; `read=True` was seen."""

    class Meta:
        model = Notice

    class Params:
        read = factory.Trait(read_at=datetime(2026, 11, 3, 9, 30, tzinfo=UTC))

    user = factory.SubFactory(UserFactory)
    topic = "creators/boost_added"
    key = factory.Sequence("boost:{}:added".format)
    path = "/portal/links/"
    params = factory.LazyFunction(
        lambda: {
            "program": "Maison Lune",
            "boost": "Launch",
            "what": "",
            "multiplier_pct": 200,
            "starts_at": "2026-11-10T09:00:00+00:00",
            "ends_at": "2026-11-17T09:00:00+00:00",
        }
    )
    created_at = datetime(2026, 11, 3, 9, 15, tzinfo=UTC)
