"""One login a role, left where the supervisor prints it from."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import F

from .people import PASSWORD


def write_logins() -> None:
    """Write them down. Demonstration only."""
    lines = [f"  Logins, all with the password {PASSWORD}\n"]
    for group in Group.objects.order_by("name"):
        # Those who report to somebody come first: the district's manager stands next to the printed representative.
        people = group.user_set.filter(is_active=True).order_by(F("line_manager").asc(nulls_last=True), "pk")
        person = people.first()
        if person is not None:
            lines.append(f"    {group.name:16} {person.get_username():16} {person.display_name}\n")
    lines.append("  Second factor: .venv/bin/python manage.py demo_code USER\n")
    place = settings.HOME / "run" / "demo-logins.txt"
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    place.write_text("".join(lines))
