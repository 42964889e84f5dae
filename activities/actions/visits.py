"""After a visit: save it, submit it, amend it. What already happened is always stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from activities import permissions, rules
from activities.choices import AdverseAnswer, Lateness, VisitState
from activities.models import (
    FollowUp,
    MaterialView,
    SafetyReport,
    Visit,
    VisitAttendee,
    VisitMaterial,
    VisitProduct,
)
from activities.selectors import visit_facts
from compliance import actions as law
from doctors import actions as doctors
from pharmacrm.common.outbox import enqueue

from .amendments import amend
from .apart import PLACEHOLDER, flagged_in, keep_flagged_apart, questions_of
from .breaches import open_breach_case
from .errors import VisitIncomplete, VisitNotMoved
from .locks import lock_key
from .needs import write_need
from .reports import VisitReport, new_key
from .showing import note_reading

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User


@transaction.atomic
def save_visit(*, report: VisitReport, by: User, at: datetime) -> Visit:
    """Keep a report that is not submitted yet; it may be saved again and counts for nothing.

    Raises: PermissionDenied; VisitNotMoved once it is submitted; VisitIncomplete.
    """
    _check_whole(report, needs_answer=False)
    visit, is_new = _visit_of(report, by=by, at=at)
    if not rules.may_move_visit(old="" if is_new else _stands_at(visit), new=VisitState.SAVED):
        raise VisitNotMoved(_("A submitted visit is amended, not saved again."))
    _fill(visit, report, at=at)
    visit.state = VisitState.SAVED
    visit.save(force_insert=is_new)
    rows = [visit, *_write_parts(visit, report, by=by, at=at, is_new=is_new)]
    law.record(
        "activities.visit_saved",
        subject=f"visit:{visit.pk}",
        by=by,
        at=at,
        rows=rows,
        device_at=report.device_saved_at,
    )
    return visit


@transaction.atomic
def submit_visit(*, report: VisitReport, by: User, at: datetime) -> Visit:
    """Store the report of a visit that took place, with the law's verdict on it.

    A breach does not refuse it: the visit is marked in breach, a case is opened, it counts for no goal. A second
    report of a visit that stands already is kept beside it as an amendment, so neither version is lost.
    Raises: PermissionDenied for another person's visit; VisitIncomplete; VisitNotMoved for a cancelled one.
    Source: product promise "what already happened is never refused"; 21 CFR 11.10(e); PV-09 for the question.
    """
    _check_whole(report, needs_answer=True)
    visit, is_new = _visit_of(report, by=by, at=at)
    if not is_new and visit.is_reported:
        return visit if visit.op_id == report.op_id else _keep_both(visit, report, by=by, at=at)
    if not rules.may_move_visit(old="" if is_new else _stands_at(visit), new=VisitState.SUBMITTED):
        raise VisitNotMoved(_("A cancelled visit cannot be submitted."))

    subject = f"visit:{visit.pk}"
    _fill(visit, report, at=at)
    facts = replace(
        visit_facts.facts_before(_circumstances(visit, report, at=at)),
        safety_answered=report.ae_answer != AdverseAnswer.UNASKED,
        safety_event=report.ae_answer == AdverseAnswer.REPORTED,
        safety_report_linked=SafetyReport.objects.filter(visit_key=visit.pk).exists(),
        minutes_to_save=visit_facts.minutes_between(visit.ended_at, visit.device_saved_at),
        late_reason_given=bool(report.late_reason.strip()),
        synced_late=visit.was_offline,
        times_unproven=visit.is_clock_unproven,
        duration_minutes=visit_facts.minutes_between(visit.started_at, visit.ended_at),
        note_flags=tuple(visit.note_hits),
    )
    day = localtime(at if visit.is_clock_unproven else visit.started_at).date()
    verdict = law.judge("visit.submit", facts, subject=subject, by=by, at=at, on=day)
    visit.state = VisitState.SUBMITTED
    visit.submitted_at = at
    visit.in_breach = bool(verdict.breached)
    visit.verdict_id = UUID(verdict.id)
    visit.save(force_insert=is_new)
    rows = [visit, *_write_parts(visit, report, by=by, at=at, is_new=is_new)]
    law.record(
        "activities.visit_submitted",
        subject=subject,
        by=by,
        at=at,
        verdict=verdict,
        rows=rows,
        device_at=report.device_saved_at,
    )
    if report.shown or visit.in_breach:
        for showing in visit.materials.order_by("pk"):
            note_reading(showing)
    if visit.in_breach:
        open_breach_case(visit, verdict, at=at)
    enqueue("activities.after_visit", visit_id=visit.pk)
    return visit


def _keep_both(visit: Visit, report: VisitReport, *, by: User, at: datetime) -> Visit:
    """A second report of the same visit, from another device or an old copy: keep it beside the first."""
    other = {
        "started_at": report.started_at.isoformat(),
        "ended_at": report.ended_at.isoformat(),
        "ae_answer": report.ae_answer,
        "purpose": report.purpose,
        "channel": report.channel,
        "place": report.place,
    }
    changes = {}
    for field, value in other.items():
        stored = getattr(visit, field)
        stored = stored.isoformat() if isinstance(stored, datetime) else stored
        if _differs(stored, value):
            changes[f"second_report.{field}"] = [stored, value]
    amend(
        visit,
        reason="second_report",
        changes=changes,
        note=report.note,
        by=by,
        at=at,
    )
    return visit


def _differs(one: str, other: str) -> bool:
    try:
        return datetime.fromisoformat(one) != datetime.fromisoformat(other)
    except ValueError:
        return one != other


def _check_whole(report: VisitReport, *, needs_answer: bool) -> None:
    if report.ended_at < report.started_at:
        raise VisitIncomplete(_("The visit cannot end before it begins."), field="ended_at")
    if needs_answer and report.ae_answer == AdverseAnswer.UNASKED:
        raise VisitIncomplete(
            _("Answer the question on adverse events, misuse and quality complaints."), field="ae_answer"
        )


def _visit_of(report: VisitReport, *, by: User, at: datetime) -> tuple[Visit, bool]:
    """Lock the key and the visit of it, if there is one; two devices at once see one visit."""
    if not permissions.can_do_field_work(by):
        raise PermissionDenied
    lock_key(report.visit_id)
    visit = Visit.objects.select_for_update(of=("self",)).filter(pk=report.visit_id).first()
    if visit is not None:
        if visit.rep_id != by.pk:
            raise PermissionDenied
        return visit, False
    where = visit_facts.where_it_was(report.doctor_id, hospital_id=report.hospital_id)
    if where is None:
        raise VisitIncomplete(_("This doctor or hospital is not known."), field="doctor")
    visit = Visit(
        pk=report.visit_id,
        rep=by,
        doctor_id=report.doctor_id,
        hospital_id=where.hospital_id,
        department_id=report.department_id or where.department_id,
        state=VisitState.SAVED,
        op_id=report.op_id,
    )
    return visit, True


def _stands_at(visit: Visit) -> str:
    return rules.state_to_report_from(state=visit.state, by_realignment=visit.realignment_id is not None)


def _fill(visit: Visit, report: VisitReport, *, at: datetime) -> None:
    visit.channel, visit.purpose, visit.place = report.channel, report.purpose, report.place
    visit.started_at, visit.ended_at = report.started_at, report.ended_at
    visit.device_saved_at = report.device_saved_at or at
    visit.synced_at = at
    visit.was_offline = report.was_offline
    visit.is_clock_unproven = report.is_clock_unproven
    visit.ae_answer = report.ae_answer
    visit.lateness = rules.lateness_of(ended_at=report.ended_at, saved_at=visit.device_saved_at)
    flagged = flagged_in(report)
    kinds = {one.kind for one in flagged}
    is_late = visit.lateness != Lateness.IN_TIME and visit_facts.NOTE_OF_LATENESS not in kinds
    visit.late_reason = report.late_reason if is_late else ""
    visit.op_id = report.op_id
    visit.note_hits = list(dict.fromkeys(hit for one in flagged for hit in one.categories))
    may_keep = report.note and visit_facts.NOTE_OF_VISIT not in kinds
    visit.note_sealed = doctors.seal_text(visit.doctor_id, report.note) if may_keep else None
    keep_flagged_apart(visit, flagged, at=at)


def _circumstances(visit: Visit, report: VisitReport, *, at: datetime) -> visit_facts.Circumstances:
    return visit_facts.Circumstances(
        rep=visit.rep,
        doctor_ids=(visit.doctor_id, *report.attendee_ids),
        hospital_id=visit.hospital_id,
        starts_at=report.started_at,
        channel=report.channel,
        purpose=report.purpose,
        place=report.place,
        product_ids=tuple(dict.fromkeys(talk.product_id for talk in report.talks)),
        claim_ids=tuple(dict.fromkeys(talk.claim_id for talk in report.talks if talk.claim_id)),
        shown=tuple((shown.version_id, shown.shown_at) for shown in report.shown),
        asked_at=at,
        visit_id=visit.pk,
        booking_id=visit.booking_id,
    )


def _write_parts(visit: Visit, report: VisitReport, *, by: User, at: datetime, is_new: bool) -> list:
    rows: list = []
    attendees = [VisitAttendee(visit=visit, doctor_id=key) for key in dict.fromkeys(report.attendee_ids)]
    talks = {(talk.product_id, talk.claim_id): talk for talk in report.talks}
    products = [
        VisitProduct(visit=visit, product_id=talk.product_id, claim_id=talk.claim_id, reaction=talk.reaction)
        for talk in talks.values()
    ]
    for model, fresh in ((VisitAttendee, attendees), (VisitProduct, products)):
        for row in [] if is_new else model.objects.filter(visit=visit).order_by("pk"):
            row.delete()
        if fresh:
            bulk_create_with_history(fresh, model)
        rows += fresh
    rows += _write_showings(visit, report, by=by) if report.shown else []
    rows += _write_needs(visit, report, by=by, at=at)
    if report.follow_up is not None and not visit.follow_ups.exists():
        said = report.follow_up.text
        if visit_facts.note_hits(said, kind=visit_facts.NOTE_OF_FOLLOW_UP):
            said = PLACEHOLDER  # the promise stands with its day; its words are kept apart
        rows.append(
            FollowUp.objects.create(
                visit=visit,
                rep=by,
                doctor_id=visit.doctor_id,
                text_sealed=doctors.seal_text(visit.doctor_id, said),
                due_on=report.follow_up.due_on,
            )
        )
    return rows


def _write_showings(visit: Visit, report: VisitReport, *, by: User) -> list:
    rows: list = []
    known = {row.version_id: row for row in VisitMaterial.objects.filter(visit=visit)}
    for shown in report.shown:
        showing = known.get(shown.version_id)
        if showing is None and shown.showing_id is not None:
            showing = VisitMaterial.objects.filter(
                pk=shown.showing_id, rep=by, doctor_id=visit.doctor_id, version_id=shown.version_id
            ).first()
        if showing is None:
            showing = VisitMaterial(
                pk=shown.showing_id or new_key(),
                rep=by,
                doctor_id=visit.doctor_id,
                version_id=shown.version_id,
                shown_at=shown.shown_at,
            )
        if showing.visit_id != visit.pk or showing._state.adding:
            showing.visit = visit
            showing.save()
            rows.append(showing)
        known[shown.version_id] = showing
        rows += _write_views(showing, shown.pages)
    return rows


def _write_views(showing: VisitMaterial, pages) -> list:
    dwell = {page.page: page.dwell_ms for page in pages}
    have = set(showing.views.values_list("page", flat=True))
    fresh = [
        MaterialView(showing=showing, page=page, dwell_ms=ms)
        for page, ms in dwell.items()
        if page not in have
    ]
    if fresh:
        bulk_create_with_history(fresh, MaterialView)
    return fresh


def _write_needs(visit: Visit, report: VisitReport, *, by: User, at: datetime) -> list:
    rows: list = []
    for question in questions_of(report):
        if not visit_facts.note_hits(question, kind=visit_facts.NOTE_OF_NEED):
            rows += write_need(visit, question, by=by)
    return rows
