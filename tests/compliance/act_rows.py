"""Acts of the kernel through its pages, each with what it needs."""

from __future__ import annotations

from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from compliance import actions as law
from compliance.evaluate import RULEBOOK
from compliance.rules.folder import zip_of
from pharmacrm.accounts.choices import Role
from tests.architecture.act_rows import Act
from tests.compliance.case_acts import ACTS as CASE_ACTS
from tests.compliance.privacy_rows import ACTS as PRIVACY_ACTS
from tests.compliance.training_rows import ACTS as TRAINING_ACTS
from tests.factories.compliance import PASSWORD, proof_of
from tests.factories.content import content_person
from tests.factories.retention import closed_case, old_sign_in, retention_run


def figure_to_sign(officer):
    now = timezone.now()
    draft = law.draft_parameter(
        rule="RD-01",
        name="cap_fen",
        value=20_000,
        valid_from=date(2099, 1, 1),
        reason="从严",
        by=content_person(Role.COMPLIANCE, "钱明"),
        at=now,
    )
    return {"pk": draft.pk}, signed(officer)


def rule_text():
    text = (RULEBOOK / "hospitality" / "rd-02-entertainment.yaml").read_text(encoding="utf-8")
    return text.replace("valid_from: 2023-04-01", "valid_from: 2099-01-01")


def rule_to_write(_officer):
    return {}, {"mode": "yaml", "body": rule_text(), "reason": "措辞"}


def rule_to_edit(officer):
    draft = law.draft_rule(body=rule_text(), reason="措辞", by=officer, at=timezone.now())
    return {"pk": draft.pk}, {"mode": "yaml", "body": rule_text() + "# 第二稿\n", "reason": "措辞"}


def rule_to_sign(officer):
    by = content_person(Role.COMPLIANCE, "钱明")
    draft = law.draft_rule(body=rule_text(), reason="措辞", by=by, at=timezone.now())
    return {"pk": draft.pk}, signed(officer)


def book_to_take_over(_officer):
    text = rule_text().replace("2099-01-01", "2020-01-01")
    book = SimpleUploadedFile(
        "book.zip", zip_of({"hospitality/rd-02.yaml": text.replace("不得安排", "一律不得安排")})
    )
    return {}, {"begin": "2099-01-01", "reason": "集团版", "book": book}


def records_over_their_term(officer):
    old_sign_in()
    return {}, {"reason": "年度清理", **signed(officer)}


def case_to_destroy(officer):
    asker = content_person(Role.COMPLIANCE, "钱明")
    return {"pk": closed_case(asker).pk}, {"reason": "本人要求", **signed(officer)}


def run_to_approve(officer):
    return {"pk": retention_run().pk}, {"verb": "approve", **signed(officer)}


def hold_to_lift(officer):
    hold = law.place_hold(subjects=["material:1"], reason="说明书更新", by=officer, at=timezone.now())
    return {"pk": hold.pk}, {"reason": "新说明书已核对", **signed(officer)}


def signed(person):
    """What a person enters to sign now."""
    person.set_password(PASSWORD)
    person.save()
    return {"password": PASSWORD, "code": proof_of(person, timezone.now()).code}


def deputy_to_name(_officer):
    deputy = content_person(Role.COMPLIANCE, "钱明")
    return {}, {"deputy": deputy.pk, "first_day": "2099-01-01", "last_day": "2099-01-09", "reason": "休假"}


def deputy_to_end(officer):
    row = law.name_deputy(
        deputy=content_person(Role.COMPLIANCE, "钱明"), first_day=date(2099, 1, 1), last_day=date(2099, 1, 9),
        reason="休假", by=officer, at=timezone.now(),
    )  # fmt: skip
    return {"pk": row.pk}, {}


def plan_of_reviews(_officer):
    since = f"{timezone.localdate():%Y-%m}-01"
    return {}, {
        "since": since, "every_months": 1, "least": 60, "per_mille": 2, "most": 200, "days": 10, "reviewer": "",
        "reason": "加大抽样",
    }  # fmt: skip


ACTS = [
    *CASE_ACTS,
    *PRIVACY_ACTS,
    *TRAINING_ACTS,
    Act("compliance:deputy-name", Role.COMPLIANCE, deputy_to_name),
    Act("compliance:deputy-end", Role.COMPLIANCE, deputy_to_end),
    Act("compliance:hold-lift", Role.COMPLIANCE, hold_to_lift),
    Act("compliance:retention-plan", Role.COMPLIANCE, records_over_their_term),
    Act("compliance:retention-decide", Role.COMPLIANCE, run_to_approve),
    Act("compliance:case-erasure", Role.COMPLIANCE, case_to_destroy),
    Act("compliance:review-plan", Role.COMPLIANCE, plan_of_reviews),
    Act("compliance:parameter-sign", Role.COMPLIANCE, figure_to_sign),
    Act("compliance:book-import", Role.COMPLIANCE, book_to_take_over),
    Act("compliance:rule-draft", Role.COMPLIANCE, rule_to_write),
    Act("compliance:rule-draft-edit", Role.COMPLIANCE, rule_to_edit),
    Act("compliance:rule-draft-sign", Role.COMPLIANCE, rule_to_sign),
]
