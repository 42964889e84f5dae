"""Who may do what of models, weights, tiers, consents and the strategy over REST; and the acts, each with what it needs."""

from datetime import timedelta

from django.utils import timezone

from pharmacrm.accounts.choices import Role
from tests.architecture.act_rows import Act
from tests.architecture.permission_rows import Row, for_roles
from tests.doctors import duplicate_rows as alike
from tests.doctors import master_rows as master
from tests.doctors import privacy_rows as privacy
from tests.doctors import segmentation_rows as scoring
from tests.doctors.rest_rows import API, A, spec_words, with_password
from tests.factories.compliance import make_assessment, proof_of
from tests.factories.content import content_person
from tests.factories.doctors import make_doctor
from tests.factories.segmentation import make_model

DRAWS = (Role.MARKETING, Role.MEDICAL)
PUTS = (Role.COMPLIANCE, Role.MEDICAL)
ASKS = (Role.REP, Role.LINE_MANAGER, Role.MEDICAL, Role.MARKETING, Role.STEWARD)
NEW = {"version": "2027.1", "spec": spec_words()}
ASSESSED = {"impact_assessment": "PIA-2026-003", "assessed_on": "2026-10-01"}
OVERRIDE = {
    "tier": "core",
    "reason": "other",
    "valid_until": (timezone.localdate() + timedelta(days=60)).isoformat(),
}
LINES = {"lower": 4.5, "upper": 9, "merges_alone": False}
WITHDRAWN = {"state": "withdrawn", "channel": "sms"}
NARROW = {**scoring.LINE, "tier": "core", "level_band": "3"}


def to_assess(_user=None):
    make_assessment()
    return scoring._model("draft")(None)


def to_change(person):
    return {"pk": make_model(person, content_person(Role.COMPLIANCE), at=timezone.now(), state="draft").pk}


def to_sign(person):
    author = content_person(Role.MARKETING, "罗曼")
    model = make_model(author, person, at=timezone.now(), state="assessed")
    with_password(person)
    proof = proof_of(person, timezone.now())
    return {"pk": model.pk}, {"password": proof.password, "code": proof.code}


REST_SCORING_ROWS = [
    Row(f"{A}scoring-model-list", "post", data=NEW, statuses=for_roles(201, *DRAWS), **API),
    Row(f"{A}scoring-model-change", "post", kwargs=scoring._model("draft"), data={"spec": spec_words()}, statuses=for_roles(200, *DRAWS), **API),
    Row(f"{A}scoring-model-assess", "post", kwargs=to_assess, data=ASSESSED, statuses=for_roles(200, Role.COMPLIANCE), **API),
    Row(f"{A}scoring-model-activate", "post", kwargs=scoring._model("assessed"), data={}, statuses=for_roles(400, *PUTS), **API),
    Row(f"{A}scoring-model-retire", "post", kwargs=scoring._model("active"), data={"reason": "x"}, statuses=for_roles(200, *PUTS), **API),
    Row(f"{A}match-weights-list", statuses=for_roles(200, *alike.SEE), **API),
    Row(f"{A}match-weights-list", "post", statuses=for_roles(202, Role.STEWARD), **API),
    Row(f"{A}match-weights-detail", kwargs=alike.fitted, statuses=for_roles(200, *alike.SEE), **API),
    Row(f"{A}match-weights-lines", "post", kwargs=alike.fitted, data=LINES, statuses=for_roles(200, Role.STEWARD), **API),
    Row(f"{A}match-weights-use", "post", kwargs=alike.fitted, statuses=for_roles(200, Role.STEWARD), **API),
    Row(f"{A}engagement-list", statuses=for_roles(200, *scoring.SEES), **API),
    Row(f"{A}playbook-list", statuses=for_roles(200, *scoring.SEES), **API),
    Row(f"{A}playbook-list", "post", data=NARROW, statuses=for_roles(201, *DRAWS), **API),
    Row(f"{A}playbook-change", "post", kwargs=scoring._line, data={**scoring.LINE, "reason": "季度计划"}, statuses=for_roles(200, *DRAWS), **API),
    Row(f"{A}playbook-retire", "post", kwargs=scoring._line, data={"reason": "合并"}, statuses=for_roles(200, *DRAWS), **API),
    Row(f"{A}override-ask", "post", kwargs=scoring._doctor, data=OVERRIDE, statuses=for_roles(201, *ASKS), **API),
    Row(f"{A}tier-contest", "post", kwargs=scoring._tiered, data={"words": "任职未更新"}, statuses=for_roles(201, *ASKS), **API),
    Row(f"{A}consents", kwargs=master.own_doctor, others=200, **API),
    Row(f"{A}consents", kwargs=privacy.far_doctor, statuses=for_roles(200, *privacy.SEE_ALL), others=404, **API),
    Row(f"{A}consents", "post", kwargs=master.own_doctor, data=WITHDRAWN, statuses=for_roles(201, *privacy.CONSENT), **API),
]  # fmt: skip
REST_SCORING_ACTS = [
    Act(f"{A}scoring-model-list", Role.MARKETING, lambda _person: ({}, NEW)),
    Act(f"{A}scoring-model-change", Role.MARKETING, lambda person: (to_change(person), {"spec": spec_words()})),
    Act(f"{A}scoring-model-assess", Role.COMPLIANCE, lambda _person: (to_assess(), ASSESSED)),
    Act(f"{A}scoring-model-activate", Role.COMPLIANCE, to_sign),
    Act(f"{A}scoring-model-retire", Role.COMPLIANCE, lambda _person: (scoring._model("active")(None), {"reason": "x"})),
    Act(f"{A}match-weights-list", Role.STEWARD, lambda _person: ({}, {})),
    Act(f"{A}match-weights-lines", Role.STEWARD, lambda person: (alike.fitted(person), LINES)),
    Act(f"{A}match-weights-use", Role.STEWARD, lambda person: (alike.fitted(person), {})),
    Act(f"{A}playbook-list", Role.MARKETING, lambda _person: ({}, NARROW)),
    Act(f"{A}playbook-change", Role.MARKETING, lambda person: (scoring._line(person), {**scoring.LINE, "reason": "x"})),
    Act(f"{A}playbook-retire", Role.MARKETING, lambda person: (scoring._line(person), {"reason": "x"})),
    Act(f"{A}override-ask", Role.STEWARD, lambda person: (scoring._doctor(person), OVERRIDE)),
    Act(f"{A}tier-contest", Role.STEWARD, lambda _person: ({"pk": make_doctor(tier="basic").pk}, {"words": "任职未更新"})),
    Act(f"{A}consents", Role.STEWARD, lambda person: (master.own_doctor(person), WITHDRAWN)),
]  # fmt: skip
