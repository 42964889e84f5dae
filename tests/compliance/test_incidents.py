"""Personal-data incidents: the clock starts at the finding, notices carry what the law asks, nothing closes without them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance import actions as law
from compliance.actions.incidents import notice_of
from compliance.doors import recorded_refusals
from compliance.models import Case, CaseLetter, LedgerEntry, PrivacyIncident
from compliance.rules.incidents import authority_notice, person_notice
from pharmacrm.common.errors import Refused
from pharmacrm.common.models import Notification
from tests.conftest import AT

pytestmark = pytest.mark.django_db
REPORT = law.IncidentReport(
    kind="leak",
    data_kinds=["contact", "identity"],
    persons_affected=120,
    detected_at=AT - timedelta(minutes=20),
    occurred_at=AT - timedelta(days=2),
    cause="导出的名单误发给外部邮箱",
    harm="可能收到诈骗电话",
    contact="隐私办公室 400-000-0000",
)
LATER = AT + timedelta(minutes=30)


@pytest.fixture
def incident(rep, officer):
    return law.report_incident(report=REPORT, by=rep, at=AT)


def contained(incident, officer, at=LATER):
    return law.contain_incident(
        incident_id=incident.pk, measures="已要求收件人删除并确认", advice="警惕陌生来电", by=officer, at=at
    )


def told(incident, officer):
    return law.tell_authority(
        incident_id=incident.pk, reference="网信 12", told_at=LATER, by=officer, at=LATER
    )


def test_anybody_of_the_company_reports_and_the_officers_are_told_at_once(incident, officer, rep):
    case = Case.objects.get()

    assert (case.source, case.subject, incident.case) == ("incident", f"incident:{incident.pk}", case)
    assert incident.internal_due_at == REPORT.detected_at + timedelta(hours=1)
    assert incident.authority_due_at == REPORT.detected_at + timedelta(hours=24)
    assert Notification.objects.filter(recipient=officer, kind="incident_reported").count() == 1
    assert LedgerEntry.objects.filter(event="compliance.incident_reported", actor=rep).count() == 1


def test_the_words_of_an_incident_are_sealed(incident):
    with connection.cursor() as cursor:
        for table in ("privacyincident", "historicalprivacyincident"):
            cursor.execute(f"SELECT count(*) FROM compliance_{table} row WHERE row::text LIKE '%外部邮箱%'")
            assert cursor.fetchone()[0] == 0
    assert incident.cause == REPORT.cause


@pytest.mark.parametrize(
    "change",
    [{"kind": "gone"}, {"data_kinds": []}, {"data_kinds": ["salary"]}, {"detected_at": AT + timedelta(hours=1)},
     {"occurred_at": AT}, {"cause": " "}, {"harm": ""}, {"contact": ""}],
)  # fmt: skip
def test_a_report_that_cannot_be_starts_no_clock(rep, change):
    with pytest.raises(law.IncidentNotMoved):
        law.report_incident(report=replace(REPORT, **change), by=rep, at=AT)

    assert not PrivacyIncident.objects.exists()
    assert not Case.objects.exists()


def test_a_person_without_a_role_reports_nothing(person):
    with pytest.raises(PermissionDenied):
        law.report_incident(report=REPORT, by=person("nobody"), at=AT)


def test_an_incident_closes_only_after_remedy_and_both_notices_and_the_law_says_so(incident, officer):
    law.triage_case(case_id=incident.case_id, risk="high", words="x", by=officer, at=AT)
    steps = [
        lambda: None,
        lambda: contained(incident, officer),
        lambda: told(incident, officer),
    ]
    for step in steps:
        step()
        with pytest.raises(Refused) as refusal, recorded_refusals(by=officer, at=LATER):
            law.close_incident(incident_id=incident.pk, by=officer, at=LATER)
        assert refusal.value.verdict.breached == ["PI-18"]
    law.tell_persons(
        incident_id=incident.pk, how="短信，逐人", told_at=LATER, by=officer, at=LATER + timedelta(minutes=1)
    )

    closed = law.close_incident(incident_id=incident.pk, by=officer, at=LATER)

    assert closed.state == "closed"
    assert LedgerEntry.objects.filter(event="incident.close_refused").count() == 3
    with pytest.raises(law.IncidentNotMoved):
        contained(incident, officer)


def test_persons_are_spared_only_with_measures_and_a_reason(incident, officer):
    with pytest.raises(law.IncidentNotMoved):
        law.spare_persons(incident_id=incident.pk, reason="数据已加密", by=officer, at=LATER)
    contained(incident, officer)
    with pytest.raises(law.IncidentNotMoved):
        law.spare_persons(incident_id=incident.pk, reason=" ", by=officer, at=LATER)
    law.spare_persons(incident_id=incident.pk, reason="数据已加密，密钥未泄露", by=officer, at=LATER)
    told(incident, officer)

    assert law.close_incident(incident_id=incident.pk, by=officer, at=LATER).harm_avoided


def test_persons_are_told_after_the_measures_are_written_down(incident, officer):
    with pytest.raises(law.IncidentNotMoved):
        law.tell_persons(incident_id=incident.pk, how="短信", told_at=LATER, by=officer, at=LATER)
    contained(incident, officer)
    for how, when in ((" ", LATER), ("短信", AT - timedelta(days=1)), ("短信", LATER + timedelta(days=1))):
        with pytest.raises(law.IncidentNotMoved):
            law.tell_persons(incident_id=incident.pk, how=how, told_at=when, by=officer, at=LATER)


def test_the_authority_is_told_once_between_finding_and_now(incident, officer):
    for reference, when in ((" ", LATER), ("1", AT - timedelta(days=1)), ("1", LATER + timedelta(days=1))):
        with pytest.raises(law.IncidentNotMoved):
            law.tell_authority(
                incident_id=incident.pk, reference=reference, told_at=when, by=officer, at=LATER
            )
    told(incident, officer)

    with pytest.raises(law.IncidentNotMoved):
        told(incident, officer)


def test_a_late_notice_is_advice_and_not_a_bar_until_the_company_adopts_the_clock(incident, officer):
    late = AT + timedelta(hours=30)
    contained(incident, officer, at=late)
    law.tell_authority(incident_id=incident.pk, reference="1", told_at=late, by=officer, at=late)
    law.tell_persons(incident_id=incident.pk, how="信函", told_at=late, by=officer, at=late)

    law.close_incident(incident_id=incident.pk, by=officer, at=late)

    verdict = LedgerEntry.objects.get(event="compliance.incident_closed").verdict
    assert [row["rule"] for row in verdict.body["refusals"]] == ["PI-18b"]


def test_both_notices_carry_every_content_of_article_57(incident, officer):
    contained(incident, officer)
    incident.refresh_from_db()
    about = notice_of(incident)

    for _title, text in (authority_notice(about), person_notice(about)):
        for words in (
            "联系方式",
            "姓名",
            REPORT.cause,
            REPORT.harm,
            "已要求收件人删除并确认",
            "警惕陌生来电",
            REPORT.contact,
        ):
            assert words in text
    assert "约 120" in authority_notice(about)[1]
    assert REPORT.cause not in authority_notice(about)[0]


def test_a_notice_is_a_letter_that_others_approve(incident, officer):
    letter = law.draft_notice(incident_id=incident.pk, audience="persons", by=officer, at=LATER)

    assert (letter.audience, letter.state) == ("persons", "draft")
    with pytest.raises(law.LetterNotMoved):
        law.send_letter(letter_id=letter.pk, how="短信", by=officer, at=LATER)
    with pytest.raises(law.IncidentNotMoved):
        law.draft_notice(incident_id=incident.pk, audience="public", by=officer, at=LATER)
    assert CaseLetter.objects.count() == 1


def test_data_and_number_are_corrected_as_they_become_known(incident, officer):
    with pytest.raises(law.IncidentNotMoved):
        law.size_incident(
            incident_id=incident.pk,
            persons_affected=90,
            is_estimate=False,
            data_kinds=["x"],
            by=officer,
            at=LATER,
        )
    law.size_incident(
        incident_id=incident.pk,
        persons_affected=90,
        is_estimate=False,
        data_kinds=["bank"],
        by=officer,
        at=LATER,
    )

    incident.refresh_from_db()
    assert (incident.persons_affected, incident.is_estimate, incident.data_kinds) == (90, False, ["bank"])


def test_who_reported_it_handles_nothing(incident, rep):
    with pytest.raises(PermissionDenied):
        contained(incident, rep)


def test_the_database_closes_no_incident_without_its_notices(incident):
    with pytest.raises(IntegrityError, match="closes_after_its_notices"), transaction.atomic():
        PrivacyIncident.objects.update(state="closed", closed_at=AT)


def test_an_incident_goes_its_way_through_its_pages(rep, officer):
    now = timezone.localtime()
    door = Client(headers={"accept-language": "zh-hans"})
    door.force_login(rep)
    entered = {
        "kind": "lost", "data_kinds": ["contact"], "persons_affected": 3, "is_estimate": "on",
        "detected_at": f"{now - timedelta(minutes=5):%Y-%m-%dT%H:%M}", "cause": "手机丢失", "harm": "来电骚扰",
        "contact": "隐私办公室",
    }  # fmt: skip
    assert door.post(reverse("compliance:incident-list"), {**entered, "cause": ""}).status_code == 400
    assert door.post(reverse("compliance:incident-list"), entered).status_code == 302
    incident = PrivacyIncident.objects.get()
    address = reverse("compliance:incident-detail", args=[incident.pk])
    assert door.get(address).status_code == 404
    door.force_login(officer)

    def act(verb, **more):
        return door.post(reverse("compliance:incident-act", args=[incident.pk, verb]), more).status_code

    assert act("close") == 409
    assert act("contain", measures="远程擦除", advice="警惕来电") == 302
    assert act("spare", reason="设备已加密") == 302
    assert act("notice", audience="authority") == 302
    moment = f"{timezone.localtime():%Y-%m-%dT%H:%M}"
    assert act("authority", told_at=moment, reference="网信 1") in {302, 400}
    page = door.get(address).content.decode()
    for words in ("手机丢失", "远程擦除", "设备已加密"):
        assert words in page
    assert act("nonsense") == 404
    assert door.get(reverse("compliance:incident-list")).status_code == 200
