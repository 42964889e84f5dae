"""Who a session belongs to, read with the roles in one query."""

from __future__ import annotations

from functools import cache
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet

from .models import User


class PersonBackend(AuthenticationBackend):
    """Sign-in of allauth; a person comes with the roles every page asks for."""

    def get_user(self, user_id: Any) -> User | None:
        person = _with_roles().filter(pk=user_id).first()
        if person is None or not self.user_can_authenticate(person):
            return None
        person.roles = frozenset(person.held_roles)
        return person


@cache
def _with_roles() -> QuerySet[Any]:
    """Return people with the names of their roles; put together once, for every request of every session asks it."""
    held = User.groups.through.objects.filter(user_id=OuterRef("pk")).values("group__name")
    return User.objects.annotate(held_roles=ArraySubquery(held))
