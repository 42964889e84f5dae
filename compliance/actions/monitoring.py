"""Monitoring: plan a sample, draw it by a seed nobody chose, review each item, close by signature."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.actions.findings import open_finding
from compliance.actions.recording import record
from compliance.actions.signing import SignatureProof, sign
from compliance.choices import Grade, PlanState, ReviewResult
from compliance.models import Checkpoint, LedgerLeaf, MonitoringItem, MonitoringPlan
from compliance.populations import UnknownPopulation, population_of
from compliance.rules.sampling import draw
from pharmacrm.common.errors import DomainError

MOST_ITEMS = 200
HANDLE_WITHIN = timedelta(days=5)


class PlanNotMoved(DomainError):
    """The plan is not in a state that allows this; nothing has changed."""

    code = "plan_not_moved"


@transaction.atomic
def plan_monitoring(
    *, name: str, population: str, since: date, until: date, size: int, due_on: date, by: Any, at: datetime
) -> MonitoringPlan:
    """Publish what will be sampled and by which points, before anybody can know the seed.

    Raises: PermissionDenied; PlanNotMoved for an unknown population, a span without days or a wrong size.
    """
    if not permissions.can_handle_findings(by):
        raise PermissionDenied
    try:
        offered = population_of(population)
    except UnknownPopulation as unknown:
        raise PlanNotMoved(_("Choose what to sample."), field="population") from unknown
    if not name.strip():
        raise PlanNotMoved(_("Give the plan a name."), field="name")
    if until <= since:
        raise PlanNotMoved(_("The last day has to lie after the first."), field="until")
    if not 0 < size <= MOST_ITEMS:
        raise PlanNotMoved(_("Between 1 and %(n)d items can be drawn.") % {"n": MOST_ITEMS}, field="size")
    if due_on < localtime(at).date():
        raise PlanNotMoved(_("Choose a day that has not passed."), field="due_on")
    plan = MonitoringPlan.objects.create(
        name=name.strip(),
        population=population,
        since=since,
        until=until,
        size=size,
        points=[[reason, points] for reason, (_words, points) in offered.points.items()],
        planned_by=by,
        planned_at=at,
        due_on=due_on,
    )
    entry = record(
        "compliance.monitoring_planned", subject=f"monitoring:{plan.pk}", by=by, at=at, rows=[plan]
    )
    plan.entry_id = entry.pk
    plan.save()
    record("compliance.monitoring_published", subject=f"monitoring:{plan.pk}", by=by, at=at, rows=[plan])
    return plan


@transaction.atomic
def draw_sample(*, plan_id: UUID, by: Any, at: datetime) -> MonitoringPlan:
    """Draw the sample by the root of the first checkpoint signed over the plan's own entry.

    Raises: PermissionDenied; PlanNotMoved when it was drawn before, the ledger has not signed over the plan yet, or
    there is nothing to draw from. In every case nothing has changed. Cost: reads the population once.
    """
    plan = _locked(plan_id, by)
    if plan.state != PlanState.PLANNED:
        raise PlanNotMoved(_("This sample was drawn before."))
    leaf = LedgerLeaf.objects.filter(entry_id=plan.entry_id).first()
    checkpoint = Checkpoint.objects.filter(size__gt=leaf.number).order_by("size").first() if leaf else None
    if checkpoint is None:
        raise PlanNotMoved(_("The ledger has not signed over this plan yet. Try again in a minute."))
    candidates = list(population_of(plan.population).candidates(plan.since, plan.until))
    if not candidates:
        raise PlanNotMoved(_("There is nothing to draw from in these days."))
    plan.seed, plan.checkpoint_size = bytes(checkpoint.root).hex(), checkpoint.size
    plan.population_size, plan.drawn_at, plan.state = len(candidates), at, PlanState.DRAWN
    plan.save()
    rows = [
        MonitoringItem.objects.create(
            plan=plan,
            place=place,
            subject=drawn.candidate.subject,
            points=[list(pair) for pair in drawn.candidate.points],
            tickets=drawn.candidate.tickets,
            number=drawn.number,
        )
        for place, drawn in enumerate(draw(plan.seed, candidates, plan.size), start=1)
    ]
    record("compliance.sample_drawn", subject=f"monitoring:{plan.pk}", by=by, at=at, rows=[plan, *rows])
    return plan


@transaction.atomic
def review_item(
    *, item_id: UUID, result: str, remark: str, by: Any, at: datetime, grade: str = Grade.WATCH
) -> MonitoringItem:
    """Say of one item that it is clean, or object to it, which opens a finding.

    Raises: PermissionDenied; PlanNotMoved when the item was reviewed or an objection has no words.
    """
    plan_id = MonitoringItem.objects.values_list("plan_id", flat=True).get(pk=item_id)
    plan = _locked(plan_id, by)
    item = MonitoringItem.objects.select_for_update(of=("self",)).get(pk=item_id)
    if plan.state != PlanState.DRAWN or item.result != ReviewResult.OPEN:
        raise PlanNotMoved(_("This item was reviewed before."))
    if item.subject == f"user:{by.pk}":
        raise PermissionDenied
    if result not in {ReviewResult.CLEAN, ReviewResult.FINDING}:
        raise PlanNotMoved(_("Choose a result."), field="result")
    if result == ReviewResult.FINDING and not remark.strip():
        raise PlanNotMoved(_("Say what you object to."), field="remark")
    item.result, item.remark, item.reviewed_by, item.reviewed_at = result, remark.strip(), by, at
    rows: list[Any] = [item]
    if result == ReviewResult.FINDING:
        item.finding = open_finding(
            kind="sampled",
            subject=item.subject,
            grade=grade if grade in Grade.values else Grade.WATCH,
            evidence={
                "text": {"zh": item.remark, "en": item.remark},
                "plan": plan.name,
                "url": f"/compliance/monitoring/{plan.pk}/",
            },
            by=by,
            at=at,
            due_at=at + HANDLE_WITHIN,
        )
    item.save()
    record(
        "compliance.item_reviewed",
        subject=f"monitoring:{plan.pk}",
        by=by,
        at=at,
        reason=item.remark,
        rows=rows,
    )
    return item


@transaction.atomic
def close_monitoring(*, plan_id: UUID, by: Any, at: datetime, proof: SignatureProof) -> MonitoringPlan:
    """Close a plan by signature over all its results. Raises: PermissionDenied; PlanNotMoved; what `sign` raises."""
    plan = _locked(plan_id, by)
    if plan.state != PlanState.DRAWN or plan.items.filter(result=ReviewResult.OPEN).exists():
        raise PlanNotMoved(_("Review every item first."))
    plan.closing_signature = sign(
        subject=f"monitoring:{plan.pk}",
        content_sha256=plan_fingerprint(plan),
        meaning="monitoring_reviewed",
        by=by,
        at=at,
        proof=proof,
    )
    plan.state, plan.closed_at = PlanState.CLOSED, at
    plan.save()
    record(
        "compliance.monitoring_closed",
        subject=f"monitoring:{plan.pk}",
        by=by,
        at=at,
        reason=plan.name,
        rows=[plan, plan.closing_signature],
    )
    return plan


def plan_fingerprint(plan: MonitoringPlan) -> str:
    """Return the SHA-256 of what a closing signature stands under."""
    said = {
        "plan": str(plan.pk),
        "seed": plan.seed,
        "items": [[one.subject, one.number, one.result, one.remark] for one in plan.items.order_by("place")],
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _locked(plan_id: UUID, by: Any) -> MonitoringPlan:
    plan = MonitoringPlan.objects.select_for_update(of=("self",)).get(pk=plan_id)
    if not permissions.can_handle_findings(by):
        raise PermissionDenied
    return plan
