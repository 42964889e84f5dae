"""The first scoring model of the company, and its first full run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from doctors import actions as doctors
from doctors.actions.scoring import carry_out_run, carry_out_trial

from .people import Company

if TYPE_CHECKING:
    from doctors.models import SegmentationModel

TWO_YEARS = timedelta(days=730)


def seed_tiers(company: Company, *, at: datetime, clock: Callable[[], datetime]) -> None:
    """Draw up a model, assess it, put it in force, and score every doctor with it."""
    model = doctors.draft_model(
        version="2026.4",
        spec=doctors.default_spec(landmark_on=at.date() - TWO_YEARS),  # contacts before that do not count
        by=company.office["marketing"],
        at=at,
    )
    doctors.assess_model(
        model_id=model.pk, impact_assessment="PIA-2026-017", assessed_on=at.date(), by=company.office["compliance"], at=at
    )  # fmt: skip
    doctors.activate_model(model_id=model.pk, by=company.office["medical"], at=at)
    doctors.adopt_default_playbooks(by=company.office["marketing"], at=at)
    run = doctors.open_run(model_id=model.pk, by=company.office["marketing"], at=at, is_queued=False)
    carry_out_run(run_id=run.pk, clock=clock)
    _try_the_next(company, model, at=at, clock=clock)


def _try_the_next(
    company: Company, in_force: SegmentationModel, *, at: datetime, clock: Callable[[], datetime]
) -> None:
    """Leave a second version assessed, with what it would change, and an evaluation of the one in force."""
    following = doctors.draft_model(
        version="2027.1",
        spec=replace(in_force.spec, influence_bp=3500, potential_bp=3500, willingness_bp=3000),
        by=company.office["marketing"],
        at=at,
    )
    doctors.assess_model(
        model_id=following.pk, impact_assessment="PIA-2026-024", assessed_on=at.date(), by=company.office["compliance"], at=at
    )  # fmt: skip
    for model_id, kind in ((following.pk, "what_if"), (in_force.pk, "evaluation")):
        trial = doctors.open_trial(
            model_id=model_id, by=company.office["marketing"], at=at, kind=kind, is_queued=False
        )
        carry_out_trial(trial_id=trial.pk, clock=clock)
