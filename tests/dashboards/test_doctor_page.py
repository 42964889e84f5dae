"""Everything about one doctor on one page: what it says is what the rows say, in twelve queries (S6)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from activities.models import ClinicalNeed
from compliance import selectors as law
from doctors.models import Interaction
from pharmacrm.dashboards.doctor_page import doctor_page
from tests.factories.doctors import make_department, make_doctor, make_hospital, make_territory, put_into

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground(rep):
    ground = make_territory("R")
    put_into(rep, ground)
    return ground


@pytest.fixture
def doctor(ground):
    hospital, department = make_hospital(), make_department()
    make_doctor("李同科", hospital=hospital, department=department, territory=ground)
    return make_doctor("王晓明", hospital=hospital, department=department, territory=ground, tier="core")


def visited(doctor, rep, at, *days_ago):
    Interaction.objects.bulk_create(
        Interaction(
            doctor=doctor, kind="visit", channel="visit", at=at - timedelta(days=days), by=rep, subject="visit:x"
        )
        for days in days_ago
    )  # fmt: skip


def test_the_page_counts_the_visits_of_thirty_days_against_the_companys_limit(doctor, rep, at):
    visited(doctor, rep, at, 1, 12, 29, 31, 200)

    page = doctor_page(rep, doctor.pk, at=at)

    assert (page.visits.used, page.visits.limit) == (3, law.figure_on("SG-01", "visits", at))
    assert page.overview.counts == {"visit": 5}
    assert [entry["meta"][:10] for entry in page.time_line][:1] == [f"{at - timedelta(days=1):%Y-%m-%d}"]


def test_a_used_up_budget_comes_before_any_other_step(doctor, rep, at):
    visited(doctor, rep, at, 1, 2, 3, 4)

    step = doctor_page(rep, doctor.pk, at=at).step

    assert "4" in step.reason
    assert step.act == "暂不再安排拜访"


def test_an_open_question_is_the_next_step_and_a_closed_one_is_not(doctor, rep, at):
    need = ClinicalNeed.objects.create(
        doctor=doctor,
        question="肾功能不全患者起始剂量？",
        captured_by=rep,
        captured_at=at - timedelta(days=3),
    )
    assert "肾功能不全患者起始剂量？" in doctor_page(rep, doctor.pk, at=at).step.reason

    need.state, need.closed_at, need.outcome = "answered", at, "已答复"
    need.save()

    assert "肾功能不全患者起始剂量？" not in doctor_page(rep, doctor.pk, at=at).step.reason


def test_colleagues_are_those_of_the_same_department(doctor, rep, at):
    make_doctor("赵外科", hospital=doctor.hospital, department=make_department("普通外科专业"))

    page = doctor_page(rep, doctor.pk, at=at)

    assert [one.name for one in page.overview.colleagues] == ["李同科"]


def test_a_stranger_finds_no_page(doctor, other_rep, client, at):
    client.force_login(other_rep)

    assert doctor_page(other_rep, doctor.pk, at=at) is None
    assert client.get(reverse("dashboards:doctor", args=[doctor.pk])).status_code == 404


def test_the_page_takes_twelve_queries_however_much_there_is(
    doctor, rep, client, at, django_assert_max_num_queries
):
    visited(doctor, rep, at, *range(1, 40))
    for number in range(10):
        ClinicalNeed.objects.create(doctor=doctor, question=f"问题 {number}", captured_by=rep, captured_at=at)
    client.force_login(rep)
    client.get(reverse("dashboards:doctor", args=[doctor.pk]))

    with django_assert_max_num_queries(12):
        answer = client.get(reverse("dashboards:doctor", args=[doctor.pk]))

    assert answer.status_code == 200
