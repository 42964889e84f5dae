"""A hold stops what rests on its subject at every door, from the next act on, says why, and lists what stopped."""

from datetime import timedelta

import pytest
from django.urls import reverse

from activities import actions
from activities.models import Visit, VisitMaterial
from compliance import actions as law
from compliance import points, subjects
from compliance.doors import recorded_refusals
from compliance.models import LedgerEntry
from content.selectors import subjects_of
from pharmacrm.accounts.models import Territory
from pharmacrm.common.errors import Refused
from tests.conftest import AT
from tests.factories.activities import make_ground, report_of
from tests.factories.compliance import proof_of, qualify
from tests.factories.content import claim, content_person, product, released_material

pytestmark = pytest.mark.django_db


@pytest.fixture
def goods(db):
    return product("P1")


@pytest.fixture
def doctor(rep, officer, goods):
    qualify(rep, "P1", by=officer, at=AT)
    return make_ground(rep)


def plan_of(doctor, goods, **fields):
    return actions.VisitPlan(
        **{
            "doctor_id": doctor.pk,
            "planned_at": AT + timedelta(days=1),
            "product_ids": (goods.pk,),
            **fields,
        }
    )


def subjects_under(doctor, goods, rep):
    hospital = doctor.affiliations.get().hospital_id
    territory = Territory.objects.get()
    return {
        "product by key": f"product:{goods.pk}",
        "product by code": f"product:{goods.code}",
        "doctor": f"doctor:{doctor.pk}",
        "hospital": f"hospital:{hospital}",
        "territory": f"territory:{territory.pk}",
        "person": f"user:{rep.pk}",
        "rule": "rule:MR-09",
    }


KINDS = ["product by key", "product by code", "doctor", "hospital", "territory", "person", "rule"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_hold_stops_the_plan_of_a_visit_at_once_and_its_lift_lets_it_go_on(
    kind, doctor, goods, rep, officer
):
    hold = law.place_hold(
        subjects=[subjects_under(doctor, goods, rep)[kind]], reason="核查中", by=officer, at=AT
    )

    with pytest.raises(Refused) as refusal, recorded_refusals(by=rep, at=AT):
        actions.plan_visit(plan=plan_of(doctor, goods), by=rep, at=AT)

    assert refusal.value.verdict.breached == ["HOLD-01"]
    assert not Visit.objects.exists()
    assert LedgerEntry.objects.filter(event="visit.plan_refused").count() == 1
    later = AT + timedelta(minutes=1)
    law.lift_hold(hold_id=hold.pk, reason="已核实", by=officer, at=later, proof=proof_of(officer, later))
    assert actions.plan_visit(plan=plan_of(doctor, goods), by=rep, at=later).state == "planned"


@pytest.mark.parametrize("kind", KINDS)
def test_a_planned_visit_does_not_start_while_what_it_rests_on_is_held(kind, doctor, goods, rep, officer):
    visit = actions.plan_visit(plan=plan_of(doctor, goods), by=rep, at=AT)
    hold = law.place_hold(
        subjects=[subjects_under(doctor, goods, rep)[kind]], reason="核查中", by=officer, at=AT
    )

    with pytest.raises(Refused) as refusal:
        actions.start_visit(visit_id=visit.pk, by=rep, at=AT + timedelta(days=1))

    assert "HOLD-01" in refusal.value.verdict.breached
    if kind != "rule":
        assert {"kind": "visit", "count": 1, "subjects": [f"visit:{visit.pk}"]} in hold.reach


@pytest.mark.parametrize("kind", ["claim", "material", "material_version", "product"])
def test_a_material_is_not_shown_while_what_it_rests_on_is_held(kind, doctor, goods, rep, officer):
    author = content_person("marketing", "苏怡")
    said = claim(goods, author=author, approver=officer)
    version = released_material(goods, author=author, claims=(said,))
    rests = [name for name in subjects_of(version) if name.startswith(f"{kind}:")]
    hold = law.place_hold(subjects=[rests[0]], reason="说明书更新", by=officer, at=AT)

    with pytest.raises(Refused) as refusal:
        actions.show_material(version_id=version.pk, doctor_id=doctor.pk, by=rep, at=AT)

    assert "HOLD-01" in refusal.value.verdict.breached
    assert not VisitMaterial.objects.exists()
    assert {
        "kind": "material_version",
        "count": 1,
        "subjects": [f"material_version:{version.pk}"],
    } in hold.reach


def test_a_hold_on_a_territory_stops_the_territories_below_it(doctor, goods, rep, officer):
    below = Territory.objects.get()
    above = Territory.objects.create(code="EAST", name="东区", path="/EAST/")
    below.parent, below.path = above, f"/EAST/{below.code}/"
    below.save()

    law.place_hold(subjects=[f"territory:{above.pk}"], reason="核查中", by=officer, at=AT)

    with pytest.raises(Refused):
        actions.plan_visit(plan=plan_of(doctor, goods), by=rep, at=AT)


@pytest.mark.parametrize("point", sorted(points.declared()))
def test_every_decision_point_meets_a_hold_on_its_subject_its_person_and_its_rule(point, rep, officer):
    declared = points.point_of(point)
    for held in ("thing:1", f"user:{rep.pk}", "rule:HOLD-01"):
        law.place_hold(subjects=[held], reason="核查中", by=officer, at=AT)
    facts = declared.facts()

    try:
        verdict = law.judge(point, facts, subject="thing:1", by=rep, at=AT)
    except Refused as refusal:
        verdict = refusal.verdict

    assert "HOLD-01" in verdict.breached
    assert set(verdict.held) == {"thing:1", f"user:{rep.pk}", "rule:HOLD-01"}


def test_what_already_happened_is_stored_and_marked_and_listed_under_the_hold(
    doctor, goods, rep, officer, client
):
    hold = law.place_hold(subjects=[f"doctor:{doctor.pk}"], reason="医生投诉", by=officer, at=AT)
    later = AT + timedelta(hours=1)

    visit = actions.submit_visit(report=report_of(doctor, later), by=rep, at=later)

    assert visit.in_breach
    client.force_login(officer)
    page = client.get(reverse("compliance:hold-detail", args=[hold.pk]))
    assert [title for _row, title, _url in page.context["stopped"]] == [
        subjects.title_of(f"visit:{visit.pk}")
    ]
