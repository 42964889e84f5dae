from django.apps import AppConfig

from . import points
from .facts import ColumnFacts, NoteFacts, StaffFacts


class ComplianceConfig(AppConfig):
    name = "compliance"
    label = "compliance"

    def ready(self) -> None:
        declare_points()


def declare_points() -> None:
    """Tell the law which acts of this app it judges, and by which facts."""
    points.declare("column.accept", ColumnFacts, root="column", kind="before")
    points.declare("note.accept", NoteFacts, root="note", kind="after")
    points.declare("staff.activate", StaffFacts, root="staff", kind="before")
