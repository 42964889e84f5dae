"""Let one record stand for another, and take that back. Nothing is repointed: reads follow `merged_into`."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance.evaluate import Verdict
from doctors import permissions
from doctors.actions.consents import follow_profiling
from doctors.actions.scoring.touched import touch_doctors
from doctors.choices import AssignmentSource, DoctorStatus, PairState
from doctors.facts import MergeFacts
from doctors.models import Assignment, Doctor, MatchPair, MergeRecord
from doctors.selectors.consents import answers_of
from doctors.selectors.families import family_of
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError


class MergeNotMade(DomainError):
    """The records were not merged, or not taken apart. Nothing has changed."""

    code = "merge_not_made"


@transaction.atomic
def merge_doctors(
    *, kept_id: UUID, merged_id: UUID, reason: str, by: User | None, at: datetime, pair_id: UUID | None = None
) -> MergeRecord:
    """Let `kept_id` stand for `merged_id` from now on; both keep their own history.

    `by` is None for a pair above the upper line. Territories of the merged record are taken over, so that who cared
    for it sees the one kept. Raises: PermissionDenied; MergeNotMade for one and the same record, a record merged or
    erased already, or no reason; Refused with the verdict if a hold rests on either.
    """
    if by is not None and not permissions.can_merge_doctors(by):
        raise PermissionDenied
    if not reason.strip():
        raise MergeNotMade(_("Say why they are one doctor."), field="reason")
    if kept_id == merged_id:
        raise MergeNotMade(_("A record cannot be merged with itself."))
    kept, merged = _locked(kept_id, merged_id)
    for doctor in (kept, merged):
        _check_stands(doctor)
    verdict = _judge(kept, merged, by=by, at=at, reason=reason)
    merged.merged_into = kept
    merged.save(update_fields=["merged_into", "updated_at"])
    carried = _carry_territories(kept, merged, localtime(at).date())
    pair = _close_pair(kept, merged, pair_id, reason=reason, by=by, at=at)
    record = MergeRecord.objects.create(
        kept=kept,
        merged=merged,
        pair=pair,
        score=pair.score if pair else None,
        reason=reason.strip()[:300],
        merged_by=by,
        merged_at=at,
        carried={"assignments": [str(one.pk) for one in carried]},
    )
    rows = [merged, record, *carried, *([pair] if pair else []), *follow_profiling(kept, at)]
    touch_doctors([kept.pk, merged.pk], at=at)
    law.record(
        "doctors.doctors_merged",
        subject=f"doctor:{kept.pk}",
        by=by,
        at=at,
        verdict=verdict,
        reason=reason.strip(),
        rows=rows,
    )
    return record


@transaction.atomic
def undo_merge(*, record_id: UUID, reason: str, by: User, at: datetime) -> MergeRecord:
    """Take two merged records apart again; whatever was written to either stays where it was written.

    Raises: PermissionDenied; MergeNotMade when it was undone already or no reason is given; Refused for a hold.
    """
    if not permissions.can_merge_doctors(by):
        raise PermissionDenied
    if not reason.strip():
        raise MergeNotMade(_("Say why they are two doctors."), field="reason")
    record = MergeRecord.objects.get(pk=record_id)
    kept, merged = _locked(record.kept_id, record.merged_id)
    record = MergeRecord.objects.select_for_update().get(pk=record_id)
    if record.undone_at is not None or merged.merged_into_id != kept.pk:
        raise MergeNotMade(_("This merge was undone already."))
    verdict = _judge(kept, merged, by=by, at=at, reason=reason, is_undo=True)
    merged.merged_into = None
    merged.save(update_fields=["merged_into", "updated_at"])
    returned = _return_territories(record, localtime(at).date())
    record.undone_by, record.undone_at, record.undo_reason = by, at, reason.strip()[:300]
    record.save(update_fields=["undone_by", "undone_at", "undo_reason", "updated_at"])
    rows: list[object] = [merged, record, *returned]
    pair = MatchPair.objects.select_for_update().filter(pk=record.pair_id).first()
    if pair is not None:
        pair.state, pair.reason, pair.decided_by, pair.decided_at = (
            PairState.DIFFERENT,
            reason.strip()[:300],
            by,
            at,
        )
        pair.save(update_fields=["state", "reason", "decided_by", "decided_at", "updated_at"])
        rows.append(pair)
    root = Doctor.objects.select_for_update().get(pk=_root_of(kept))
    rows += [*follow_profiling(root, at), *follow_profiling(merged, at)]
    touch_doctors([root.pk, merged.pk], at=at)
    law.record(
        "doctors.merge_undone",
        subject=f"doctor:{kept.pk}",
        by=by,
        at=at,
        verdict=verdict,
        reason=reason.strip(),
        rows=rows,
    )
    return record


@transaction.atomic
def decide_pair(
    *, pair_id: UUID, state: str, reason: str, by: User, at: datetime, look_again_on: date | None = None
) -> MatchPair:
    """Say that two records are two doctors, or leave them for a later day; one doctor is said by `merge_doctors`.

    Raises: PermissionDenied; MergeNotMade when somebody decided meanwhile, without a reason, or for a day not ahead.
    """
    if not permissions.can_merge_doctors(by):
        raise PermissionDenied
    pair = MatchPair.objects.select_for_update().get(pk=pair_id)
    if pair.state not in (PairState.OPEN, PairState.LATER):
        raise MergeNotMade(_decided_words(pair))
    if state not in (PairState.DIFFERENT, PairState.LATER):
        raise MergeNotMade(_("Choose one of the answers."), field="state")
    if not reason.strip():
        raise MergeNotMade(_("Say why."), field="reason")
    if state == PairState.LATER and (look_again_on is None or look_again_on <= localtime(at).date()):
        raise MergeNotMade(_("Choose a day ahead on which to look again."), field="look_again_on")
    pair.state, pair.reason, pair.decided_by, pair.decided_at = state, reason.strip()[:300], by, at
    pair.look_again_on = look_again_on if state == PairState.LATER else None
    pair.save(update_fields=["state", "reason", "decided_by", "decided_at", "look_again_on", "updated_at"])
    law.record(
        "doctors.pair_decided",
        subject=f"match_pair:{pair.pk}",
        by=by,
        at=at,
        reason=reason.strip(),
        rows=[pair],
    )
    return pair


def _locked(one: UUID, other: UUID) -> tuple[Doctor, Doctor]:
    """Lock both in the order of their keys, whichever is kept. Returns: in the order asked."""
    found = {
        doctor.pk: doctor
        for doctor in Doctor.objects.select_for_update().filter(pk__in=[one, other]).order_by("pk")
    }
    if one not in found or other not in found:
        raise MergeNotMade(_("One of the two records does not exist."))
    return found[one], found[other]


def _check_stands(doctor: Doctor) -> None:
    if doctor.merged_into_id is not None:
        record = (
            MergeRecord.objects.filter(merged=doctor, undone_at__isnull=True)
            .select_related("merged_by")
            .first()
        )
        raise MergeNotMade(
            _("%(code)s was merged already, by %(who)s at %(when)s. Look at the record it stands for.")
            % {
                "code": doctor.code,
                "who": (record.merged_by if record and record.merged_by else _("the system")),
                "when": f"{localtime(record.merged_at):%Y-%m-%d %H:%M}" if record else "—",
            }
        )
    if doctor.status == DoctorStatus.ERASED:
        raise MergeNotMade(_("An erased record is not merged."))


def _judge(
    kept: Doctor, merged: Doctor, *, by: User | None, at: datetime, reason: str, is_undo: bool = False
) -> Verdict:
    answers = answers_of([kept.pk, merged.pk])
    facts = MergeFacts(
        reason=reason.strip(),
        alone=by is None,
        is_undo=is_undo,
        refused_profiling=kept.profiling_refused or merged.profiling_refused,
        never_contact=any(one.state == "never" for held in answers.values() for one in held),
        subjects=(f"doctor:{kept.pk}", f"doctor:{merged.pk}"),
    )
    return law.judge("doctor.merge", facts, subject=f"doctor:{kept.pk}", by=by, at=at)


def _carry_territories(kept: Doctor, merged: Doctor, today: date) -> list[Assignment]:
    """Take over the merged record's territories of the lines in which the kept one has none."""
    live = Q(valid_until__isnull=True) | Q(valid_until__gt=today)
    held = set(Assignment.objects.filter(live, doctor=kept).values_list("line", flat=True))
    made = []
    for one in Assignment.objects.filter(live, doctor=merged, valid_from__lte=today).order_by("territory_id"):
        if one.line not in held:
            held.add(one.line)
            made.append(
                Assignment.objects.create(
                    doctor=kept,
                    territory_id=one.territory_id,
                    line=one.line,
                    source=AssignmentSource.MERGE,
                    valid_from=today,
                    valid_until=one.valid_until,
                )
            )
    return made


def _return_territories(record: MergeRecord, today: date) -> list[object]:
    """End what the kept record took over; what began today alone is taken out whole, its versions stay."""
    taken = list(
        Assignment.objects.select_for_update()
        .filter(pk__in=record.carried.get("assignments", []))
        .order_by("pk")
    )
    ended: list[object] = []
    for one in taken:
        if one.valid_from >= today:
            one.delete()
        elif one.valid_until is None or one.valid_until > today:
            one.valid_until = today
            one.save(update_fields=["valid_until", "updated_at"])
            ended.append(one)
    return ended


def _close_pair(
    kept: Doctor, merged: Doctor, pair_id: UUID | None, *, reason: str, by: User | None, at: datetime
) -> MatchPair | None:
    low, high = sorted((kept.pk, merged.pk))
    pair = MatchPair.objects.select_for_update().filter(low=low, high=high).first()
    if pair_id is not None and (pair is None or pair.pk != pair_id):
        raise MergeNotMade(_("These two are not the pair that was asked about."))
    if pair is None:
        return None
    if pair_id is not None and pair.state not in (PairState.OPEN, PairState.LATER):
        raise MergeNotMade(_decided_words(pair))
    pair.state, pair.reason, pair.decided_by, pair.decided_at = PairState.SAME, reason.strip()[:300], by, at
    pair.look_again_on = None
    pair.save(update_fields=["state", "reason", "decided_by", "decided_at", "look_again_on", "updated_at"])
    return pair


def _decided_words(pair: MatchPair) -> str:
    return _("This pair was decided already: %(answer)s, by %(who)s at %(when)s.") % {
        "answer": pair.get_state_display(),
        "who": pair.decided_by or _("the system"),
        "when": f"{localtime(pair.decided_at):%Y-%m-%d %H:%M}" if pair.decided_at else "—",
    }


def _root_of(doctor: Doctor) -> UUID:
    members = family_of(doctor.pk)
    return Doctor.objects.filter(pk__in=members, merged_into__isnull=True).values_list("pk", flat=True).get()
