"""The floor's jobs: doors that pass the clock, and say what they found."""

from datetime import timedelta

import structlog
from celery import shared_task
from django.utils.timezone import now

from affiliate.common import queues, steps
from payouts import commissions, runs
from payouts.models import Run, RunStatus

logger = structlog.get_logger(__name__)


@shared_task(name="payouts.accrue")
def accrue() -> None:
    """Bring commissions to what they should be until no verdict waits.

    Safe to deliver twice, and to kill midway: each batch is one transaction. A second
    delivery is wary of the line that killed the first.
    """
    is_wary = queues.was_delivered_before()
    while commissions.accrue(at=now(), is_wary=is_wary):
        pass


@shared_task(name="payouts.approve")
def approve() -> None:
    """Approve what is past its hold. A second delivery finds nothing due.

    Or it is wary of what killed the first: each batch is one transaction.
    """
    is_wary = queues.was_delivered_before()
    while commissions.approve(at=now(), is_wary=is_wary):
        pass


@shared_task(name="payouts.open_monthly_run")
def open_monthly_run() -> None:
    """Open the run of the month that ended; once it is open, only say so.

    Runs hourly, so that a worker that was down on the 1st opens it late.
    """
    at = now()
    month = (at.astimezone(runs.BOOKS).replace(day=1) - timedelta(days=1)).date()
    approve()
    try:
        run = runs.open_run(month, at=at)
    except runs.RunOverlaps:
        return
    logger.info("run_opened", run=run.pk, month=f"{month:%Y-%m}")
    steps.reached("runs.opened")
    build_run.delay(run.pk)


@shared_task(name="payouts.build_run")
def build_run(run_id: int) -> None:
    """Build a run's chunks beside other workers. Safe to deliver twice, and to kill.

    A chunk is one transaction: a killed worker leaves its chunk to the next. One that
    kills every worker is parked (`runs.unpark`).
    """
    runs.build(run_id)


@shared_task(name="payouts.build_runs")
def build_runs() -> None:
    """Wake a builder for every run still being built, in case the queue forgot it."""
    for run_id in Run.objects.filter(status=RunStatus.BUILDING).values_list(
        "pk", flat=True
    ):
        build_run.delay(run_id)
