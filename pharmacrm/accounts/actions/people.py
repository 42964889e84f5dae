"""People of the company: who they are, which roles they hold, when their access ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib import import_module
from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from oauth2_provider.models import get_access_token_model, get_grant_model, get_refresh_token_model

from compliance import actions as law
from pharmacrm.accounts import permissions, rules, selectors
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.facts import RoleFacts
from pharmacrm.accounts.models import LastSignIn, User
from pharmacrm.common.errors import DomainError

from .working import judge_work_with_role

WHY_NOT_TOGETHER = {
    "administrator_with_business": gettext_lazy(
        "An administrator may hold no other role: who runs the system does not own its records."
    ),
    "inspector_with_others": gettext_lazy("An inspector only reads and may hold no other role."),
    "field_with_control": gettext_lazy(
        "Somebody who visits doctors or leads those who do may not review, watch or judge the same work."
    ),
}


class PersonNotChanged(DomainError):
    """The change of a person was refused and nothing has changed."""

    code = "person_not_changed"


@transaction.atomic
def create_user(
    *,
    username: str,
    email: str,
    display_name: str,
    job_title: str,
    roles: Sequence[str],
    line_manager_id: UUID | None,
    by: User,
    at: datetime,
) -> User:
    """Add a person who can sign in once they have set a password by the link they are sent.

    Raises: PermissionDenied; PersonNotChanged when the name or address is taken or the roles exclude each other;
    Refused. In every case nothing has changed. Source: 21 CFR 11.100(a), one account, one person, never reused.
    """
    if not permissions.can_manage_people(by):
        raise PermissionDenied
    _check_roles(roles)
    user = User(
        username=username.strip().lower(),
        email=email.strip().lower(),
        display_name=display_name,
        job_title=job_title,
        line_manager_id=line_manager_id,
    )
    user.set_unusable_password()
    if User.objects.filter(email__iexact=user.email).exists():
        raise PersonNotChanged(_("This e-mail address belongs to another account."), field="email")
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as taken:
        raise PersonNotChanged(_("This user name is taken."), field="username") from taken
    verdict = _judge_roles(user, before=(), roles=roles, by=by, at=at)
    user.groups.set(_groups(roles))
    law.record(
        "accounts.user_created",
        subject=f"user:{user.pk}",
        by=by,
        at=at,
        verdict=verdict,
        reason=", ".join(sorted(roles)),
        rows=[user],
    )
    law.ensure_duties(user_ids=[user.pk], by=by, at=at)
    return user


@transaction.atomic
def appoint_first_administrator(
    *, username: str, email: str, display_name: str, password: str, at: datetime
) -> User:
    """Appoint the administrator of a fresh installation: nobody is there yet who could do it.

    Raises: PersonNotChanged once any account exists; ValidationError for a weak password. Nothing has changed then.
    """
    if User.objects.exists():
        raise PersonNotChanged(_("There are accounts already. Ask an administrator."))
    user = User(username=username.strip().lower(), email=email.strip().lower(), display_name=display_name)
    validate_password(password, user)
    user.set_password(password)
    user.save()
    user.groups.set(_groups([Role.ADMINISTRATOR]))
    law.record(
        "accounts.first_administrator_appointed", subject=f"user:{user.pk}", by=user, at=at, rows=[user]
    )
    return user


@transaction.atomic
def change_person(
    *,
    user_id: UUID,
    display_name: str,
    job_title: str,
    email: str,
    line_manager_id: UUID | None,
    by: User,
    at: datetime,
) -> User:
    """Change how a person is known and to whom they report.

    Raises: PermissionDenied; PersonNotChanged when the address is taken or the reporting line would run in a circle.
    """
    if not permissions.can_manage_people(by):
        raise PermissionDenied
    user = User.objects.select_for_update().get(pk=user_id)
    email = email.strip().lower()
    if User.objects.filter(email__iexact=email).exclude(pk=user.pk).exists():
        raise PersonNotChanged(_("This e-mail address belongs to another account."), field="email")
    if line_manager_id and selectors.reports_to(line_manager_id, user.pk):
        raise PersonNotChanged(
            _("This person already reports to them: a line cannot run in a circle."), field="line_manager"
        )
    user.display_name, user.job_title, user.email = display_name, job_title, email
    user.line_manager_id = line_manager_id
    user.save(update_fields=["display_name", "job_title", "email", "line_manager"])
    law.record("accounts.person_changed", subject=f"user:{user.pk}", by=by, at=at, rows=[user])
    return user


@transaction.atomic
def set_roles(*, user_id: UUID, roles: Sequence[str], reason: str, by: User, at: datetime) -> User:
    """Give a person exactly these roles.

    Raises: PermissionDenied, also for one's own account; PersonNotChanged when the roles exclude each other;
    Refused with the verdict, also for a representative who holds a territory and may not begin. Source: NMPA 2020 No. 74 (ER-21), right changes traceable.
    """
    if not permissions.can_manage_people(by):
        raise PermissionDenied
    if by.pk == user_id:
        raise PermissionDenied(_("Nobody changes their own roles."))
    _check_roles(roles)
    user = User.objects.select_for_update().get(pk=user_id)
    before = tuple(sorted(user.roles))
    verdict = _judge_roles(user, before=before, roles=roles, by=by, at=at)
    user.groups.set(_groups(roles))
    judge_work_with_role(
        User.objects.get(pk=user_id), before=before, roles=tuple(roles), by=by, at=at
    )  # read anew: the standing counts the roles held
    law.record(
        "accounts.roles_set",
        subject=f"user:{user.pk}",
        by=by,
        at=at,
        verdict=verdict,
        reason=f"{', '.join(before)} → {', '.join(sorted(roles))}: {reason}",
        rows=[user],
    )
    law.ensure_duties(user_ids=[user.pk], by=by, at=at)
    return User.objects.get(pk=user_id)


@transaction.atomic
def deactivate_user(*, user_id: UUID, reason: str, by: User, at: datetime) -> User:
    """End a person's access at once: account, every session, every token. The account is never reused.

    Raises: PermissionDenied, also for one's own account; PersonNotChanged when it has ended already.
    """
    if not permissions.can_manage_people(by) or by.pk == user_id:
        raise PermissionDenied
    user = User.objects.select_for_update().get(pk=user_id)
    if not user.is_active:
        raise PersonNotChanged(_("This account has ended already."))
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions_of(user)
    for model in (get_access_token_model(), get_refresh_token_model(), get_grant_model()):
        model.objects.filter(user=user).delete()
    law.record(
        "accounts.user_deactivated", subject=f"user:{user.pk}", by=by, at=at, reason=reason, rows=[user]
    )
    return user


@transaction.atomic
def reactivate_user(*, user_id: UUID, reason: str, by: User, at: datetime) -> User:
    """Give the same person access again; roles have to be granted anew.

    Raises: PermissionDenied; PersonNotChanged when the account is active.
    """
    if not permissions.can_manage_people(by) or by.pk == user_id:
        raise PermissionDenied
    user = User.objects.select_for_update().get(pk=user_id)
    if user.is_active:
        raise PersonNotChanged(_("This account is active."))
    user.is_active = True
    user.save(update_fields=["is_active"])
    user.groups.clear()
    law.record(
        "accounts.user_reactivated", subject=f"user:{user.pk}", by=by, at=at, reason=reason, rows=[user]
    )
    return user


def end_sessions_of(user: User, *, except_key: str = "") -> int:
    """End a person's sessions, but the one with `except_key`. Returns: how many ended."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    ended = 0
    for session in UserSession.objects.filter(user=user).exclude(session_key=except_key):
        store(session.session_key).delete()
        session.delete()
        ended += 1
    return ended


@transaction.atomic
def end_other_sessions(*, user_id: UUID, keep: str, at: datetime) -> int:
    """End one's own sessions elsewhere. Returns: how many ended."""
    user = User.objects.select_for_update().get(pk=user_id)
    ended = end_sessions_of(user, except_key=keep)
    law.record("accounts.other_sessions_ended", subject=f"user:{user.pk}", by=user, at=at, reason=str(ended))
    return ended


@transaction.atomic
def note_sign_in(*, user: User, at: datetime) -> Any:
    """Record that a person signed in. Source: NMPA 2020 No. 74 (ER-21), operator and time. Returns: the ledger entry."""
    LastSignIn.objects.update_or_create(user=user, defaults={"at": at})
    return law.record("accounts.signed_in", subject=f"user:{user.pk}", by=user, at=at)


@transaction.atomic
def note_password_link(*, user_id: UUID, by: User, at: datetime) -> Any:
    """Record that a person was sent a link to set a password, before it is sent. Raises: PermissionDenied."""
    if not permissions.can_manage_people(by):
        raise PermissionDenied
    return law.record("accounts.password_link_sent", subject=f"user:{user_id}", by=by, at=at)


@transaction.atomic
def note_account_event(*, event: str, user: User, at: datetime, reason: str = "") -> Any:
    """Record what a person did to their own credentials: password, second factor. Returns: the ledger entry."""
    person = User.objects.get(pk=user.pk)  # the login package hands over the request's lazy user
    subject = f"user:{person.pk}"
    return law.record(f"accounts.{event}", subject=subject, by=person, at=at, reason=reason, rows=[person])


def _check_roles(roles: Sequence[str]) -> None:
    unknown = set(roles) - set(Role.values)
    if unknown:
        raise PersonNotChanged(_("There is no such role."), field="roles")
    clash = rules.check_roles(roles)
    if clash:
        raise PersonNotChanged(str(WHY_NOT_TOGETHER[clash]), field="roles")


def _judge_roles(user: User, *, before: Sequence[str], roles: Sequence[str], by: User, at: datetime) -> Any:
    facts = RoleFacts(
        person=str(user.pk),
        granted_by=str(by.pk),
        roles=tuple(sorted(roles)),
        roles_before=tuple(before),
        is_own_account=by.pk == user.pk,
    )
    return law.judge("accounts.grant_role", facts, subject=f"user:{user.pk}", by=by, at=at)


def _groups(roles: Sequence[str]) -> list[Group]:
    return [Group.objects.get_or_create(name=role)[0] for role in sorted(roles)]
