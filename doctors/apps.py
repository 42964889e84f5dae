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
        register_flows()
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
    from doctors.permissions import can_see_segmentation
    from doctors.selectors.keeping import CONSENTS, erase_frozen, names_kept_too_long, names_of_frozen
    from doctors.selectors.requests import privacy_clocks, requests_visible_to
    from doctors.selectors.resting import models_on_assessment
    from doctors.subjects import SUBJECTS, keys_of_doctor, keys_of_hospital  # models load after the app

    retention.register(
        "frozen_identity",
        retention.Disposal(due=names_kept_too_long, names=names_of_frozen, end=erase_frozen(erase_doctor)),
    )
    retention.register("consent_record", CONSENTS)
    clocks.register("privacy", privacy_clocks)
    subjects.register_dependants("doctors.assessments", models_on_assessment)

    subjects.register_rows(
        {
            "change": "doctors.ChangeRequest",
            "notice": "doctors.ConsentNotice",
            "purpose": "doctors.ConsentPurpose",
        }
    )
    subjects.register_opening(
        "privacy_request", lambda user, key: requests_visible_to(user).filter(pk=key).exists()
    )
    subjects.register_opening("segmentation_model", lambda user, _key: can_see_segmentation(user))
    find = {"doctor": keys_of_doctor, "hospital": keys_of_hospital}
    for kind, (title, url) in SUBJECTS.items():
        subjects.register(kind, title, url=url, find=find.get(kind))


def register_flows() -> None:
    """Tell the approval engine what about doctors is put to it."""
    from compliance.actions import only_who
    from doctors import permissions
    from doctors.actions import (
        challenges,
        changes,
        contests,
        erasure_requests,
        model_activation,
        notice_publication,
        overrides,
        realignments,
    )
    from doctors.views import asked  # models load after the app

    flows.register(
        realignments.FLOW,
        _("Realignment of territories"),
        on_decided=lambda decision: realignments.decide_realignment(decision=decision),
        lines=asked.realignment_lines,
    )
    flows.register(
        overrides.FLOW,
        _("Tier set by hand"),
        verbs=("agree", "refuse", "pass_on", "urge", "withdraw"),
        check=overrides.check_override_answer,
        hand=only_who(permissions.can_decide_override),
        on_decided=lambda decision: overrides.carry_out_override(decision=decision),
        lines=asked.override_lines,
        put=overrides.put_overrides,
    )
    flows.register(
        changes.FLOW,
        _("Correction of a doctor's record"),
        verbs=("agree", "refuse", "pass_on", "urge"),
        check=changes.check_change_answer,
        hand=only_who(permissions.can_decide_change),
        on_decided=lambda decision: changes.carry_out_change(decision=decision),
        room=asked.change_room,
        put=changes.put_changes,
    )
    flows.register(
        challenges.FLOW,
        _("Claim about who a doctor belongs to"),
        verbs=("agree", "refuse", "pass_on", "urge"),
        check=challenges.check_claim_answer,
        hand=challenges.hand_claim,
        on_decided=lambda decision: challenges.carry_out_claim(decision=decision),
        heading=asked.claim_heading,
        room=asked.claim_room,
        put=challenges.put_claims,
    )
    flows.register(
        contests.FLOW,
        _("Contested tier"),
        verbs=("agree", "pass_on", "urge"),
        check=contests.check_contest_answer,
        hand=only_who(permissions.can_decide_override),
        on_decided=lambda decision: contests.carry_out_contest(decision=decision),
        room=asked.contest_room,
        put=contests.put_contests,
    )
    flows.register(
        model_activation.FLOW,
        _("I put this scoring model in force"),
        heading=asked.model_heading,
        signed=True,
        meaning=model_activation.MEANING,
        verbs=("agree", "refuse", "pass_on", "urge", "withdraw"),
        check=model_activation.check_activation_answer,
        hand=only_who(permissions.can_activate_model),
        on_decided=lambda decision: model_activation.carry_out_activation(decision=decision),
        signs=model_activation.activation_signed,
        lines=asked.model_lines,
        put=model_activation.put_activations,
    )
    flows.register(
        erasure_requests.FLOW,
        _("I agree that everything that tells who this doctor is will be erased"),
        heading=asked.erasure_heading,
        signed=True,
        meaning="doctors.erasure_agreed",
        verbs=("agree", "return", "pass_on", "urge", "withdraw"),
        check=erasure_requests.check_erasure_answer,
        hand=only_who(permissions.can_erase_doctor),
        on_decided=lambda decision: erasure_requests.carry_out_erasure(decision=decision),
        signs=erasure_requests.erasure_signed,
        lines=asked.erasure_lines,
        put=erasure_requests.put_erasures,
    )
    flows.register(
        notice_publication.FLOW,
        _("Consent notice to publish"),
        heading=asked.notice_heading,
        check=notice_publication.check_notice_answer,
        hand=only_who(permissions.can_keep_notices),
        on_decided=lambda decision: notice_publication.carry_out_notice(decision=decision),
        lines=asked.notice_lines,
        put=notice_publication.put_notices,
    )


def register_imports() -> None:
    """Tell the import engine what this app takes in."""
    from doctors.actions.imports import register_kinds  # models load after the app

    register_kinds()
