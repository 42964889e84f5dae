"""Which tier a doctor holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, Subquery
from django.utils.translation import gettext as _

from doctors.choices import OverrideState, RunKind, Tier
from doctors.models import Doctor, DoctorScore, ScoringRun, TierAssignment, TierOverride
from doctors.rules import segmentation as rules

from .visibility import canonical_ids

UNPROFILED = rules.UNPROFILED


@dataclass(frozen=True)
class TierNow:
    """The tier a doctor holds: core, potential, basic; unprofiled after a refusal; empty before the first run."""

    doctor_id: UUID
    tier: str
    label: str
    is_override: bool = False
    valid_until: date | None = None

    @property
    def playbook_tier(self) -> str:
        """The tier whose playbook applies: nobody is worse off for not being profiled."""
        return self.tier if self.tier in rules.LADDER else rules.BASIC


def tier_of(doctor_id: UUID | str) -> TierNow | None:
    """Return the tier a doctor holds, or None for no such doctor. Cost: two queries."""
    return next(iter(tiers_of([doctor_id]).values()), None)


def tiers_of(ids: Iterable[UUID | str]) -> dict[UUID, TierNow]:
    """Return the tiers of doctors by key. The caller has checked who may see them. Cost: two queries."""
    wanted = list(ids)
    overrides = dict(
        TierOverride.objects.filter(doctor_id__in=wanted, state=OverrideState.APPROVED).values_list(
            "doctor_id", "valid_until"
        )
    )
    rows = Doctor.objects.filter(pk__in=wanted).values_list("pk", "tier", "profiling_refused")
    return {
        pk: TierNow(
            doctor_id=pk,
            tier=UNPROFILED if refused else tier,
            label=label_of(UNPROFILED if refused else tier),
            is_override=pk in overrides and not refused,
            valid_until=overrides.get(pk),
        )
        for pk, tier, refused in rows
    }


def refuses_profiling(doctor_id: UUID) -> bool:
    """Return whether a doctor, or the one a merged record stands for, refused profiling. Cost: two queries."""
    stands_for = canonical_ids([doctor_id]).get(doctor_id, doctor_id)
    return Doctor.objects.filter(pk=stands_for, profiling_refused=True).exists()


def label_of(tier: str) -> str:
    """Return the reader's word for a tier."""
    if tier in Tier.values:
        return str(Tier(tier).label)
    return _("Not profiled") if tier == UNPROFILED else _("No tier yet")


def score_in_force(doctor_id: UUID | str) -> DoctorScore | None:
    """Return the doctor's score in the run that holds now: the daytime one, else the full one. Cost: one query."""
    published = ScoringRun.objects.filter(kind=RunKind.FULL, published_at__isnull=False)
    full = Subquery(published.order_by("-published_at", "-pk").values("pk")[:1])
    runs = ScoringRun.objects.filter(Q(pk=full) | Q(kind=RunKind.DAYTIME, based_on=full))
    scores = DoctorScore.objects.filter(doctor_id=doctor_id, run_id__in=runs.values("pk"))
    return max(
        scores.select_related("run__model"), key=lambda one: one.run.kind == RunKind.DAYTIME, default=None
    )


def computed_tier_of(doctor_id: UUID | str) -> str:
    """Return the tier the score gives, without regard to anything set by hand; empty without a score."""
    score = score_in_force(doctor_id)
    return score.tier if score else ""


def tier_history_of(doctor_id: UUID | str) -> list[TierAssignment]:
    """Return a doctor's tiers, newest first. Cost: one query."""
    return list(
        TierAssignment.objects.filter(doctor_id=doctor_id)
        .select_related("override__asked_by")
        .order_by("-pk")[:50]
    )


def override_of(doctor_id: UUID | str) -> TierOverride | None:
    """Return the tier set by hand that waits or holds, if one does."""
    return (
        TierOverride.objects.filter(
            doctor_id=doctor_id, state__in=[OverrideState.ASKED, OverrideState.APPROVED]
        )
        .select_related("asked_by", "decided_by")
        .first()
    )
