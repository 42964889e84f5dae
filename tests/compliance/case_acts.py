"""Acts of hotline, incidents, monitoring and reviews of the record through their pages, each with what it needs."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from activities import actions
from compliance import actions as law
from compliance.actions.reviews import mark_item
from compliance.actions.sealing import seal
from compliance.models import TrailReview
from pharmacrm.accounts.choices import Role
from tests.architecture.act_rows import Act
from tests.compliance.permission_rows import plan, review
from tests.conftest import AT
from tests.factories.activities import make_ground, report_of
from tests.factories.compliance import PASSWORD, proof_of, qualify
from tests.factories.content import content_person


def anonymous_report(_rep):
    return {}, {"concern": "counting", "words": "有人按处方量给医生排名"}


def addition_to_a_report(_rep):
    answer = Client().post(reverse("hotline"), anonymous_report(None)[1])
    return {}, {"code": answer.context["code"], "words": "补充一点"}


def lost_phone(_rep):
    moment = timezone.localtime() - timedelta(minutes=5)
    return {}, {
        "kind": "lost",
        "data_kinds": ["contact"],
        "persons_affected": 3,
        "is_estimate": "on",
        "detected_at": f"{moment:%Y-%m-%dT%H:%M}",
        "cause": "手机丢失",
        "harm": "来电骚扰",
        "contact": "隐私办公室",
    }


def sample_to_draw(_officer):
    today = timezone.localdate()
    return {}, {
        "name": "十月抽查",
        "population": "visits",
        "since": f"{today - timedelta(days=60)}",
        "until": f"{today - timedelta(days=30)}",
        "size": 2,
        "due_on": f"{today + timedelta(days=9)}",
    }


def letter_to_change(officer):
    now = timezone.now()
    case = law.open_case(kind="visit", subject="visit:1", title="拜访", by=officer, at=now)
    letter = law.draft_letter(case_id=case.pk, audience="doctor", title="说明", body="x", by=officer, at=now)
    return {"pk": letter.pk}, {"verb": "change", "audience": "doctor", "title": "情况说明", "body": "y"}


def drawn_sample(officer):
    rep, ago = content_person(Role.REP), timezone.now() - timedelta(days=1)
    qualify(rep, "P1", by=officer, at=ago)
    actions.submit_visit(report=report_of(make_ground(rep), ago), by=rep, at=ago)
    found = plan(None)
    seal(at=timezone.now(), sign_now=True, anchor=False)
    return found, {"verb": "draw"}


def item_to_mark(_officer):
    found = review(None)
    item = TrailReview.objects.get(pk=found["pk"]).items.first()
    return found, {"item": str(item.pk), "mark": "fine"}


def review_to_sign(officer):
    found = review(None)
    for item in TrailReview.objects.get(pk=found["pk"]).items.all():
        mark_item(item_id=item.pk, mark="fine", note="", by=officer, at=AT)
    officer.set_password(PASSWORD)
    officer.save()
    code = proof_of(officer, timezone.now()).code
    return found, {"conclusion": "无异常", "password": PASSWORD, "code": code}


ACTS = [
    Act("hotline", Role.REP, anonymous_report),
    Act("hotline-return", Role.REP, addition_to_a_report),
    Act("compliance:incident-list", Role.REP, lost_phone),
    Act("compliance:monitoring-list", Role.COMPLIANCE, sample_to_draw),
    Act("compliance:letter-detail", Role.COMPLIANCE, letter_to_change),
    Act("compliance:monitoring-detail", Role.COMPLIANCE, drawn_sample),
    Act("compliance:review-mark", Role.COMPLIANCE, item_to_mark),
    Act("compliance:review-sign", Role.COMPLIANCE, review_to_sign),
]
