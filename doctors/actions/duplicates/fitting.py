"""Fit the weights to the base without labels, keep all it takes to repeat that, and let a steward draw the lines."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import orjson
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from doctors import permissions
from doctors.actions.duplicates.blocking import block_doctors, candidate_batches
from doctors.choices import MatchState
from doctors.models import DoctorIdentity, MatchModel
from doctors.rules.comparing import FEATURE_LEVELS, FEATURE_NAMES, compare, is_candidate
from doctors.rules.labelled_pairs import SEED
from doctors.rules.name_shares import shares_of, shipped_shares
from doctors.rules.weights import Pattern, Weights, fit
from doctors.selectors.matching import shipped_pairs, shipped_weights
from doctors.selectors.persons import persons_of
from pharmacrm.accounts.models import User
from pharmacrm.common import jobs
from pharmacrm.common.errors import DomainError
from pharmacrm.common.outbox import enqueue

CODE_VERSION = "matching/1"
ENOUGH_PAIRS = 2_000
LEAST_SHARE, MOST_SHARE = 0.001, 0.9


class MatchingNotMoved(DomainError):
    """The fit was not asked for, or its weights not put in force."""

    code = "matching_not_moved"


@transaction.atomic
def ask_fit(*, by: User, at: datetime) -> MatchModel:
    """Ask for the weights to be fitted to the base as it is now; a job shows how far it is.

    Raises: PermissionDenied; MatchingNotMoved while another fit is under way.
    """
    if not permissions.can_merge_doctors(by):
        raise PermissionDenied
    if MatchModel.objects.select_for_update().filter(state=MatchState.WAITING).exists():
        raise MatchingNotMoved(_("A fit is under way. Wait for it to end."))
    version = (MatchModel.objects.aggregate(last=Max("version"))["last"] or 0) + 1
    model = MatchModel(version=version, asked_by=by, asked_at=at)
    model.job = jobs.open_job(
        kind="doctors.matching",
        title=_("Fit of the matching weights, version %(version)d") % {"version": version},
        by=by,
        subject=f"match_model:{model.pk}",
        total=100,
    )
    model.save(force_insert=True)
    law.record("doctors.match_fit_asked", subject=f"match_model:{model.pk}", by=by, at=at, rows=[model])
    enqueue("doctors.fit_matching", model_id=model.pk)
    return model


def carry_out_fit(*, model_id: UUID, clock: Callable[[], datetime]) -> MatchModel:
    """Fit a waiting model. Safe to call again: a fitted one is left alone. Raises: what a step raises, told to the job."""
    model = MatchModel.objects.get(pk=model_id)
    if model.state != MatchState.WAITING:
        return model
    jobs.start(model.job_id, at=clock(), total=100)
    try:
        with transaction.atomic():
            model = MatchModel.objects.select_for_update().get(pk=model_id)
            _fit(model, clock)
            model.state = MatchState.FITTED
            model.save()
            law.record(
                "doctors.match_fitted",
                subject=f"match_model:{model.pk}",
                by=model.asked_by,
                at=clock(),
                reason=str(model.manifest["result_digest"]),
                rows=[model],
            )
    except Exception as error:
        with transaction.atomic():
            model = MatchModel.objects.select_for_update().get(pk=model_id)
            model.state = MatchState.FAILED
            model.save(update_fields=["state", "updated_at"])
            law.record(
                "doctors.match_fit_failed",
                subject=f"match_model:{model.pk}",
                by=None,
                at=clock(),
                rows=[model],
            )
        jobs.fail(model.job_id, at=clock(), error=str(error)[:500])
        raise
    jobs.finish(model.job_id, at=clock(), result={"pairs": model.manifest["pairs_compared"]})
    return model


@transaction.atomic
def use_weights(*, model_id: UUID, by: User, at: datetime) -> MatchModel:
    """Put fitted weights in force; the pairs are scored anew. Raises: PermissionDenied; MatchingNotMoved."""
    if not permissions.can_merge_doctors(by):
        raise PermissionDenied
    model = MatchModel.objects.select_for_update().get(pk=model_id)
    if model.state not in (MatchState.FITTED, MatchState.RETIRED):
        raise MatchingNotMoved(_("Only fitted weights can be put in force."))
    rows = [model]
    for former in MatchModel.objects.select_for_update().filter(state=MatchState.IN_FORCE):
        former.state = MatchState.RETIRED
        former.save(update_fields=["state", "updated_at"])
        rows.append(former)
    model.state, model.in_force_at = MatchState.IN_FORCE, at
    model.save(update_fields=["state", "in_force_at", "updated_at"])
    law.record("doctors.match_in_force", subject=f"match_model:{model.pk}", by=by, at=at, rows=rows)
    enqueue("doctors.find_duplicates", model_id=model.pk, asked=localtime(at).isoformat())
    return model


@transaction.atomic
def draw_lines(
    *, model_id: UUID, lower: int, upper: int, merges_alone: bool, by: User, at: datetime
) -> MatchModel:
    """Set the two lines in hundredths of a bit, and whether pairs above the upper one are merged without asking.

    Raises: PermissionDenied; MatchingNotMoved for lines in the wrong order or weights not fitted yet.
    """
    if not permissions.can_merge_doctors(by):
        raise PermissionDenied
    model = MatchModel.objects.select_for_update().get(pk=model_id)
    if model.state in (MatchState.WAITING, MatchState.FAILED):
        raise MatchingNotMoved(_("These weights are not fitted yet."))
    if upper < lower:
        raise MatchingNotMoved(_("The upper line lies below the lower one."), field="upper")
    model.lower, model.upper, model.merges_alone = lower, upper, merges_alone
    model.save(update_fields=["lower", "upper", "merges_alone", "updated_at"])
    law.record("doctors.match_lines_drawn", subject=f"match_model:{model.pk}", by=by, at=at, rows=[model])
    if model.state == MatchState.IN_FORCE:
        enqueue("doctors.find_duplicates", model_id=model.pk, asked=localtime(at).isoformat())
    return model


def _fit(model: MatchModel, clock: Callable[[], datetime]) -> None:
    shares = shares_of(DoctorIdentity.objects.order_by("pk").values_list("name", flat=True).iterator())
    jobs.advance(model.job_id, done=10)
    blocked = block_doctors()
    jobs.advance(model.job_id, done=30)
    found, compared = Counter[Pattern](), 0
    on = localtime(clock()).date()
    for pairs in candidate_batches():
        persons = persons_of({one for pair in pairs for one in pair}, on)
        for low, high in pairs:
            if low in persons and high in persons:
                levels = compare(persons[low], persons[high], shares)
                compared += 1
                if is_candidate(levels):
                    found[levels] += 1
        jobs.advance(model.job_id, done=30 + min(60, 60 * compared // max(blocked.pairs, 1)))
    weights, source = _weights(found)
    facts = weights.as_facts()
    if shares is not shipped_shares():
        facts["shares"] = {"surnames": dict(shares.surnames), "characters": dict(shares.characters)}
    model.facts = facts
    model.lower, model.upper = shipped_pairs(weights, part="fit").suggested()
    model.manifest = {
        "code": CODE_VERSION,
        "source": source,
        "records": blocked.records,
        "pairs_blocked": blocked.pairs,
        "keys_too_common": blocked.common_keys,
        "pairs_compared": compared,
        "patterns": len(found),
        "rounds": weights.rounds,
        "labelled_seed": SEED,
        "input_digest": _digest(sorted((list(levels), count) for levels, count in found.items())),
        "result_digest": _digest(weights.as_facts()),
    }


def _weights(found: Counter[Pattern]) -> tuple[Weights, str]:
    """Fit to the base where it says enough, else to the invented pairs that ship with the product."""
    if found.total() >= ENOUGH_PAIRS:
        fitted = fit(FEATURE_NAMES, FEATURE_LEVELS, found)
        if LEAST_SHARE < fitted.share < MOST_SHARE:
            return fitted, "base"
    return shipped_weights(), "shipped"


def _digest(value: object) -> str:
    return hashlib.sha256(orjson.dumps(value)).hexdigest()
