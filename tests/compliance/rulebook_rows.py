"""Who may open what of the rule book, exceptions and qualification."""

from datetime import UTC, date, datetime, timedelta

from django.contrib.auth.models import Group
from django.utils import timezone

from compliance import actions as law
from compliance.actions.recording import store_verdict
from compliance.choices import WaiverState
from compliance.evaluate import RULEBOOK, evaluate
from compliance.models import Course, FiledProduct, Parameter, RepFiling, RuleVersion, Waiver, WatchedAct
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.common.files import store
from pharmacrm.common.ids import uuid7
from tests.architecture.permission_rows import Row, for_roles
from tests.factories.doctors import make_hospital

OFFICERS = (Role.COMPLIANCE,)
SIGNERS = (Role.COMPLIANCE, Role.REGULATORY, Role.MEDICAL)
READS_ALL = (Role.COMPLIANCE, Role.INSPECTOR)
SEES_STAFF = (Role.COMPLIANCE, Role.INSPECTOR, Role.ADMINISTRATOR)
DAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
EMPLOYMENT = {"kind": "employment", "valid_from": "2026-01-01"}


def _somebody(*roles):
    person = User.objects.get_or_create(
        username="chen", defaults={"email": "chen@example.com", "display_name": "陈思远"}
    )[0]
    person.groups.add(*(Group.objects.get_or_create(name=str(role))[0] for role in roles))
    return User.objects.get(pk=person.pk)


def somebody(_user):
    return {"pk": _somebody().pk}


def a_contract_for(_user):
    return {"pk": _somebody().pk, "kind": "employment"}


def a_registration_for(_user):
    make_hospital("湖滨医院")
    return {"pk": _somebody().pk, "kind": "hospital"}


def own_file(user):
    return {"pk": user.pk if user else _somebody().pk}


def _verdict(by):
    verdict = evaluate("visit.submit", {}, on=DAY, subject="visit:1", id=str(uuid7()))
    return {"pk": store_verdict(verdict, by=by, at=AT).pk}


def own_verdict(user):
    return _verdict(user or _somebody())


def other_verdict(_user):
    return _verdict(_somebody())


def _waiver(by, **more):
    given = {
        "rule": "RD-07",
        "subject": "event:1",
        "reason": "x",
        "valid_from": DAY,
        "requested_at": AT,
        **more,
    }
    return {"pk": Waiver.objects.create(**given, valid_until=DAY + timedelta(days=3650), requested_by=by).pk}


def own_waiver(user):
    return _waiver(user or _somebody())


def other_waiver(_user):
    return _waiver(_somebody())


def granted_waiver(_user):
    other = User.objects.create(username="boss", email="boss@example.com", display_name="沈如松")
    return _waiver(_somebody(), state=WaiverState.GRANTED, decided_by=other, decided_at=AT)


def draft(_user):
    row = Parameter.objects.create(
        rule="RD-01",
        name="cap_fen",
        value=20000,
        valid_from=timezone.localdate(),
        reason="x",
        drafted_by=_somebody(),
    )
    return {"pk": row.pk}


def rule_draft(by=None, **more):
    text = (RULEBOOK / "hospitality" / "rd-01-meal-cap.yaml").read_text(encoding="utf-8")
    row = RuleVersion.objects.create(
        rule="RD-01", version=2, scene="hospitality", grade="避免", body=text, sha256="0" * 64,
        valid_from=timezone.localdate(), drafted_by=by or _somebody(), dry_run={"stopped": 0, "allowed": 0, "same": 0},
        **more,
    )  # fmt: skip
    return {"pk": row.pk}


def a_rule_draft(_user):
    return rule_draft()


def own_rule_draft(user):
    return rule_draft(user)


def a_live_version(_user):
    return rule_draft(state="live")


def a_compared_rule(_user):
    a_live_version(None)
    return {"rule": "RD-01"}


def _alarm(by):
    return {
        "pk": law.report_false_alarm(
            place="column", kind="doctors", text="处方量", claim="x", by=by, at=AT
        ).pk
    }


def own_alarm(user):
    return _alarm(user or _somebody(Role.REP))


def other_alarm(_user):
    return _alarm(_somebody(Role.REP))


def _watched(of, **more):
    verdict = evaluate("visit.submit", {"clock_unproven": True}, on=DAY, subject="visit:1", id=str(uuid7()))
    stored = store_verdict(verdict, by=of, at=AT)
    given = {
        "verdict": stored,
        "rule": "ER-05",
        "subject": "visit:1",
        "asked_of": of,
        "asked_at": AT,
        "due_at": AT,
    }
    return {"pk": WatchedAct.objects.create(**given, **more).pk}


def own_watched(user):
    return _watched(user or _somebody())


def other_watched(_user):
    return _watched(_somebody())


def answered_watched(_user):
    return _watched(_somebody(), state="answered", reason="临时调整", answered_at=AT)


def filing(_user):
    row = RepFiling.objects.create(
        user=_somebody(),
        number="BA-1",
        mah_name="远山",
        mah_code="91310000MA1FL00000",
        name="陈",
        valid_from=DAY,
    )
    return {"pk": row.pk}


def filing_photo(user):
    kwargs = filing(user)
    file = store([b"photo"], media_type="image/png", by=user, at=AT, max_bytes=100)
    RepFiling.objects.filter(pk=kwargs["pk"]).update(photo=file)
    return {**kwargs, "what": "photo"}


SEES_FILINGS = for_roles(200, Role.COMPLIANCE, Role.INSPECTOR, Role.ADMINISTRATOR)


def filing_of_two(_user):
    kwargs = filing(None)
    for code in ("RB01", "NX02"):
        FiledProduct.objects.create(filing_id=kwargs["pk"], product_code=code, valid_from=DAY)
    return kwargs


def a_course(_user):
    Course.objects.create(code="RB-101", title_zh="瑞舒心", title_en="RB")
    return {}


COURSE = {"code": "RB-101", "title_zh": "瑞舒心", "title_en": "RB", "months_valid": "12", "pass_mark": "80"}
FIGURE = {"rule": "RD-01", "name": "cap_fen"}
REQUEST = {"rule": "RD-07", "subject": "rule:RD-07", "reason": "x"}

ROWS = [
    Row("compliance:rule-list", others=200),
    Row("compliance:rule-detail", kwargs={"rule": "RD-01"}, others=200),
    Row("compliance:rule-detail", kwargs={"rule": "XX-99"}, others=404),
    Row("compliance:verdict-detail", kwargs=own_verdict, others=200),
    Row("compliance:verdict-detail", kwargs=other_verdict, statuses=for_roles(200, *READS_ALL), others=404),
    Row("compliance:parameter-list", others=200),
    Row("compliance:parameter-detail", kwargs=draft, others=200),
    Row("compliance:parameter-new", kwargs=FIGURE, statuses=for_roles(200, *OFFICERS)),
    Row(
        "compliance:parameter-new", "post", kwargs=FIGURE, statuses=for_roles(302, *OFFICERS),
        data={"value": "20000", "valid_from": "2099-01-01", "reason": "x"},
    ),
    Row("compliance:parameter-sign", kwargs=draft, others=405),
    Row("compliance:parameter-sign", "post", kwargs=draft, statuses=for_roles(400, *SIGNERS)),
    Row("compliance:parameter-refuse", "post", kwargs=draft, statuses=for_roles(302, *OFFICERS), data={"reason": "x"}),
    Row("compliance:book-export", others=200),
    Row("compliance:book-import", statuses=for_roles(200, *OFFICERS)),
    Row("compliance:book-import", "post", data={"begin": "2020-01-01"}, statuses=for_roles(400, *OFFICERS)),
    Row("compliance:rule-draft", statuses=for_roles(200, *OFFICERS)),
    Row("compliance:rule-draft", "post", data={"mode": "yaml", "body": "x"}, statuses=for_roles(400, *OFFICERS)),
    Row("compliance:rule-draft-detail", kwargs=a_rule_draft, others=200),
    Row("compliance:rule-draft-edit", kwargs=own_rule_draft, statuses=for_roles(200, *OFFICERS)),
    Row("compliance:rule-draft-edit", kwargs=a_rule_draft),
    Row("compliance:rule-draft-edit", "post", kwargs=own_rule_draft, data={"mode": "yaml", "body": "x"}, statuses=for_roles(400, *OFFICERS)),
    Row("compliance:rule-draft-sign", "post", kwargs=a_rule_draft, statuses=for_roles(400, *SIGNERS)),
    Row("compliance:rule-draft-refuse", "post", kwargs=a_rule_draft, data={"reason": "x"}, statuses=for_roles(302, *SIGNERS)),
    Row("compliance:rule-end", kwargs=a_live_version, statuses=for_roles(200, *OFFICERS)),
    Row("compliance:rule-end", "post", kwargs=a_live_version, data={"on": "2099-01-01", "reason": "x"}, statuses=for_roles(302, *OFFICERS)),
    Row("compliance:rule-compare", kwargs=a_compared_rule, others=200),
    Row("compliance:rule-compare", kwargs={"rule": "XX-99"}, others=404),
    Row("compliance:alarm-list", others=200),
    Row("compliance:alarm-new", others=200),
    Row("compliance:alarm-new", "post", others=302, data={"place": "column", "kind": "doctors", "text": "处方量", "claim": "x"}),
    Row("compliance:alarm-detail", kwargs=own_alarm, others=200),
    Row("compliance:alarm-detail", kwargs=other_alarm, statuses=for_roles(200, *READS_ALL), others=404),
    Row("compliance:alarm-detail", "post", kwargs=other_alarm, data={"verb": "release", "reason": "x"},
        statuses={**for_roles(302, *OFFICERS), **for_roles(403, Role.INSPECTOR)}, others=404),
    Row("compliance:watched-list", others=200),
    Row("compliance:watched-detail", kwargs=own_watched, others=200),
    Row("compliance:watched-detail", kwargs=other_watched, statuses=for_roles(200, *READS_ALL), others=404),
    Row("compliance:watched-detail", "post", kwargs=own_watched, data={"reason": "x"}, others=302),
    Row("compliance:watched-detail", "post", kwargs=answered_watched, data={"reason": "x"},
        statuses={**for_roles(302, *OFFICERS), **for_roles(403, Role.INSPECTOR)}, others=404),
    Row("compliance:waiver-list", others=200),
    Row("compliance:waiver-new", others=200),
    Row(
        "compliance:waiver-new", "post", others=302,
        data=lambda _kwargs: {
            **REQUEST,
            "valid_from": timezone.localdate().isoformat(),
            "valid_until": (timezone.localdate() + timedelta(days=3)).isoformat(),
        },
    ),
    Row("compliance:waiver-detail", kwargs=own_waiver, others=200),
    Row("compliance:waiver-detail", kwargs=other_waiver, statuses=for_roles(200, *READS_ALL), others=404),
    Row(
        "compliance:waiver-grant", "post", kwargs=other_waiver, data={"reason": "x"},
        statuses={**for_roles(302, *OFFICERS), **for_roles(403, Role.INSPECTOR)}, others=404,
    ),
    Row(
        "compliance:waiver-refuse", "post", kwargs=other_waiver, data={"reason": "x"},
        statuses={**for_roles(302, *OFFICERS), **for_roles(403, Role.INSPECTOR)}, others=404,
    ),
    Row(
        "compliance:waiver-revoke", "post", kwargs=granted_waiver, data={"reason": "x"},
        statuses={**for_roles(302, *OFFICERS), **for_roles(403, Role.INSPECTOR)}, others=404,
    ),
    Row("compliance:qualification", statuses=for_roles(200, *SEES_STAFF), others=302),
    Row("compliance:course-list", statuses=for_roles(200, *SEES_STAFF)),
    Row("compliance:course-list", "post", statuses=for_roles(302, *OFFICERS), data=COURSE),
    Row("compliance:staff-detail", kwargs=own_file, others=200),
    Row("compliance:staff-detail", kwargs=somebody, statuses=for_roles(200, *SEES_STAFF), others=404),
    Row("compliance:staff-add", kwargs=a_contract_for, statuses=for_roles(200, *OFFICERS)),
    Row("compliance:staff-add", "post", kwargs=a_contract_for, statuses=for_roles(302, *OFFICERS), data=EMPLOYMENT),
    Row("compliance:staff-add", "post", kwargs=a_registration_for, statuses=for_roles(302, *OFFICERS),
        data={"hospital": "湖滨医院", "valid_from": "2026-01-01"}),
    Row("compliance:filing-show", kwargs=filing, statuses=SEES_FILINGS, others=404),
    Row("compliance:filing-show", "post", kwargs=filing, statuses={**SEES_FILINGS, **for_roles(403, Role.INSPECTOR, Role.ADMINISTRATOR), **for_roles(400, *OFFICERS)}, others=404),
    Row("compliance:filing-card", kwargs=filing, statuses=SEES_FILINGS, others=404),
    Row("compliance:filing-file", kwargs=filing_photo, statuses=SEES_FILINGS, others=404),
    Row("compliance:filing-check", "post", kwargs=filing, data={"verb": "ask"}, statuses={**for_roles(403, Role.INSPECTOR, Role.ADMINISTRATOR), **for_roles(302, *OFFICERS)}, others=404),
    Row("compliance:filing-removal", "post", kwargs=filing, statuses={**for_roles(403, Role.INSPECTOR, Role.ADMINISTRATOR), **for_roles(302, *OFFICERS)}, others=404),
    Row("compliance:filing-change", kwargs=somebody, statuses={**for_roles(403, Role.INSPECTOR, Role.ADMINISTRATOR), **for_roles(200, *OFFICERS)}, others=404),
    Row("compliance:filing-change", "post", kwargs=somebody, statuses={**for_roles(403, Role.INSPECTOR, Role.ADMINISTRATOR), **for_roles(400, *OFFICERS)}, others=404),
    Row("compliance:filing-scope", kwargs=filing, statuses=for_roles(200, *OFFICERS)),
    Row("compliance:filing-scope", "post", kwargs=filing_of_two, statuses=for_roles(302, *OFFICERS), data={"assigned_codes": ["RB01"], "reason": "分工"}),
    Row("compliance:filing-withdraw", "post", kwargs=filing, statuses=for_roles(302, *OFFICERS), data={"reason": "x"}),
]  # fmt: skip
