"""Acts of scoring through pages and REST, each with what it needs."""

from __future__ import annotations

from django.utils import timezone

from doctors.actions import contests
from doctors.forms.segmentation import SpecForm
from pharmacrm.accounts.choices import Role
from tests.architecture.act_rows import Act
from tests.doctors.academic_rows import ACADEMIC_ACTS
from tests.doctors.duplicate_rows import DUPLICATE_ACTS
from tests.doctors.master_rows import HOSPITAL
from tests.doctors.privacy_acts import PRIVACY_ACTS
from tests.doctors.rest_rows import ACTS as REST_ACTS
from tests.doctors.rest_rows import with_password
from tests.doctors.rest_scoring_rows import REST_SCORING_ACTS
from tests.doctors.territory_acts import TERRITORY_ACTS
from tests.factories.compliance import proof_of
from tests.factories.content import content_person
from tests.factories.doctors import make_doctor, make_hospital
from tests.factories.segmentation import make_model, make_spec


def new_model(_person):
    return {}, {**SpecForm.initial_of(make_spec()), "version": "2027.1"}


def model_to_run(person):
    model = make_model(person, content_person(Role.COMPLIANCE), at=timezone.now())
    return {}, {"model": model.version}


def draft_to_change(person):
    model = make_model(person, content_person(Role.COMPLIANCE), at=timezone.now(), state="draft")
    return {"pk": model.pk}, {**SpecForm.initial_of(make_spec()), "hysteresis": 1}


def model_to_sign(person):
    author = content_person(Role.MARKETING, "罗曼")
    model = make_model(author, person, at=timezone.now(), state="assessed")
    with_password(person)
    proof = proof_of(person, timezone.now())
    return {"pk": model.pk, "verb": "activate"}, {"password": proof.password, "code": proof.code}


def model_to_try(person):
    model = make_model(person, content_person(Role.COMPLIANCE), at=timezone.now())
    return {"pk": model.pk, "kind": "what-if"}, {}


def tiered_doctor(_person):
    return {"pk": make_doctor("张晓明", tier="basic").pk}, {"words": "任职未更新"}


def contested_tier(_person):
    doctor = tiered_doctor(_person)[0]["pk"]
    contest = contests.contest_tier(
        doctor_id=doctor, words="任职未更新", by=content_person(Role.STEWARD, "石磊"), at=timezone.now()
    )
    return {"pk": contest.pk}, {"tier": "core", "answer": "核实无误"}


ACTS = [
    *ACADEMIC_ACTS,
    *PRIVACY_ACTS,
    *REST_ACTS,
    *REST_SCORING_ACTS,
    Act("doctors:contest", Role.STEWARD, tiered_doctor),
    Act("doctors:contest-decide", Role.COMPLIANCE, contested_tier),
    Act("doctors:trial-start", Role.MARKETING, model_to_try),
    Act("doctors:model-move", Role.COMPLIANCE, model_to_sign),
    Act("doctors:model-edit", Role.MARKETING, draft_to_change),
    *DUPLICATE_ACTS,
    Act("doctors:hospital-edit", Role.STEWARD, lambda _person: ({"pk": make_hospital().pk}, HOSPITAL)),
    Act(
        "doctors:hospital-alias",
        Role.STEWARD,
        lambda _person: ({"pk": make_hospital().pk}, {"name": "湖一", "kind": "short"}),
    ),
    Act("doctors:model-new", Role.MARKETING, new_model),
    Act("api:doctors-api:scoring-run-list", Role.MARKETING, model_to_run),
    *TERRITORY_ACTS,
]
