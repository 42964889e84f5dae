from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from compliance import clocks, flows, points, retention, subjects
from pharmacrm.common import offers

from .facts import (
    ConsentFacts,
    ContactFacts,
    MergeFacts,
    OverrideFacts,
    RealignmentFacts,
    RequestFacts,
    ScoreFacts,
)


class DoctorsConfig(AppConfig):
    name = "doctors"
    label = "doctors"

    def ready(self) -> None:
        declare_points()
        offer_departments()
        register_subjects()
        register_imports()


def declare_points() -> None:
    """Tell the law which acts of this app it judges, and by which facts."""
    points.declare("contact.reveal", ContactFacts, root="contact", kind="before")
    points.declare("consent.record", ConsentFacts, root="consent", kind="before")
    points.declare("doctor.merge", MergeFacts, root="merge", kind="before")
    points.declare("doctor.score", ScoreFacts, root="doctor", kind="before")
    points.declare("override.tier", OverrideFacts, root="override", kind="before")
    points.declare("territory.realign", RealignmentFacts, root="realignment", kind="before")
    points.declare("request.answer", RequestFacts, root="request", kind="before")


def offer_departments() -> None:
    """Offer the standard departments to apps that may not import this one."""
    from doctors.selectors.hospitals import departments_offered  # models load after the app

    offers.register("departments", departments_offered)


def register_subjects() -> None:
    """Tell the kernel how this app's subjects are called."""
    from doctors.actions import erase_doctor
    from doctors.actions.realignments import FLOW, decide_realignment
    from doctors.selectors.keeping import erase_frozen, names_kept_too_long, names_of_frozen
    from doctors.selectors.requests import privacy_clocks
    from doctors.selectors.resting import models_on_assessment
    from doctors.selectors.waiting import waiting_decisions
    from doctors.subjects import SUBJECTS, keys_of_doctor, keys_of_hospital  # models load after the app

    flows.register_waiting("doctors", waiting_decisions)
    flows.register(
        FLOW,
        _("Realignment of territories"),
        on_decided=lambda decision: decide_realignment(decision=decision),
    )
    retention.register(
        "frozen_identity",
        retention.Disposal(due=names_kept_too_long, names=names_of_frozen, end=erase_frozen(erase_doctor)),
    )
    clocks.register("privacy", privacy_clocks)
    subjects.register_dependants("doctors.assessments", models_on_assessment)

    find = {"doctor": keys_of_doctor, "hospital": keys_of_hospital}
    for kind, (title, url) in SUBJECTS.items():
        subjects.register(kind, title, url=url, find=find.get(kind))


def register_imports() -> None:
    """Tell the import engine what this app takes in."""
    from doctors.actions.imports import register_kinds  # models load after the app

    register_kinds()
