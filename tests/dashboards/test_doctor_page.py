"""Everything about one doctor on one page: what it says is what the rows say, in twelve queries (S6)."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from activities.models import Attendance, ClinicalNeed, Event, Speaker
from compliance import selectors as law
from doctors import actions as doctor_actions
from doctors import selectors as doctors
from doctors.models import AcademicPost, ConsentRecord, Interaction
from pharmacrm.dashboards.doctor_page import doctor_page
from tests.factories.activities import make_transfer
from tests.factories.doctors import (
    SINCE,
    make_department,
    make_doctor,
    make_hospital,
    make_notice,
    make_purpose,
    make_territory,
    put_into,
)

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


@pytest.mark.parametrize(
    ("role", "sees"), [("compliance", True), ("steward", True), ("rep", False), ("medical", False)]
)
def test_what_others_reported_to_have_given_is_summed_for_those_who_oversee(
    doctor, rep, person, at, client, django_assert_max_num_queries, role, sees
):
    for number, fields in enumerate(
        (
            {},
            {"amount_minor": 49_950},
            {"source": "cms_open_payments", "currency": "USD", "amount_minor": 62_434},
        )
    ):
        make_transfer(doctor, f"R{number}", **fields)
    reader = rep if role == "rep" else person(f"the-{role}", role)
    client.force_login(reader)
    client.get(reverse("dashboards:doctor", args=[doctor.pk]))

    with django_assert_max_num_queries(12):
        page = client.get(reverse("dashboards:doctor", args=[doctor.pk]))

    text = page.content.decode()
    assert ("¥2,000.00" in text, "US$624.34" in text) == (sees, sees)
    assert (page.context["shown"].reported is not None) is sees


def test_of_each_society_six_others_are_shown_once_each(doctor, ground, rep, at, client):
    def joins(one, organisation, role="member"):
        AcademicPost.objects.create(
            doctor=one, organisation=organisation, role=role, level="national", valid_from=SINCE
        )

    joins(doctor, "心血管学会"), joins(doctor, "高血压联盟")
    peers = [make_doctor(f"钱学会{place}", territory=ground) for place in range(8)]
    for peer in peers:
        joins(peer, "心血管学会"), joins(peer, "心血管学会", role="chair")
    client.force_login(rep)

    page = client.get(reverse("dashboards:doctor", args=[doctor.pk]))

    shown = [one for one in page.context["shown"].overview.relations if one.kind == "society"]
    assert [one.id for one in shown] == sorted(peer.pk for peer in peers)[:6]
    assert {one.through for one in shown} == {"心血管学会"}


def test_relations_are_colleagues_societies_and_the_consortium_within_sight(doctor, ground, rep, at, client):
    group = make_hospital("云溪医联体总院")
    doctor.hospital.parent = group
    doctor.hospital.save()
    partner = make_hospital("云溪社区医院", parent=group)
    near = make_doctor("赵联体", hospital=partner, territory=ground)
    society = make_doctor("钱学会", territory=ground)
    hidden = make_doctor("孙看不见", hospital=partner, territory=make_territory("FAR"))
    hidden_colleague = make_doctor(
        "周同科别区", hospital=doctor.hospital, department=doctor.department, territory=make_territory("FAR2")
    )
    for one in (doctor, society, hidden):
        AcademicPost.objects.create(
            doctor=one, organisation="心血管学会", role="member", level="national", valid_from=SINCE
        )
    client.force_login(rep)

    page = client.get(reverse("dashboards:doctor", args=[doctor.pk]))

    found = {(one.name, one.kind) for one in page.context["shown"].overview.relations}
    assert found == {("李同科", "department"), ("赵联体", "consortium"), ("钱学会", "society")}
    text = page.content.decode()
    assert text.count(f'href="/boards/doctors/{near.pk}/"') == 1
    assert "孙看不见" not in text
    assert hidden_colleague.pk not in {one.id for one in page.context["shown"].overview.relations}
    assert text.count("text-anchor=") == 4


def test_co_authors_in_sight_stand_in_the_graph_each_once_with_the_newest_paper(
    doctor, ground, rep, person, at, client, django_assert_max_num_queries
):
    steward = person("steward", "steward")
    near, hidden = (
        make_doctor("吴合著", territory=ground),
        make_doctor("郑看不见", territory=make_territory("FAR")),
    )
    for number, day in enumerate((SINCE, at.date()), 1):
        paper = doctor_actions.Paper(f"第 {number} 篇", "心脏杂志", day, pmid=str(number))
        for place, one in enumerate((doctor, near, hidden), 1):
            doctor_actions.add_authored_paper(
                doctor_id=one.pk, paper=paper, position=place, ground="署名", by=steward, at=at
            )
    client.force_login(rep)
    client.get(reverse("dashboards:doctor", args=[doctor.pk]))

    with django_assert_max_num_queries(12):
        page = client.get(reverse("dashboards:doctor", args=[doctor.pk]))

    relations = page.context["shown"].overview.relations
    assert [(one.name, one.through) for one in relations if one.kind == "coauthor"] == [("吴合著", "第 2 篇")]
    assert "郑看不见" not in page.content.decode()
    assert "第 1 篇" in page.content.decode()


@pytest.mark.parametrize(
    ("given", "words"), [((), "征询同意"), (("email",), "未同意该渠道"), (("wecom", "email"), "已有同意")]
)
def test_the_next_step_takes_the_preferred_channel_only_where_consent_allows_it(
    doctor, rep, person, at, given, words
):
    steward = person("steward", "steward")
    doctor_actions.set_preference(doctor_id=doctor.pk, channel="wecom", language="", by=steward, at=at)
    notice = make_notice()
    for channel in given:
        ConsentRecord.objects.create(
            doctor=doctor,
            purpose=notice.purpose,
            notice=notice,
            channel=channel,
            state="given",
            valid_from=at,
        )

    with translation.override("zh-hans"):
        step = doctor_page(rep, doctor.pk, at=at).step

    assert words in step.way


def test_a_doctor_who_refuses_profiling_is_nowhere_given_a_tier(doctor, ground, rep, officer, client, at):
    """Not scored, not ranked, no penalty, at once: list, record, tier page, 360°, REST, board, phone, playbook."""
    make_purpose("profiling")
    doctor_actions.withdraw_consent(doctor_id=doctor.pk, purpose="profiling", by=None, at=timezone.now())
    doctor.refresh_from_db()
    assert (doctor.tier, doctor.profiling_refused) == ("", True)
    client.force_login(rep)

    everything = client.get(reverse("dashboards:doctor", args=[doctor.pk])).context["shown"]
    listed = client.get(reverse("doctors:doctor-list")).context["cards"]
    narrowed = client.get(reverse("doctors:doctor-list"), {"tier": "core"}).context["cards"]
    record = client.get(reverse("doctors:doctor-detail", args=[doctor.pk])).context["card"]
    rest = client.get(f"/api/v1/doctors/{doctor.pk}/").json()
    phone = client.get(reverse("activities:field-bundle")).json()["parts"]["doctors"]["value"]

    assert (everything.overview.now.label, everything.why.is_scored) == ("未画像", False)
    assert {card.tier_label for card, _why in listed if card.id == doctor.pk} == {"未画像"}
    assert doctor.pk not in {card.id for card, _why in narrowed}
    assert record.tier_label == "未画像"
    assert (rest["tier"], rest["profiling_refused"]) == ("", True)
    assert [(row["tier"], row["tier_label"]) for row in phone if row["id"] == str(doctor.pk)] == [
        ("", "未画像")
    ]
    assert "未画像" in client.get(reverse("doctors:tier-detail", args=[doctor.pk])).content.decode()
    assert not doctors.explain_tier(doctor.pk).is_scored
    assert doctor.pk in set(
        doctors.doctors_visible_to(rep, timezone.localdate()).values_list("pk", flat=True)
    )
    assert everything.step.act  # the basic playbook still says what to do next


def test_events_and_fees_are_those_of_every_record_of_the_doctor(doctor, ground, rep, at):
    same = make_doctor("王前名", hospital=doctor.hospital, territory=ground, merged_into=doctor)
    event = Event.objects.create(
        code="EV-1", title="分层用药科室会", kind="department_meeting", organiser=rep, starts_at=at,
        ends_at=at + timedelta(hours=1), state="closed", summary="讨论", closed_at=at, approved_at=at, approved_terms="x",
    )  # fmt: skip
    Attendance.objects.create(event=event, doctor=same, method="code", signed_at=at)
    for one, fee, payer in ((same, 150_000, "company"), (doctor, 50_000, "host")):
        Speaker.objects.create(event=event, doctor=one, topic="分层用药", fee_fen=fee, fee_payer=payer)

    page = doctor_page(rep, doctor.pk, at=at)

    assert [(one.title, one.signed_at) for one in page.signed_in] == [("分层用药科室会", at)]
    with translation.override("en"):
        assert {(one.fee_fen, one.payer_label) for one in page.transfers} == {
            (50_000, "The host"),
            (150_000, "The company"),
        }
    assert page.fees_fen == 150_000
