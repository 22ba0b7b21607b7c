"""The floor's jobs: doors that pass the clock."""

from celery import shared_task
from django.utils.timezone import now

from shops import programs
from shops.tables import kinds, uploads


@shared_task(name="shops.finish_programs")
def finish_programs() -> None:
    """End the programs whose planned moment has come.

    Safe to deliver twice, and to kill: each program is one transaction.
    """
    programs.finish_planned(at=now())


@shared_task(name="shops.check_gates")
def check_gates() -> None:
    """Pause programs to which a gate has closed, such as by a licence that ran out.

    Safe to deliver twice, and to kill: each program is one transaction.
    """
    programs.pause_gated(at=now())


@shared_task(name="shops.work_tables")
def work_tables() -> None:
    """Preview and import the tables of products and rates that wait.

    Safe to deliver twice, and to kill: a table is one transaction, all or nothing.
    """
    uploads.work(kinds.KINDS, at=now())


@shared_task(name="shops.purge_tables")
def purge_tables() -> None:
    """Delete tables that nobody imported; delivered twice, it finds none."""
    uploads.purge(at=now())
