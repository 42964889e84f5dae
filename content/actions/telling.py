"""Tell those concerned that a version stopped being shown."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from content.models import Lease, MaterialVersion
from pharmacrm.common.notifications import notify


def tell_of_ending(*, version_id: UUID, at: datetime) -> int:
    """Tell the author, and everybody whose device holds the version under a lease. Said once. Returns: how many."""
    version = MaterialVersion.objects.select_related("material", "author").get(pk=version_id)
    holders = Lease.objects.filter(version=version, expires_at__gt=at).select_related("user")
    people = {version.author_id: version.author} | {lease.user_id: lease.user for lease in holders}
    code, number = version.material.code, version.version
    for person in people.values():
        notify(
            recipient=person,
            kind=f"material_{version.status}",
            zh=f"资料 {code} v{number} 已停用：{version.ended_reason or '到期'}",
            en=f"{code} v{number} is no longer shown: {version.ended_reason or 'expired'}",
            at=at,
            url=f"/content/versions/{version.pk}/",
            subject=f"material_version:{version.pk}",
        )
    return len(people)
