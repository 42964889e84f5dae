"""People: the list, a new one, one person's page with roles and access."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from allauth.account.forms import ResetPasswordForm
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from pharmacrm.accounts import actions, permissions, selectors
from pharmacrm.accounts.choices import Theme
from pharmacrm.accounts.forms import FilterPeople, PersonForm, ReasonForm, RolesForm, SettingsForm
from pharmacrm.accounts.middleware import LANGUAGE_COOKIE, THEME_COOKIE
from pharmacrm.accounts.models import User
from pharmacrm.accounts.requests import PersonRequest
from pharmacrm.accounts.views.shell import ONE_YEAR
from pharmacrm.common.errors import DomainError, Refused
from pharmacrm.common.listing import Column, excel, export_url, page_of

COLUMNS = (
    Column(gettext_lazy("Name"), "display_name"),
    Column(gettext_lazy("User name"), "username"),
    Column(gettext_lazy("E-mail"), "email"),
    Column(gettext_lazy("Job title"), "job_title"),
    Column(gettext_lazy("Roles"), lambda user: selectors.role_names_of(user)),
    Column(gettext_lazy("Reports to"), lambda user: str(user.line_manager or "")),
    Column(gettext_lazy("Active"), "is_active"),
    Column(
        gettext_lazy("Last sign-in"), lambda user: getattr(getattr(user, "last_sign_in", None), "at", None)
    ),
)


@login_required
def people(request: PersonRequest) -> HttpResponseBase:
    if not permissions.can_see_people(request.user):
        raise PermissionDenied
    form = FilterPeople(request.GET)
    rows = selectors.people_like(**form.chosen())
    if request.GET.get("export") == "xlsx":
        return excel(
            "people",
            COLUMNS,
            rows,
            seen_by=request.user,
            at=timezone.now(),
            person=None,
            filters=form.in_words(),
        )
    page = page_of(rows, request, order=("display_name", "pk"), total=rows.count())
    context = {
        "form": form,
        "page": page,
        "export": export_url(request),
        "can_manage": permissions.can_manage_people(request.user),
    }
    return render(request, "accounts/people.html", context)


@login_required
def new_person(request: PersonRequest) -> HttpResponse:
    if not permissions.can_manage_people(request.user):
        raise PermissionDenied
    form = PersonForm(request.POST or None)
    roles = RolesForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and roles.is_valid():
        try:
            user = actions.create_user(
                **form.cleaned_data, roles=roles.cleaned_data["roles"], by=request.user, at=timezone.now()
            )
        except actions.PersonNotChanged as refusal:
            (roles if refusal.field == "roles" else form).add_error(refusal.field, refusal.message)
        else:
            _send_password_link(request, user)
            messages.success(
                request, _("%(name)s was added and got a link to set a password.") % {"name": user}
            )
            return redirect("accounts:person", pk=user.pk)
    return render(request, "accounts/person_new.html", {"form": form, "roles": roles})


@login_required
def person(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Show one person; a POST changes how they are known and to whom they report."""
    if not permissions.can_see_people(request.user):
        raise PermissionDenied
    user = get_object_or_404(selectors.people(), pk=pk)
    form = PersonForm(request.POST or None, person=user, initial=_initial(user))
    if request.method == "POST" and form.is_valid():
        return _done(
            request, form, user,
            lambda: actions.change_person(user_id=pk, **form.cleaned_data, by=request.user, at=timezone.now()),
            _("Saved."),
        )  # fmt: skip
    return _person_page(request, user, form=form)


@login_required
@require_POST
def roles(request: PersonRequest, pk: UUID) -> HttpResponse:
    user = _manageable(request, pk)
    form, reason = RolesForm(request.POST), ReasonForm(request.POST)
    if not (form.is_valid() and reason.is_valid()):
        return _person_page(request, user, roles=form, reason=reason)
    return _done(
        request, form, user,
        lambda: actions.set_roles(
            user_id=pk, roles=form.cleaned_data["roles"], reason=reason.cleaned_data["reason"],
            by=request.user, at=timezone.now(),
        ),
        _("The roles were set."),
        roles=form,
    )  # fmt: skip


@login_required
@require_POST
def end_access(request: PersonRequest, pk: UUID) -> HttpResponse:
    """End or restore a person's access: one button, whichever applies."""
    user = _manageable(request, pk)
    reason = ReasonForm(request.POST)
    if not reason.is_valid():
        return _person_page(request, user, reason=reason)
    act = actions.deactivate_user if user.is_active else actions.reactivate_user
    said = (
        _("Access has ended: account, sessions and tokens.")
        if user.is_active
        else _("The account is active again. Grant roles now.")
    )
    return _done(
        request, reason, user,
        lambda: act(user_id=pk, reason=reason.cleaned_data["reason"], by=request.user, at=timezone.now()),
        said,
    )  # fmt: skip


@login_required
@require_POST
def password_link(request: PersonRequest, pk: UUID) -> HttpResponse:
    user = _manageable(request, pk)
    _send_password_link(request, user)
    messages.success(
        request, _("A link to set a password was sent to %(address)s.") % {"address": user.email}
    )
    return redirect("accounts:person", pk=pk)


@login_required
def me(request: PersonRequest) -> HttpResponse:
    """One's own settings, second factor and sessions."""
    user = request.user
    chosen = {
        "display_name": user.display_name,
        "language": request.LANGUAGE_CODE,
        "theme": user.theme or Theme.AUTO,
    }
    form = SettingsForm(request.POST or None, initial=chosen)
    if request.method == "POST" and form.is_valid():
        try:
            actions.update_own_settings(user_id=user.pk, **form.cleaned_data, at=timezone.now())
        except DomainError as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, _("Saved."))
            answer = redirect(request.get_full_path())
            for name, value in ((LANGUAGE_COOKIE, "language"), (THEME_COOKIE, "theme")):
                answer.set_cookie(
                    name,
                    form.cleaned_data[value],
                    max_age=ONE_YEAR,
                    samesite="Lax",
                    secure=request.is_secure(),
                    httponly=True,
                )
            return answer
    context = {
        "form": form,
        "has_second_factor": is_mfa_enabled(user),
        "sessions": UserSession.objects.filter(user=user).order_by("-last_seen_at")[:20],
        "session_key": request.session.session_key,
    }
    return render(request, "accounts/me.html", context)


@login_required
@require_POST
def end_other_sessions(request: PersonRequest) -> HttpResponse:
    ended = actions.end_other_sessions(
        user_id=request.user.pk, keep=request.session.session_key or "", at=timezone.now()
    )
    messages.success(request, _("Signed out elsewhere: %(ended)d.") % {"ended": ended})
    return redirect("accounts:me")


def _manageable(request: PersonRequest, pk: UUID) -> User:
    if not permissions.can_manage_people(request.user):
        raise PermissionDenied
    return get_object_or_404(selectors.people(), pk=pk)


def _done(
    request: PersonRequest, form: Any, user: User, act: Callable[[], Any], said: str, **forms: Any
) -> HttpResponse:
    try:
        act()
    except Refused:
        raise
    except DomainError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return _person_page(request, user, **(forms or {"form": form}))
    messages.success(request, said)
    return redirect("accounts:person", pk=user.pk)


def _person_page(request: PersonRequest, user: User, **forms: Any) -> HttpResponse:
    context = {
        "person": user,
        "role_names": selectors.role_names_of(user),
        "memberships": user.memberships.select_related("territory").order_by("-valid_from"),
        "can_manage": permissions.can_manage_people(request.user) and user.pk != request.user.pk,
        "form": PersonForm(person=user, initial=_initial(user)),
        "roles": RolesForm(initial={"roles": sorted(user.roles)}),
        "reason": ReasonForm(),
        "has_second_factor": is_mfa_enabled(user),
        **forms,
    }
    return render(request, "accounts/person.html", context)


def _initial(user: User) -> dict[str, str]:
    return {
        "display_name": user.display_name,
        "email": user.email,
        "job_title": user.job_title,
        "line_manager_id": str(user.line_manager_id or ""),
    }


def _send_password_link(request: PersonRequest, user: User) -> None:
    form = ResetPasswordForm({"email": user.email})
    if form.is_valid():
        actions.note_password_link(user_id=user.pk, by=request.user, at=timezone.now())
        form.save(request)
