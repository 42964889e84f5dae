"""From the JSON a phone or client sends to the frozen shapes that actions take. Anything else is not understood."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from activities.choices import (
    AdverseAnswer,
    Channel,
    Place,
    Purpose,
    Reaction,
    SafetyKind,
    Seriousness,
)

from .errors import OperationNotUnderstood
from .reports import (
    PageView,
    Promise,
    Question,
    SafetyNotice,
    SafetyWords,
    Shown,
    Talk,
    VisitPlan,
    VisitReport,
)

T = TypeVar("T")
LONGEST_TEXT = 4000
MOST_ITEMS = 100


def visit_plan(body: dict[str, Any], *, op_id: UUID | None = None) -> VisitPlan:
    """Read a plan. Raises: OperationNotUnderstood naming the field."""
    return VisitPlan(
        visit_id=_maybe(body, "visit_id", _uuid),
        doctor_id=_need(body, "doctor_id", _uuid),
        hospital_id=_maybe(body, "hospital_id", _uuid),
        planned_at=_need(body, "planned_at", _moment),
        channel=_maybe(body, "channel", _one_of(Channel)) or Channel.FACE_TO_FACE,
        purpose=_maybe(body, "purpose", _one_of(Purpose)) or Purpose.DELIVER_INFORMATION,
        place=_maybe(body, "place", _one_of(Place)) or Place.RECEPTION_ROOM,
        product_ids=_many(body, "product_ids", _uuid),
        material_ids=_many(body, "material_ids", _uuid),
        attendee_ids=_many(body, "attendee_ids", _uuid),
        op_id=op_id,
    )


def visit_report(
    body: dict[str, Any],
    *,
    op_id: UUID | None = None,
    device_saved_at: datetime | None = None,
    was_offline: bool = False,
    is_clock_unproven: bool = False,
) -> VisitReport:
    """Read a report. Raises: OperationNotUnderstood naming the field."""
    return VisitReport(
        visit_id=_need(body, "visit_id", _uuid7),
        doctor_id=_need(body, "doctor_id", _uuid),
        hospital_id=_maybe(body, "hospital_id", _uuid),
        department_id=_maybe(body, "department_id", _uuid),
        started_at=_need(body, "started_at", _moment),
        ended_at=_need(body, "ended_at", _moment),
        ae_answer=_maybe(body, "ae_answer", _one_of(AdverseAnswer)) or AdverseAnswer.UNASKED,
        channel=_maybe(body, "channel", _one_of(Channel)) or Channel.FACE_TO_FACE,
        purpose=_maybe(body, "purpose", _one_of(Purpose)) or Purpose.DELIVER_INFORMATION,
        place=_maybe(body, "place", _one_of(Place)) or Place.RECEPTION_ROOM,
        talks=_many(body, "talks", _talk),
        shown=_many(body, "shown", _shown),
        needs=_many(body, "needs", _text),
        follow_up=_maybe(body, "follow_up", _promise),
        note=_maybe(body, "note", _text) or "",
        late_reason=(_maybe(body, "late_reason", _text) or "")[:200],
        attendee_ids=_many(body, "attendee_ids", _uuid),
        device_saved_at=device_saved_at or _maybe(body, "device_saved_at", _moment),
        was_offline=was_offline,
        is_clock_unproven=is_clock_unproven,
        op_id=op_id,
    )


def safety_notice(
    body: dict[str, Any], *, op_id: UUID | None = None, is_clock_unproven: bool = False, at: datetime
) -> SafetyNotice:
    """Read a safety report as leniently as can be: a wrong detail falls away, the words stay.

    Raises: OperationNotUnderstood only when the body is no object.
    """
    words = _maybe_lenient(body, "words", _object) or {}
    return SafetyNotice(
        words=SafetyWords(
            **{
                name: str(words.get(name) or "")[:LONGEST_TEXT]
                for name in ("event", "product", "patient", "reporter", "onset", "outcome")
            }
        ),
        aware_at=min(_maybe_lenient(body, "aware_at", _moment) or at, at),
        kind=_maybe_lenient(body, "kind", _one_of(SafetyKind)) or SafetyKind.ADVERSE_EVENT,
        seriousness=_maybe_lenient(body, "seriousness", _one_of(Seriousness)) or Seriousness.UNKNOWN,
        doctor_id=_maybe_lenient(body, "doctor_id", _uuid),
        product_id=_maybe_lenient(body, "product_id", _uuid),
        visit_id=_maybe_lenient(body, "visit_id", _uuid),
        is_clock_unproven=is_clock_unproven,
        op_id=op_id,
    )


def question(body: dict[str, Any], *, op_id: UUID | None = None) -> Question:
    """Read a question for medical. Raises: OperationNotUnderstood naming the field."""
    return Question(
        doctor_id=_need(body, "doctor_id", _uuid),
        text=_need(body, "text", _text),
        product_id=_maybe(body, "product_id", _uuid),
        visit_id=_maybe(body, "visit_id", _uuid),
        is_unsolicited=body.get("is_unsolicited", True) is not False,
        op_id=op_id,
    )


def key(body: dict[str, Any], name: str) -> UUID:
    """Read one key. Raises: OperationNotUnderstood naming the field."""
    return _need(body, name, _uuid)


def text(body: dict[str, Any], name: str) -> str:
    """Read one text. Raises: OperationNotUnderstood naming the field."""
    return _need(body, name, _text)


def reasons(body: dict[str, Any]) -> dict[str, str]:
    """Read the reasons for watched acts, by rule, as leniently as can be: what is no text falls away."""
    given = body.get("reasons")
    if not isinstance(given, dict):
        return {}
    return {str(rule): said for rule, said in given.items() if isinstance(said, str)}


def day(body: dict[str, Any], name: str) -> date:
    """Read one day. Raises: OperationNotUnderstood naming the field."""
    return _need(body, name, _day)


def moment(value: Any) -> datetime | None:
    """Read a moment, or None when it is none."""
    try:
        return _moment(value)
    except (TypeError, ValueError):
        return None


class Unreadable(ValueError):
    """A value of the wrong kind; the text says what is asked for, in the reader's language."""


def _need(body: dict[str, Any], name: str, read: Callable[[Any], T]) -> T:
    value = _maybe(body, name, read)
    if value is None:
        raise OperationNotUnderstood(_("This is missing: %(field)s.") % {"field": name}, field=name)
    return value


def _maybe(body: dict[str, Any], name: str, read: Callable[[Any], T]) -> T | None:
    if not isinstance(body, dict):
        raise OperationNotUnderstood(_("The content is no object."))
    value = body.get(name)
    if value is None or value == "":
        return None
    try:
        return read(value)
    except Unreadable as fault:
        raise OperationNotUnderstood(
            _("This cannot be read: %(field)s. %(wanted)s") % {"field": name, "wanted": fault}, field=name
        ) from None
    except (TypeError, ValueError, KeyError, OverflowError):
        raise OperationNotUnderstood(
            _("This cannot be read: %(field)s.") % {"field": name}, field=name
        ) from None


def _maybe_lenient(body: dict[str, Any], name: str, read: Callable[[Any], T]) -> T | None:
    try:
        return _maybe(body, name, read)
    except OperationNotUnderstood:
        if not isinstance(body, dict):
            raise
        return None


def _many(body: dict[str, Any], name: str, read: Callable[[Any], T]) -> tuple[T, ...]:
    def items(value: Any) -> tuple[T, ...]:
        if not isinstance(value, list) or len(value) > MOST_ITEMS:
            raise ValueError(name)
        return tuple(read(item) for item in value)

    return _maybe(body, name, items) or ()


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value


def _uuid(value: Any) -> UUID:
    return UUID(_string(value))


def _uuid7(value: Any) -> UUID:
    found = _uuid(value)
    if found.version != 7:
        raise Unreadable(_("It has to be a UUID of version 7 (RFC 9562), made by the sender."))
    return found


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("no text")
    return value


def _text(value: Any) -> str:
    found = _string(value).replace("\x00", "").strip()
    if len(found) > LONGEST_TEXT:
        raise Unreadable(_("It may have at most %(most)d characters.") % {"most": LONGEST_TEXT})
    return found


def _moment(value: Any) -> datetime:
    found = datetime.fromisoformat(_string(value))
    if found.tzinfo is None:
        raise Unreadable(_("A moment needs its offset from UTC, as in 2026-11-22T09:30:00+08:00."))
    return found.astimezone(UTC)


def _day(value: Any) -> date:
    return date.fromisoformat(_string(value))


def _one_of(choices: Any) -> Callable[[Any], str]:
    allowed = set(choices.values)

    def read(value: Any) -> str:
        if value not in allowed:
            raise Unreadable(_("It has to be one of: %(choices)s.") % {"choices": ", ".join(choices.values)})
        return str(value)

    return read


def _talk(value: Any) -> Talk:
    body = _object(value)
    return Talk(
        product_id=_uuid(body["product_id"]),
        claim_id=_uuid(body["claim_id"]) if body.get("claim_id") else None,
        reaction=_one_of(Reaction)(body["reaction"]) if body.get("reaction") else "",
    )


def _shown(value: Any) -> Shown:
    body = _object(value)
    return Shown(
        version_id=_uuid(body["version_id"]),
        shown_at=_moment(body["shown_at"]),
        pages=page_views(body.get("pages") or []),
        showing_id=_uuid(body["showing_id"]) if body.get("showing_id") else None,
    )


def page_views(value: Iterable[Any]) -> tuple[PageView, ...]:
    """Read pages with their times on the screen. Raises: ValueError, TypeError, KeyError."""
    if not isinstance(value, list) or len(value) > 1000:
        raise ValueError("no list of pages")
    return tuple(
        PageView(page=_count(each["page"], 1, 10_000), dwell_ms=_count(each["dwell_ms"], 0, 86_400_000))
        for each in value
    )


def _count(value: Any, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError("no count")
    return value


def _promise(value: Any) -> Promise:
    body = _object(value)
    return Promise(text=_text(body["text"])[:500], due_on=_day(body["due_on"]))
