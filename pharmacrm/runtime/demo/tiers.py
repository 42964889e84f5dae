"""The first scoring model of the company, and its first full run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from doctors import actions as doctors
from doctors.actions.scoring.runs import carry_out_run

from .people import Company

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
