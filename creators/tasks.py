"""The floor's jobs: doors that pass the clock."""

from celery import shared_task
from django.utils.timezone import now

from creators import attribution


@shared_task(name="creators.settle")
def settle() -> None:
    """Leave verdicts until no line waits. Safe to deliver twice, and to kill midway.

    Each batch is one transaction; lines another worker holds are left to it.
    """
    while attribution.settle(at=now()).lines:
        pass
