"""Monitoring: a plan published before its seed exists, a sample anybody can repeat, a review signed at its end."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance import actions as law
from compliance import populations
from compliance.actions.sealing import seal
from compliance.models import Checkpoint, Finding, LedgerEntry, MonitoringItem, MonitoringPlan
from compliance.rules.sampling import Candidate, draw
from compliance.selectors.monitoring import sample_differs
from pharmacrm.common.models import OutboxMessage
from tests.conftest import AT
from tests.factories.compliance import PASSWORD, give_totp, proof_of, totp_code

pytestmark = pytest.mark.django_db
ITEMS = [Candidate(f"visit:{n:03d}", (("late", n % 4),)) for n in range(40)]
DAYS = {"since": date(2026, 10, 1), "until": date(2026, 11, 1), "due_on": AT.date() + timedelta(days=9)}


@pytest.fixture(autouse=True)
def things(monkeypatch):
    offered = populations.Population("things", "Things", {"late": ("late", 3)}, lambda since, until: ITEMS)
    monkeypatch.setitem(populations._populations, "things", offered)


@pytest.fixture
def plan(officer):
    return law.plan_monitoring(name="十月抽查", population="things", size=5, by=officer, at=AT, **DAYS)


@pytest.fixture
def drawn(plan, officer):
    seal(at=AT, sign_now=True, anchor=False)
    return law.draw_sample(plan_id=plan.pk, by=officer, at=AT + timedelta(minutes=1))


def test_a_sample_is_drawn_by_the_first_checkpoint_over_the_plan(plan, officer):
    with pytest.raises(law.PlanNotMoved):
        law.draw_sample(plan_id=plan.pk, by=officer, at=AT)
    seal(at=AT, sign_now=True, anchor=False)
    first = Checkpoint.objects.get()
    for minutes in (5, 6):
        law.record("test.done", subject="visit:1", by=officer, at=AT + timedelta(minutes=minutes))
        seal(at=AT + timedelta(minutes=minutes), sign_now=True, anchor=False)

    plan = law.draw_sample(plan_id=plan.pk, by=officer, at=AT + timedelta(minutes=9))

    assert Checkpoint.objects.count() == 3
    assert (plan.seed, plan.checkpoint_size) == (bytes(first.root).hex(), first.size)
    assert [item.subject for item in plan.items.order_by("place")] == [
        one.candidate.subject for one in draw(plan.seed, ITEMS, 5)
    ]
    assert plan.population_size == 40
    assert sample_differs(plan) == []


def test_a_sample_is_drawn_once(drawn, officer):
    with pytest.raises(law.PlanNotMoved):
        law.draw_sample(plan_id=drawn.pk, by=officer, at=AT)

    assert MonitoringItem.objects.count() == 5


def test_an_item_put_in_by_hand_does_not_agree_with_the_formula(drawn):
    MonitoringItem.objects.filter(plan=drawn, place=1).update(subject="visit:999")

    assert sample_differs(drawn) == ["visit:999"]


@pytest.mark.parametrize(
    "change",
    [{"population": "nothing"}, {"name": " "}, {"until": date(2026, 10, 1)}, {"size": 0}, {"size": 201},
     {"due_on": AT.date() - timedelta(days=1)}],
)  # fmt: skip
def test_a_plan_that_cannot_be_is_not_published(officer, change):
    asked = {"name": "x", "population": "things", "size": 5, **DAYS, **change}

    with pytest.raises(law.PlanNotMoved):
        law.plan_monitoring(by=officer, at=AT, **asked)

    assert not MonitoringPlan.objects.exists()


def test_a_stranger_plans_draws_and_reviews_nothing(drawn, rep):
    item = drawn.items.first()
    for act in (
        lambda: law.plan_monitoring(name="x", population="things", size=5, by=rep, at=AT, **DAYS),
        lambda: law.draw_sample(plan_id=drawn.pk, by=rep, at=AT),
        lambda: law.review_item(item_id=item.pk, result="clean", remark="", by=rep, at=AT),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_an_objection_opens_a_finding_and_a_clean_item_none(drawn, officer):
    first, second = drawn.items.order_by("place")[:2]
    with pytest.raises(law.PlanNotMoved):
        law.review_item(item_id=first.pk, result="finding", remark=" ", by=officer, at=AT)

    law.review_item(
        item_id=first.pk, result="finding", remark="签到时间早于开始", grade="避免", by=officer, at=AT
    )
    law.review_item(item_id=second.pk, result="clean", remark="", by=officer, at=AT)

    finding = Finding.objects.get()
    assert (finding.kind, finding.subject, finding.grade) == ("sampled", first.subject, "避免")
    with pytest.raises(law.PlanNotMoved):
        law.review_item(item_id=first.pk, result="clean", remark="", by=officer, at=AT)


def test_a_plan_closes_by_signature_after_every_item(drawn, officer):
    later = AT + timedelta(hours=1)
    with pytest.raises(law.PlanNotMoved):
        law.close_monitoring(plan_id=drawn.pk, by=officer, at=later, proof=proof_of(officer, later))
    for item in drawn.items.all():
        law.review_item(item_id=item.pk, result="clean", remark="", by=officer, at=AT)

    plan = law.close_monitoring(plan_id=drawn.pk, by=officer, at=later, proof=proof_of(officer, later))

    assert plan.closing_signature.meaning == "monitoring_reviewed"
    assert LedgerEntry.objects.filter(event="compliance.monitoring_closed").count() == 1


def test_the_database_wants_a_signature_under_a_closed_plan(drawn):
    with pytest.raises(IntegrityError, match="monitoringplan_closed_is_signed"), transaction.atomic():
        MonitoringPlan.objects.update(state="closed")


def test_a_finding_with_a_mark_is_opened_once(db):
    made = [
        law.open_finding(kind="frequency", subject="doctor:1", grade="关注", at=AT, mark="m")
        for _twice in range(2)
    ]

    assert made[0] == made[1]
    assert LedgerEntry.objects.filter(event="compliance.finding_opened").count() == 1


def test_an_officer_runs_a_plan_through_its_pages(officer):
    door = Client(headers={"accept-language": "zh-hans"})
    door.force_login(officer)
    today = timezone.localdate()
    asked = {
        "name": "十月抽查", "population": "things", "since": "2026-10-01", "until": "2026-11-01", "size": 2,
        "due_on": f"{today + timedelta(days=9)}",
    }  # fmt: skip
    assert door.post(reverse("compliance:monitoring-list"), {**asked, "size": 0}).status_code == 400
    assert door.post(reverse("compliance:monitoring-list"), asked).status_code == 302
    plan = MonitoringPlan.objects.get()
    address = reverse("compliance:monitoring-detail", args=[plan.pk])

    assert door.post(address, {"verb": "draw"}).status_code == 400
    seal(at=timezone.now(), sign_now=True, anchor=False)
    assert door.post(address, {"verb": "draw"}).status_code == 302
    for item in plan.items.all():
        answer = door.post(address, {"verb": "review", "item_id": item.pk, "result": "clean"})
        assert answer.status_code == 302
    give_totp(officer)
    signed = {"verb": "close", "password": PASSWORD, "code": totp_code(officer, timezone.now())}
    assert door.post(address, signed).status_code == 302
    assert "每个数字" in door.get(address).content.decode()

    plan.refresh_from_db()
    assert plan.state == "closed"


def test_the_queue_lists_by_risk_then_due_time_and_filters(officer):
    door = Client()
    door.force_login(officer)
    now = timezone.now()
    for kind, grade, hours in (
        ("frequency", "关注", 1),
        ("late_burst", "禁止", 9),
        ("frequency", "禁止", -2),
    ):
        law.open_finding(
            kind=kind, subject="visit:1", grade=grade, at=now, due_at=now + timedelta(hours=hours)
        )
    address = reverse("compliance:finding-list")

    def kinds(query=""):
        rows = door.get(address + query).context["rows"]
        return [(row["finding"].kind, row["finding"].grade) for row in rows]

    assert kinds() == [("frequency", "禁止"), ("late_burst", "禁止"), ("frequency", "关注")]
    assert kinds("?kind=frequency&state=open") == [("frequency", "禁止"), ("frequency", "关注")]
    assert kinds("?late=on") == [("frequency", "禁止")]


def test_the_detectors_run_on_demand_by_an_officer(officer, rep):
    door = Client()
    door.force_login(rep)
    assert door.post(reverse("compliance:monitoring-run")).status_code == 403
    door.force_login(officer)

    assert door.post(reverse("compliance:monitoring-run")).status_code == 302
    assert OutboxMessage.objects.filter(task="activities.scan_for_signals").count() == 1
