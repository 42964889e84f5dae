from django.apps import AppConfig

from compliance import points

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
        declare_points()


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
