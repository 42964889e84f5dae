"""A file of prescribers, ready-made with scores and tiers, serves as nothing but an import that is refused."""

import pytest

from compliance.rules import scan_header
from doctors.actions import segmentation
from doctors.rules.features import CATALOGUE
from doctors.rules.segmentation import FeatureSpec
from tests.factories.segmentation import make_spec

# Columns of a published list of diabetes prescribers (CMS Part D, derived scores), re-typed.
COLUMNS = (
    "npi", "specialty", "state", "total_patients", "avg_patient_risk", "actual_claims", "predicted_claims",
    "opportunity", "persuadability", "target_score", "tier",
)  # fmt: skip
COUNTS = {"total_patients", "actual_claims", "predicted_claims"}


def test_the_guard_names_its_columns_of_counts():
    caught = {name for name in COLUMNS if scan_header(name)}

    assert caught >= COUNTS
    assert {one.rule for name in COUNTS for one in scan_header(name)} == {"MR-11"}


@pytest.mark.parametrize("name", COLUMNS)
def test_none_of_its_columns_can_be_a_feature(name):
    assert name not in CATALOGUE
    spec = make_spec()
    broken = type(spec)(**{**spec.__dict__, "features": (*spec.features, FeatureSpec(name, 0))})

    codes = {fault.code for fault in segmentation.guarded_faults_of(broken)}

    assert codes == {"forbidden_feature" if name in COUNTS else "unknown_feature"}
