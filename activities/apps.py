from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from compliance import clocks, flows, points, populations, retention, subjects

from .facts import (
    EventFacts,
    ExpenseFacts,
    MessageFacts,
    PaymentFacts,
    SafetyFacts,
    SignInFacts,
    SpeakerFacts,
    SponsorshipFacts,
    VisitFacts,
)


class ActivitiesConfig(AppConfig):
    name = "activities"
    label = "activities"

    def ready(self) -> None:
        from content.actions.archive import end_archive
        from content.selectors.archive import names_of_versions
        from doctors.selectors.realignments import register_open_plans

        from .actions.ending import ANSWERS
        from .actions.forgetting import seal_proofs
        from .actions.notes import restore_amendment, restore_note
        from .actions.transfers import register_transfers
        from .selectors.ended import EVENTS, REPORTS, VOUCHERS, materials_over
        from .selectors.keeping import VISITS, kept_of_doctor
        from .selectors.kernel_words import (
            safety_clocks,
            title_of_amendment,
            title_of_safety,
            title_of_visit,
            url_of_amendment,
        )
        from .selectors.realigning import plans_touched
        from .selectors.resting import resting_on
        from .selectors.titles import SUBJECTS
        from .selectors.transfers import title_of_transfer

        register_open_plans(plans_touched)
        declare_points()
        subjects.register(
            "visit",
            title_of_visit,
            url=lambda key: f"/activities/visits/{key}/",
            release=lambda key, **given: restore_note(visit_id=key, **given),
        )
        subjects.register(
            "visit_amendment",
            title_of_amendment,
            url=url_of_amendment,
            release=lambda key, **given: restore_amendment(amendment_id=key, **given),
        )
        subjects.register_rows(
            {
                "need": "activities.ClinicalNeed",
                "safety": "activities.SafetyReport",
                "showing": "activities.VisitMaterial",
                "transfer": "activities.TransferOfValue",
            }
        )
        subjects.register("safety", title_of_safety, url=lambda key: f"/activities/safety/{key}/")
        clocks.register("safety", safety_clocks)
        retention.register("visit_evidence", VISITS)
        retention.register("event_evidence", EVENTS)
        retention.register("accounting_voucher", VOUCHERS)
        retention.register("pharmacovigilance", REPORTS)
        retention.register("sync_answer", ANSWERS)
        retention.register(
            "material_archive",
            retention.Disposal(due=materials_over, names=names_of_versions, end=end_archive),
        )
        subjects.register_keeper("activities", kept_of_doctor)
        subjects.register_eraser("activities", seal_proofs)
        subjects.register_dependants("activities", resting_on)
        for kind, (title, url) in SUBJECTS.items():
            subjects.register(kind, title, url=url)
        subjects.register("transfer", title_of_transfer, url=lambda key: f"/activities/transfers/{key}/")
        register_transfers()
        register_events()
        register_monitoring()


def declare_points() -> None:
    """Tell the law which acts of this app it judges, and by which facts."""
    points.declare("visit.plan", VisitFacts, root="visit", kind="before")
    points.declare("visit.start", VisitFacts, root="visit", kind="before")
    points.declare("visit.submit", VisitFacts, root="visit", kind="after")
    points.declare("message.send", MessageFacts, root="message", kind="before")
    points.declare("event.request", EventFacts, root="event", kind="before")
    points.declare("event.approve", EventFacts, root="event", kind="before")
    points.declare("event.invite", EventFacts, root="event", kind="before")
    points.declare("event.start", EventFacts, root="event", kind="before")
    points.declare("event.sign_in", SignInFacts, root="sign_in", kind="after")
    points.declare("event.close", EventFacts, root="event", kind="before")
    points.declare("expense.submit", ExpenseFacts, root="expense", kind="before")
    points.declare("speaker.verify", SpeakerFacts, root="speaker", kind="before")
    points.declare("speaker.invite", SpeakerFacts, root="speaker", kind="before")
    points.declare("engagement.pay", PaymentFacts, root="payment", kind="before")
    points.declare("sponsorship.request", SponsorshipFacts, root="sponsorship", kind="before")
    points.declare("safety.handoff", SafetyFacts, root="safety", kind="after")


def register_events() -> None:
    """Tell the kernel what an event is, and what the answer to its request sets off."""
    from activities.actions.events import FLOW, decide_event, speaker_choice
    from activities.selectors.events import event_title
    from activities.views import asked

    subjects.register("event", event_title, url=lambda key: reverse("activities:event-detail", args=[key]))
    flows.register(
        FLOW,
        _("Academic event"),
        on_decided=lambda decision: decide_event(decision=decision),
        heading=lambda _payload: _("Approval of an academic event"),
    )
    flows.register(
        speaker_choice.FLOW,
        _("Choice of a speaker"),
        verbs=("agree", "refuse", "pass_on", "add_signer", "copy", "urge"),
        check=speaker_choice.check_speaker_answer,
        hand=speaker_choice.hand_speaker,
        on_decided=lambda decision: speaker_choice.carry_out_speaker(decision=decision),
        heading=asked.speaker_heading,
        lines=asked.speaker_words,
        put=speaker_choice.put_speakers,
    )


def register_monitoring() -> None:
    """Tell the kernel what of field work is sampled and which detectors search it."""
    from activities.actions.monitoring import DETECTORS
    from activities.selectors.monitored import POPULATIONS

    for population in POPULATIONS:
        populations.register(population)
    for detector in DETECTORS:
        populations.register_detector(detector)
