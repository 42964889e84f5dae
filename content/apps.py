from django.apps import AppConfig

from compliance import points

from .facts import MaterialFacts, ShowFacts


class ContentConfig(AppConfig):
    name = "content"
    label = "content"

    def ready(self) -> None:
        declare_points()


def declare_points() -> None:
    """Tell the law which acts of this app it judges, and by which facts."""
    points.declare("material.submit", MaterialFacts, root="material", kind="before")
    points.declare("material.approve", MaterialFacts, root="material", kind="before")
    points.declare("material.release", MaterialFacts, root="material", kind="before")
    points.declare("material.show", ShowFacts, root="show", kind="before")
