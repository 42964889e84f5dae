"""Writes about people: own settings."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from pharmacrm.common.errors import DomainError
from pharmacrm.common.models import Notification

from .models import User


class UnknownLanguage(DomainError):
    """The product does not speak that language; nothing has changed."""

    code = "unknown_language"


@transaction.atomic
def choose_language(*, user_id: UUID, language: str) -> User:
    """Keep the language in which a person reads the product. It is a setting of comfort, not a record.

    Raises: UnknownLanguage.
    """
    if language not in dict(settings.LANGUAGES):
        raise UnknownLanguage(_("This language is not available."), field="language")
    user = User.objects.select_for_update().get(pk=user_id)
    user.language = language
    user.save(update_fields=["language"])
    return user


def mark_messages_read(*, user_id: UUID, at: datetime) -> int:
    """Mark all of a person's notifications as read. Returns: how many were not."""
    return Notification.objects.filter(recipient_id=user_id, read_at__isnull=True).update(read_at=at)
