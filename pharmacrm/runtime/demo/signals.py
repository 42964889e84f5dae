"""What the detectors are to find: one believable case of each kind, written through the usual actions."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import localtime
from PIL import Image, ImageDraw

from activities import actions as field
from activities.actions import events as meetings
from activities.selectors import events as meeting_reads
from content import selectors as library
from doctors import selectors as doctors
from pharmacrm.common.files import store

from .content import pdf
from .people import Company

NOTE = "介绍了肾功能分层用药的证据，医生表示关注，约定下次带去更新后的资料。"
TOGETHER_HOURS = (28, 30, 32, 50, 52, 54)  # before now: more than a day late, and all reported in one sitting
MEAL_FEN, MEAL_PEOPLE = 150_000, 6


def seed_signals(company: Company, *, at: datetime) -> None:
    """Leave one case for each detector: of visits, of proofs, of receipts."""
    _reported_together(company, at)
    _in_two_places(company, at)
    open_ones = list(
        meeting_reads.events_visible_to(company.office["compliance"], localtime(at).date())
        .filter(state="proof")
        .order_by("starts_at", "pk")[:2]
    )
    if len(open_ones) == 2:
        _same_photo(open_ones, at)
        _receipts(open_ones, at)


def _reported_together(company: Company, at: datetime) -> None:
    """One person, one doctor visited far too often, six reports of one evening in the same words."""
    for rep, territory, _district in company.reps[5:6]:
        pair = _two_doctors(territory, at, same_hospital=True)
        for place, hours in enumerate(TOGETHER_HOURS if pair else ()):
            ended = at - timedelta(hours=hours)
            _report(
                rep, pair[1] if place == 2 else pair[0], ended, at - timedelta(minutes=40 - place), note=NOTE
            )


def _in_two_places(company: Company, at: datetime) -> None:
    """Two hospitals within one half hour."""
    for rep, territory, _district in company.reps[6:7]:
        pair = _two_doctors(territory, at, same_hospital=False)
        for doctor, minutes in zip(pair, (0, 10), strict=False):
            ended = at - timedelta(hours=26) + timedelta(minutes=minutes)
            _report(rep, doctor, ended, ended + timedelta(minutes=5))


def _report(rep: Any, doctor: Any, ended: datetime, saved: datetime, note: str = "") -> None:
    product = library.products().filter(code="SZA").first()
    report = field.VisitReport(
        visit_id=field.new_key(), doctor_id=doctor.pk, started_at=ended - timedelta(minutes=18), ended_at=ended,
        device_saved_at=saved, ae_answer="none", note=note, talks=(field.Talk(product.pk),) if product else (),
        late_reason="出差途中没有信号" if saved - ended > timedelta(days=1) else "",
    )  # fmt: skip
    field.submit_visit(report=report, by=rep, at=max(saved, ended))


def _two_doctors(territory: Any, at: datetime, *, same_hospital: bool) -> list[Any]:
    own = list(
        doctors.doctors_in_territories([territory.pk], localtime(at).date()).order_by("hospital_id", "pk")
    )
    for one in own:
        for other in own:
            if one.pk != other.pk and (one.hospital_id == other.hospital_id) is same_hospital:
                return [one, other]
    return []


def _same_photo(events: list[Any], at: datetime) -> None:
    """One photo proves two events; the second time it was made smaller."""
    for event, size in zip(events, ((960, 640), (480, 320)), strict=True):
        file = store([_photo(size)], media_type="image/jpeg", by=event.organiser, at=at, max_bytes=1 << 22)
        meetings.add_proof(
            event_id=event.pk, kind="photo", file=file, name="现场照片.jpg", by=event.organiser, at=at - timedelta(hours=5)
        )  # fmt: skip


def _photo(size: tuple[int, int]) -> bytes:
    picture = Image.new("RGB", (960, 640), (214, 208, 196))
    pen = ImageDraw.Draw(picture)
    for place in range(7):
        left, shade = 40 + 130 * place, 60 + 25 * place
        pen.ellipse((left, 180 + 20 * (place % 3), left + 80, 300), fill=(shade, 90, 200 - shade))
        pen.rectangle((left - 20, 300, left + 100, 620), fill=(90, shade, 120))
    out = io.BytesIO()
    picture.resize(size).save(out, "JPEG", quality=80)
    return out.getvalue()


def _receipts(events: list[Any], at: datetime) -> None:
    """One dinner paid in two parts at two events, and a month of round sums."""
    day = localtime(at).date() - timedelta(days=2)
    for place, event in enumerate(events):
        _receipt(event, "meal", MEAL_FEN, MEAL_PEOPLE, "云溪餐厅", f"M-{day:%m%d}-{place + 1}", day, at)
    for number in range(1, 6):
        _receipt(
            events[0], "print", 10_000 * number, 10, f"文印店 {number}", f"P-{day:%m%d}-{number}", day, at
        )


def _receipt(
    event: Any, kind: str, cost_fen: int, people: int, payee: str, number: str, day: Any, at: datetime
) -> None:
    page = pdf([[f"收据 {number}（示例）", f"{payee} {cost_fen / 100:.2f} 元"]])
    receipt = store([page], media_type="application/pdf", by=event.organiser, at=at, max_bytes=1 << 22)
    meetings.submit_expense(
        event_id=event.pk, kind=kind, cost_fen=cost_fen, people_present=people, spent_on=day, payee=payee,
        receipt_number=number, receipt=receipt, purpose="会议用途", by=event.organiser, at=at - timedelta(hours=4),
    )  # fmt: skip
