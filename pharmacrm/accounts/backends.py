"""Who a session belongs to, read with the roles in one query."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from .models import User


class PersonBackend(AuthenticationBackend):
    """Sign-in of allauth; a person comes with the roles every page asks for."""

    def get_user(self, user_id: Any) -> User | None:
        held = User.groups.through.objects.filter(user_id=OuterRef("pk")).values("group__name")
        person = User.objects.annotate(held_roles=ArraySubquery(held)).filter(pk=user_id).first()
        if person is None or not self.user_can_authenticate(person):
            return None
        person.roles = frozenset(person.held_roles)
        return person
