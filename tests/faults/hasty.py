"""Settings of a scheduler that opens the monthly run five times a second."""

from tests.settings import *  # noqa: F403 (all of the product's settings)

CELERY_BEAT_SCHEDULE = {
    "runs-of-the-month": {"task": "payouts.open_monthly_run", "schedule": 0.2}
}
CELERY_BEAT_MAX_LOOP_INTERVAL = 0.2
