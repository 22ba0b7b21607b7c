"""Every periodic job, one line each: name, seconds or crontab."""

from typing import Any

from celery.schedules import crontab


def _job(task: str, schedule: float | crontab) -> dict[str, Any]:
    # A job that waited longer than its period is not worth running twice.
    expires = schedule if isinstance(schedule, int | float) else 3_600
    return {"task": task, "schedule": schedule, "options": {"expires": expires}}


BEAT_SCHEDULE = {
    "outbox": _job("common.sweep_outbox", 5),
    "clicks": _job("creators.import_clicks", 5),
    "verdicts": _job("creators.settle", 2),
    "commissions": _job("payouts.accrue", 2),
    "approvals": _job("payouts.approve", 600),
    "runs-being-built": _job("payouts.build_runs", 10),
    "runs-of-the-month": _job("payouts.open_monthly_run", crontab(minute=17)),
    "reminders": _job("creators.remind", 300),
    "ends-of-programs": _job("shops.finish_programs", 600),
    "gates": _job("shops.check_gates", crontab(minute=5, hour=0)),
    "tables": _job("shops.work_tables", 10),
    "invitations": _job("creators.work_tables", 10),
    "old-tables": _job("shops.purge_tables", crontab(minute=41)),
    "purge": _job("common.purge", crontab(minute=11, hour=3)),
}
