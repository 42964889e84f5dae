"""What all actions on content share: locks in one order, and the word for "may not"."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils.translation import gettext as _

from compliance import actions as law
from content.models import Material, MaterialVersion

REVIEW = "content.review"  # the flows, registered in apps.py
CLAIM = "content.claim"
RELEASE = "content.release"
DAYS_TO_ANSWER = 5


def demand(allowed: bool) -> None:
    """Raise PermissionDenied unless allowed; nothing has changed."""
    if not allowed:
        raise PermissionDenied(_("Your role may not do this."))


def lock_series(series: str) -> None:
    """Keep others of the series waiting until this transaction ends, so that a number is given once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"content.{series}"])


def locked_version(version_id: object) -> MaterialVersion:
    """Lock a version's open requests, its material, then the version: one order for everybody. Raises: DoesNotExist.

    Order matters: the review before the release, which is asked for by the review's last signature.
    """
    for flow in (REVIEW, RELEASE):
        law.lock_request(flow, f"material_version:{version_id}")
    version = MaterialVersion.objects.only("material_id").get(pk=version_id)
    Material.objects.select_for_update().get(pk=version.material_id)
    return (
        MaterialVersion.objects.select_for_update(of=("self",))
        .select_related("material", "author")
        .get(pk=version_id)
    )
