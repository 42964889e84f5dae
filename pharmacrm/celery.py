"""The Celery application: Redis wakes workers up, the outbox table holds the truth."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pharmacrm.settings.dev")

app = Celery("pharmacrm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
