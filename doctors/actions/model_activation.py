"""Put a scoring model in force: asked for with its assessment, decided by the signature of somebody who did not write it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from compliance import selectors as law_reads
from compliance.choices import ApprovalState, ApprovalVerb
from compliance.flows import Answer, Decision, Signed
from compliance.selectors.approvals import open_request
from doctors import permissions
from doctors.actions.scoring.runs import facts_of
from doctors.choices import ModelState
from doctors.models import SegmentationModel
from doctors.rules.segmentation import faults_of, may_move
from doctors.selectors.model_words import words_of
from doctors.selectors.signed_models import model_fingerprint
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError
from pharmacrm.common.outbox import enqueue

if TYPE_CHECKING:
    from compliance.models import ApprovalRequest

FLOW = "doctors.model"  # registered in apps.py
MEANING = "doctors.model_activated"
DAYS_TO_ANSWER = 5


class ModelNotMoved(DomainError):
    """The model stays in the state it was in."""

    code = "model_not_moved"


@transaction.atomic
def activate_model(
    *, model_id: UUID, by: User, at: datetime, proof: law.SignatureProof | None = None
) -> SegmentationModel:
    """Sign for an assessed model and put it in force; the one before is retired, and a full run is asked for.

    One answer to its request in the approval engine, which is opened where nobody asked yet.
    Raises: PermissionDenied; ModelNotMoved without an impact assessment, for the author, or for a model that is not
    sound; ApprovalNotDecided without `proof`; what `sign` raises; Refused with the verdict if the law forbids it.
    Nothing has changed then. Source: PIPL 24, 55; 21 CFR 11.50, 11.70.
    """
    model = SegmentationModel.objects.get(pk=model_id)
    _may_activate(model, by)
    law.answer_approval(
        flow=FLOW,
        subject=_subject(model),
        verb=ApprovalVerb.AGREE,
        by=by,
        at=at,
        proof=proof,
        put=lambda: put_activation(model, at=at),
    )
    model.refresh_from_db()
    return model


def put_activation(model: SegmentationModel, *, at: datetime) -> ApprovalRequest:
    """Ask those who put models in force for one as it stands. Its author is who asks, so never who signs."""
    return law.open_approval(
        subject=_subject(model),
        flow=FLOW,
        by=model.author,
        at=at,
        steps=[law.Stage(roles=permissions.MODEL_ACTIVATORS)],
        due_at=law.due_after(at, DAYS_TO_ANSWER),
        payload={
            "model": str(model.pk),
            "version": model.version,
            "sha256": model_fingerprint(model),
        },
    )


def put_activations(at: datetime) -> int:
    """Put every assessed model that has no request to the engine. Safe to run twice. Returns: how many are new."""
    waiting = SegmentationModel.objects.filter(state=ModelState.ASSESSED).order_by("pk")
    new = [one for one in waiting if open_request(FLOW, _subject(one)) is None]
    for model in new:
        put_activation(model, at=at)
    return len(new)


def check_activation_answer(answer: Answer) -> None:
    """Raises: PermissionDenied; ModelNotMoved, also where the model is no longer the one that was asked for."""
    model = SegmentationModel.objects.get(pk=UUID(answer.payload["model"]))
    if answer.verb != ApprovalVerb.AGREE:
        if not permissions.can_activate_model(answer.by):
            raise PermissionDenied
        return
    _may_activate(model, answer.by)
    if model_fingerprint(model) != answer.payload["sha256"]:
        raise ModelNotMoved(_("The model changed after approval was asked. Make a new version."))


def activation_signed(payload: dict[str, Any]) -> Signed:
    """Return what is signed: the version's specification and the number of its impact assessment."""
    model = SegmentationModel.objects.get(pk=UUID(payload["model"]))
    return Signed(_subject(model), model_fingerprint(model))


@transaction.atomic
def carry_out_activation(*, decision: Decision) -> None:
    """Put a signed model in force. Any other answer leaves it assessed, to be asked for again or taken out of use.

    Cost: all models are locked, so of two activations at once the second finds the first.
    """
    if decision.outcome != ApprovalState.APPROVED:
        return
    by, at = decision.by, decision.at
    models = {model.pk: model for model in SegmentationModel.objects.select_for_update().order_by("pk")}
    model = models[UUID(decision.payload["model"])]
    _may_activate(model, by)
    facts = facts_of(model)
    if not law_reads.assessment_in_force(model.impact_assessment, localtime(at).date()):
        facts = replace(facts, impact_assessment="")  # its review is due, or it was taken out of use
    verdict = law.judge("doctor.score", facts, subject=_subject(model), by=by, at=at)
    rows = []
    for other in models.values():
        if other.state == ModelState.ACTIVE:
            other.state, other.retired_at = ModelState.RETIRED, at
            other.save()
            rows.append(other)
    model.state, model.activated_at, model.activated_by = ModelState.ACTIVE, at, by
    model.signature_id = decision.signature_id
    model.save()
    law.record(
        "doctors.model_activated",
        subject=_subject(model),
        by=by,
        at=at,
        verdict=verdict,
        reason=model.digest,
        rows=[model, *rows],
    )
    enqueue("doctors.score_all")


def _may_activate(model: SegmentationModel, by: User) -> None:
    if not permissions.can_activate_model(by):
        raise PermissionDenied
    if not may_move(old=model.state, new=ModelState.ACTIVE):
        raise ModelNotMoved(_("A model is put in force after its impact assessment."))
    if by.pk == model.author_id:
        raise ModelNotMoved(_("The author of a model cannot put it in force."))
    if faults := faults_of(model.spec):
        raise ModelNotMoved(words_of(faults[0]))


def _subject(model: SegmentationModel) -> str:
    return f"segmentation_model:{model.pk}"
