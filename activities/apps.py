from django.apps import AppConfig

from compliance import clocks, points, subjects

from .facts import (
    EventFacts,
    ExpenseFacts,
    MessageFacts,
    PaymentFacts,
    SafetyFacts,
    SpeakerFacts,
    SponsorshipFacts,
    VisitFacts,
)


class ActivitiesConfig(AppConfig):
    name = "activities"
    label = "activities"

    def ready(self) -> None:
        from .selectors.kernel_words import safety_clocks, title_of_safety, title_of_visit

        declare_points()
        subjects.register("visit", title_of_visit, url=lambda key: f"/activities/visits/{key}/")
        subjects.register("safety", title_of_safety, url=lambda key: f"/activities/safety/{key}/")
        clocks.register("safety", safety_clocks)


def declare_points() -> None:
    """Tell the law which acts of this app it judges, and by which facts."""
    points.declare("visit.plan", VisitFacts, root="visit", kind="before")
    points.declare("visit.start", VisitFacts, root="visit", kind="before")
    points.declare("visit.submit", VisitFacts, root="visit", kind="after")
    points.declare("message.send", MessageFacts, root="message", kind="before")
    points.declare("event.request", EventFacts, root="event", kind="before")
    points.declare("event.approve", EventFacts, root="event", kind="before")
    points.declare("event.start", EventFacts, root="event", kind="before")
    points.declare("event.close", EventFacts, root="event", kind="before")
    points.declare("expense.submit", ExpenseFacts, root="expense", kind="before")
    points.declare("speaker.invite", SpeakerFacts, root="speaker", kind="before")
    points.declare("engagement.pay", PaymentFacts, root="payment", kind="before")
    points.declare("sponsorship.request", SponsorshipFacts, root="sponsorship", kind="before")
    points.declare("safety.handoff", SafetyFacts, root="safety", kind="after")
