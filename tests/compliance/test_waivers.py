"""Exceptions: asked beforehand, decided outside the reporting line, until a day."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from compliance import actions as law
from compliance import selectors
from compliance.actions.waivers import tell_waivers_of_month
from compliance.choices import WaiverState
from compliance.models import LedgerEntry, Waiver
from pharmacrm.common.models import Notification


def ask(by, at, **change):
    day = at.date()
    given = {
        "rule": "RD-07",
        "subject": f"user:{by.pk}",
        "reason": "唯一可用会场",
        "valid_from": day,
        "valid_until": day + timedelta(days=7),
    }
    return law.request_waiver(**{**given, **change}, by=by, at=at)


@pytest.mark.django_db
def test_an_exception_is_asked_for_and_granted(rep, officer, at):
    waiver = ask(rep, at)

    law.decide_waiver(waiver_id=waiver.pk, grant=True, reason="同意", by=officer, at=at)

    waiver.refresh_from_db()
    assert waiver.state == WaiverState.GRANTED
    told = Notification.objects.order_by("created_at").values_list("recipient", "kind")
    assert set(told) == {(officer.pk, "approval_asked"), (rep.pk, "approval_decided")}
    assert waiver.history.count() == 2
    assert list(LedgerEntry.objects.order_by("pk").values_list("event", flat=True)) == [
        "compliance.waiver_requested",
        "compliance.approval_opened",
        "compliance.approval_agreed",
        "compliance.waiver_granted",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"rule": "MR-08"},
        {"rule": "XX-01"},
        {"subject": "somewhere"},
        {"subject": "event:1"},
        {"subject": "user:01a20000-0000-7000-8000-000000000000"},
        {"subject": "rule:RD-99"},
        {"subject": "nothing:1"},
        {"reason": "  "},
        {"valid_from": -1},
        {"valid_until": 0},
        {"valid_until": 120},
    ],
)
def test_a_request_that_makes_no_sense_is_not_taken(change, rep, at):
    days = {key: at.date() + timedelta(days=value) for key, value in change.items() if isinstance(value, int)}

    with pytest.raises(law.WaiverNotRequested):
        ask(rep, at, **{**change, **days})

    assert not Waiver.objects.exists()


@pytest.mark.django_db
def test_nobody_decides_their_own_request_or_without_the_role(rep, other_rep, officer, at):
    own = ask(officer, at)
    waiver = ask(rep, at)

    for one, by in ((own, officer), (waiver, rep), (waiver, other_rep)):
        with pytest.raises(PermissionDenied):
            law.decide_waiver(waiver_id=one.pk, grant=True, reason="同意", by=by, at=at)


@pytest.mark.django_db
@pytest.mark.parametrize(("in_line", "reason"), [(True, "同意"), (False, " ")])
def test_a_decision_inside_the_line_or_without_reason_is_refused(in_line, reason, rep, officer, at):
    if in_line:
        rep.line_manager = officer
        rep.save()
    waiver = ask(rep, at)

    with pytest.raises(law.WaiverNotDecided):
        law.decide_waiver(waiver_id=waiver.pk, grant=True, reason=reason, by=officer, at=at)

    waiver.refresh_from_db()
    assert waiver.state == WaiverState.REQUESTED


@pytest.mark.django_db
def test_a_decided_or_lapsed_request_is_not_decided_again(rep, officer, at):
    waiver, late = ask(rep, at), ask(rep, at)
    law.decide_waiver(waiver_id=waiver.pk, grant=False, reason="不必要", by=officer, at=at)

    for one, when in ((waiver, at), (late, at + timedelta(days=8))):
        with pytest.raises(law.WaiverNotDecided):
            law.decide_waiver(waiver_id=one.pk, grant=True, reason="同意", by=officer, at=when)


@pytest.mark.django_db
def test_a_granted_exception_can_be_revoked_once(rep, officer, at):
    waiver = ask(rep, at)
    with pytest.raises(law.WaiverNotDecided):
        law.revoke_waiver(waiver_id=waiver.pk, reason="情况变化", by=officer, at=at)
    law.decide_waiver(waiver_id=waiver.pk, grant=True, reason="同意", by=officer, at=at)
    with pytest.raises(PermissionDenied):
        law.revoke_waiver(waiver_id=waiver.pk, reason="情况变化", by=rep, at=at)

    law.revoke_waiver(waiver_id=waiver.pk, reason="情况变化", by=officer, at=at)

    waiver.refresh_from_db()
    assert waiver.state == WaiverState.REVOKED


@pytest.mark.django_db
def test_the_monthly_list_holds_what_covered_a_day_of_it_and_is_told_once(rep, officer, at):
    granted = law.request_waiver(
        rule="RD-07", subject=f"user:{rep.pk}", reason="唯一会场", valid_from=date(2026, 11, 30), valid_until=date(2026, 12, 2),
        by=rep, at=at,
    )  # fmt: skip
    law.decide_waiver(waiver_id=granted.pk, grant=True, reason="同意", by=officer, at=at)

    covered = {
        month: [one.pk for one in selectors.waivers_visible_to(officer, month=month)]
        for month in ("2026-10", "2026-11", "2026-12", "2027-01")
    }
    told = [tell_waivers_of_month(on=date(2026, 12, 1), at=at) for _ in range(2)]

    assert covered == {"2026-10": [], "2026-11": [granted.pk], "2026-12": [granted.pk], "2027-01": []}
    assert told == [1, 1]
    message = Notification.objects.get(kind="compliance.waivers_of_month")
    assert (message.recipient, message.url) == (officer, "/compliance/waivers/?month=2026-11")
