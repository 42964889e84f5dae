"""Settings of a drilled installation: those of `make run`, and a task whose effect can be counted."""

from pharmacrm.settings.dev import *  # noqa: F403

CELERY_IMPORTS = ["tests.drills.tasks"]
