from datetime import UTC, datetime

import pytest
from django.db import IntegrityError

from affiliate.common.models import OutboxMessage

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 3, 10, 15, tzinfo=UTC)


# ------------------------------------------------------------------ what refuses


@pytest.mark.breaks("outbox_message_is_not_sent_and_parked")
def test_a_message_is_not_both_done_and_given_up():
    with pytest.raises(IntegrityError, match="is_not_sent_and_parked"):
        OutboxMessage.objects.create(topic="a", sent_at=AT, parked_at=AT)


@pytest.mark.breaks("outbox_message_counts_from_zero")
def test_attempts_are_not_negative():
    with pytest.raises(IntegrityError, match="counts_from_zero"):
        OutboxMessage.objects.create(topic="a", attempts=-1)


@pytest.mark.breaks("outbox_message_has_a_topic")
def test_a_message_has_a_topic():
    with pytest.raises(IntegrityError, match="has_a_topic"):
        OutboxMessage.objects.create(topic="")
