"""Pairs of records that look alike, and the weights they were found with."""

from doctors.choices import MatchState
from doctors.models import MatchModel, MatchPair
from doctors.rules.comparing import compare, score_of
from doctors.selectors.matching import shipped_weights
from doctors.selectors.persons import persons_of
from tests.conftest import AT
from tests.factories.doctors import make_doctor, make_hospital


def make_model(*, version=1, state=MatchState.IN_FORCE, lower=0, upper=600, **fields):
    return MatchModel.objects.create(
        version=version,
        state=state,
        facts=shipped_weights().as_facts(),
        lower=lower,
        upper=upper,
        asked_at=AT,
        **fields,
    )


def make_pair(one=None, other=None, *, model=None, **fields):
    """Make a pair of two doctors, by default one person entered twice at one hospital."""
    if one is None:
        hospital = make_hospital()
        one = make_doctor("覃若涵", hospital=hospital, title="attending_physician", specialty="心律失常")
        other = make_doctor("覃若涵", hospital=hospital, title="attending_physician", specialty="心律失常")
    low, high = sorted((one, other), key=lambda doctor: doctor.pk)
    persons = persons_of([low.pk, high.pk], AT.date())
    levels = compare(persons[low.pk], persons[high.pk])
    return MatchPair.objects.create(
        low=low,
        high=high,
        model=model or MatchModel.objects.first() or make_model(),
        levels=list(levels),
        score=score_of(shipped_weights(), levels),
        **fields,
    )
