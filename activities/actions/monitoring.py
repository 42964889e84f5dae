"""Search field work for what looks wrong in many records together, and put it before the officers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from activities.selectors import monitored
from compliance import actions as law
from compliance.choices import CaseSource, Grade
from compliance.populations import Detector
from compliance.rules import detectors
from compliance.rules.detectors import Signal

WINDOW = timedelta(days=35)
DUE = {Grade.AVOID: timedelta(days=3), Grade.WATCH: timedelta(days=7), Grade.SHALL: timedelta(days=5)}
GRAVE = {Grade.BAN, Grade.AVOID}

DETECTORS = (
    Detector("frequency", _("Frequency beyond the cap"),
             _("more visits to one doctor in 30 days than the company's limit, whoever visited"), "SG-01", Grade.WATCH),
    Detector("impossible_travel", _("Impossible travel"),
             _("two visits in two places, nearer in time than 120 km/h allow"), "ER-22", Grade.AVOID),
    Detector("reused_proof", _("Same photo or sheet"),
             _("the same bytes, or pictures 4 bits apart or fewer, prove two events"), "SP-12b", Grade.AVOID),
    Detector("signin_burst", _("Sign-ins by one hand"), _("5 sign-ins by code within 10 seconds"), "SP-12", Grade.WATCH),
    Detector("round_amounts", _("Round amounts"),
             _("60% of a person's receipts in a month, at least 5, are multiples of 100 CNY"), "SG-03", Grade.WATCH),
    Detector("split_bills", _("Split bills"),
             _("meals of one payee and day: each within the cap a head, together above it"), "SG-03b", Grade.AVOID),
    Detector("late_burst", _("Late bursts"),
             _("6 reports more than 24 hours old, saved within an hour"), "ER-22", Grade.SHALL),
    Detector("copied_notes", _("Copy-pasted notes"),
             _("notes about different doctors that share 80% of their words"), "ER-22", Grade.WATCH),
)  # fmt: skip
OVERLAP = (
    "两次拜访时间重叠 {overlap} 分钟，却不在同一家医院",
    "Two visits in two hospitals overlap by {overlap} minutes",
)
SAID = {
    "frequency": ("近 30 天内被拜访 {n} 次，上限 {cap} 次", "{n} visits in 30 days, the limit is {cap}"),
    "impossible_travel": (
        "两次拜访之间只隔 {free} 分钟，路程至少需 {needed} 分钟（{km} 公里）",
        "{free} minutes between two visits whose way takes {needed} at least ({km} km)",
    ),
    "reused_proof": ("两场活动使用同一张照片或签到表（相差 {bits} 位）", "Two events share a photo or sheet ({bits} bits apart)"),
    "signin_burst": ("{seconds} 秒内有 {n} 人扫码签到", "{n} sign-ins within {seconds} seconds"),
    "round_amounts": ("当月 {all} 张票据中 {n} 张为整百金额", "{n} of {all} receipts of the month are round sums"),
    "split_bills": (
        "同一商户同一天 {n} 张餐费，合计 {total} 元，超过合计上限 {cap} 元",
        "{n} meals of one payee and day, {total} CNY together, above {cap}",
    ),
    "late_burst": ("一小时内补录 {n} 次拜访，涉及 {days} 天", "{n} visits of {days} days saved in one sitting"),
    "copied_notes": ("{n} 份拜访记录文字几乎相同，涉及 {doctors} 位医生", "{n} notes about {doctors} doctors in nearly the same words"),
}  # fmt: skip


def scan_for_signals(*, at: datetime) -> int:
    """Run every detector over the past 35 days. Returns: how many signals stand, new or known.

    Safe to run twice: a signal opens one finding, and one case where it is grave. Each in its own transaction.
    """
    until = localtime(at).date() + timedelta(days=1)
    since = until - WINDOW
    limits = monitored.thresholds(at)
    contacts, bills = monitored.contacts_between(since, until), monitored.bills_between(since, until)
    signals = [
        *detectors.frequency_beyond_cap(contacts, limits),
        *detectors.impossible_travel(contacts, limits),
        *detectors.reused_proofs(monitored.proofs_between(since, until), limits),
        *detectors.signins_by_one_hand(monitored.signins_between(since, until), limits),
        *detectors.round_amounts(bills, limits),
        *detectors.split_bills(bills, limits),
        *detectors.late_bursts(contacts, limits),
        *detectors.copied_notes(contacts, limits),
    ]
    for signal in signals:
        raise_signal(signal, at=at)
    return len(signals)


@transaction.atomic
def raise_signal(signal: Signal, *, at: datetime) -> None:
    """Open the finding of a signal, once, and a case with it where the detector is grave."""
    known = next(one for one in DETECTORS if one.name == signal.kind)
    shown = _shown(signal.figures)
    overlap = shown["overlap"] = -int(signal.figures.get("free", 0))
    zh, en = OVERLAP if overlap > 0 else SAID[signal.kind]
    words = {"zh": zh.format(**shown), "en": en.format(**shown)}
    grade = Grade(known.grade)
    finding = law.open_finding(
        kind=signal.kind,
        subject=signal.subject,
        rule=known.rule,
        grade=grade,
        evidence={"text": words, "members": list(_members(signal)), **signal.figures},
        at=at,
        due_at=at + DUE[grade],
        mark=signal.mark,
    )
    if grade in GRAVE and finding.state == "open" and finding.opened_at == at:
        law.open_case(
            kind=signal.kind,
            subject=signal.subject,
            title=words["zh"],
            by=None,
            at=at,
            finding=finding,
            source=CaseSource.DETECTOR,
        )


def _members(signal: Signal) -> list[str]:
    kind = {
        "reused_proof": "event",
        "signin_burst": "doctor",
        "round_amounts": "expense",
        "split_bills": "expense",
    }
    return [f"{kind.get(signal.kind, 'visit')}:{member}" for member in signal.members[:50]]


def _shown(figures: dict[str, Any]) -> dict[str, Any]:
    """Return figures as words; sums in yuan."""
    return {
        name.removesuffix("_fen"): f"{value / 100:,.2f}" if name.endswith("_fen") else value
        for name, value in figures.items()
    }
