"""Who may open what under /compliance/."""

from datetime import timedelta

from django.contrib.auth.models import Group
from django.utils import timezone

from compliance import actions as law
from compliance import flows
from compliance.actions.reviews import review_last_month
from compliance.actions.sealing import seal
from compliance.choices import Grade
from compliance.models import Deputy, InspectorPack, LedgerEntry
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.common.ids import uuid7
from tests.architecture.permission_rows import Row, for_roles
from tests.compliance.privacy_rows import ROWS as PRIVACY_ROWS
from tests.compliance.rulebook_rows import ROWS as RULEBOOK
from tests.compliance.training_rows import BOARD
from tests.compliance.training_rows import ROWS as TRAINING
from tests.conftest import AT
from tests.factories.content import content_person
from tests.factories.retention import closed_case, retention_run

READERS = for_roles(200, Role.COMPLIANCE, Role.INSPECTOR)
LEDGER = for_roles(200, Role.COMPLIANCE, Role.INSPECTOR, Role.ADMINISTRATOR)


def finding(_user):
    made = law.open_finding(kind="visit_in_breach", subject="visit:1", grade=Grade.BAN, at=AT, due_at=AT)
    return {"pk": made.pk}


def case(_user):
    return {"pk": law.open_case(kind="visit", subject="visit:1", title="拜访", by=None, at=AT).pk}


def case_verb(verb):
    return lambda _user: {**case(None), "verb": verb}


def boss():
    found, _is_new = User.objects.get_or_create(
        username="head", email="h@table.example", display_name="负责人"
    )
    found.groups.add(Group.objects.get_or_create(name="compliance")[0])
    return found


def walled_case():
    return law.open_case(kind="officer", subject="event:2", title="照片", by=boss(), at=AT)


def letter_to(user):
    """A letter of another team's case that the requesting person was asked to approve."""
    made = law.draft_letter(
        case_id=walled_case().pk, audience="doctor", title="说明", body="x", by=boss(), at=AT
    )
    if user is not None:
        law.ask_letter(letter_id=made.pk, approvers=[user], by=boss(), at=AT)
    return {"pk": made.pk}


def measure_of(user):
    owner = user or boss()
    made = law.add_measure(
        case_id=walled_case().pk, kind="corrective", text="x", owner=owner, due_on=AT.date(), by=boss(), at=AT
    )
    return {"pk": made.pk}


def foreign_measure(_user):
    return measure_of(None)


def plan(_user):
    made = law.plan_monitoring(
        name="抽查", population="visits", since=AT.date() - timedelta(days=30), until=AT.date(), size=5,
        due_on=AT.date() + timedelta(days=9), by=boss(), at=AT,
    )  # fmt: skip
    return {"pk": made.pk}


def incident(_user):
    made = law.report_incident(
        report=law.IncidentReport(
            kind="leak", data_kinds=["contact"], persons_affected=1, detected_at=AT, cause="x", harm="x", contact="x"
        ),
        by=User.objects.get(username="table-rep"),
        at=AT,
    )  # fmt: skip
    return {"pk": made.pk}


def incident_verb(verb):
    return lambda _user: {**incident(None), "verb": verb}


def evidence(_user):
    found = case(None)
    officer = boss()
    row = law.add_evidence_file(
        case_id=found["pk"], title="a", chunks=[b"x"], media_type="text/plain", by=officer, at=AT
    )
    return {"pk": found["pk"], "evidence": row.pk}


def walled_evidence(_user):
    found = walled_case()
    row = law.add_evidence_file(
        case_id=found.pk, title="a", chunks=[b"x"], media_type="text/plain", by=boss(), at=AT
    )
    return {"pk": found.pk, "evidence": row.pk}


def ended_case(_user):
    return {"pk": closed_case(content_person(Role.COMPLIANCE, "钱明")).pk}


def retention(_user):
    return {"pk": retention_run().pk}


def hold(_user):
    return {"pk": law.place_hold(subjects=["material:1"], reason="说明书更新", by=None, at=AT).pk}


def waiver(_user):
    asker = User.objects.get_or_create(username="asks", defaults={"email": "asks@table.example"})[0]
    asker.groups.add(Group.objects.get_or_create(name=Role.REP)[0])
    day = AT.date()
    return {"pk": law.request_waiver(
        rule="RD-07", subject=f"user:{asker.pk}", reason="唯一会场", valid_from=day, valid_until=day + timedelta(days=3), by=asker, at=AT
    ).pk}  # fmt: skip


def entry(_user):
    law.record("test.done", subject="visit:1", by=None, at=AT - timedelta(minutes=1))
    seal(at=AT, sign_now=True, anchor=False)
    return {"pk": LedgerEntry.objects.get(event="test.done").pk}


def sealed(_user):
    entry(None)
    return {}


def subject(_user):
    law.record("test.done", subject="visit:1", by=None, at=AT)
    return {"subject": "visit:1"}


def pack(user):
    found = InspectorPack.objects.create(
        subject="user:1", reason="x", language="zh-hans", asked_by=user, asked_at=AT
    )
    return {"pk": found.pk}


def review(_user):
    law.record("test.done", subject="visit:1", by=None, at=AT - timedelta(days=40))
    seal(at=AT, sign_now=True, anchor=False)
    return {"pk": review_last_month(on=AT.date(), at=AT).pk}


def own_deputy(user):
    """Somebody who stands in for whoever asks."""
    day = timezone.localdate()
    stands_in = User.objects.get_or_create(
        username="stands-in", defaults={"email": "stands-in@table.example"}
    )[0]
    person = user or User.objects.create(username="away", email="away@table.example")
    return {"pk": Deputy.objects.create(person=person, deputy=stands_in, first_day=day, last_day=day).pk}


def own_step(user):
    user = user or User.objects.create(username="approver", email="a@table.example", display_name="审批人")
    flows.register("test.table", "Approve")
    request = law.open_approval(
        subject=f"event:{uuid7()}", flow="test.table", by=None, at=AT, approvers=[user]
    )
    return {"pk": request.steps.get().pk}


def other_step(_user):
    other = User.objects.create(username="other-approver", email="o@table.example", display_name="他人")
    return own_step(other)


ROWS = [
    *PRIVACY_ROWS,
    *RULEBOOK,
    *TRAINING,
    Row("compliance:cockpit", statuses=READERS),
    Row("compliance:case-list", statuses=READERS),
    Row("compliance:case-detail", kwargs=case, statuses=READERS),
    *[
        Row("compliance:case-act", "post", kwargs=case_verb(verb), data=data, statuses=for_roles(status, Role.COMPLIANCE))
        for verb, data, status in (
            ("comment", {"text": "x"}, 302), ("hold", {"reason": "x"}, 302), ("move", {"state": "investigating"}, 400),
            ("triage", {"risk": "low", "words": "x"}, 302), ("plan", {"words": "x"}, 302), ("reply", {"words": "x"}, 400),
            ("found", {"words": "x", "grade": "避免"}, 302), ("evidence", {"words": "x"}, 302),
            ("assign", {}, 400), ("join", {}, 400), ("leave", {}, 400), ("conclude", {}, 400), ("measure", {}, 400),
            ("check", {}, 400), ("report", {"authority": "samr", "basis": "x"}, 302), ("reported", {}, 400),
            ("letter", {"audience": "public", "title": "x", "body": "x"}, 302),
            ("close", {}, 400), ("nonsense", {}, 404),
        )
    ],
    Row("compliance:case-list", "post", data={"subject": "event:2", "title": "x"}, statuses=for_roles(302, Role.COMPLIANCE)),
    Row("compliance:case-detail", kwargs=lambda _user: {"pk": walled_case().pk},
        statuses={**for_roles(404, Role.COMPLIANCE), **for_roles(200, Role.INSPECTOR)}),
    Row("compliance:evidence-file", kwargs=evidence, statuses=READERS),
    Row("compliance:evidence-file", kwargs=walled_evidence,
        statuses={**for_roles(404, Role.COMPLIANCE), **for_roles(200, Role.INSPECTOR)}),
    Row("compliance:letter-detail", kwargs=letter_to, others=200),
    Row("compliance:letter-file", kwargs=letter_to, others=200),
    Row("compliance:letter-file", kwargs=lambda _user: letter_to(None), others=404, statuses=for_roles(200, Role.INSPECTOR)),
    Row("compliance:letter-detail", "post", kwargs=letter_to, data={"verb": "send", "how": "x"}),
    Row("compliance:letter-detail", kwargs=lambda _user: letter_to(None), others=404, statuses=for_roles(200, Role.INSPECTOR)),
    Row("compliance:finding-list", statuses=READERS),
    Row("compliance:monitoring-list", statuses=READERS),
    Row("compliance:monitoring-list", "post", data={"size": "0"}, statuses=for_roles(400, Role.COMPLIANCE)),
    Row("compliance:monitoring-run", "post", statuses=for_roles(302, Role.COMPLIANCE)),
    Row("compliance:monitoring-detail", kwargs=plan, statuses=READERS),
    Row("compliance:monitoring-detail", "post", kwargs=plan, data={"verb": "draw"}, statuses=for_roles(400, Role.COMPLIANCE)),
    Row("compliance:incident-list", others=200),
    Row("compliance:incident-list", "post", data={"kind": "leak"}, others=400),
    Row("compliance:incident-detail", kwargs=incident, statuses=READERS, others=404),
    *[
        Row("compliance:incident-act", "post", kwargs=incident_verb(verb), data=data,
            statuses={**for_roles(status, Role.COMPLIANCE), **for_roles(403, Role.INSPECTOR)}, others=404)
        for verb, data, status in (
            ("contain", {"measures": "x", "advice": "x"}, 302), ("size", {}, 400), ("authority", {}, 400),
            ("persons", {}, 400), ("spare", {}, 400), ("notice", {"audience": "authority"}, 302), ("close", {}, 409),
        )
    ],
    Row("compliance:measure-list", others=200),
    Row("compliance:measure-done", "post", kwargs=measure_of, data={"words": "x"}, others=302),
    Row("compliance:measure-done", "post", kwargs=foreign_measure, data={"words": "x"}, others=404),
    Row("hotline", others=200, anonymous=200),
    Row("hotline", "post", data={}, others=400, anonymous=400),
    Row("hotline-return", others=200, anonymous=200),
    Row("hotline-return", "post", data={"code": "2222"}, others=400, anonymous=400),
    Row("compliance:finding-detail", kwargs=finding, statuses=READERS),
    Row("compliance:finding-detail", "post", kwargs=finding, data={"settlement": "x"}, statuses=for_roles(302, Role.COMPLIANCE)),
    Row("compliance:history", kwargs=subject, statuses=LEDGER),
    Row("compliance:retention-plan", statuses=READERS),
    Row("compliance:retention-plan", "post", data={"reason": "x"}, statuses=for_roles(400, Role.COMPLIANCE, Role.INSPECTOR)),
    Row("compliance:case-erasure", kwargs=ended_case, statuses=for_roles(200, Role.COMPLIANCE)),
    Row("compliance:case-erasure", "post", kwargs=ended_case, data={}, statuses=for_roles(400, Role.COMPLIANCE)),
    Row("compliance:retention-decide", kwargs=retention, statuses=for_roles(200, Role.COMPLIANCE)),
    Row("compliance:retention-decide", "post", kwargs=retention, data={"verb": "approve"}, statuses=for_roles(400, Role.COMPLIANCE)),
    Row("compliance:hold-list", statuses=for_roles(200, Role.COMPLIANCE, Role.INSPECTOR, Role.MEDICAL, Role.REGULATORY, Role.PV)),
    Row("compliance:hold-list", "post", data={"subjects": "material:1", "reason": "x", "confirm": "material:1"},
        statuses=for_roles(302, Role.COMPLIANCE, Role.MEDICAL, Role.REGULATORY, Role.PV)),
    Row("compliance:hold-lift", kwargs=hold, statuses=for_roles(200, Role.COMPLIANCE)),
    Row("compliance:hold-lift", "post", kwargs=hold, data={"reason": "x"}, statuses=for_roles(400, Role.COMPLIANCE)),
    Row("compliance:hold-detail", kwargs=hold,
        statuses=for_roles(200, Role.COMPLIANCE, Role.INSPECTOR, Role.MEDICAL, Role.REGULATORY, Role.PV)),
    *(
        Row(f"api:compliance-api:{noun}-{view}", anonymous=401, kwargs=made, statuses=READERS)
        for noun, one in (("case", case), ("finding", finding), ("hold", hold), ("waiver", waiver))
        for view, made in (("list", None), ("detail", one))
    ),
    Row("api:compliance-api:signature-list", kwargs={"subject": "rule:RD-01"}, anonymous=401, others=200),
    Row("api:compliance-api:signature-list", kwargs={"subject": "retention:1"}, anonymous=401, statuses=LEDGER, others=404),
    Row("compliance:signature-sheet", data={"subject": "rule:RD-01"}, others=200),
    Row("compliance:signature-receipt", kwargs={"pk": uuid7()}, others=404),
    Row("compliance:signature-sheet", data={"subject": "retention:1"}, statuses=LEDGER, others=404),
    Row("api:compliance-api:case-list", "post", anonymous=401, data={"concern": "records", "words": "补签"},
        statuses=for_roles(201, Role.COMPLIANCE)),
    Row("api:compliance-api:case-detail", anonymous=401, kwargs=lambda _user: {"pk": walled_case().pk},
        statuses=for_roles(404, Role.COMPLIANCE) | for_roles(200, Role.INSPECTOR)),
    Row("compliance:inbox", others=200),
    Row("api:compliance-api:inbox", anonymous=401, others=200),
    Row("api:compliance-api:step-detail", anonymous=401, kwargs=own_step, others=200),
    Row("api:compliance-api:step-detail", anonymous=401, kwargs=other_step, others=404),
    Row("api:compliance-api:step-answer", "post", anonymous=401, kwargs=own_step, data={"verb": "agree"}, others=200),
    Row("api:compliance-api:step-answer", "post", anonymous=401, kwargs=other_step, data={"verb": "agree"}, others=404),
    Row("api:compliance-api:course-list", anonymous=401, others=200),
    Row("api:compliance-api:certificate-list", anonymous=401, others=200),
    Row("api:compliance-api:training-board", anonymous=401, statuses=for_roles(200, *BOARD)),
    Row("compliance:deputy-name", "post", data={}, others=400),
    Row("compliance:deputy-end", "post", kwargs=own_deputy, others=302),
    Row("compliance:step-detail", kwargs=own_step, others=200),
    Row("compliance:step-detail", "post", kwargs=own_step, data={"verb": "agree"}, others=302),
    Row("compliance:step-detail", kwargs=other_step, others=404),
    Row("compliance:step-detail", "post", kwargs=other_step, data={"verb": "agree"}, others=404),
    Row("compliance:signature-list", statuses=LEDGER),
    Row("compliance:receipt-check", others=200),
    Row("compliance:review-list", statuses=LEDGER),
    Row("compliance:review-plan", statuses=LEDGER),
    Row("compliance:review-plan", "post", data={"since": "1999-01-01"}, statuses=for_roles(400, Role.COMPLIANCE)),
    Row("api:compliance-api:review-plan", anonymous=401, statuses=LEDGER),
    Row("compliance:review-detail", kwargs=review, statuses=LEDGER),
    Row("compliance:review-mark", "post", kwargs=review, statuses=for_roles(400, Role.COMPLIANCE)),
    Row("compliance:review-sign", "post", kwargs=review, data={"conclusion": "x"}, statuses=for_roles(400, Role.COMPLIANCE)),
    Row("compliance:pack-list", statuses=READERS),
    Row("compliance:pack-list", "post", data={"kind": "days", "since": "2026-01-01", "until": "2026-01-02", "reason": "x"},
        statuses=for_roles(302, Role.COMPLIANCE, Role.INSPECTOR)),
    Row("compliance:pack-detail", kwargs=pack, statuses=READERS),
    Row("compliance:pack-file", kwargs=pack, statuses=for_roles(404, Role.COMPLIANCE, Role.INSPECTOR)),
    Row("compliance:ledger", statuses=LEDGER),
    Row("compliance:ledger-verify", "post", statuses=for_roles(302, Role.COMPLIANCE, Role.INSPECTOR, Role.ADMINISTRATOR)),
    Row("compliance:entry-detail", kwargs=entry, statuses=LEDGER),
    Row("compliance:receipt", kwargs=entry, statuses=LEDGER),
    Row("compliance:checkpoint", kwargs=sealed, statuses=LEDGER),
    Row("compliance:verifier", statuses=LEDGER),
]  # fmt: skip
