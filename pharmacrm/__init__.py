"""The project package: what stands above or below the four subjects, never beside them."""

from .celery import app as celery_app  # every process that loads Django knows the tasks

__all__ = ["celery_app"]
