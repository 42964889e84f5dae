"""The kernel's pages: what an officer sees and does there."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance import actions as law
from compliance import flows, selectors, subjects
from compliance.actions.packs import adopt_book
from compliance.actions.sealing import seal
from compliance.choices import Grade
from compliance.clocks import Clock, clocks_for
from compliance.facts import NoteFacts
from compliance.models import Case, CaseMember, Finding, Hold, LedgerEntry, RulePack, SigningFailure
from compliance.selectors.history import NOTHING, model_of
from compliance.selectors.log import published_key
from compliance.selectors.versions import governed_models
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import Territory
from tests.factories.compliance import PASSWORD, give_totp, totp_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def door(officer):
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(officer)
    return client


def _now():
    return timezone.now()


def _signed(officer, **more):
    give_totp(officer)
    return {"password": PASSWORD, "code": totp_code(officer, _now()), **more}


def test_the_cockpit_orders_by_risk_then_by_due_time(door):
    now = _now()
    for grade, hours in ((Grade.WATCH, 1), (Grade.BAN, 9), (Grade.BAN, 2)):
        law.open_finding(
            kind=f"kind {grade} {hours}",
            subject="visit:1",
            grade=grade,
            at=now,
            due_at=now + timedelta(hours=hours),
        )

    page = door.get(reverse("compliance:cockpit"))

    kinds = [line["item"].title for line in page.context["queue"]]
    assert kinds == ["kind 禁止 2", "kind 禁止 9", "kind 关注 1"]
    assert page.context["numbers"].waiting == 3


def test_the_cockpit_costs_the_same_with_more_rows(door, django_assert_max_num_queries):
    now = _now()
    for number in range(12):
        law.open_finding(kind="k", subject=f"visit:{number}", grade=Grade.BAN, at=now, due_at=now)
        law.open_case(kind="k", subject=f"visit:{number}", title="t", by=None, at=now)

    with django_assert_max_num_queries(30):
        door.get(reverse("compliance:cockpit"))


def test_clocks_of_other_apps_stand_in_the_cockpit(door, monkeypatch):
    now = _now()
    clock = Clock("AE-0912", "24 小时移交", now - timedelta(hours=20), now + timedelta(hours=4), "/x/")
    monkeypatch.setattr("compliance.clocks._sources", {"safety": lambda user, at, most: [clock]})

    page = door.get(reverse("compliance:cockpit"))

    assert clocks_for(None, now) == [clock]
    assert "AE-0912" in page.content.decode()


def test_a_hold_is_placed_only_after_its_name_was_typed(door):
    address = reverse("compliance:hold-list")
    asked = {"subjects": "material:1\nevent:2", "reason": "说明书更新"}

    assert "material:1" in door.post(address, asked).context["named"]
    assert door.post(address, {**asked, "confirm": "material:2"}).status_code == 400
    assert not Hold.objects.exists()
    assert door.post(address, {**asked, "confirm": "material:1"}).status_code == 302

    assert selectors.is_held(["event:2"], _now())


def test_an_officer_signs_to_lift_a_hold(door, officer):
    hold = law.place_hold(subjects=["material:1"], reason="x", by=officer, at=_now())
    address = reverse("compliance:hold-lift", args=[hold.pk])

    assert door.post(address, {"reason": "核对无误"}).status_code == 400
    assert door.post(address, _signed(officer, reason="核对无误")).status_code == 302

    hold.refresh_from_db()
    assert hold.lift_signature.printed_name == "周正"


def test_a_wrong_password_at_the_page_is_kept_although_the_act_rolled_back(door, officer):
    hold = law.place_hold(subjects=["material:1"], reason="x", by=officer, at=_now())

    answer = door.post(
        reverse("compliance:hold-lift", args=[hold.pk]), {**_signed(officer, reason="x"), "password": "wrong"}
    )

    assert answer.status_code == 400
    assert SigningFailure.objects.get().user == officer
    assert LedgerEntry.objects.filter(event="compliance.signing_failed").count() == 1


def test_a_finding_becomes_a_case_and_the_case_is_closed_by_signature(door, officer):
    finding = law.open_finding(
        kind="visit_in_breach", subject="visit:1", grade=Grade.BAN, at=_now(), due_at=_now()
    )
    door.post(
        reverse("compliance:finding-detail", args=[finding.pk]), {"verb": "case", "title": "无备案拜访"}
    )
    case = Case.objects.get()

    def act(verb, **entered):
        return door.post(reverse("compliance:case-act", args=[case.pk, verb]), entered).status_code

    assert act("comment", text="已核实") == 302
    assert act("move", state="investigating") == 400
    assert act("triage", risk="high", words="涉及备案") == 302
    assert act("conclude", finding_id=finding.pk, conclusion="confirmed", words="备案过期") == 302
    assert act("assign", owner=officer.pk) == 302
    assert act("move", state="investigating") == 302
    assert act("close", root_cause="备案过期", correction="重新备案", **_signed(officer)) == 302

    case.refresh_from_db()
    assert (case.state, case.findings.get().state) == ("closed", "settled")
    assert door.get(reverse("compliance:case-detail", args=[case.pk])).status_code == 200


def test_a_finding_is_settled_on_its_page(door):
    finding = law.open_finding(kind="k", subject="visit:1", grade=Grade.WATCH, at=_now())
    address = reverse("compliance:finding-detail", args=[finding.pk])

    assert door.post(address, {"settlement": ""}).status_code == 400
    assert door.post(address, {"settlement": "误报"}).status_code == 302

    assert Finding.objects.get().settlement == "误报"


def test_the_history_shows_what_changed_who_and_when(door, officer):
    with transaction.atomic():
        territory = Territory.objects.create(code="E", name="华东", path="/E/")
        law.record("accounts.territory_added", subject=f"territory:{territory.pk}", by=officer, at=_now())
    with transaction.atomic():
        territory.name = "华东大区"
        territory.save()
        law.record(
            "accounts.territory_renamed",
            subject=f"territory:{territory.pk}",
            by=officer,
            at=_now(),
            reason="调整",
        )
    address = reverse("compliance:history", args=[f"territory:{territory.pk}"])

    page = door.get(address)
    first = door.get(address, {"version": 1})

    changed = [change for change in page.context["changes"] if not change.is_same]
    assert [(change.before, change.after) for change in changed] == [("华东", "华东大区")]
    assert page.context["shown"].by == "周正"
    assert first.context["shown"].values["name"] == "华东"
    assert door.get(address, {"version": "nonsense"}).context["shown"].number == 2


def test_the_record_is_shown_as_it_was_at_any_moment_with_the_rule_book_of_then(door, officer):
    with time_machine.travel("2026-03-01 09:00+08:00", tick=False), transaction.atomic():
        adopt_book(by=officer, at=_now())
        territory = Territory.objects.create(code="E", name="华东", path="/E/")
        law.record("accounts.territory_added", subject=f"territory:{territory.pk}", by=officer, at=_now())
    with time_machine.travel("2026-06-01 09:00+08:00", tick=False), transaction.atomic():
        territory.name = "华东大区"
        territory.save()
        facts = NoteFacts(place="visit.note")
        verdict = law.judge("note.accept", facts, subject="territory:1", by=officer, at=_now())
        law.record(
            "accounts.territory_renamed",
            subject=f"territory:{territory.pk}",
            by=officer,
            at=_now(),
            verdict=verdict,
        )
    address = reverse("compliance:history", args=[f"territory:{territory.pk}"])

    between = door.get(address, {"at": "2026-04-01T00:00"})
    after = door.get(address, {"at": "2026-06-01T09:00"})
    before = door.get(address, {"at": "2026-01-01T00:00"})

    assert between.context["shown"].values["name"] == "华东"
    assert (between.context["law"].has_judged, between.context["law"].pack) == (
        False,
        RulePack.objects.get().key,
    )
    assert after.context["shown"].values["name"] == "华东大区"
    assert (after.context["law"].has_judged, after.context["law"].verdict_id) == (True, UUID(verdict.id))
    assert reverse("compliance:verdict-detail", args=[verdict.id]) in after.content.decode()
    assert before.context["is_too_early"]
    assert before.context["shown"] is None
    assert door.get(address, {"at": "nonsense"}).context["shown"].number == 2


# Kinds that name no governed row: nothing of theirs changes, or they stand for many rows. Each line says why.
WITHOUT_VERSIONS = {
    "bribery_list": "the whole list; each line of it has its own versions",
    "checkpoint": "append-only: it never changes",
    "client": "an application's keys are the identity provider's; its acts are here",
    "engagement": "no object of it exists yet",
    "engagement_watch": "a figure of the doctors' stream, worked out anew",
    "export": "a count of what left; it never changes",
    "file": "a digest",
    "hotline": "the hash of a reporter's code",
    "import": "staging, thrown away; the rows it wrote have their versions",
    "import_kind": "a kind, not a row",
    "job": "progress of work",
    "rule": "texts of many versions; the rule's own page shows any day",
    "rulepack": "append-only: it never changes",
    "table": "a table, not a row",
    "training": "many rows at once",
    "verification": "append-only: it never changes",
}


def test_every_kind_of_record_shows_its_versions_or_says_why_it_has_none():
    without = {kind for kind in subjects.kinds() if model_of(f"{kind}:1") is None}
    names = [model._meta.model_name for model in governed_models()]

    assert sorted(without) == sorted(WITHOUT_VERSIONS)
    assert len(set(names)) == len(names)  # any governed row is named by its model alone


def test_a_version_knows_its_act_though_the_act_was_about_another_record(door, officer, rep):
    with transaction.atomic():
        adopt_book(by=officer, at=_now())
    draft = law.draft_parameter(
        rule="RD-01",
        name="cap_fen",
        value=25000,
        valid_from=timezone.localdate(),
        reason="从严",
        by=officer,
        at=_now(),
    )

    page = door.get(reverse("compliance:history", args=[f"figure:{draft.pk}"]))

    shown = page.context["shown"]
    assert shown.entry.event == "compliance.parameter_drafted"
    assert shown.entry.subject == "rule:RD-01"
    assert (shown.by, page.context["law"].pack) == ("周正", RulePack.objects.get().key)
    assert shown.values["first_signed_at"] == NOTHING
    alarm = law.report_false_alarm(
        place="column",
        kind="doctor",
        text="处方量",
        claim="培训",
        by=rep,
        at=datetime(2026, 11, 23, 6, 0, tzinfo=UTC),
    )
    raised = door.get(reverse("compliance:history", args=[f"alarm:{alarm.pk}"])).context["shown"]
    assert raised.values["raised_at"] == "2026-11-23 14:00:00"  # Shanghai's
    assert shown.values["drafted_by_id"] == "周正"


def test_the_parts_of_a_case_file_stand_behind_its_wall_too(door, officer, person):
    second = person("second", Role.COMPLIANCE, name="梁慎")
    finding = law.open_finding(
        kind="x", subject="event:1", grade=Grade.WATCH, evidence={"text": {"zh": "x", "en": "x"}}, by=second, at=_now()
    )  # fmt: skip
    case = law.open_case(
        kind="report", subject="event:1", title="补签", finding=finding, by=second, at=_now()
    )
    member = case.members.get()

    for subject in (
        f"case:{case.pk}",
        f"case_member:{member.pk}",
        f"casemember:{member.pk}",
        f"finding:{finding.pk}",
    ):
        assert door.get(reverse("compliance:history", args=[subject])).status_code == 404, subject
    assert model_of("case_member:1") is CaseMember


@pytest.mark.parametrize("subject", ["territory:nonsense", "nothing:1", "visit"])
def test_a_subject_without_history_is_not_found(door, subject):
    assert door.get(reverse("compliance:history", args=[subject])).status_code == 404


def test_the_downloaded_receipt_is_checked_by_the_downloaded_program(door, officer, tmp_path):
    law.place_hold(subjects=["material:1"], reason="说明书更新", by=officer, at=_now())
    seal(at=_now(), sign_now=True, anchor=False)
    entry = LedgerEntry.objects.get()

    receipt, program = tmp_path / "receipt.json", tmp_path / "verify.py"
    receipt.write_bytes(door.get(reverse("compliance:receipt", args=[entry.pk])).content)
    program.write_bytes(door.get(reverse("compliance:verifier")).content)
    call = [sys.executable, "-I", str(program), "receipt", str(receipt), "--key", published_key()]
    good = subprocess.run(call, capture_output=True, text=True, check=False)
    body = json.loads(receipt.read_text())
    body["entry"] = body["entry"].replace("周正", "周止")
    receipt.write_text(json.dumps(body))
    bad = subprocess.run(call, capture_output=True, text=True, check=False)

    assert (good.returncode, good.stdout.startswith("agrees: #0 compliance.hold_placed")) == (0, True)
    assert (bad.returncode, bad.stdout.startswith("DIFFERS")) == (1, True)


def test_the_ledger_filters_and_pages(door, officer, django_assert_max_num_queries):
    for number in range(60):
        law.record(
            "test.done" if number % 2 else "other.done", subject=f"x:{number % 3}", by=officer, at=_now()
        )

    with django_assert_max_num_queries(22):
        page = door.get(reverse("compliance:ledger"), {"event": "test.", "subject": "x:1"})

    assert {row["entry"].event for row in page.context["rows"]} == {"test.done"}
    assert len(page.context["rows"]) == 10
    assert door.get(reverse("compliance:ledger")).context["page"].next_url


def test_the_button_opens_a_job(door):
    assert door.post(reverse("compliance:ledger-verify")).status_code == 302
    assert door.get(reverse("compliance:ledger")).context["job"].kind == "verify_ledger"


def test_an_approver_signs_in_the_inbox(door, officer, rep, monkeypatch):
    decided = []
    monkeypatch.setattr(flows, "_flows", {})
    flows.register(
        "test.signed", "例外申请", on_decided=decided.append, signed=True, meaning="waiver_approved"
    )
    law.open_approval(
        subject="event:1", flow="test.signed", by=rep, at=_now(), approvers=[officer], payload={"n": 1}
    )
    page = door.get(reverse("compliance:inbox"))
    address = reverse("compliance:step-detail", args=[page.context["waiting"][0]["step"].pk])

    assert door.get(address).context["is_signed"]
    assert door.post(address, {"verb": "agree"}).status_code == 400
    assert door.post(address, _signed(officer, verb="agree")).status_code == 302

    assert decided[0].outcome == "approved"
    assert door.get(reverse("compliance:inbox")).context["waiting"] == []


def test_the_asker_sees_the_request_and_may_withdraw_it(rep, officer, monkeypatch):
    monkeypatch.setattr(flows, "_flows", {})
    flows.register("test.plain", "会议申请")
    request = law.open_approval(subject="event:1", flow="test.plain", by=rep, at=_now(), approvers=[officer])
    client = Client()
    client.force_login(rep)
    address = reverse("compliance:step-detail", args=[request.steps.get().pk])

    assert "withdraw" in [verb.value for verb in client.get(address).context["asker_verbs"]]
    assert client.post(address, {"verb": "withdraw"}).status_code == 302

    request.refresh_from_db()
    assert request.state == "withdrawn"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", ["cockpit", "case-list", "hold-list", "inbox", "ledger"])
def test_each_page_says_so_when_there_is_nothing(person, name, language):
    client = Client(headers={"accept-language": language})
    client.force_login(person("empty", Role.COMPLIANCE, name="周正"))

    page = client.get(reverse(f"compliance:{name}"))

    assert page.status_code == 200
    assert "empty-row" in page.content.decode() or name == "ledger"
