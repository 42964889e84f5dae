"""A scoring model in each state, and a small population to score."""

from datetime import date

from doctors import actions
from doctors.actions import segmentation
from doctors.management.load import fill
from doctors.rules.segmentation import LINE, ModelSpec
from tests.factories.compliance import PASSWORD, make_assessment, proof_of

LANDMARK = date(2025, 1, 1)


def make_spec(**changes) -> ModelSpec:
    """A sound specification with fixed lines, so that a test can say where they lie."""
    given = {**segmentation.default_spec(landmark_on=LANDMARK).__dict__}
    given.update({"cut": LINE, "core_cut_bp": 5500, "potential_cut_bp": 4000, "min_cohort": 5, **changes})
    return ModelSpec(**given)


def make_model(author, assessor, *, at, version="2026.3", state="active", **changes):
    """Draft, assess and activate as far as `state` says; who assesses also activates."""
    model = segmentation.draft_model(version=version, spec=make_spec(**changes), by=author, at=at)
    if state != "draft":
        make_assessment()
        model = segmentation.assess_model(
            model_id=model.pk,
            impact_assessment="PIA-2026-003",
            assessed_on=date(2026, 10, 1),
            by=assessor,
            at=at,
        )
    if state == "active":
        model = activate(model, assessor, at)
    return model


def activate(model, by, at):
    """Sign for a model and put it in force; the signer gets what signing asks for."""
    if not by.check_password(PASSWORD):
        by.set_password(PASSWORD)
        by.save(update_fields=["password"])
    return actions.activate_model(model_id=model.pk, by=by, at=at, proof=proof_of(by, at))


def make_population(doctors=150, interactions=2500, seed=7):
    return fill(doctors, interactions, seed)
