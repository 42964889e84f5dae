"""Who may open which page of scoring."""

from datetime import timedelta

from django.contrib.auth.models import Group
from django.utils import timezone

from doctors.actions import contests, overrides, playbooks, scoring
from doctors.models import Doctor, Playbook
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from tests.architecture.permission_rows import Row, for_roles
from tests.conftest import AT
from tests.factories.compliance import make_assessment
from tests.factories.doctors import make_doctor, make_territory, put_into
from tests.factories.segmentation import make_model

SEES = (
    Role.REP, Role.LINE_MANAGER, Role.MARKETING, Role.MEDICAL, Role.REGULATORY, Role.COMPLIANCE, Role.STEWARD,
    Role.ADMINISTRATOR, Role.INSPECTOR,
)  # fmt: skip
RUNS = (Role.MARKETING, Role.MEDICAL, Role.STEWARD, Role.ADMINISTRATOR)


def _person(username, role):
    person, _made = User.objects.get_or_create(username=username, defaults={"display_name": username})
    person.groups.add(Group.objects.get_or_create(name=str(role))[0])
    return person


def _model(state):
    def make(_user):
        model = make_model(
            _person("author", Role.MARKETING), _person("assessor", Role.COMPLIANCE), at=AT, state=state
        )
        return {"pk": model.pk}

    return make


def _run(_user):
    run = scoring.open_run(model_id=_model("active")(None)["pk"], by=None, at=AT, is_queued=False)
    return {"pk": run.pk}


def _trial(_user):
    model = _model("active")(None)["pk"]
    by = _person("author", Role.MARKETING)
    return {"pk": scoring.open_trial(model_id=model, by=by, at=AT, is_queued=False).pk}


def _doctor(user):
    territory = make_territory("TS")
    if user is not None and user.roles & {"rep", "line_manager"}:
        put_into(user, territory)
    return {"pk": make_doctor("张晓明", territory=territory).pk}


def _override(user):
    doctor = _doctor(user)["pk"]
    asked = overrides.ask_override(
        doctor_id=doctor,
        tier="core",
        reason="other",
        valid_until=AT.date() + timedelta(days=30),
        by=_person("asker", Role.STEWARD),
        at=AT,
    )
    return {"pk": asked.pk}


def _contested(user):
    doctor = _tiered(user)["pk"]
    return {
        "pk": contests.contest_tier(
            doctor_id=doctor, words="任职未更新", by=_person("asker", Role.STEWARD), at=AT
        ).pk
    }


def _tiered(user):
    found = _doctor(user)
    Doctor.objects.filter(pk=found["pk"]).update(tier="basic")
    return found


def _line(user):
    playbooks.adopt_default_playbooks(by=None, at=AT)
    return {"pk": Playbook.objects.get(tier="core", role="decision_maker").pk}


LINE = {
    "goal_zh": "听取科室规划", "goal_en": "Hear what the department plans", "content_kinds": ["qa"],
    "channels": ["visit"], "visits_per_cycle": 1, "contacts_per_cycle": 2,
}  # fmt: skip


def _move(verb, state):
    return lambda _user: {**_model(state)(None), "verb": verb}


def _assess(_user):
    make_assessment()
    return _move("assess", "draft")(None)


OVERRIDE = {
    "tier": "core",
    "reason": "other",
    "valid_until": (timezone.localdate() + timedelta(days=60)).isoformat(),
}

ROWS = [
    Row("doctors:model-list", statuses=for_roles(200, *SEES)),
    Row("doctors:model-new", statuses=for_roles(200, Role.MARKETING, Role.MEDICAL)),
    Row("doctors:model-new", "post", statuses=for_roles(200, Role.MARKETING, Role.MEDICAL)),
    Row("doctors:feature-catalogue", statuses=for_roles(200, *SEES)),
    Row("doctors:model-compare", statuses=for_roles(200, *SEES), kwargs=_model("active")),
    Row("doctors:model-edit", statuses=for_roles(200, Role.MARKETING, Role.MEDICAL), kwargs=_model("draft")),
    Row("doctors:model-edit", "post", statuses=for_roles(200, Role.MARKETING, Role.MEDICAL), kwargs=_model("draft")),
    Row("doctors:model-detail", statuses=for_roles(200, *SEES), kwargs=_model("active")),
    Row("doctors:model-move", "post", statuses=for_roles(302, Role.COMPLIANCE), kwargs=_assess,
        data={"impact_assessment": "PIA-2026-003", "assessed_on": "2026-10-01"}),
    Row("doctors:model-move", "post", statuses=for_roles(400, Role.COMPLIANCE, Role.MEDICAL),  # lacks its signature
        kwargs=_move("activate", "assessed")),
    Row("doctors:model-move", "post", statuses=for_roles(302, Role.COMPLIANCE, Role.MEDICAL),
        kwargs=_move("retire", "active")),
    Row("doctors:run-start", "post", statuses=for_roles(302, *RUNS), kwargs=_model("active")),
    Row("doctors:run-detail", statuses=for_roles(200, *SEES), kwargs=_run),
    Row("doctors:tier-detail", kwargs=_doctor, others=200),
    Row("doctors:override-ask", "post", kwargs=_doctor, data=OVERRIDE,
        statuses=for_roles(302, Role.REP, Role.LINE_MANAGER, Role.MEDICAL, Role.MARKETING, Role.STEWARD)),
    Row("doctors:override-decide", "post", kwargs=_override, data={"answer": "refuse", "reason": "依据不足"},
        statuses=for_roles(302, Role.COMPLIANCE, Role.MEDICAL)),
    Row("doctors:trial-start", "post", statuses=for_roles(302, Role.MARKETING, Role.MEDICAL, Role.COMPLIANCE),
        kwargs=lambda _user: {**_model("active")(None), "kind": "what-if"}),
    Row("doctors:trial-detail", statuses=for_roles(200, *SEES), kwargs=_trial),
    Row("doctors:contest", "post", kwargs=_tiered, data={"words": "任职未更新"},
        statuses=for_roles(302, Role.REP, Role.LINE_MANAGER, Role.MEDICAL, Role.MARKETING, Role.STEWARD)),
    Row("doctors:contest-decide", "post", kwargs=_contested, data={"tier": "", "answer": "已核对"},
        statuses=for_roles(302, Role.COMPLIANCE, Role.MEDICAL)),
    Row("doctors:explanation-file", kwargs=_doctor, others=200),
    Row("doctors:engagement", statuses=for_roles(200, *SEES)),
    Row("doctors:playbook-new", statuses=for_roles(200, Role.MARKETING, Role.MEDICAL)),
    Row("doctors:playbook-new", "post", statuses=for_roles(302, Role.MARKETING, Role.MEDICAL),
        data={**LINE, "tier": "core", "level_band": "3"}),
    Row("doctors:playbook-edit", statuses=for_roles(200, *SEES), kwargs=_line),
    Row("doctors:playbook-edit", "post", statuses=for_roles(302, Role.MARKETING, Role.MEDICAL), kwargs=_line, data={**LINE, "reason": "季度计划"}),
    Row("doctors:playbook-retire", "post", statuses=for_roles(302, Role.MARKETING, Role.MEDICAL), kwargs=_line,
        data={"reason": "合并"}),
    Row("doctors:playbook-list", statuses=for_roles(200, *SEES)),
    Row("doctors:playbook-list", "post", statuses=for_roles(302, Role.MARKETING, Role.MEDICAL)),
    Row("api:doctors-api:tier-detail", anonymous=401, others=200, kwargs=_doctor),
    Row("api:doctors-api:scoring-run-list", anonymous=401, statuses=for_roles(200, *SEES)),
    Row("api:doctors-api:scoring-run-list", "post", anonymous=401, data={"model": "none"},
        statuses=for_roles(404, Role.MARKETING, Role.MEDICAL, Role.STEWARD, Role.ADMINISTRATOR)),
    Row("api:doctors-api:scoring-run-detail", anonymous=401, statuses=for_roles(200, *SEES), kwargs=_run),
]  # fmt: skip
