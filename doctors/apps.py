from django.apps import AppConfig

from compliance import points

from .facts import ConsentFacts, ContactFacts, OverrideFacts, ScoreFacts


class DoctorsConfig(AppConfig):
    name = "doctors"
    label = "doctors"

    def ready(self) -> None:
        declare_points()


def declare_points() -> None:
    """Tell the law which acts of this app it judges, and by which facts."""
    points.declare("contact.reveal", ContactFacts, root="contact", kind="before")
    points.declare("consent.record", ConsentFacts, root="consent", kind="before")
    points.declare("doctor.score", ScoreFacts, root="doctor", kind="before")
    points.declare("override.tier", OverrideFacts, root="override", kind="before")
