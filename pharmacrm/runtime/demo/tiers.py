"""The scoring model of the company, in force since the spring of its data: a run at each end of a quarter, and today's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.timezone import localtime

from compliance import actions as law
from doctors import actions as doctors
from doctors import selectors
from doctors.actions.scoring import announce_tier_changes, carry_out_run, carry_out_trial, touch_doctors
from doctors.actions.scoring.engagement import first_moment
from doctors.actions.scoring.evaluation import QUARTERS, quarter_ends

from .content import Hand
from .people import Company

if TYPE_CHECKING:
    from doctors.models import SegmentationModel

TWO_YEARS = timedelta(days=730)


def _assessed(company: Company, at: datetime) -> str:
    """Write an impact assessment and let compliance approve it. Returns: its number."""
    words = law.AssessmentWords(
        title="医生学术分层评分",
        kind="profiling",
        lawful_basis="个人信息保护法第十三条第一款第（二）、（六）项；第二十四条",
        data_used="合法公开的职业信息、学术活动与拜访记录；不含处方、用量及敏感个人信息。",
        necessity="用于选择适合的学术内容与频次；仅用已登记的特征，未使用可识别患者的信息。",
        risks="被误分层、感到被评价、因拒绝画像受到不利对待。",
        measures="逐项可解释；可拒绝、可申诉并由人复核；拒绝者不评分、不排名；两人启用模型。",
    )
    draft = law.draft_assessment(words=words, by=company.office["marketing"], at=at)
    approved = law.approve_assessment(
        assessment_id=draft.pk,
        review_on=(at + timedelta(days=700)).date(),
        by=company.office["compliance"],
        at=at,
    )
    return str(approved.number)


def seed_tiers(company: Company, *, at: datetime, clock: Callable[[], datetime]) -> None:
    """Draw up a model, assess it, put it in force, and score every doctor at the ends of three quarters and today."""
    evenings = [
        first_moment(day) - timedelta(hours=2) for day in quarter_ends(localtime(at).date(), QUARTERS)[1:-1]
    ]
    begun = evenings[0] - timedelta(days=21)
    model = doctors.draft_model(
        version=f"{begun.year}.1",
        spec=doctors.default_spec(landmark_on=begun.date() - TWO_YEARS),  # contacts before that do not count
        by=company.office["marketing"],
        at=begun,
    )
    doctors.assess_model(
        model_id=model.pk, impact_assessment=_assessed(company, begun), assessed_on=begun.date(), by=company.office["compliance"], at=begun
    )  # fmt: skip
    signer = company.office["medical"]
    doctors.activate_model(model_id=model.pk, by=signer, at=begun, proof=Hand().proof(signer, begun))
    doctors.adopt_default_playbooks(by=company.office["marketing"], at=begun)
    for evening in evenings:
        _score(company, model, at=evening, clock=lambda evening=evening: evening)
    _score(company, model, at=at, clock=clock)
    _try_the_next(company, model, at=at, clock=timezone.now)


def _score(
    company: Company, model: SegmentationModel, *, at: datetime, clock: Callable[[], datetime]
) -> None:
    # The year's contacts stand already, later ones too: each run looks again at what had come to pass by its day.
    everybody = selectors.doctors_visible_to(company.office["steward"], localtime(at).date())
    touch_doctors(everybody.values_list("pk", flat=True), at=at)
    run = doctors.open_run(model_id=model.pk, by=company.office["marketing"], at=at, is_queued=False)
    carry_out_run(run_id=run.pk, clock=clock)
    announce_tier_changes(run_id=run.pk, at=at)  # on the day itself, so that old news is not news today


def _try_the_next(
    company: Company, in_force: SegmentationModel, *, at: datetime, clock: Callable[[], datetime]
) -> None:
    """Leave a second version assessed, with what it would change, and an evaluation of the one in force."""
    following = doctors.draft_model(
        version=f"{at.year + 1}.1",
        spec=replace(in_force.spec, influence_bp=3500, potential_bp=3500, willingness_bp=3000),
        by=company.office["marketing"],
        at=at,
    )
    doctors.assess_model(
        model_id=following.pk, impact_assessment=_assessed(company, at), assessed_on=at.date(), by=company.office["compliance"], at=at
    )  # fmt: skip
    for model_id, kind in ((following.pk, "what_if"), (in_force.pk, "evaluation")):
        trial = doctors.open_trial(
            model_id=model_id, by=company.office["marketing"], at=at, kind=kind, is_queued=False
        )
        carry_out_trial(trial_id=trial.pk, clock=clock)
