"""Pure rules: tables of moves, lateness, clocks, the four elements of a safety report, goals."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from .choices import (
    EventState,
    InquiryState,
    Lateness,
    NeedState,
    SafetyState,
    Seriousness,
    VisitState,
)

VISIT_MOVES: dict[str, frozenset[str]] = {
    "": frozenset({VisitState.PLANNED, VisitState.STARTED, VisitState.SAVED, VisitState.SUBMITTED}),
    VisitState.PLANNED: frozenset(
        {VisitState.STARTED, VisitState.SAVED, VisitState.SUBMITTED, VisitState.CANCELLED}
    ),
    VisitState.STARTED: frozenset({VisitState.SAVED, VisitState.SUBMITTED, VisitState.CANCELLED}),
    VisitState.SAVED: frozenset({VisitState.SAVED, VisitState.SUBMITTED, VisitState.CANCELLED}),
    VisitState.SUBMITTED: frozenset({VisitState.AMENDED}),
    VisitState.AMENDED: frozenset({VisitState.AMENDED}),
    VisitState.CANCELLED: frozenset(),
}

SAFETY_MOVES: dict[str, frozenset[str]] = {
    SafetyState.CAPTURED: frozenset({SafetyState.COMPLETE}),
    SafetyState.COMPLETE: frozenset({SafetyState.SUBMITTED}),
    SafetyState.SUBMITTED: frozenset(),
}

INQUIRY_MOVES: dict[str, frozenset[str]] = {
    InquiryState.CAPTURED: frozenset({InquiryState.WITH_MEDICAL, InquiryState.ANSWERED}),
    InquiryState.WITH_MEDICAL: frozenset({InquiryState.ANSWERED}),
    InquiryState.ANSWERED: frozenset({InquiryState.CLOSED}),
    InquiryState.CLOSED: frozenset(),
}

NEED_MOVES: dict[str, frozenset[str]] = {
    NeedState.OPEN: frozenset({NeedState.ANSWERED, NeedState.CLOSED}),
    NeedState.ANSWERED: frozenset({NeedState.CLOSED}),
    NeedState.CLOSED: frozenset(),
}

LOG_IN_TIME = timedelta(hours=24)
LOG_LATE = timedelta(hours=72)
CLOCK_TOLERANCE = timedelta(minutes=5)
HAND_OVER_WITHIN = timedelta(hours=24)
SERIOUS_WITHIN_DAYS = 15
OTHER_WITHIN_DAYS = 30
INQUIRY_WITHIN = timedelta(days=5)
READ_AFTER_MS = 10_000  # a material whose pages stood open for less was leafed through


def may_move_visit(*, old: str, new: str) -> bool:
    """Return whether a visit may go from `old` ("" = not there yet) to `new`."""
    return new in VISIT_MOVES.get(old, frozenset())


def state_to_report_from(*, state: str, by_realignment: bool) -> str:
    """Return the state a report starts from: a plan taken away while its author was without signal is still theirs to tell of."""
    return VisitState.PLANNED if by_realignment and state == VisitState.CANCELLED else state


def may_move_safety_report(*, old: str, new: str) -> bool:
    """Return whether a safety report may go from `old` to `new`."""
    return new in SAFETY_MOVES.get(old, frozenset())


def may_move_inquiry(*, old: str, new: str) -> bool:
    """Return whether an inquiry may go from `old` to `new`."""
    return new in INQUIRY_MOVES.get(old, frozenset())


def may_move_need(*, old: str, new: str) -> bool:
    """Return whether a clinical need may go from `old` to `new`."""
    return new in NEED_MOVES.get(old, frozenset())


def lateness_of(*, ended_at: datetime, saved_at: datetime) -> Lateness:
    """Judge how late a visit was written down: its end to the moment it was saved on the device.

    Source: company rule ER-23 on ALCOA+ "contemporaneous".
    """
    waited = saved_at - ended_at
    if waited <= LOG_IN_TIME:
        return Lateness.IN_TIME
    return Lateness.LATE if waited <= LOG_LATE else Lateness.TOO_LATE


def is_clock_proven(*, offset_seconds: float | None) -> bool:
    """Return whether the device's clock agreed with the server's at their last contact, within five minutes."""
    return offset_seconds is not None and abs(offset_seconds) <= CLOCK_TOLERANCE.total_seconds()


@dataclass(frozen=True)
class FourElements:
    """What makes a safety report valid: a patient, a reporter, a product, an event (ICH E2D)."""

    patient: bool = False
    reporter: bool = False
    product: bool = False
    event: bool = False

    @property
    def given(self) -> int:
        return sum((self.patient, self.reporter, self.product, self.event))

    @property
    def is_valid(self) -> bool:
        return self.given == 4


def hand_over_due_at(aware_at: datetime) -> datetime:
    """Return the moment by which pharmacovigilance has to hold a report. Source: company rule on PV-09."""
    return aware_at + HAND_OVER_WITHIN


def submit_due_on(*, aware_on: date, seriousness: str) -> date:
    """Return the day by which a report has to reach the authority; the day of awareness is day 0.

    Source: 药品上市许可持有人药物警戒质量管理规范 / 个例药品不良反应 (serious 15 days, others 30, death at once).
    """
    if seriousness == Seriousness.FATAL:
        return aware_on
    # Not knowing is no reason to wait longer.
    serious = seriousness in {Seriousness.SERIOUS, Seriousness.UNKNOWN}
    return aware_on + timedelta(days=SERIOUS_WITHIN_DAYS if serious else OTHER_WITHIN_DAYS)


@dataclass(frozen=True)
class Slot:
    """A weekly reception time of a hospital; `weekday` is ISO (Monday 1)."""

    weekday: int
    starts: time
    ends: time
    place: str = ""


def is_within_slots(slots: Iterable[Slot], local: datetime) -> bool:
    """Return whether a local moment falls into a reception time. No slots means no fixed time."""
    slots = tuple(slots)
    if not slots:
        return True
    return any(
        slot.weekday == local.isoweekday() and slot.starts <= local.time() < slot.ends for slot in slots
    )


def receives_on(slots: Iterable[Slot], day: date) -> bool:
    """Return whether a hospital receives at all on a day. No slots means every day."""
    slots = tuple(slots)
    return not slots or any(slot.weekday == day.isoweekday() for slot in slots)


def next_reception(slots: Iterable[Slot], *, after: datetime, lead_days: int = 0) -> tuple[date, Slot] | None:
    """Return the first day and slot at least `lead_days` after a local moment, within five weeks; None without slots."""
    ordered = sorted(slots, key=lambda slot: (slot.weekday, slot.starts))
    for ahead in range(lead_days, lead_days + 36):
        day = after.date() + timedelta(days=ahead)
        for slot in ordered:
            if slot.weekday == day.isoweekday() and (ahead > 0 or slot.starts > after.time()):
                return day, slot
    return None


def attainment_bp(*, done: int, goal: int) -> int | None:
    """Return what part of a goal is reached, in basis points, or None where there is no goal.

    Units: 10,000 = all of it; more than the goal counts as all of it.
    """
    return None if goal <= 0 else min(10_000, done * 10_000 // goal)


@dataclass(frozen=True)
class NoteGuard:
    """One kind of words that may never be stored, as the phone looks for them while one types."""

    code: str
    zh: str
    en: str
    patterns: tuple[str, ...]


# The server's own scan decides; this is its short form for the phone (MR-11, HC-02, PI-23).
NOTE_GUARDS = (
    NoteGuard(
        "prescription_counts",
        "处方或用药数量",
        "prescription or usage counts",
        (
            r"(处方量|用量|开了|开出|用了|进货|销量|走量).{0,8}\d",
            r"\d+\s*(支|盒|瓶|人次|件)",
            r"\d+\s*(boxes|vials|packs|prescriptions)",
        ),
    ),
    NoteGuard(
        "patient_identity",
        "患者身份",
        "a patient's identity",
        (
            r"患者(姓名)?[:：]?\s*[\u4e00-\u9fa5]{2,3}(?=[，,、\s男女])",
            r"[1-9]\d{16}[\dXx]",
            r"1[3-9]\d{9}",
            r"(病历号|住院号|身份证)",
        ),
    ),
)

EVENT_MOVES: dict[str, frozenset[str]] = {
    EventState.DRAFT: frozenset({EventState.REQUESTED, EventState.CANCELLED}),
    EventState.REQUESTED: frozenset({EventState.APPROVED, EventState.DRAFT, EventState.CANCELLED}),
    EventState.APPROVED: frozenset({EventState.RUNNING, EventState.DRAFT, EventState.CANCELLED}),
    EventState.RUNNING: frozenset({EventState.PROOF}),
    EventState.PROOF: frozenset({EventState.CLOSED}),
    EventState.CLOSED: frozenset(),
    EventState.CANCELLED: frozenset(),
}

PROOFS_OF_AN_EVENT: tuple[str, ...] = ("agenda", "sign_in", "photo", "sponsor_photo")


def may_move_event(*, old: str, new: str) -> bool:
    """Return whether an event may go from `old` to `new`. A changed plan goes back to draft and asks again."""
    return new in EVENT_MOVES.get(old, frozenset())


def missing_proofs(kept: Iterable[str], *, signed_in: int, summary: str) -> tuple[str, ...]:
    """Return what is missing before an event may be closed, in a fixed order. Source: SP-12, SG-05.

    A sign-in list kept by the product itself stands for the paper sheet.
    """
    present = set(kept) | ({"sign_in"} if signed_in else set())
    missing = [kind for kind in PROOFS_OF_AN_EVENT if kind not in present]
    return (*missing, *(() if summary.strip() else ("summary",)))


def share_bp(part: int, whole: int) -> int:
    """Return `part` of `whole` in basis points, rounded down; 0 of nothing is 0."""
    return part * 10_000 // whole if whole > 0 else 0


BEFORE_IT_BEGINS = frozenset({"planned", "draft", "requested", "approved"})


def was_left(state: str, planned_on: date | None, today: date) -> bool:
    """Return whether something planned never began although its day is over."""
    return state in BEFORE_IT_BEGINS and planned_on is not None and planned_on < today


TIER_WORDS = re.compile(
    r"(?:core|potential|basic|tier|level|score|points?|grade|key opinion leader|kol|top|expert|doctor|physician|speaker|"
    r"the|is|a|an|as|of|in|our|list|because|he|she|they|high|highest|ranked?|by|model|"
    r"核心|潜力|基础|专家|医生|医师|分层|层级|等级|评分|得分|高分|排名|名单|级别|系统|模型|推荐|讲者|属于|因为|由于|该|为|是|的|在|中|内|我司|本|位|教授|主任)",
    re.IGNORECASE,
)
LEAST_REASON = 4


def rests_on_tier_alone(reason: str) -> bool:
    """Return whether a reason for a speaker names a tier, score or rank and nothing about the topic besides.

    What is left without words of tiers and without digits and punctuation has to say something. An empty reason is
    the matter of another rule. Source: PIPL 24.
    """
    if not re.search(
        r"core|potential|basic|tier|score|kol|rank|核心|潜力|基础|分层|层级|评分|得分|排名",
        reason,
        re.IGNORECASE,
    ):
        return False
    return len(re.sub(r"[\W\d_]+", "", TIER_WORDS.sub("", reason))) < LEAST_REASON


def in_currency(minor: int, currency: str) -> str:
    """Return whole hundredths as an amount in its currency: 1234567 of CNY is ¥12,345.67."""
    sign = {"CNY": "¥", "USD": "US$"}.get(currency, f"{currency} ")
    return f"{sign}{minor // 100:,}.{minor % 100:02d}"
