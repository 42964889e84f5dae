"""What may not be stored is refused or kept apart with a case; a false alarm is released by two people. Promise C8."""

import threading

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection

from activities import actions as activities
from activities.models import Visit
from compliance import actions as law
from compliance.choices import AlarmState
from compliance.models import Case, GuardAlarm, LedgerEntry
from compliance.rules import categories_of, scan_header
from compliance.selectors import is_released
from doctors import selectors as doctors
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import Refused
from pharmacrm.imports.guard import judge_columns
from tests.compliance.test_guard import DISGUISED
from tests.factories.activities import make_ground, report_of
from tests.factories.compliance import qualify

pytestmark = pytest.mark.django_db
NOTE = "王主任这个月开了３０盒。"
INNOCENT = "礼品卡业务不在讨论范围"


@pytest.fixture
def second(person):
    return person("second", Role.COMPLIANCE, name="梁慎")


def columns(kind, header, values=(), *, by, at):
    judge_columns(kind, [header], [[one] for one in values], subject="import:1", by=by, at=at)


def a_visit(rep, officer, at, note):
    qualify(rep, "P1", by=officer, at=at)
    return activities.submit_visit(report=report_of(make_ground(rep), at, note=note), by=rep, at=at)


def test_no_disguised_column_is_taken_and_every_caught_one_is_refused(rep, at):
    headers = [text for _category, place, text in DISGUISED if place == "header"]
    refused = 0
    for header in headers:
        if not categories_of(scan_header(header)):
            continue
        with pytest.raises(Refused):
            columns("doctors", header, by=rep, at=at)
        refused += 1

    assert refused / len(headers) >= 0.95


def test_a_note_is_kept_apart_sealed_with_a_case(rep, officer, at):
    visit = a_visit(rep, officer, at, NOTE)

    alarm = GuardAlarm.objects.get()
    stored = Visit.objects.get(pk=visit.pk)
    assert (alarm.subject, alarm.kind, alarm.categories) == (
        f"visit:{visit.pk}",
        "visit.note",
        ["prescription_counts"],
    )
    assert NOTE.encode() not in bytes(alarm.sealed)
    assert (stored.note_sealed, stored.note_hits) == (None, ["prescription_counts"])
    assert Case.objects.filter(subject=f"visit:{visit.pk}").count() == 1
    raised = LedgerEntry.objects.get(event="compliance.alarm_raised", subject=alarm.subject)
    assert (raised.verdict.point, raised.verdict.breached) == ("note.accept", ["MR-11"])


def test_two_people_release_a_note_and_it_goes_back_where_it_was_written(rep, officer, second, at):
    visit = a_visit(rep, officer, at, INNOCENT)
    alarm = GuardAlarm.objects.get()

    first = law.release_alarm(alarm_id=alarm.pk, reason="说的是不涉及", by=officer, at=at)
    assert first.state == AlarmState.OPEN
    with pytest.raises(law.AlarmNotDecided):
        law.release_alarm(alarm_id=alarm.pk, reason="x", by=officer, at=at)
    law.release_alarm(alarm_id=alarm.pk, reason="同意", by=second, at=at)

    alarm.refresh_from_db()
    stored = Visit.objects.get(pk=visit.pk)
    assert (alarm.state, alarm.sealed) == (AlarmState.RELEASED, None)
    assert doctors.open_text(visit.doctor_id, stored.note_sealed) == INNOCENT
    assert stored.note_hits == []
    assert is_released("note", "visit.note", f" {INNOCENT} ")
    assert not is_released("note", "visit.note", NOTE)
    events = LedgerEntry.objects.filter(subject=f"visit:{visit.pk}").values_list("event", flat=True)
    assert {"compliance.alarm_doubted", "compliance.alarm_released", "activities.note_restored"} <= set(
        events
    )


def test_a_right_alarm_destroys_the_words(rep, officer, at):
    a_visit(rep, officer, at, NOTE)
    alarm = GuardAlarm.objects.get()

    law.confirm_alarm(alarm_id=alarm.pk, reason="统方", by=officer, at=at)

    alarm.refresh_from_db()
    assert (alarm.state, alarm.sealed) == (AlarmState.RIGHT, None)
    assert not is_released("note", "visit.note", NOTE)
    with pytest.raises(law.AlarmNotDecided):
        law.release_alarm(alarm_id=alarm.pk, reason="x", by=officer, at=at)


def test_a_column_said_to_be_innocent_passes_after_two_and_for_its_kind_alone(rep, officer, second, at):
    header = "处方量规范培训（次）"
    with pytest.raises(Refused):
        columns("doctors", header, by=rep, at=at)
    alarm = law.report_false_alarm(
        place="column", kind="doctors", text=header, claim="培训次数", by=rep, at=at
    )
    law.release_alarm(alarm_id=alarm.pk, reason="培训次数", by=officer, at=at)
    with pytest.raises(Refused):
        columns("doctors", header, by=rep, at=at)

    law.release_alarm(alarm_id=alarm.pk, reason="同意", by=second, at=at)

    columns("doctors", f" {header}", by=rep, at=at)
    with pytest.raises(Refused):
        columns("hospitals", header, by=rep, at=at)
    with pytest.raises(Refused):
        columns("doctors", header, ["本月处方量30", "处方量12"], by=rep, at=at)


def test_nobody_releases_what_they_raised_or_without_the_role(officer, second, rep, at):
    own = law.report_false_alarm(place="column", kind="doctors", text="处方量", claim="x", by=officer, at=at)

    for who in (officer, rep):
        with pytest.raises(PermissionDenied):
            law.release_alarm(alarm_id=own.pk, reason="x", by=who, at=at)
        with pytest.raises(PermissionDenied):
            law.confirm_alarm(alarm_id=own.pk, reason="x", by=who, at=at)
    with pytest.raises(law.AlarmNotDecided):
        law.release_alarm(alarm_id=own.pk, reason=" ", by=second, at=at)

    own.refresh_from_db()
    assert own.first_by is None


@pytest.mark.parametrize(("text", "claim"), [("年门诊量", "x"), ("处方量", " ")])
def test_a_claim_needs_an_alarm_and_a_reason(rep, at, text, claim):
    with pytest.raises(law.AlarmNotRaised):
        law.report_false_alarm(place="column", kind="doctors", text=text, claim=claim, by=rep, at=at)

    assert not GuardAlarm.objects.exists()


def test_the_same_words_are_reported_once(rep, at):
    given = {"place": "column", "kind": "doctors", "claim": "x", "by": rep, "at": at}

    one = law.report_false_alarm(text="处方量", **given)
    again = law.report_false_alarm(text="処方量 ", **given)

    assert one.pk == again.pk


def test_the_pages_take_a_claim_and_two_decisions(client, rep, officer, second):
    def as_(who):
        client.force_login(who, backend=settings.AUTHENTICATION_BACKENDS[-1])

    as_(rep)
    client.post(
        "/compliance/alarms/new/",
        {"place": "column", "kind": "doctors", "text": "处方量规范培训（次）", "claim": "培训"},
    )
    wrong = client.post(
        "/compliance/alarms/new/", {"place": "column", "kind": "doctors", "text": "姓名", "claim": "x"}
    )
    alarm = GuardAlarm.objects.get()
    address = f"/compliance/alarms/{alarm.pk}/"
    mine = client.get(address).content.decode()
    stolen = client.post(address, {"verb": "release", "reason": "x"})
    for who in (officer, second):
        as_(who)
        seen = client.get(address).content.decode()
        assert "处方量规范培训（次）" in seen
        client.post(address, {"verb": "release", "reason": "培训次数"})

    alarm.refresh_from_db()
    assert wrong.status_code == 400
    assert 'value="release"' not in mine
    assert stolen.status_code == 403
    assert alarm.state == AlarmState.RELEASED
    assert "已放行" in client.get("/compliance/alarms/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_who_release_a_false_alarm_at_once_count_once_each(person, officer, at):
    alarm = law.report_false_alarm(
        place="column", kind="doctors", text="处方量", claim="x", by=person("rep", Role.REP), at=at
    )
    both = [officer, person("second", Role.COMPLIANCE)]

    def release(who):
        try:
            law.release_alarm(alarm_id=alarm.pk, reason="误报", by=who, at=at)
        finally:
            connection.close()

    threads = [threading.Thread(target=release, args=(one,)) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    alarm.refresh_from_db()
    assert alarm.state == "released"
    assert {alarm.first_by_id, alarm.decided_by_id} == {one.pk for one in both}
