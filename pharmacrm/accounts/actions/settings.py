"""A person's own settings and messages."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from pharmacrm.accounts.choices import Theme
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError
from pharmacrm.common.models import Notification


class UnknownChoice(DomainError):
    """The product has no such language or appearance; nothing has changed."""

    code = "unknown_choice"


@transaction.atomic
def choose_language(*, user_id: UUID, language: str, at: datetime) -> User:
    """Keep the language in which a person reads the product. Raises: UnknownChoice."""
    if language not in dict(settings.LANGUAGES):
        raise UnknownChoice(_("This language is not available."), field="language")
    user = User.objects.select_for_update().get(pk=user_id)
    if user.language != language:
        user.language = language
        user.save(update_fields=["language"])
        law.record("accounts.language_chosen", subject=f"user:{user.pk}", by=user, at=at, rows=[user])
    return user


@transaction.atomic
def update_own_settings(*, user_id: UUID, display_name: str, language: str, theme: str, at: datetime) -> User:
    """Change how a person is called and how the product looks to them. Raises: UnknownChoice."""
    if language not in dict(settings.LANGUAGES):
        raise UnknownChoice(_("This language is not available."), field="language")
    if theme not in Theme.values:
        raise UnknownChoice(_("This appearance is not available."), field="theme")
    user = User.objects.select_for_update().get(pk=user_id)
    user.display_name, user.language, user.theme = display_name, language, theme
    user.save(update_fields=["display_name", "language", "theme"])
    law.record("accounts.settings_changed", subject=f"user:{user.pk}", by=user, at=at, rows=[user])
    return user


def mark_messages_read(*, user_id: UUID, at: datetime) -> int:
    """Mark all of a person's notifications as read; reading is no record. Returns: how many were not."""
    return Notification.objects.filter(recipient_id=user_id, read_at__isnull=True).update(read_at=at)
