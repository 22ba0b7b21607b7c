"""The ground's jobs: doors that pass the clock."""

from celery import shared_task
from django.utils.timezone import now

from affiliate.common import idempotency, notices, outbox

_CHUNK = 200


@shared_task(name="common.sweep_outbox")
def sweep_outbox() -> None:
    """Hand out what is due. Safe to deliver twice, and to kill midway.

    Each message is claimed by one worker. One whose worker dies is due again after a
    pause, and parked once its attempts are used up.
    """
    outbox.sweep(_CHUNK, at=now())


@shared_task(name="common.purge")
def purge() -> None:
    """Delete old messages, notices and idempotency keys; again, it finds none."""
    outbox.purge(at=now())
    notices.purge(at=now())
    idempotency.purge(at=now())
