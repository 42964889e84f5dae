"""What people and files get wrong is refused in plain words of both languages, and nothing is kept."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance import actions as law
from compliance.evaluate import RULEBOOK
from compliance.models import Hold, RuleVersion
from pharmacrm.accounts.choices import Role
from tests.factories.compliance import PASSWORD, give_totp, proof_of, totp_code

pytestmark = pytest.mark.django_db
MEAL = (RULEBOOK / "hospitality" / "rd-01-meal-cap.yaml").read_text(encoding="utf-8")
BEGINS = "valid_from: 2023-04-01"
LATER = MEAL.replace(BEGINS, "valid_from: 2099-01-01")
WALKS = "expense.subjects.exists(a, expense.subjects.exists(b, expense.subjects.exists(c, a == b))) && "

BAD_RULES = {
    "a text that refers to itself": (
        LATER.replace("examples:", "examples: &a\n  loop: *a\nx:"),
        "自我引用",
        "does not refer to itself",
    ),
    "lists walked inside lists": (
        LATER.replace("expense: expense.kind", f"expense: {WALKS}expense.kind"),
        "列表遍历嵌套",
        "lists walked inside each other",
    ),
    "division": (
        LATER.replace("> params.cap_fen * ", "> params.cap_fen / "),
        "非零整数",
        "divide by a whole number other than 0",
    ),
    "an unknown fact": (
        LATER.replace("expense.kind ==", "expense.colour =="),
        "expense.colour",
        "there is no fact expense.colour",
    ),
    "a wrong clause": (LATER.replace('"7（餐饮）"', '"77"'), "77", "has no clause 77"),
    "a row that is none": (LATER.replace("id: RD-01", "id: RD-99"), "RD-99", "no row RD-99"),
    "a day that is past": (MEAL, "不能早于今天", "cannot begin on a day that is past"),
}


def _door(person, language):
    client = Client(headers={"accept-language": language})
    client.force_login(person)
    return client


def _faults(person, language, body):
    page = _door(person, language).post(
        reverse("compliance:rule-draft"), {"mode": "yaml", "body": body, "reason": "试"}
    )
    assert page.status_code == 400
    return " ".join(page.context["form"].errors["body"])


@pytest.mark.parametrize("case", BAD_RULES)
def test_a_bad_rule_is_refused_at_its_line_in_the_readers_language(officer, case):
    body, zh, en = BAD_RULES[case]
    law.adopt_book(by=officer, at=timezone.now())
    before = RuleVersion.objects.count()

    in_chinese, in_english = _faults(officer, "zh-hans", body), _faults(officer, "en", body)

    assert zh in in_chinese
    assert "第 " in in_chinese
    assert en in in_english
    assert "line " in in_english.lower()
    assert in_chinese != in_english
    assert RuleVersion.objects.count() == before


def test_dates_that_overlap_are_refused_in_the_readers_language(officer, person):
    at = timezone.now()
    law.adopt_book(by=officer, at=at)
    later = law.draft_rule(body=LATER, reason="试", by=officer, at=at)
    for name, role in (("second", Role.COMPLIANCE), ("third", Role.REGULATORY)):
        signer = person(name, role, name=name)
        law.sign_rule(draft_id=later.pk, proof=proof_of(signer, at), by=signer, at=at)
    sooner = MEAL.replace(BEGINS, f"valid_from: {timezone.localdate() + timedelta(days=1)}")

    assert "重叠" in _faults(officer, "zh-hans", sooner)
    assert "overlaps in time" in _faults(officer, "en", sooner)


def test_a_hold_that_another_officer_lifted_meanwhile_says_so(officer, person):
    at = timezone.now()
    second = person("second", Role.COMPLIANCE, name="梁慎")
    hold = law.place_hold(subjects=["event:1"], reason="核查", by=officer, at=at)
    law.lift_hold(hold_id=hold.pk, reason="核查完成", by=second, at=at, proof=proof_of(second, at))
    give_totp(officer)
    said = {"reason": "核查完成", "password": PASSWORD, "code": totp_code(officer, at)}

    where = reverse("compliance:hold-lift", args=[hold.pk])
    in_chinese = _door(officer, "zh-hans").post(where, said, follow=True).content.decode()
    in_english = _door(officer, "en").post(where, said, follow=True).content.decode()

    assert "此暂停已解除。" in in_chinese
    assert "This hold was already lifted." in in_english
    assert Hold.objects.get().lifted_by == second


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-hans", "草案已有结论。"), ("en", "This draft was decided already.")],
)
def test_a_draft_that_others_decided_meanwhile_says_so(officer, person, language, words):
    at = timezone.now()
    law.adopt_book(by=officer, at=at)
    draft = law.draft_rule(body=LATER, reason="试", by=officer, at=at)
    second = person("second", Role.COMPLIANCE, name="梁慎")
    give_totp(second)
    law.refuse_rule(draft_id=draft.pk, reason="不改", by=officer, at=at)

    page = _door(second, language).post(
        reverse("compliance:rule-draft-sign", args=[draft.pk]),
        {"password": PASSWORD, "code": totp_code(second, at)},
    )

    assert words in page.content.decode()
