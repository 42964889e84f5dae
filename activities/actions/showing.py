"""Show a released material to a doctor, and record which pages were looked at."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Sum
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from activities import permissions, rules
from activities.choices import Channel
from activities.models import MaterialView, VisitMaterial
from activities.selectors import show_facts
from compliance import actions as law
from doctors import actions as doctors
from doctors import selectors as doctor_selectors
from doctors.choices import InteractionKind, Weight

from .following import STREAM
from .locks import lock_key
from .reports import PageView, new_key

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User


@transaction.atomic
def show_material(
    *,
    version_id: UUID,
    doctor_id: UUID,
    by: User,
    at: datetime,
    channel: str = "",
    showing_id: UUID | None = None,
    visit_id: UUID | None = None,
) -> VisitMaterial:
    """Open a material before a doctor's eyes. Returns: the showing, to which page views are added.

    Raises: PermissionDenied; MaterialVersion.DoesNotExist; Refused when it is not released, expired, on hold, not
    meant for this doctor, the person may not speak of its products, or the hospital waits for a booking. In every
    case nothing has changed. Source: AD-09, MR-08, MR-13, MR-16; a hold reaches every door.
    """
    if not permissions.can_do_field_work(by) or not show_facts.may_meet(by, doctor_id, at):
        raise PermissionDenied
    showing_id = showing_id or new_key()
    lock_key(showing_id)
    standing = VisitMaterial.objects.filter(pk=showing_id, rep=by).first()
    if standing is not None:
        return standing
    visit = show_facts.visit_of_showing(visit_id, doctor_id, by=by, at=at)
    facts = show_facts.facts_of_showing(version_id, doctor_id, by=by, at=at, channel=channel, visit=visit)
    subject = f"showing:{showing_id}"
    verdict = law.judge("material.show", facts, subject=subject, by=by, at=at)
    showing = VisitMaterial(
        pk=showing_id,
        visit_id=visit.pk if visit_id and visit and visit.pk == visit_id else None,
        rep=by,
        doctor_id=doctor_id,
        version_id=version_id,
        shown_at=at,
        verdict_id=verdict.id,
    )
    showing.save(force_insert=True)
    law.record("activities.material_shown", subject=subject, by=by, at=at, verdict=verdict, rows=[showing])
    return showing


@transaction.atomic
def record_page_views(
    *, showing_id: UUID, pages: Iterable[PageView], by: User, at: datetime
) -> list[MaterialView]:
    """Keep how long each page of a showing was on the screen; the longest time told for a page stands.

    Long enough in all, and the doctor's stream says that the material was read.
    Raises: VisitMaterial.DoesNotExist for another person's showing.
    """
    showing = VisitMaterial.objects.select_for_update(of=("self",)).get(pk=showing_id, rep=by)
    have = {view.page: view for view in showing.views.order_by("pk")}
    told = {page.page: page.dwell_ms for page in pages}
    fresh = [
        MaterialView(showing=showing, page=page, dwell_ms=ms) for page, ms in told.items() if page not in have
    ]
    longer = []
    for page, ms in told.items():
        if page in have and ms > have[page].dwell_ms:
            have[page].dwell_ms = ms
            longer.append(have[page])
    if fresh:
        bulk_create_with_history(fresh, MaterialView)
    if longer:
        bulk_update_with_history(longer, MaterialView, ["dwell_ms"])
    if fresh or longer:
        law.record(
            "activities.pages_viewed", subject=f"showing:{showing.pk}", by=by, at=at, rows=[*fresh, *longer]
        )
        note_reading(showing)
    return [*fresh, *longer]


def note_reading(showing: VisitMaterial) -> None:
    """Let the doctor's stream say whether a shown material was read: once, and not within a visit in breach.

    Nothing is written of a doctor who refused profiling, for reading is kept for nothing else (PIPL 24). Call inside
    the transaction of the act that told the pages or the verdict. Cost: one lock on the showing, four queries.
    """
    showing = VisitMaterial.objects.select_for_update(of=("self",)).select_related("visit").get(pk=showing.pk)
    stream = doctor_selectors.interactions_of(showing.doctor_id).filter(
        subject=f"showing:{showing.pk}", kind=InteractionKind.MATERIAL_READ
    )
    counted = stream.aggregate(held=Sum("weight"))["held"] or 0
    seen = showing.views.aggregate(ms=Sum("dwell_ms"))["ms"] or 0
    counts = seen >= rules.READ_AFTER_MS and not (showing.visit and showing.visit.in_breach)
    if counts == bool(counted):
        return
    if counts and doctor_selectors.refuses_profiling(showing.doctor_id):
        return
    channel = Channel(showing.visit.channel) if showing.visit else Channel.FACE_TO_FACE
    doctors.record_interaction(
        doctor_id=showing.doctor_id,
        kind=InteractionKind.MATERIAL_READ,
        channel=STREAM[channel][1],
        subject=f"showing:{showing.pk}",
        by=showing.rep,
        at=showing.shown_at,
        weight=Weight.FULL if counts else -counted,
    )
