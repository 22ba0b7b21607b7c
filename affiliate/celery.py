"""The worker's door: `celery -A affiliate worker --beat`.

The queue is a wake-up call, never the record (safety.md §1): everything a job needs
to know is in the database, and the schedule asks again whether the queue forgot.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "affiliate.settings")

app = Celery("affiliate")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["affiliate.common", "shops", "creators", "payouts"])
