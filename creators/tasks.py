"""The floor's jobs: doors that pass the clock."""

from celery import shared_task
from django.conf import settings
from django.utils.timezone import now

from affiliate.common import queues
from creators import announcing, attribution, tables
from creators.clicks import importer
from shops.tables import uploads


@shared_task(name="creators.settle")
def settle() -> None:
    """Leave verdicts until no line waits. Safe to deliver twice, and to kill midway.

    Each batch is one transaction; lines another worker holds are left to it. A second
    delivery is wary of the line that killed the first.
    """
    is_wary = queues.was_delivered_before()
    while attribution.settle(at=now(), is_wary=is_wary):
        pass


@shared_task(name="creators.import_clicks")
def import_clicks() -> None:
    """Bring in the clicks spooled on this host. Safe to deliver twice, and to kill.

    A segment is deleted after the commit that holds its clicks, and one worker has it
    at a time; what a dead one left is found known the next time.
    """
    importer.import_segments(settings.CLICK_SPOOL_DIR)


@shared_task(name="creators.remind")
def remind() -> None:
    """Tell what is due: lower rates two days ahead, boosts that have started.

    Safe to deliver twice, at once and late: whoever was told is not told again.
    """
    announcing.remind(at=now())


@shared_task(name="creators.work_tables")
def work_tables() -> None:
    """Preview and send the invitations that wait.

    Safe to deliver twice, and to kill: a table is one transaction, all or nothing.
    """
    uploads.work(tables.KINDS, at=now())
