"""What doctors ask about their own data: taken in, checked, judged, carried out, answered in time."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from compliance.models import LedgerEntry, Signature
from compliance.rules.working_days import is_working_day, working_day_after, working_days_between
from compliance.selectors.cockpit import inbox_of
from doctors import actions, selectors
from doctors.actions import RequestAnswer
from doctors.models import Erasure, PrivacyRequest
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import DomainError, Refused
from pharmacrm.common.models import Notification
from tests.conftest import AT
from tests.factories.compliance import proof_of
from tests.factories.doctors import make_doctor, make_notice, make_purpose, make_territory, put_into

pytestmark = pytest.mark.django_db
BEIJING = ZoneInfo("Asia/Shanghai")
LATER = AT + timedelta(minutes=5)
YES, NO = RequestAnswer(True), RequestAnswer(False, "依法须保存三年。")


@pytest.fixture
def steward(person):
    return person("shen", Role.STEWARD, name="沈思")


@pytest.fixture
def doctor(rep):
    make_purpose("profiling")
    territory = make_territory()
    put_into(rep, territory)
    return make_doctor("王晓明", territory=territory, tier="core")


def taken(doctor, kind="copy", by=None, at=AT, **fields):
    return actions.take_request(
        doctor_id=doctor.pk,
        kind=kind,
        **{"source": "page" if by is None else "rep", "words": "", **fields},
        by=by,
        at=at,
    )


def test_a_request_has_a_number_and_two_clocks_and_the_desk_is_told(doctor, rep, officer):
    asked = taken(doctor, by=rep, words="请给我一份副本。")

    assert asked.number == f"PR-{AT.year}-00001"
    assert asked.due_at == AT + timedelta(days=30)
    assert asked.target_on == working_day_after(timezone.localtime(AT).date(), 15)
    assert b"\xe8\xaf\xb7" not in bytes(asked.words_sealed)
    assert selectors.words_of_request(asked) == "请给我一份副本。"
    assert Notification.objects.filter(recipient=officer, kind="privacy_request").count() == 1


def test_a_representative_hands_in_only_for_doctors_in_sight(doctor, other_rep):
    with pytest.raises(PermissionDenied):
        taken(doctor, by=other_rep)

    assert not PrivacyRequest.objects.exists()


def test_the_same_request_is_not_taken_twice_while_it_runs(doctor):
    taken(doctor)

    with pytest.raises(actions.RequestNotMoved):
        taken(doctor)


def test_refusing_profiling_holds_at_once_and_is_answered_on_the_spot(doctor, rep):
    asked = taken(doctor, "refuse_profiling", by=rep)

    doctor.refresh_from_db()
    assert (doctor.profiling_refused, doctor.tier) == (True, "")
    assert (asked.state, asked.is_granted) == ("closed", True)
    assert "不再" in selectors.letter_of_request(asked)


def test_restricting_stops_every_channel_at_once(doctor):
    taken(doctor, "restrict")

    for channel in ("visit", "sms", "event"):
        held = selectors.consent_of(doctor.pk, channel=channel, purpose="academic_contact", at=AT)
        assert held.state == "withdrawn"


def test_nothing_is_handed_over_before_it_is_sure_who_asks(doctor, rep, officer):
    asked = taken(doctor, "copy", by=rep)

    with pytest.raises(Refused) as refusal:
        actions.answer_request(request_id=asked.pk, answer=YES, by=officer, at=AT)

    assert refusal.value.verdict.breached == ["PI-07"]
    asked.refresh_from_db()
    assert (asked.state, asked.is_granted) == ("open", None)
    actions.check_identity(request_id=asked.pk, how="call_back", by=officer, at=AT)
    done = actions.answer_request(request_id=asked.pk, answer=YES, by=officer, at=AT)
    assert done.state == "closed"
    assert selectors.copy_granted_to(doctor.pk) == done


def test_a_refusal_gives_its_reason_and_the_letter_repeats_it(doctor, officer):
    asked = taken(doctor, "erase")

    with pytest.raises(Refused):
        actions.answer_request(request_id=asked.pk, answer=RequestAnswer(False), by=officer, at=AT)
    done = actions.answer_request(request_id=asked.pk, answer=NO, by=officer, at=AT)

    assert "依法须保存三年" in selectors.letter_of_request(done)
    assert selectors.reason_of_request(done) == "依法须保存三年。"


def test_an_erasure_takes_two_people(doctor, officer, person):
    second = person("second", Role.COMPLIANCE, name="程知微")
    asked = taken(doctor, "erase")

    with pytest.raises(actions.RequestNotMoved):
        actions.answer_request(request_id=asked.pk, answer=YES, by=officer, at=AT)
    decided = actions.answer_request(
        request_id=asked.pk, answer=YES, by=officer, at=AT, proof=proof_of(officer, AT)
    )
    assert decided.state == "decided"
    assert not Erasure.objects.exists()
    for who, proof in ((officer, proof_of(officer, LATER)), (second, None)):
        with pytest.raises(DomainError):
            actions.second_erasure(request_id=asked.pk, agrees=True, by=who, at=LATER, proof=proof)
    assert [one.request.heading for one in inbox_of(second, AT.date())] == [
        f"删除医生个人信息，请求 {asked.number}"
    ]
    done = actions.second_erasure(
        request_id=asked.pk, agrees=True, by=second, at=LATER, proof=proof_of(second, LATER)
    )

    signed = Signature.objects.filter(subject=f"privacy_request:{asked.pk}").order_by("signed_at")
    assert list(signed.values_list("signer", "meaning")) == [
        (officer.pk, "doctors.erasure_decided"), (second.pk, "doctors.erasure_agreed"),
    ]  # fmt: skip
    assert len(set(signed.values_list("content_sha256", flat=True))) == 1

    assert (done.state, done.seconded_by) == ("closed", second)
    assert Erasure.objects.get().asked_in == asked.pk
    assert selectors.doctor_card(doctor.pk).name != "王晓明"
    with pytest.raises(IntegrityError), transaction.atomic():
        PrivacyRequest.objects.filter(pk=asked.pk).update(seconded_by=officer)


@pytest.mark.parametrize("who", ["second", "first"])
def test_an_erasure_is_handed_back_with_a_reason_by_the_second_person_or_taken_back_by_the_first(
    doctor, officer, steward, person, who
):
    by = officer if who == "first" else person("second", Role.COMPLIANCE, name="程知微")
    asked = taken(doctor, "erase")
    actions.answer_request(request_id=asked.pk, answer=YES, by=officer, at=AT, proof=proof_of(officer, AT))
    with pytest.raises(actions.RequestNotMoved):
        actions.second_erasure(request_id=asked.pk, agrees=False, by=by, at=AT)
    with pytest.raises(PermissionDenied):
        actions.second_erasure(request_id=asked.pk, agrees=False, by=steward, at=AT, reason="另有案件")

    back = actions.second_erasure(request_id=asked.pk, agrees=False, by=by, at=AT, reason="另有案件")

    assert (back.state, back.is_granted) == ("open", None)
    assert LedgerEntry.objects.get(event="doctors.request_returned").reason == "另有案件"
    assert not Erasure.objects.exists()


def test_an_erasure_that_the_doctor_takes_back_waits_for_nobody(doctor, officer, person):
    second = person("second", Role.COMPLIANCE, name="程知微")
    asked = taken(doctor, "erase")
    actions.answer_request(request_id=asked.pk, answer=YES, by=officer, at=AT, proof=proof_of(officer, AT))
    assert inbox_of(second, AT.date()).count() == 1

    actions.drop_request(request_id=asked.pk, doctor_id=doctor.pk, at=AT, reason="想想再说")

    assert inbox_of(second, AT.date()).count() == 0
    assert LedgerEntry.objects.get(event="doctors.request_dropped").reason == "想想再说"
    with pytest.raises(actions.RequestNotMoved):
        actions.second_erasure(
            request_id=asked.pk, agrees=True, by=second, at=LATER, proof=proof_of(second, LATER)
        )


def test_a_correction_goes_to_the_stewards(doctor, officer):
    asked = taken(doctor, "correct")

    done = actions.answer_request(
        request_id=asked.pk, answer=RequestAnswer(True, "", {"specialty": "心力衰竭"}), by=officer, at=AT
    )

    assert done.change.fields == ["specialty"]
    assert done.change.state == "open"


def test_only_the_desk_answers(doctor, rep):
    asked = taken(doctor, by=rep)

    for act in (
        lambda: actions.check_identity(request_id=asked.pk, how="call_back", by=rep, at=AT),
        lambda: actions.answer_request(request_id=asked.pk, answer=YES, by=rep, at=AT),
        lambda: actions.second_erasure(request_id=asked.pk, agrees=True, by=rep, at=AT),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_a_late_answer_is_marked_and_the_desk_is_warned_before_and_after(doctor, officer):
    asked = taken(doctor)

    actions.remind_of_requests(at=AT + timedelta(days=18))
    actions.remind_of_requests(at=AT + timedelta(days=31))
    actions.remind_of_requests(at=AT + timedelta(days=32))

    kinds = Notification.objects.filter(recipient=officer).values_list("kind", flat=True)
    assert sorted(kinds) == ["privacy_request", "privacy_request_near", "privacy_request_overdue"]
    done = actions.answer_request(request_id=asked.pk, answer=YES, by=officer, at=AT + timedelta(days=31))
    assert done.state == "closed"


def test_every_step_stands_in_the_ledger(doctor, rep, officer):
    asked = taken(doctor, by=rep)
    actions.check_identity(request_id=asked.pk, how="call_back", by=officer, at=AT)
    actions.answer_request(request_id=asked.pk, answer=YES, by=officer, at=AT)
    actions.record_copy_taken(request_id=asked.pk, by=officer, at=AT)

    events = LedgerEntry.objects.filter(subject=f"privacy_request:{asked.pk}").values_list("event", flat=True)
    assert sorted(events) == [
        "doctors.own_data_read", "doctors.request_answered", "doctors.request_identity_checked", "doctors.request_taken",
    ]  # fmt: skip


def test_the_list_filters_by_what_the_address_says(client, officer, doctor, rep):
    taken(doctor, "copy", by=rep, at=timezone.now() - timedelta(days=40))
    taken(doctor, "correct", by=rep, at=timezone.now())
    client.force_login(officer)

    def found(**query):
        return [row.kind for row in client.get(reverse("doctors:request-list"), query).context["page"].rows]

    assert found() == ["copy", "correct"]
    assert found(late="overdue") == ["copy"]
    assert found(kind="correct") == ["correct"]
    assert found(source="page") == []
    client.force_login(rep)
    assert found() == ["copy", "correct"]


def test_the_copy_holds_what_every_app_holds_and_says_what_is_withheld(client, officer, doctor, steward):
    actions.add_contact(doctor_id=doctor.pk, kind="mobile", value="13912342046", by=steward, at=AT)
    notice = make_notice()
    actions.record_consent(
        doctor_id=doctor.pk, state="given", channel="sms", notice_id=notice.pk, by=steward, at=AT
    )
    asked = taken(doctor)
    actions.answer_request(request_id=asked.pk, answer=YES, by=officer, at=AT)
    client.force_login(officer)

    page = client.get(reverse("dashboards:doctor-copy", args=[asked.pk]))
    body = client.get(reverse("dashboards:doctor-copy", args=[asked.pk]), {"format": "json"}).json()

    parts = {part["key"]: part["rows"] for part in body["parts"]}
    assert parts["identity"][0]["name"] == "王晓明"
    assert parts["contacts"][0]["value"] == "13912342046"
    assert parts["consents"][0]["notice"] == "1"
    assert {"visits", "events", "transfers", "questions", "answers", "tier"} <= set(parts)
    assert len(body["withheld"]) == 4
    assert "13912342046" in page.content.decode()
    assert LedgerEntry.objects.filter(event="doctors.own_data_read").count() == 2


def test_a_request_that_grants_no_copy_opens_none(client, officer, doctor):
    asked = taken(doctor, "erase")
    client.force_login(officer)

    assert client.get(reverse("dashboards:doctor-copy", args=[asked.pk])).status_code == 404


def test_holidays_put_the_desks_goal_off_but_not_the_last_day(doctor):
    before_national_day = datetime(2026, 9, 30, 9, tzinfo=BEIJING)

    asked = taken(doctor, at=before_national_day)

    # 1 to 7 October rest, Saturday the 10th is worked in their place.
    assert asked.target_on == date(2026, 10, 27)
    assert asked.due_at == before_national_day + timedelta(days=30)


def test_days_of_rest_do_not_count_against_the_desk(doctor, officer):
    asked = taken(doctor, at=datetime(2026, 9, 30, 9, tzinfo=BEIJING))
    answered_at = datetime(2026, 10, 27, 9, tzinfo=BEIJING)
    actions.check_identity(request_id=asked.pk, how="call_back", by=officer, at=answered_at)

    actions.answer_request(request_id=asked.pk, answer=YES, by=officer, at=answered_at)

    facts = LedgerEntry.objects.get(event="doctors.request_answered").verdict.body["facts"]
    assert (facts["days_open"], facts["working_days_open"]) == (27, 15)


@pytest.mark.parametrize("days", [1, 5, 15])
def test_a_goal_lies_as_many_working_days_away_as_it_says(days):
    for start in (date(2026, 1, 1) + timedelta(days=number) for number in range(500)):
        goal = working_day_after(start, days)

        assert working_days_between(start, goal) == days
        assert is_working_day(goal)
        assert working_days_between(start, goal - timedelta(days=1)) == days - 1
