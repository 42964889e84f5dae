"""What an inspection leaves: packs that were asked for, and reviews of the audit trail, one signed and one under way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.timezone import localtime

from activities.selectors import events as meetings
from compliance import actions as law
from compliance.actions.demo import demo_secret
from compliance.actions.inspection import ask_for_pack, make_pack
from compliance.actions.review_plans import change_review_plan
from compliance.actions.reviews import draw_review, mark_item, review_last_month, sign_review
from compliance.actions.sealing import seal
from compliance.actions.signing import code_at
from compliance.rules.trail_review import Terms
from compliance.selectors.reviews import drawn_acts
from content import selectors as library

from .people import PASSWORD, Company

MARKED = 18  # of the acts drawn for the review that is under way


def seed_inspection(company: Company, *, at: datetime) -> int:
    """Leave two packs, a signed review and one under way. Returns: how many packs were made."""
    first, second = company.office["compliance"], company.office["compliance2"]
    seal(at=at, sign_now=True, anchor=False)
    _reviews(first, second, at)
    return _packs(company, at)


def _reviews(first: Any, second: Any, at: datetime) -> None:
    today = localtime(at).date()
    month = _month_before(today.replace(day=1))
    older = draw_review(first_day=_month_before(month), last_day=month - timedelta(days=1), at=at)
    if older is not None:
        for act in drawn_acts(older):
            _mark(act, first, second, at)
        sign_review(
            review_id=older.pk, conclusion="抽取的操作均有理由和经手人，未见异常。", by=first, at=at,
            proof=law.SignatureProof(
                password=PASSWORD, code=code_at(demo_secret(first.username), at), session_key="seed-review"
            ),
        )  # fmt: skip
    change_review_plan(
        since=today.replace(day=1), terms=replace(Terms(), least=60), reviewer_id=second.pk,
        reason="年度内审建议加大抽样，并由两人轮换签名", by=first, at=at,
    )  # fmt: skip
    current = review_last_month(on=today, at=at)
    if current is not None:
        for act in drawn_acts(current)[:MARKED]:
            _mark(act, first, second, at)


def _mark(act: Any, first: Any, second: Any, at: datetime) -> None:
    """Nobody marks their own act."""
    by = second if act.entry and act.entry.actor_id == first.pk else first
    mark_item(item_id=act.item.pk, mark="fine", note="", by=by, at=at)


def _packs(company: Company, at: datetime) -> int:
    officer, inspector = company.office["compliance"], company.office["inspector"]
    held = meetings.events_visible_to(officer, localtime(at).date()).filter(state="closed")
    event = held.order_by("-meal_fen_per_head", "starts_at").first()
    shown = next(iter(library.released_cards(at)), None)
    wanted = [
        (inspector, f"event:{event.pk}" if event else "", "市场监管局现场检查：核对餐费和签到"),
        (officer, f"material:{shown.material_id}" if shown else "", "年度内审：资料从论断到放行的依据"),
    ]
    made = 0
    for by, subject, reason in wanted:
        if subject:
            pack = ask_for_pack(subject=subject, since=None, until=None, reason=reason, by=by, at=at)
            make_pack(pack_id=pack.pk, at=at)
            made += 1
    return made


def _month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)
