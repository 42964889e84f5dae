"""Scoring models: draw up, assess, retire. Putting one in force is signed: `model_activation`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance import selectors as law_reads
from compliance.rules import scan_header, scan_text
from doctors import permissions
from doctors.actions.model_activation import FLOW, ModelNotMoved, put_activation
from doctors.choices import ModelState
from doctors.models import SegmentationModel
from doctors.rules.features import ALLOWED, CAPPED, CATALOGUE, ENGAGEMENT
from doctors.rules.segmentation import SHARE, Fault, FeatureSpec, ModelSpec, faults_of, may_move
from doctors.selectors.model_words import words_of
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError


class ModelNotSaved(DomainError):
    """The model was not saved. `faults` lists all that is wrong with the specification, each with its place."""

    code = "model_not_saved"

    def __init__(self, message: str = "", *, field: str | None = None, faults: Sequence[Fault] = ()) -> None:
        super().__init__(message, field=field)
        self.faults = tuple(faults)


@transaction.atomic
def draft_model(*, version: str, spec: ModelSpec, by: User, at: datetime) -> SegmentationModel:
    """Draw up a new version of the model.

    Raises: PermissionDenied; ModelNotSaved for a version in use or a specification that is not sound.
    """
    if not permissions.can_edit_model(by):
        raise PermissionDenied
    if not version.strip():
        raise ModelNotSaved(_("A model needs a version."), field="version")
    if scan_text(version):
        raise ModelNotSaved(_("The name says what may not be kept. Choose another one."), field="version")
    model = SegmentationModel(version=version.strip(), author=by)
    _write(model, spec)
    try:
        with transaction.atomic():
            model.save(force_insert=True)
    except IntegrityError as clash:
        raise ModelNotSaved(_("This version exists already."), field="version") from clash
    law.record("doctors.model_drafted", subject=_subject(model), by=by, at=at, rows=[model])
    return model


@transaction.atomic
def change_model(*, model_id: UUID, spec: ModelSpec, by: User, at: datetime) -> SegmentationModel:
    """Change a draft. The one who changes it becomes its author, so a change is never its own second pair of eyes.

    Raises: PermissionDenied; ModelNotMoved if it is no draft; ModelNotSaved if the specification is not sound.
    """
    if not permissions.can_edit_model(by):
        raise PermissionDenied
    model = SegmentationModel.objects.select_for_update().get(pk=model_id)
    if model.state != ModelState.DRAFT:
        raise ModelNotMoved(_("Only a draft can be changed. Make a new version."))
    _write(model, spec)
    model.author = by
    model.save()
    law.record("doctors.model_changed", subject=_subject(model), by=by, at=at, rows=[model])
    return model


@transaction.atomic
def assess_model(
    *, model_id: UUID, impact_assessment: str, assessed_on: date, by: User, at: datetime
) -> SegmentationModel:
    """Note the impact assessment of a draft; without one it never scores. Source: PIPL 55, 56.

    Raises: PermissionDenied; ModelNotMoved if it is no draft, or the number of the assessment is missing.
    """
    if not permissions.can_assess_model(by):
        raise PermissionDenied
    model = SegmentationModel.objects.select_for_update().get(pk=model_id)
    if not may_move(old=model.state, new=ModelState.ASSESSED):
        raise ModelNotMoved(_("Only a draft can be assessed."))
    if not impact_assessment.strip():
        raise ModelNotMoved(_("Give the number of the impact assessment."), field="impact_assessment")
    if not law_reads.assessment_in_force(impact_assessment, localtime(at).date()):
        raise ModelNotMoved(
            _("The register holds no valid impact assessment of this number."), field="impact_assessment"
        )
    if by.pk == model.author_id:
        raise ModelNotMoved(_("Author and assessor have to be two people."))
    model.state = ModelState.ASSESSED
    model.impact_assessment = impact_assessment.strip()
    model.assessed_on, model.assessed_by = assessed_on, by
    model.save()
    law.record("doctors.model_assessed", subject=_subject(model), by=by, at=at, rows=[model])
    put_activation(model, at=at)
    return model


@transaction.atomic
def retire_model(*, model_id: UUID, by: User, at: datetime, reason: str = "") -> SegmentationModel:
    """Take a model out of use. Tiers stand until another model scores. Raises: PermissionDenied; ModelNotMoved."""
    if not permissions.can_activate_model(by):
        raise PermissionDenied
    law.lock_request(FLOW, f"segmentation_model:{model_id}")
    model = SegmentationModel.objects.select_for_update().get(pk=model_id)
    if not may_move(old=model.state, new=ModelState.RETIRED):
        raise ModelNotMoved(_("This model is retired already."))
    law.void_approval(flow=FLOW, subject=_subject(model), reason=reason, by=by, at=at)
    model.state, model.retired_at = ModelState.RETIRED, at
    model.save()
    law.record("doctors.model_retired", subject=_subject(model), by=by, at=at, reason=reason, rows=[model])
    return model


def default_spec(*, landmark_on: date) -> ModelSpec:
    """Return a sound first specification over the catalogue, but for publications: a new installation holds none, a
    feature nobody has facts for only lowers everybody, and it costs a full run six percent of its processor time. A company
    that imports papers gives it a weight in its next version.
    """
    shares = {
        "guideline_work": 2500, "society_roles": 2500, "journal_posts": 1000, "title_grade": 2500, "post_grade": 1500,
        "hospital_level": 3000, "hospital_beds": 1500, "hospital_outpatients": 2000, "consortium_role": 1000,
        "clinical_focus": 2500, "events_attended": 4000, "content_read": 2000, "questions_asked": 2500,
        "visits_held": 1500, "invitations_unanswered": 400,
    }  # fmt: skip
    return ModelSpec(
        features=tuple(feature_spec(key, weight) for key, weight in shares.items()),
        influence_bp=4000,
        potential_bp=3500,
        willingness_bp=2500,
        cut=SHARE,
        core_cut_bp=1000,
        potential_cut_bp=2500,
        landmark_on=landmark_on.isoformat(),
    )


def guarded_faults_of(spec: ModelSpec) -> list[Fault]:
    """Return all that keeps a specification from being saved; a feature outside the catalogue is read by the guard
    against what must not exist, so that prescriptions under any name are called what they are.
    """
    return [
        Fault("forbidden_feature", fault.where)
        if fault.code == "unknown_feature" and scan_header(fault.where.replace("_", " "))
        else fault
        for fault in faults_of(spec)
    ]


def feature_spec(
    key: str, weight_bp: int, *, half_life_days: int = 0, transform: str = "", cap: int = 0
) -> FeatureSpec:
    """Return a feature of the catalogue as a model takes it up, with the catalogue's scale and half-life unless
    the model says otherwise.
    """
    known = CATALOGUE[key]
    scale = transform or known.transform
    return FeatureSpec(
        key=key,
        weight_bp=weight_bp,
        transform=scale,
        cap=(cap or known.cap) if scale == CAPPED else 0,
        half_life_days=(half_life_days or known.half_life_days) if known.measure == ENGAGEMENT else 0,
    )


def allowed_keys() -> Sequence[str]:
    """Return the keys a model may use, in the catalogue's order."""
    return [feature.key for feature in ALLOWED]


def _write(model: SegmentationModel, spec: ModelSpec) -> None:
    if faults := guarded_faults_of(spec):
        raise ModelNotSaved(words_of(faults[0]), faults=faults)
    model.features = [asdict(feature) for feature in spec.features]
    model.influence_bp, model.potential_bp, model.willingness_bp = (
        spec.influence_bp,
        spec.potential_bp,
        spec.willingness_bp,
    )
    model.cut, model.core_cut_bp, model.potential_cut_bp = spec.cut, spec.core_cut_bp, spec.potential_cut_bp
    model.hysteresis_bp, model.min_cohort = spec.hysteresis_bp, spec.min_cohort
    model.cohort_by, model.min_known = spec.cohort_by, spec.min_known
    model.landmark_on = date.fromisoformat(spec.landmark_on)
    model.digest = spec.digest


def _subject(model: SegmentationModel) -> str:
    return f"segmentation_model:{model.pk}"
