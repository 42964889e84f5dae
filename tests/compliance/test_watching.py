"""Grades behave: what is watched goes on, asks for a reason, and a published share is reviewed."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied

from compliance import actions as law
from compliance.actions.recording import is_sampled
from compliance.choices import WatchState
from compliance.evaluate import STOPPING, evaluate, shipped_book
from compliance.models import LedgerEntry, WatchedAct
from pharmacrm.common.ids import uuid7
from pharmacrm.common.models import Notification

pytestmark = pytest.mark.django_db


def an_act(by, at, **facts):
    facts = {"rep_contract": "cso", **facts}
    verdict = evaluate("visit.plan", facts, on="2026-11-23", subject="visit:1", id=str(uuid7()))
    only = tuple(one for one in verdict.refusals if one.grade not in STOPPING)
    law.record("tests.planned", subject="visit:1", by=by, at=at, verdict=replace(verdict, refusals=only))
    return verdict


@pytest.mark.parametrize(
    ("grade", "blocks"),
    [
        ("禁止", True),
        ("避免", True),
        ("应当", True),
        ("关注", False),
        ("建议", False),
        ("倡导", False),
        ("可以", False),
    ],
)
def test_each_grade_stops_or_lets_go(grade, blocks):
    rules = [rule for rule in shipped_book().rules if rule.grade == grade and not rule.is_policy]
    for rule in rules:
        example = next(one for one in rule.examples if one.refused)
        if example.root == "act":
            continue
        day = example.act.get("on") or max(
            rule.valid_from, "2026-11-01" if not rule.valid_until else rule.valid_from
        )
        verdict = evaluate(example.point, example.facts, on=day)
        assert (rule.id in verdict.breached) is blocks, rule.id


def test_a_waiver_covers_only_what_may_be_waived():
    meal = {"kind": "meal", "cost_fen": 90_001, "people_present": 3}

    without = evaluate("expense.submit", meal, on="2026-11-23")
    covered = evaluate("expense.submit", meal, on="2026-11-23", waivers={"RD-01": "w", "RD-02": "w"})
    banned = evaluate("expense.submit", {"kind": "entertainment"}, on="2026-11-23", waivers={"RD-02": "w"})

    assert "RD-01" in without.breached
    assert "RD-01" not in covered.breached
    assert "RD-02" in banned.breached


def test_a_watched_act_goes_on_and_its_author_is_asked_once(rep, at):
    an_act(rep, at)

    watched = WatchedAct.objects.get(rule="MR-01b")
    assert (watched.asked_of, watched.state, watched.subject) == (rep, WatchState.ASKED, "visit:1")
    assert Notification.objects.filter(recipient=rep, kind="compliance.reason_asked").count() == 1
    assert LedgerEntry.objects.filter(event="tests.planned").count() == 1
    rows = LedgerEntry.objects.get(event="tests.planned").rows
    assert "compliance.watchedact" in {row["model"] for row in rows}


def test_a_refused_act_and_one_of_nobody_ask_for_no_reason(rep, at):
    verdict = evaluate(
        "visit.plan", {"rep_contract": "cso"}, on="2026-11-23", subject="visit:1", id=str(uuid7())
    )
    assert verdict.breached

    law.record_refusal(verdict, subject="visit:1", by=rep, at=at)
    an_act(None, at)

    assert not WatchedAct.objects.exists()


def test_the_reason_is_given_by_the_author_alone_and_once(rep, other_rep, at):
    an_act(rep, at)
    watched = WatchedAct.objects.get(rule="MR-01b")
    with pytest.raises(PermissionDenied):
        law.give_reason(watched_id=watched.pk, reason="x", by=other_rep, at=at)
    with pytest.raises(law.WatchedActNotMoved):
        law.give_reason(watched_id=watched.pk, reason=" ", by=rep, at=at)

    law.give_reason(watched_id=watched.pk, reason="法务已确认", by=rep, at=at)

    watched.refresh_from_db()
    assert (watched.state, watched.reason) == (WatchState.ANSWERED, "法务已确认")
    assert LedgerEntry.objects.filter(event="compliance.reason_given", reason="法务已确认").count() == 1
    with pytest.raises(law.WatchedActNotMoved):
        law.give_reason(watched_id=watched.pk, reason="y", by=rep, at=at)


def test_a_review_takes_somebody_else_of_compliance(rep, officer, at):
    an_act(rep, at)
    watched = WatchedAct.objects.get(rule="MR-01b")
    with pytest.raises(law.WatchedActNotMoved):
        law.review_watched(watched_id=watched.pk, review="x", by=officer, at=at)
    law.give_reason(watched_id=watched.pk, reason="法务已确认", by=rep, at=at)
    with pytest.raises(PermissionDenied):
        law.review_watched(watched_id=watched.pk, review="x", by=rep, at=at)
    with pytest.raises(law.WatchedActNotMoved):
        law.review_watched(watched_id=watched.pk, review=" ", by=officer, at=at)

    law.review_watched(watched_id=watched.pk, review="属实", by=officer, at=at)

    watched.refresh_from_db()
    assert (watched.state, watched.reviewed_by) == (WatchState.REVIEWED, officer)
    assert LedgerEntry.objects.filter(event="compliance.watched_reviewed").count() == 1


def test_one_in_five_is_drawn_by_a_formula_anyone_can_compute():
    keys = [str(uuid7()) for _ in range(4000)]

    drawn = [key for key in keys if is_sampled(key, "MR-01b")]

    assert 0.16 < len(drawn) / len(keys) < 0.24
    first = int.from_bytes(hashlib.sha256(f"{drawn[0]}:MR-01b".encode()).digest()[:4])
    assert first % 10_000 < 2_000


def test_the_pages_take_the_reason_and_the_review(client, rep, officer, at):
    an_act(rep, at - timedelta(days=9))
    watched = WatchedAct.objects.get(rule="MR-01b")
    address = f"/compliance/watched/{watched.pk}/"

    def as_(who):
        client.force_login(who, backend=settings.AUTHENTICATION_BACKENDS[-1])

    as_(rep)
    assert "MR-01b" in client.get("/compliance/watched/").content.decode()
    empty = client.post(address, {"reason": ""})
    client.post(address, {"reason": "法务已确认"})
    again = client.post(address, {"reason": "再说一次"})
    as_(officer)
    listed = client.get("/compliance/watched/", {"state": "answered"})
    client.post(address, {"reason": "属实"})

    watched.refresh_from_db()
    assert (empty.status_code, again.status_code) == (400, 400)
    assert "法务已确认" in listed.content.decode()
    assert (watched.state, watched.review) == (WatchState.REVIEWED, "属实")
