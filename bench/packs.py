"""P10: an inspector's pack out of a ledger of company size, and its check by plain Python alone."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine
from django.db import connection, transaction

from activities.actions import events
from activities.actions.events import EventPlan, SessionPlan
from activities.models import Event
from bench.ledger import FILL
from bench.measure import Figure, Measure
from compliance.actions.guarding import guard_tables
from compliance.actions.inspection import ask_for_pack, make_pack
from compliance.actions.sealing import seal
from compliance.models import InspectorPack, LedgerEntry
from compliance.selectors.log import published_key
from content import actions as content
from doctors import actions as doctors
from pharmacrm.accounts.models import User
from pharmacrm.common import files
from tests.desk_verdicts import agree, material_of
from tests.event_verdicts import meeting_of
from tests.factories.content import content_person
from tests.verdict_case import in_order

ENTRIES = int(os.environ.get("BENCH_LEDGER_ENTRIES", "200000"))
ACTS = int(os.environ.get("BENCH_PACK_ACTS", "300"))
AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Ground:
    """One of each kind that a pack is asked about, each with so many acts behind it."""

    doctor: str
    event: str
    material: str
    staff: User
    officer: User

    def scopes(self) -> dict[str, dict[str, Any]]:
        """Return by kind what a pack of it is asked with."""
        days = {"since": None, "until": None}
        return {
            "doctor": {"subject": self.doctor, **days},
            "event": {"subject": self.event, **days},
            "material": {"subject": self.material, **days},
            "staff member": {"subject": f"user:{self.staff.pk}", **days},
            "period": {"subject": "", "since": AT.date(), "until": AT.date()},
        }


def ground_of(acts: int) -> Ground:
    """Rename a doctor, change the plan of an event and the facts of a material so often; the material is signed and released."""
    officer, steward = content_person("compliance", "周正"), content_person("steward", "沈思")
    with time_machine.travel(AT, tick=False):
        doctor = doctors.create_doctor(name="欧阳甲", by=steward, at=AT)
        meeting, desk = meeting_of(in_order("event.request")), material_of(in_order("material.submit"))
        plan = plan_as_it_stands(meeting.event)
        for number in range(acts):
            at = AT + timedelta(seconds=number)
            doctors.rename_doctor(doctor_id=doctor.pk, name=f"欧阳{number}", by=steward, at=at)
            changed = replace(plan, people_planned=12 + number % 9)
            events.change_event(event_id=meeting.event.pk, plan=changed, by=meeting.rep, at=at)
            content.change_material(
                material_id=desk.version.material_id,
                by=desk.author,
                at=at,
                title_zh=f"肾功能分层用药手册 {number}",
            )
        content.submit_version(version_id=desk.version.pk, by=desk.author, at=at)
        for number, role in enumerate(desk.seats):
            agree(desk, role, AT + timedelta(minutes=10 + 2 * number))
        content.release_version(
            version_id=desk.version.pk, expires_on=AT.date() + timedelta(days=90), by=desk.seats["regulatory"],
            at=AT + timedelta(minutes=20),
        )  # fmt: skip
    seal(at=AT + timedelta(hours=1), sign_now=True, anchor=False)
    return Ground(
        doctor=f"doctor:{doctor.pk}", event=f"event:{meeting.event.pk}", material=f"material:{desk.version.material_id}",
        staff=steward, officer=officer,
    )  # fmt: skip


def plan_as_it_stands(event: Event) -> EventPlan:
    return EventPlan(
        kind=event.kind, title=event.title, need=event.need, hospital_id=event.hospital_id,
        consent_id=event.consent_id, venue=event.venue, venue_class=event.venue_class, starts_at=event.starts_at,
        ends_at=event.ends_at, people_planned=event.people_planned, sponsor_shown=event.sponsor_shown,
        products=tuple(event.products), sessions=(SessionPlan("分层用药", 30), SessionPlan("讨论", 30)),
    )  # fmt: skip


def inspectors_packs() -> dict[str, Figure]:
    """Fill the ledger, act again and again, and make a pack of each kind of subject and of a day."""
    guard_tables()
    figures = {}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(FILL, [ENTRIES])
            cursor.execute("ANALYZE compliance_ledgerentry; ANALYZE compliance_unsealedentry")
        ground = ground_of(ACTS)
        for kind, scope in ground.scopes().items():
            figures[f"pack of a {kind}"] = _pack(scope, ground.officer)
        transaction.set_rollback(True)
    return figures


def _pack(scope: dict[str, Any], officer: Any) -> Figure:
    began = time.perf_counter()
    asked = ask_for_pack(**scope, reason="bench", by=officer, at=AT + timedelta(hours=2))
    pack = make_pack(pack_id=asked.pk, at=AT + timedelta(hours=2))
    made = time.perf_counter() - began
    checked, said = checked_elsewhere(pack)
    acts = pack.counts["acts"]
    note = f"out of {LedgerEntry.objects.count():,} entries; plain Python in {checked:.1f} s: {said}"
    return Figure(made, "s", acts, holds=made <= 30 and said == "agrees" and acts >= ACTS, note=note)


def checked_elsewhere(pack: InspectorPack) -> tuple[float, str]:
    """Let plain Python check a pack in an empty environment. Returns: seconds, and "agrees" or what it said."""
    with tempfile.TemporaryDirectory() as folder:
        with files.open_verified(pack.file) as content:
            zipfile.ZipFile(content).extractall(folder)
        began = time.perf_counter()
        check = subprocess.run(
            [sys.executable, "-I", str(Path(folder, "verify.py")), "pack", folder, "--key", published_key()],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env={},
        )
        checked = time.perf_counter() - began
    return checked, "agrees" if check.returncode == 0 else check.stdout[-200:] + check.stderr[-200:]


MEASURES = [Measure("P10", "inspector's pack, made and verified", inspectors_packs)]
