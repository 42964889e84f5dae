"""The safety vault: stored first, opened to few, closed behind whoever handed over."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from activities import actions
from activities.models import SafetyReport
from activities.selectors import safety_vault
from pharmacrm.accounts.choices import Role
from pharmacrm.common.ids import uuid7
from pharmacrm.common.models import Notification
from tests.conftest import AT

WHOLE = actions.SafetyWords(event="皮疹", product="舒泽安", patient="62 岁女性", reporter="张医生")


def notice(words=None, **fields):
    return actions.SafetyNotice(
        **{"words": words or actions.SafetyWords(event="皮疹"), "aware_at": AT, **fields}
    )


@pytest.mark.django_db
def test_a_report_gets_a_number_and_its_clocks(rep, events_of):
    report = actions.report_safety_event(notice=notice(), by=rep, at=AT)

    assert report.number.startswith("AE-261123-")
    assert report.hand_over_due_at == AT + timedelta(hours=24)
    assert report.submit_due_on == (AT + timedelta(days=15)).date()
    assert events_of(f"safety:{report.pk}") == ["activities.safety_reported"]
    assert report.handed_over_at is None


@pytest.mark.django_db
def test_everybody_of_the_company_can_report(manager):
    assert actions.report_safety_event(notice=notice(), by=manager, at=AT).captured_by == manager


@pytest.mark.django_db
def test_a_closed_account_cannot(rep):
    rep.is_active = False

    with pytest.raises(PermissionDenied):
        actions.report_safety_event(notice=notice(), by=rep, at=AT)

    assert not SafetyReport.objects.exists()


@pytest.mark.django_db
def test_what_was_heard_lies_encrypted(rep):
    actions.report_safety_event(notice=notice(WHOLE), by=rep, at=AT)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_to_json(r)::text FROM activities_safetyreport r UNION ALL "
            "SELECT row_to_json(h)::text FROM activities_historicalsafetyreport h UNION ALL "
            "SELECT row_to_json(l)::text FROM compliance_ledgerentry l"
        )
        kept = "".join(row[0] for row in cursor.fetchall())
    assert "皮疹" not in kept
    assert "62 岁" not in kept


@pytest.mark.django_db
def test_a_report_with_all_four_elements_is_handed_over_at_once(rep):
    report = actions.report_safety_event(notice=notice(WHOLE), by=rep, at=AT)

    assert report.handed_over_at == AT
    assert report.state == "complete"


@pytest.mark.django_db
def test_after_the_hand_over_who_captured_it_cannot_read_it(rep, pv):
    report = actions.report_safety_event(notice=notice(), by=rep, at=AT)
    assert safety_vault.readable_words(rep, report)["event"] == "皮疹"

    actions.hand_over_safety_report(report_id=report.pk, by=rep, at=AT)

    report.refresh_from_db()
    assert safety_vault.readable_words(rep, report) is None
    assert safety_vault.readable_words(pv, report)["event"] == "皮疹"
    with pytest.raises(PermissionDenied):
        actions.complete_safety_report(report_id=report.pk, words=WHOLE, seriousness="serious", by=rep, at=AT)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "role", [Role.REP, Role.LINE_MANAGER, Role.MARKETING, Role.COMPLIANCE, Role.INSPECTOR]
)
def test_the_vault_is_shut_for_every_other_role(rep, person, role):
    report = actions.report_safety_event(notice=notice(), by=rep, at=AT)
    stranger = person("stranger", role)

    assert safety_vault.readable_words(stranger, report) is None
    assert not safety_vault.safety_reports_visible_to(stranger).exists()


@pytest.mark.django_db
def test_a_report_becomes_complete_when_the_last_element_is_given(rep, pv):
    report = actions.report_safety_event(notice=notice(), by=rep, at=AT)

    report = actions.complete_safety_report(
        report_id=report.pk, words=WHOLE, seriousness="serious", by=pv, at=AT
    )

    assert report.state == "complete"
    assert safety_vault.elements_of(report).is_valid


@pytest.mark.django_db
def test_an_incomplete_report_does_not_go_to_the_authority(rep, pv):
    report = actions.report_safety_event(notice=notice(), by=rep, at=AT)

    with pytest.raises(actions.SafetyReportNotMoved):
        actions.submit_safety_report(report_id=report.pk, authority_reference="1", by=pv, at=AT)


@pytest.mark.django_db
def test_a_complete_report_goes_to_the_authority_once(rep, pv):
    report = actions.report_safety_event(notice=notice(WHOLE), by=rep, at=AT)

    report = actions.submit_safety_report(report_id=report.pk, authority_reference="ADR-1", by=pv, at=AT)

    assert report.state == "submitted"
    with pytest.raises(actions.SafetyReportNotMoved):
        actions.submit_safety_report(report_id=report.pk, authority_reference="ADR-2", by=pv, at=AT)
    with pytest.raises(PermissionDenied):
        actions.submit_safety_report(report_id=report.pk, authority_reference="ADR-3", by=rep, at=AT)


@pytest.mark.django_db
def test_the_same_operation_reports_once(rep):
    key = uuid7()

    first = actions.report_safety_event(notice=notice(op_id=key), by=rep, at=AT)
    again = actions.report_safety_event(notice=notice(op_id=key), by=rep, at=AT)

    assert first == again


@pytest.mark.django_db
def test_pharmacovigilance_is_told_and_the_words_are_not(rep, pv):
    report = actions.report_safety_event(notice=notice(), by=rep, at=AT)

    actions.announce_safety_report(report_id=report.pk, at=AT)
    actions.announce_safety_report(report_id=report.pk, at=AT)

    told = Notification.objects.get(recipient=pv, kind="safety_report")
    assert report.number in told.text["zh-hans"]
    assert "皮疹" not in str(told.text)


@pytest.mark.django_db
def test_clocks_are_reminded_of_before_and_after_their_limit_once(rep, pv):
    actions.report_safety_event(notice=notice(), by=rep, at=AT)

    for hours in (1, 13, 13, 25, 25):
        actions.remind_of_safety_clocks(at=AT + timedelta(hours=hours))

    kinds = sorted(Notification.objects.filter(recipient=rep).values_list("kind", flat=True))
    assert kinds == ["safety_hand_over_late", "safety_hand_over_soon"]
    assert Notification.objects.filter(recipient=pv, kind="safety_hand_over_late").count() == 1


@pytest.mark.django_db
def test_the_running_clock_stands_with_who_has_to_act(rep, other_rep):
    report = actions.report_safety_event(notice=notice(), by=rep, at=AT)

    assert [clock.number for clock in safety_vault.open_clocks_of(rep)] == [report.number]
    assert safety_vault.open_clocks_of(other_rep) == []
