from django.apps import AppConfig

from compliance import flows, points, subjects

from .facts import ClaimFacts, MaterialFacts, ShowFacts


class ContentConfig(AppConfig):
    name = "content"
    label = "content"

    def ready(self) -> None:
        from . import selectors  # models exist only from here on

        declare_points()
        for kind, (title, url) in selectors.SUBJECTS.items():
            hold = selectors.names_of_product if kind == "product" else None
            subjects.register(kind, title=title, url=url, hold=hold)
        subjects.register_dependants("content", selectors.resting_on)
        flows.register_waiting("content", selectors.waiting_reviews)


def declare_points() -> None:
    """Tell the law which acts of this app it judges, and by which facts."""
    points.declare("claim.approve", ClaimFacts, root="claim", kind="before")
    points.declare("material.submit", MaterialFacts, root="material", kind="before")
    points.declare("material.approve", MaterialFacts, root="material", kind="before")
    points.declare("material.release", MaterialFacts, root="material", kind="before")
    points.declare("material.show", ShowFacts, root="show", kind="before")
