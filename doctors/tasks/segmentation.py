"""Doors of scoring: the night's run, the day's updates, what ends by itself."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from compliance.doors import recorded_refusals
from doctors.actions import alerts, overrides, scoring

SCHEDULES = {
    "doctors.score_all": "10 2 * * *",
    "doctors.rescore_touched": 60,
    "doctors.end_overrides": "5 0 * * *",
    "doctors.forget_old_scores": "40 3 * * *",
    "doctors.watch_engagement": "20 4 * * *",
}


@shared_task(name="doctors.score_all", acks_late=True)
def score_all(**_newer: object) -> str:
    """Open the full run of the model in force. Safe to run twice: a day has one nightly run."""
    at = timezone.now()
    with recorded_refusals(by=None, at=at):
        run = scoring.open_nightly_run(at=at)
    return str(run.pk) if run else ""


@shared_task(name="doctors.carry_out_run", acks_late=True, own_transactions=True)
def carry_out_run(*, run_id: str, **_newer: object) -> str:
    """Carry out a run step by step. Safe to run twice: a finished run is left alone."""
    return scoring.carry_out_run(run_id=UUID(run_id), clock=timezone.now).state


@shared_task(name="doctors.carry_out_trial", acks_late=True, own_transactions=True)
def carry_out_trial(*, trial_id: str, **_newer: object) -> str:
    """Carry out a what-if or an evaluation. Safe to run twice: a finished one is left alone."""
    return scoring.carry_out_trial(trial_id=UUID(trial_id), clock=timezone.now).state


@shared_task(name="doctors.rescore_touched", acks_late=True)
def rescore_touched(**_newer: object) -> int:
    """Score the doctors touched since. Safe to run twice: a doctor scored is no longer marked."""
    return scoring.rescore_touched(at=timezone.now())


@shared_task(name="doctors.announce_tier_changes", acks_late=True)
def announce_tier_changes(*, run_id: str, **_newer: object) -> int:
    """Tell the people of a territory that tiers changed. Safe to run twice: the same run is said once."""
    return scoring.announce_tier_changes(run_id=UUID(run_id), at=timezone.now())


@shared_task(name="doctors.end_overrides", acks_late=True)
def end_overrides(**_newer: object) -> int:
    """End the tiers set by hand whose last day has passed. Safe to run twice."""
    at = timezone.now()
    return overrides.end_overrides(on=timezone.localdate(at), at=at)


@shared_task(name="doctors.forget_old_scores", acks_late=True)
def forget_old_scores(**_newer: object) -> int:
    """Drop score rows no page opens any more. Safe to run twice."""
    return scoring.forget_old_scores(at=timezone.now())


@shared_task(name="doctors.watch_engagement", acks_late=True)
def watch_engagement(**_newer: object) -> int:
    """Note whose academic engagement rises or cools. Safe to run twice: an open alert is not noted again."""
    at = timezone.now()
    return alerts.watch_engagement(on=timezone.localdate(at), at=at)
