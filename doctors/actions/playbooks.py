"""Write the communication strategy, and the first one every company starts from."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance.rules import scan_text
from doctors import permissions
from doctors.models import Playbook
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError

CHANGEABLE = ("goal_zh", "goal_en", "content_kinds", "channels", "visits_per_cycle", "contacts_per_cycle")

# tier, role, level band, goals, content, channels, visits, all contacts; a cycle is a month.
DEFAULTS: tuple[tuple[str, str, str, str, str, list[str], list[str], int, int], ...] = (
    ("core", "", "", "深度学术交流：听取临床需求，讨论指南与证据，邀请参与学术活动",
     "Scientific exchange in depth: hear clinical needs, discuss guidelines and evidence, invite to events",
     ["reprint", "deck", "qa", "detail_aid"], ["visit", "event", "online", "wecom"], 2, 4),
    ("core", "decision_maker", "", "与科室共同规划学术活动，提供循证资料",
     "Plan academic events with the department, supply evidence",
     ["reprint", "deck", "qa"], ["visit", "event", "email"], 2, 3),
    ("potential", "", "", "按临床重点提供循证资料，邀请参加科室会与病例讨论",
     "Supply evidence for the clinical focus, invite to department meetings and case discussions",
     ["detail_aid", "reprint", "article", "video"], ["visit", "event", "wecom", "online"], 2, 3),
    ("potential", "", "1", "以线上学术内容和城市会为主，减少奔波",
     "Mostly online content and city meetings, fewer journeys",
     ["article", "video", "qa"], ["online", "wecom", "event"], 1, 3),
    ("basic", "", "", "保证每位医生都能得到说明书、安全信息与基础学术资料",
     "Make sure every doctor has the label, safety information and basic scientific material",
     ["leave_behind", "article", "video", "qa"], ["online", "wecom", "visit"], 1, 2),
)  # fmt: skip


class PlaybookNotSaved(DomainError):
    """The playbook was not changed."""

    code = "playbook_not_saved"


@transaction.atomic
def write_playbook(
    *,
    tier: str,
    by: User,
    at: datetime,
    role: str = "",
    level_band: str = "",
    department_code: str = "",
    **said: Any,
) -> Playbook:
    """Write a new line of the strategy for whom none is written yet; an empty part means "any".

    Raises: PermissionDenied; PlaybookNotSaved for words that may not be kept, fewer contacts than visits, or a line
    that exists.
    """
    if not permissions.can_edit_playbook(by):
        raise PermissionDenied
    playbook = Playbook(tier=tier, role=role, level_band=level_band, department_code=department_code)
    _say(playbook, said)
    try:
        with transaction.atomic():
            playbook.save(force_insert=True)
    except IntegrityError as clash:
        raise PlaybookNotSaved(_("There is a line for them already. Change that one.")) from clash
    law.record("doctors.playbook_written", subject=f"playbook:{playbook.pk}", by=by, at=at, rows=[playbook])
    return playbook


@transaction.atomic
def retire_playbook(*, playbook_id: UUID, reason: str, by: User, at: datetime) -> Playbook:
    """Take a line out of use; the next less specific one decides. The last line of a tier for everybody stays.

    Raises: PermissionDenied; PlaybookNotSaved.
    """
    if not permissions.can_edit_playbook(by):
        raise PermissionDenied
    playbook = Playbook.objects.select_for_update().get(pk=playbook_id)
    if not playbook.is_active:
        raise PlaybookNotSaved(_("This line is out of use already."))
    if not (playbook.role or playbook.level_band or playbook.department_code):
        raise PlaybookNotSaved(
            _("The line for everybody of a tier stays, so that nobody is left without one.")
        )
    why = _why(reason)
    playbook.is_active = False
    playbook.save()
    law.record(
        "doctors.playbook_retired",
        subject=f"playbook:{playbook.pk}",
        by=by,
        at=at,
        reason=why,
        rows=[playbook],
    )
    return playbook


def _why(reason: str) -> str:
    if not reason.strip():
        raise PlaybookNotSaved(_("Please give the reason."), field="reason")
    if scan_text(reason):
        raise PlaybookNotSaved(_("The note holds what may not be kept. Leave it out."), field="reason")
    return reason.strip()


def _say(playbook: Playbook, said: dict[str, Any]) -> None:
    for field, value in said.items():
        if field not in CHANGEABLE:
            raise PlaybookNotSaved(_("This is not changed here."), field=field)
        if field.startswith("goal") and scan_text(value):
            raise PlaybookNotSaved(
                _("A goal is academic: no sales, no prescriptions, nothing that may not be kept."),
                field=field,
            )
        setattr(playbook, field, value)
    if playbook.contacts_per_cycle < playbook.visits_per_cycle:
        raise PlaybookNotSaved(_("All contacts include the visits."), field="contacts_per_cycle")


@transaction.atomic
def change_playbook(*, playbook_id: UUID, reason: str, by: User, at: datetime, **changes: Any) -> Playbook:
    """Change goals, content, channels or frequency of one line; each change is a version of its own.

    Raises: PermissionDenied; PlaybookNotSaved for a field that is not changed this way, fewer contacts than visits, or no reason.
    """
    if not permissions.can_edit_playbook(by):
        raise PermissionDenied
    playbook = Playbook.objects.select_for_update().get(pk=playbook_id)
    if not playbook.is_active:
        raise PlaybookNotSaved(_("This line is out of use already."))
    _say(playbook, changes)
    why = _why(reason)
    playbook.version += 1
    playbook.save()
    law.record(
        "doctors.playbook_changed",
        subject=f"playbook:{playbook.pk}",
        by=by,
        at=at,
        reason=why,
        rows=[playbook],
    )
    return playbook


@transaction.atomic
def adopt_default_playbooks(*, by: User | None, at: datetime) -> int:
    """Write the first strategy where none is kept yet. Returns: how many cells were written. Safe to run twice."""
    if Playbook.objects.exists():
        return 0
    rows = [
        Playbook.objects.create(
            tier=tier,
            role=role,
            level_band=band,
            goal_zh=zh,
            goal_en=en,
            content_kinds=kinds,
            channels=channels,
            visits_per_cycle=visits,
            contacts_per_cycle=contacts,
        )
        for tier, role, band, zh, en, kinds, channels, visits, contacts in DEFAULTS
    ]
    law.record("doctors.playbooks_adopted", subject="playbook:defaults", by=by, at=at, rows=rows)
    return len(rows)
