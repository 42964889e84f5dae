"""Before a visit: plan it, start it, cancel it. The law is asked before each, and a no changes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from activities import permissions, rules
from activities.choices import VisitState
from activities.models import PlannedMaterial, Visit, VisitAttendee, VisitProduct
from activities.selectors import show_facts, visit_facts
from compliance import actions as law

from .errors import VisitNotMoved, VisitNotPlanned
from .locks import lock_key
from .reports import VisitPlan, new_key

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User


@transaction.atomic
def plan_visit(*, plan: VisitPlan, by: User, at: datetime) -> Visit:
    """Put a visit on the person's plan.

    Raises: PermissionDenied; VisitNotPlanned when the doctor has no hospital, the moment is past or a material named
    does not exist; Refused with the verdict when a rule stops it. In every case nothing has changed. A repeated key returns the visit as it stands.
    Source: MR-08 (filing), MR-09 (institution's consent), MR-13 (materials), MR-16 (booking).
    """
    if not permissions.can_do_field_work(by):
        raise PermissionDenied
    visit_id = plan.visit_id or new_key()
    lock_key(visit_id)
    standing = Visit.objects.select_for_update().filter(pk=visit_id).first()
    if standing is not None:
        if standing.rep_id != by.pk:
            raise PermissionDenied
        return standing
    where = visit_facts.place_of(plan.doctor_id, by=by, at=at, hospital_id=plan.hospital_id)
    if where is None:
        raise VisitNotPlanned(_("This doctor is not in your territory or has no hospital."), field="doctor")
    if plan.planned_at <= at:
        raise VisitNotPlanned(_("Choose a time that has not passed yet."), field="planned_at")

    if not show_facts.are_versions(plan.material_ids):
        raise VisitNotPlanned(_("A material named is not in the library."), field="materials")

    subject = f"visit:{visit_id}"
    circumstances = visit_facts.Circumstances(
        rep=by,
        doctor_ids=(plan.doctor_id, *plan.attendee_ids),
        hospital_id=where.hospital_id,
        starts_at=plan.planned_at,
        channel=plan.channel,
        purpose=plan.purpose,
        place=plan.place,
        product_ids=plan.product_ids,
        shown=tuple((version_id, plan.planned_at) for version_id in dict.fromkeys(plan.material_ids)),
        asked_at=at,
    )
    verdict = law.judge("visit.plan", visit_facts.facts_before(circumstances), subject=subject, by=by, at=at)
    visit = Visit(
        pk=visit_id,
        rep=by,
        doctor_id=plan.doctor_id,
        hospital_id=where.hospital_id,
        department_id=plan.department_id or where.department_id,
        channel=plan.channel,
        purpose=plan.purpose,
        place=plan.place,
        state=VisitState.PLANNED,
        planned_at=plan.planned_at,
        booking_id=visit_facts.booking_id_of(circumstances),
        verdict_id=verdict.id,
        op_id=plan.op_id,
    )
    visit.save(force_insert=True)
    rows = [visit, *_people_and_products(visit, plan)]
    law.record("activities.visit_planned", subject=subject, by=by, at=at, verdict=verdict, rows=rows)
    return visit


@transaction.atomic
def start_visit(*, visit_id: UUID, by: User, at: datetime, place: str = "") -> Visit:
    """Check in: the visit begins now.

    Raises: Visit.DoesNotExist; PermissionDenied; VisitNotMoved; Refused. In every case nothing has changed.
    Source: MR-08, MR-09, MR-15, MR-16; judged again because a plan may have lost its ground since.
    """
    visit = Visit.objects.select_for_update(of=("self",)).get(pk=visit_id)
    if not permissions.can_write_visit(by, visit):
        raise PermissionDenied
    if visit.state == VisitState.STARTED:
        return visit
    if not rules.may_move_visit(old=visit.state, new=VisitState.STARTED):
        raise VisitNotMoved(_("This visit cannot be started any more."))
    subject = f"visit:{visit.pk}"
    facts = visit_facts.facts_before(
        visit_facts.circumstances_of(visit, starts_at=at, asked_at=at, place=place or visit.place)
    )
    verdict = law.judge("visit.start", facts, subject=subject, by=by, at=at)
    visit.state, visit.started_at = VisitState.STARTED, at
    visit.place = place or visit.place
    visit.verdict_id = verdict.id
    visit.save(update_fields=["state", "started_at", "place", "verdict_id", "updated_at"])
    law.record("activities.visit_started", subject=subject, by=by, at=at, verdict=verdict, rows=[visit])
    return visit


@transaction.atomic
def cancel_visit(*, visit_id: UUID, by: User, at: datetime, reason: str = "") -> Visit:
    """Take a visit that was not submitted off the plan; it stays readable.

    Raises: Visit.DoesNotExist; PermissionDenied; VisitNotMoved once it is submitted.
    """
    visit = Visit.objects.select_for_update(of=("self",)).get(pk=visit_id)
    if not permissions.can_write_visit(by, visit):
        raise PermissionDenied
    if visit.state == VisitState.CANCELLED:
        return visit
    if not rules.may_move_visit(old=visit.state, new=VisitState.CANCELLED):
        raise VisitNotMoved(_("A submitted visit is amended, not cancelled."))
    law.refuse_words("visit.cancel", [reason], subject=f"visit:{visit.pk}", by=by, at=at)
    visit.state = VisitState.CANCELLED
    visit.save(update_fields=["state", "updated_at"])
    law.record(
        "activities.visit_cancelled", subject=f"visit:{visit.pk}", by=by, at=at, reason=reason, rows=[visit]
    )
    return visit


def _people_and_products(visit: Visit, plan: VisitPlan) -> list:
    attendees = [VisitAttendee(visit=visit, doctor_id=key) for key in dict.fromkeys(plan.attendee_ids)]
    products = [VisitProduct(visit=visit, product_id=key) for key in dict.fromkeys(plan.product_ids)]
    materials = [PlannedMaterial(visit=visit, version_id=key) for key in dict.fromkeys(plan.material_ids)]
    if attendees:
        bulk_create_with_history(attendees, VisitAttendee)
    if products:
        bulk_create_with_history(products, VisitProduct)
    if materials:
        bulk_create_with_history(materials, PlannedMaterial)
    return [*attendees, *products, *materials]
