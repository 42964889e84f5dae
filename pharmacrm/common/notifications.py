"""One line for one person, in both languages, with the page where the next step is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .models import Notification


def notify(
    *, recipient: Any, kind: str, zh: str, en: str, at: datetime, url: str = "", subject: str = ""
) -> None:
    """Tell one person once: the same kind about the same subject is said a single time."""
    Notification.objects.bulk_create(
        [
            Notification(
                recipient=recipient,
                kind=kind,
                text={"zh-hans": zh, "en": en},
                url=url,
                subject=subject,
                created_at=at,
            )
        ],
        ignore_conflicts=True,
    )
