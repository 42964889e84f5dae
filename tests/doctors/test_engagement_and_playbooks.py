"""Rising and cooling engagement, and the lines of the playbook with their versions."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from compliance.models import LedgerEntry
from doctors import actions
from doctors.actions import scoring
from doctors.actions.scoring.publishing import forget_scores_of
from doctors.models import Doctor, EngagementAlert, Playbook
from doctors.rules import alerts as rules
from doctors.selectors import playbook_for
from doctors.selectors.alerts import alerts_of
from doctors.selectors.playbooks import versions_of
from pharmacrm.common.models import Notification
from tests.factories.doctors import make_doctor, make_territory, put_into
from tests.factories.segmentation import make_model, make_population

NOW = timezone.now()
TODAY = timezone.localdate()


@pytest.fixture
def marketer(person):
    return person("marketer", "marketing", name="罗曼")


def attends(doctor, *days_ago):
    for back in days_ago:
        actions.record_interaction(
            doctor_id=doctor.pk, kind="event_attended", channel="event", subject=f"event:{back}", by=None,
            at=NOW - timedelta(days=back),
        )  # fmt: skip


def watched():
    return actions.watch_engagement(on=TODAY, at=NOW)


@pytest.mark.django_db
def test_a_doctor_who_comes_more_often_rises_and_one_who_stays_away_cools():
    up, down, even, few = (make_doctor(name) for name in ("升温", "降温", "持平", "偶尔"))
    attends(up, 1, 5, 9, 20)
    attends(down, 70, 80, 90)
    attends(even, 1, 5, 9, 70, 80, 90)
    attends(few, 3)

    assert watched() == 2

    assert dict(EngagementAlert.objects.values_list("doctor_id", "kind")) == {
        up.pk: "rising",
        down.pk: "cooling",
    }
    assert EngagementAlert.objects.get(doctor=up).now == 400
    assert LedgerEntry.objects.filter(event="doctors.engagement_watched").count() == 1


@pytest.mark.django_db
def test_visits_are_our_doing_and_raise_no_alert():
    doctor = make_doctor("受访")
    for back in range(8):
        actions.record_interaction(
            doctor_id=doctor.pk, kind="visit", channel="visit", subject=f"visit:{back}", by=None,
            at=NOW - timedelta(days=back),
        )  # fmt: skip

    assert watched() == 0


@pytest.mark.django_db
def test_watching_twice_notes_once_and_what_is_over_ends():
    doctor = make_doctor("升温")
    attends(doctor, 1, 5, 9)
    watched()

    assert watched() == 0
    actions.watch_engagement(on=TODAY + timedelta(days=200), at=NOW)

    assert EngagementAlert.objects.get().ended_on == TODAY + timedelta(days=200)


@pytest.mark.django_db
def test_contacts_of_a_merged_record_count_for_the_one_that_stays():
    kept = make_doctor("王晓明")
    gone = make_doctor("王小明", merged_into=kept)
    further = make_doctor("王筱明", merged_into=gone)
    for doctor in (kept, gone, further):
        attends(doctor, 4)

    watched()

    alert = EngagementAlert.objects.get()
    assert (alert.doctor_id, alert.now) == (kept.pk, 300)


@pytest.mark.django_db
def test_who_refused_profiling_is_not_watched_and_loses_the_alert():
    doctor = make_doctor("拒绝")
    attends(doctor, 1, 2, 3)
    watched()
    forget_scores_of(doctor.pk, at=NOW, tier_before="")
    Doctor.objects.filter(pk=doctor.pk).update(profiling_refused=True)

    assert not EngagementAlert.objects.exists()
    assert watched() == 0


@pytest.mark.django_db
def test_the_territory_is_told_once_and_sees_only_its_own(client, rep, other_rep):
    place = make_territory("T1")
    put_into(rep, place)
    doctor, elsewhere = make_doctor("升温", territory=place), make_doctor("别处")
    attends(doctor, 1, 2, 3)
    attends(elsewhere, 1, 2, 3)
    watched()
    watched()
    client.force_login(rep)

    page = client.get(reverse("doctors:engagement"), {"kind": "rising"})

    assert [row.doctor_id for row in page.context["page"].rows] == [doctor.pk]
    note = Notification.objects.get(kind="doctors.engagement")
    assert note.recipient == rep
    assert "1 位医生升温" in str(note.text)


@given(before=st.integers(0, 5000), now=st.integers(0, 5000))
def test_an_alert_needs_double_or_half_and_three_contacts(before, now):
    way = rules.way_of(before, now)

    assert (way == "rising") is (now >= 2 * before and now - before >= 300)
    assert (way == "cooling") is (before >= 2 * now and before - now >= 300)


@pytest.mark.django_db
def test_the_statement_agrees_with_the_rule():
    figures = [(0, 3), (1, 3), (2, 5), (3, 6), (6, 3), (4, 1), (3, 0), (2, 2)]
    expected = {}
    for before, now in figures:
        doctor = make_doctor("甲")
        attends(doctor, *range(now), *range(61, 61 + before))
        if way := rules.way_of(before * 100, now * 100):
            expected[doctor.pk] = way

    watched()

    assert dict(EngagementAlert.objects.values_list("doctor_id", "kind")) == expected
    assert len(alerts_of(Doctor.objects.all())) == len(expected)


LINE = {
    "goal_zh": "听取科室规划", "goal_en": "Hear what the department plans", "content_kinds": ["qa"],
    "channels": ["visit"], "visits_per_cycle": 1, "contacts_per_cycle": 2,
}  # fmt: skip


@pytest.mark.django_db
def test_a_changed_line_is_the_next_version_and_the_earlier_one_is_kept(marketer, client):
    actions.adopt_default_playbooks(by=marketer, at=NOW)
    cell = Playbook.objects.get(tier="core", role="")
    client.force_login(marketer)

    client.post(
        reverse("doctors:playbook-edit", args=[cell.pk]),
        {**LINE, "visits_per_cycle": 2, "reason": "季度计划"},
    )

    cell.refresh_from_db()
    assert (cell.version, cell.goal_en) == (2, LINE["goal_en"])
    assert [one.version for one in versions_of(cell)] == [2, 1]
    page = client.get(reverse("doctors:playbook-edit", args=[cell.pk])).content.decode()
    assert "Scientific exchange in depth" in page


@pytest.mark.django_db
def test_a_new_line_decides_for_its_group_and_names_itself(marketer, client):
    actions.adopt_default_playbooks(by=marketer, at=NOW)
    doctor = make_doctor("张晓明")
    Doctor.objects.filter(pk=doctor.pk).update(tier="basic", hospital_level="3a")
    client.force_login(marketer)

    client.post(
        reverse("doctors:playbook-new"),
        {**LINE, "tier": "basic", "role": "", "level_band": "3", "department_code": ""},
    )

    strategy = playbook_for(doctor.pk)
    assert strategy.goal_en == LINE["goal_en"]
    assert "1" in strategy.line
    assert " · " in strategy.whom
    assert LedgerEntry.objects.filter(event="doctors.playbook_written").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"contacts_per_cycle": 0}, "contacts_per_cycle"),
        ({"goal_zh": "每月处方量翻倍"}, "goal_zh"),
        ({"goal_en": "reach the sales quota"}, "goal_en"),
    ],
)
def test_a_line_of_sales_or_of_fewer_contacts_than_visits_is_not_saved(marketer, changes, field):
    with pytest.raises(actions.PlaybookNotSaved) as refusal:
        actions.write_playbook(tier="core", by=marketer, at=NOW, **{**LINE, **changes})

    assert refusal.value.field == field
    assert not Playbook.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("reason", [" ", "每月处方量翻倍"])
def test_a_line_changes_and_ends_with_a_reason_that_may_be_kept(marketer, client, reason):
    actions.adopt_default_playbooks(by=marketer, at=NOW)
    narrow = Playbook.objects.get(tier="core", role="decision_maker")
    client.force_login(marketer)

    client.post(reverse("doctors:playbook-edit", args=[narrow.pk]), {**LINE, "reason": reason})
    ended = client.post(reverse("doctors:playbook-retire", args=[narrow.pk]), {"reason": reason})

    narrow.refresh_from_db()
    assert (narrow.version, narrow.is_active, ended.status_code) == (1, True, 409)
    client.post(reverse("doctors:playbook-retire", args=[narrow.pk]), {"reason": "并入通用策略"})
    assert LedgerEntry.objects.get(event="doctors.playbook_retired").reason == "并入通用策略"


@pytest.mark.django_db
def test_a_group_has_one_line_and_the_line_for_everybody_stays(marketer, rep):
    actions.adopt_default_playbooks(by=marketer, at=NOW)
    everybody = Playbook.objects.get(tier="core", role="", level_band="")
    narrow = Playbook.objects.get(tier="core", role="decision_maker")

    with pytest.raises(actions.PlaybookNotSaved):
        actions.write_playbook(tier="core", by=marketer, at=NOW, **LINE)
    with pytest.raises(actions.PlaybookNotSaved):
        actions.retire_playbook(playbook_id=everybody.pk, reason="合并", by=marketer, at=NOW)
    with pytest.raises(PermissionDenied):
        actions.retire_playbook(playbook_id=narrow.pk, reason="合并", by=rep, at=NOW)
    actions.retire_playbook(playbook_id=narrow.pk, reason="合并", by=marketer, at=NOW)
    with pytest.raises(actions.PlaybookNotSaved):
        actions.change_playbook(playbook_id=narrow.pk, reason="合并", by=marketer, at=NOW, goal_en="x")

    assert Playbook.objects.filter(is_active=True, tier="core").count() == 1


@pytest.mark.django_db
def test_the_page_of_everything_names_the_line_behind_the_next_step(client, marketer):
    actions.adopt_default_playbooks(by=marketer, at=NOW)
    doctor = make_doctor("张晓明")
    client.force_login(marketer)

    page = client.get(reverse("dashboards:doctor", args=[doctor.pk]))

    cell = Playbook.objects.get(tier="basic", role="", level_band="")
    assert reverse("doctors:playbook-edit", args=[cell.pk]) in page.content.decode()


@pytest.mark.django_db
def test_a_merge_amid_a_scoring_run_gives_one_score_and_the_next_run_puts_it_right(
    marketer, officer, monkeypatch
):
    make_population(40, 400)
    model = make_model(marketer, officer, at=NOW)
    kept, gone = Doctor.objects.order_by("pk")[:2]
    run = scoring.open_run(model_id=model.pk, by=None, at=NOW, is_queued=False)
    work_out = scoring.runs._work_out

    def merge_first(*given):
        Doctor.objects.filter(pk=gone.pk).update(merged_into=kept, status="inactive")
        return work_out(*given)

    monkeypatch.setattr(scoring.runs, "_work_out", merge_first)
    first = scoring.carry_out_run(run_id=run.pk, clock=timezone.now)
    monkeypatch.undo()
    second = scoring.open_run(model_id=model.pk, by=None, at=NOW, is_queued=False)
    second = scoring.carry_out_run(run_id=second.pk, clock=timezone.now)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT run_id, count(*) FROM doctors_doctorscore WHERE doctor_id = %s GROUP BY 1", [gone.pk]
        )
        rows = dict(cursor.fetchall())
    assert first.state == second.state == "done"
    assert second.pk not in rows
    assert second.doctor_count == first.doctor_count - 1
