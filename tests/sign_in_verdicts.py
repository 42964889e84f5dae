"""Signing a doctor in from the paper sheet, through both doors that copy it. See same_verdict.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from activities.models import Event
from compliance import actions as law
from doctors.models import Doctor
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from tests.activities import act_rows
from tests.conftest import AT
from tests.factories.content import content_person
from tests.verdict_case import Case, client_of, post_over_rest


@dataclass(frozen=True)
class Meeting:
    """An event that runs, who runs it, and the doctor who came."""

    rep: User
    event: Event
    doctor: Doctor


def _running(case: Case) -> Meeting:
    rep, officer = content_person(Role.REP, "林岚"), content_person(Role.COMPLIANCE, "周正")
    event, doctor = act_rows.running(rep)
    if case.held:
        stopped = f"doctor:{doctor.pk}" if case.names_material else f"event:{event.pk}"
        law.place_hold(subjects=[stopped], reason="核查", by=officer, at=AT)
    return Meeting(rep, event, doctor)


DOORS: dict[str, dict[str, Callable[[Case, Any], Any]]] = {
    "event.sign_in": {
        "page": lambda case, here: client_of(here.rep).post(
            reverse("activities:event-sign-in", args=[here.event.pk]), {"doctor": str(here.doctor.pk)}
        ),
        "REST": lambda case, here: post_over_rest(
            here.rep, f"activities/events/{here.event.pk}/sign-in/", {"doctor_id": str(here.doctor.pk)}
        ),
    }
}
ARRANGE: dict[str, Callable[[Case], Any]] = {"event.sign_in": _running}
