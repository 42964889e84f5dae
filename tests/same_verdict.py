"""One act through every door it has: the same case has to meet the same verdict (P6)."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from activities.models import PlannedMaterial, Visit
from activities.selectors import field_kit
from compliance import actions as law
from compliance.models import StoredVerdict
from compliance.rules import categories_of, scan_text
from doctors.models import Doctor
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.common.ids import uuid7
from tests import desk_verdicts, event_verdicts, people_verdicts, sign_in_verdicts
from tests.conftest import AT
from tests.factories.activities import make_booking, make_ground, make_policy
from tests.factories.compliance import qualify
from tests.factories.content import content_person, product, released_material
from tests.factories.doctors import make_hospital
from tests.factories.imports import text_table
from tests.verdict_case import Case, client_of, post_over_rest

COUNTED_ELSEWHERE = ("id", "subject")
OF_ONE_DOOR = ("visit:", "visit_amendment:", "safety:")  # rows that each door makes for itself
NAMES_ONE = {"accounts.grant_role": ("person",)}  # facts that are the key of such a row
PLACES = ("reception_room", "office", "outpatient", "ward", "pharmacy", "remote")
NOTES = (
    "",
    "讨论了分层用药",
    "上月处方量 120 盒",
    "患者张某某，女，60 岁",
    "送了一盒月饼",
    "已拜访，态度积极",
)
COLUMNS = (
    "床位数",
    "处方量",
    "科室用药量",
    "等级",
    "宗教信仰",
    "统方",
    "备注",
    "年门诊量",
    "销量",
    "提成",
    "身份证号",
)


def cases(number: int, seed: int = 20261122) -> Iterator[Case]:
    """Return so many cases, the points in turn, the rest by chance; the same for the same seed."""
    chance = random.Random(seed)
    points = tuple(DOORS)
    for place in range(number):
        yield Case(
            point=points[place % len(points)],
            filing=chance.choice(("none", "in scope", "in scope", "outside", "no contract")),
            consent=chance.random() < 0.7,
            booking=chance.choice(("not needed", "not needed", "needed", "made")),
            registers=chance.random() < 0.2,
            channel=chance.choice(("face_to_face", "face_to_face", "phone", "video", "wecom")),
            purpose=chance.choice(
                ("deliver_information", "plan_promotion", "rational_use", "collect_feedback")
            ),
            place=chance.choice(PLACES),
            note=chance.choice(NOTES),
            ae_answer=chance.choice(("none", "none", "reported")),
            days_ago=chance.choice((0, 0, 0, 1, 4)),
            material=chance.choice(("released", "withdrawn", "of another tier")),
            column=chance.choice(COLUMNS),
            held=chance.random() < 0.15,
            names_material=chance.random() < 0.5,
            amount_fen=chance.choice((0, 8_000, 30_000, 60_001, 400_000)),
            cost=chance.choice(("tea", "meal", "meal", "taxi", "flight", "room")),
            words=chance.choice(("", "", "舒泽安临床应用", "讨论处方量")),
            is_checked=chance.random() < 0.7,
            answer=chance.choice(("given", "given", "withdrawn", "never")),
            said_before=chance.choice(("", "", "refused", "never")),
            request=chance.choice(
                ("access", "copy", "portability", "correct", "explain", "erase", "second", "second")
            ),
            is_granted=chance.random() < 0.7,
            roles=chance.choice((("rep",), ("medical",), ("administrator",), ("compliance", "medical"), ())),
        )


def doors_of(case: Case) -> dict[str, Callable[..., None]]:
    """Return the doors that this very act has, by name."""
    doors, chosen = DOORS[case.point], OPEN_DOORS.get(case.point)
    return {name: door for name, door in doors.items() if chosen is None or name in chosen(case)}


@dataclass(frozen=True)
class Ground:
    """The people and rows of one case."""

    rep: User
    steward: User
    doctor: Doctor
    version: Any
    visit: Visit
    topics: tuple[Any, ...]


def verdicts_of(case: Case) -> dict[str, dict[str, Any] | None]:
    """Send the case through each of its doors from the same start. Returns: the verdict by door.

    None: nothing was judged, as with a column that no rule knows.

    Call with the clock standing at AT. Nothing stays in the database.
    """
    found: dict[str, dict[str, Any] | None] = {}
    with transaction.atomic():
        ground = ARRANGE.get(case.point, _arrange)(case)
        for name, door in doors_of(case).items():
            with transaction.atomic():
                before = set(StoredVerdict.objects.filter(point=case.point).values_list("pk", flat=True))
                door(case, ground)
                fresh = StoredVerdict.objects.filter(point=case.point).exclude(pk__in=before)
                bodies = sorted((_plain(one.body) for one in fresh), key=str)
                found[name] = {"all": bodies} if len(bodies) > 1 else next(iter(bodies), None)
                transaction.set_rollback(True)
        transaction.set_rollback(True)
    return found


def differing(case: Case) -> dict[str, Any]:
    """Return the verdicts of a case by door where they are not all the same, or where an act was not judged."""
    found = verdicts_of(case)
    return found if differ(case, found) else {}


def differ(case: Case, found: dict[str, Any]) -> bool:
    """Return whether verdicts by door are not all the same, or an act was not judged that has to be."""
    first, *others = found.values()
    is_judged = first is not None or case.point == "column.accept"
    return not is_judged or any(other != first for other in others)


def _plain(body: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in body.items() if key not in COUNTED_ELSEWHERE}
    subjects = kept["facts"].get("subjects", [])
    kept["facts"] = {
        **kept["facts"],
        "subjects": sorted(s for s in subjects if not s.startswith(OF_ONE_DOOR)),
        **dict.fromkeys(NAMES_ONE.get(kept["point"], ()), ""),
    }
    kept["held"] = sorted(kept["held"])
    return json.loads(json.dumps(kept, sort_keys=True, default=str))


def _arrange(case: Case) -> Ground:
    officer, rep = content_person(Role.COMPLIANCE, "周正"), content_person(Role.REP, "林岚")
    steward = content_person(Role.STEWARD, "沈思")
    one, other = product("P1"), product("P2")
    if case.filing != "none":
        contract = "temporary" if case.filing == "no contract" else "employment"
        qualify(rep, "P2" if case.filing == "outside" else "P1", by=officer, at=AT, contract=contract)
    hospital = make_hospital("云溪市第一人民医院")
    doctor = make_ground(rep, hospital=hospital, consent=case.consent)
    make_policy(hospital, booking_required=case.booking != "not needed", registers_reps=case.registers)
    if case.booking == "made":
        make_booking(rep, hospital, AT - timedelta(hours=1), hours=48)
    tiers = ["basic"] if case.material == "of another tier" else []
    version = released_material(one, at=AT - timedelta(days=9), tiers=tiers)
    if case.material == "withdrawn":
        version.status = "withdrawn"
        version.save()
    visit = Visit.objects.create(
        rep=rep,
        doctor=doctor,
        hospital=hospital,
        state="planned",
        planned_at=AT,
        channel=case.channel,
        purpose=case.purpose,
        place=case.place,
    )
    if case.names_material:
        PlannedMaterial.objects.create(visit=visit, version=version)
    if case.held:
        law.place_hold(subjects=[f"doctor:{doctor.pk}"], reason="核查", by=officer, at=AT)
    topics = tuple(topic for topic in field_kit.topics_of(rep, at=AT) if topic.claim_id is None)
    assert other.pk != one.pk
    return Ground(rep, steward, doctor, version, visit, topics)


# --- the doors ---------------------------------------------------------------------------------------------------


def _page(ground: Ground, name: str, kwargs: dict[str, Any], data: dict[str, Any]) -> Any:
    return client_of(ground.rep).post(reverse(f"activities:{name}", kwargs=kwargs), data)


def _rest(ground: Ground, address: str, body: dict[str, Any]) -> Any:
    return post_over_rest(ground.rep, address, body)


def _operation(ground: Ground, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "sent_at": AT.isoformat(),
        "operations": [
            {"op_id": str(uuid7()), "kind": kind, "v": 1, "made_at": AT.isoformat(), "clock": {"offset_ms": 0},
             "payload": body}
        ],
    }  # fmt: skip


def _phone(ground: Ground, kind: str, body: dict[str, Any]) -> Any:
    sent = json.dumps(_operation(ground, kind, body))
    return client_of(ground.rep).post("/field/sync/", sent, content_type="application/json")


def _phone_over_rest(ground: Ground, kind: str, body: dict[str, Any]) -> Any:
    return _rest(ground, "activities/sync/", _operation(ground, kind, body))


def _times(case: Case) -> tuple[Any, Any]:
    ended = AT - timedelta(days=case.days_ago, minutes=5)
    return ended - timedelta(minutes=15), ended


def _report(case: Case, ground: Ground) -> dict[str, Any]:
    started, ended = _times(case)
    return {
        "visit_id": str(uuid7()),
        "doctor_id": str(ground.doctor.pk),
        "started_at": started.isoformat(),
        "ended_at": ended.isoformat(),
        "channel": case.channel,
        "purpose": case.purpose,
        "place": case.place,
        "talks": [{"product_id": str(ground.topics[0].product_id)}],
        "note": case.note,
        "ae_answer": case.ae_answer,
    }


def _submit_by_page(case: Case, ground: Ground) -> None:
    started, ended = (timezone.localtime(moment) for moment in _times(case))
    _page(
        ground,
        "field-log",
        {"pk": ground.doctor.pk},
        {
            "visit_id": str(uuid7()),
            "day": ended.strftime("%Y-%m-%d"),
            "started": started.strftime("%H:%M"),
            "ended": ended.strftime("%H:%M"),
            "channel": case.channel,
            "purpose": case.purpose,
            "place": case.place,
            "topics": [ground.topics[0].value],
            "note": case.note,
            "ae_answer": case.ae_answer,
            "ae_event": "皮疹" if case.ae_answer == "reported" else "",
        },
    )


def _submit_by_rest(case: Case, ground: Ground) -> None:
    body = _report(case, ground)
    if case.ae_answer == "reported":
        body["safety"] = {"words": {"event": "皮疹"}}
    _rest(ground, "activities/visits/", body)


def _submit_by(send: Callable[..., Any]) -> Callable[[Case, Ground], None]:
    def submit(case: Case, ground: Ground) -> None:
        body = _report(case, ground)
        if case.ae_answer == "reported":
            heard = {"words": {"event": "皮疹"}, "visit_id": body["visit_id"], "doctor_id": body["doctor_id"]}
            send(ground, "safety.report", heard)
        send(ground, "visit.submit", body)

    return submit


def _plan(case: Case, ground: Ground) -> dict[str, Any]:
    return {
        "doctor_id": str(ground.doctor.pk),
        "planned_at": (AT + timedelta(hours=20)).isoformat(),
        "channel": case.channel,
        "purpose": case.purpose,
        "place": case.place,
        "product_ids": [str(ground.topics[0].product_id)],
        "material_ids": [str(ground.version.pk)] if case.names_material else [],
    }


def _plan_by_page(case: Case, ground: Ground) -> None:
    when = timezone.localtime(AT + timedelta(hours=20)).strftime("%Y-%m-%dT%H:%M")
    data = {
        "planned_at": when,
        "channel": case.channel,
        "purpose": case.purpose,
        "place": case.place,
        "products": [str(ground.topics[0].product_id)],
        "materials": [str(ground.version.pk)] if case.names_material else [],
    }
    _page(ground, "field-plan", {"pk": ground.doctor.pk}, data)


def _columns(case: Case) -> bytes:
    return text_table([["医院名称", case.column], ["湖滨医院", "12"]])


def _import_by_page(case: Case, ground: Ground) -> None:
    file = io.BytesIO(_columns(case))
    file.name = "a.csv"
    client_of(ground.steward).post(reverse("imports:job-list"), {"kind": "hospital", "file": file})


def _import_by_rest(case: Case, ground: Ground) -> None:
    file = io.BytesIO(_columns(case))
    file.name = "a.csv"
    headers = {"Idempotency-Key": str(uuid7())}
    client_of(ground.steward).post("/api/v1/imports/", {"kind": "hospital", "file": file}, headers=headers)


def _import_by_command(case: Case, ground: Ground) -> None:
    with TemporaryDirectory() as folder, suppress(CommandError):
        place = Path(folder, "a.csv")
        place.write_bytes(_columns(case))
        call_command(
            "import_file",
            "hospital",
            place,
            "--by",
            ground.steward.username,
            "--dry-run",
            stdout=io.StringIO(),
        )


def _reported(case: Case) -> Ground:
    """Arrange a visit that was reported without a word, for a correction to add words that may not stand there."""
    ground = _arrange(case)
    _submit_by_rest(replace(case, note="", ae_answer="none"), ground)
    return replace(ground, visit=Visit.objects.filter(rep=ground.rep).exclude(pk=ground.visit.pk).get())


def _heard(case: Case, ground: Ground) -> dict[str, Any]:
    """What was heard of harm, whole, so that it is handed over at once."""
    return {
        "words": {"event": "皮疹", "product": "舒泽安", "patient": "女 60 岁", "reporter": "医生"},
        "seriousness": "fatal" if case.held else "serious",
        "doctor_id": str(ground.doctor.pk),
    }


def _heard_on_the_page(case: Case, ground: Ground) -> dict[str, str]:
    heard = _heard(case, ground)
    return {**heard.pop("words"), **heard}


def _correction(case: Case) -> dict[str, str]:
    note = case.note if categories_of(scan_text(case.note)) else "上月处方量 120 盒"
    return {"reason": "补记", "note": note}


DOORS: dict[str, dict[str, Callable[..., None]]] = {
    "visit.submit": {
        "page": _submit_by_page,
        "REST": _submit_by_rest,
        "sync": _submit_by(_phone),
        "sync over REST": _submit_by(_phone_over_rest),
    },
    "visit.plan": {
        "page": _plan_by_page,
        "REST": lambda case, ground: _rest(ground, "activities/visits/plan/", _plan(case, ground)),
        "sync": lambda case, ground: _phone(ground, "visit.plan", _plan(case, ground)),
        "sync over REST": lambda case, ground: _phone_over_rest(ground, "visit.plan", _plan(case, ground)),
    },
    "visit.start": {
        "page": lambda case, ground: _page(ground, "field-start", {"pk": ground.visit.pk}, {}),
        "REST": lambda case, ground: _rest(ground, f"activities/visits/{ground.visit.pk}/start/", {}),
        "sync": lambda case, ground: _phone(ground, "visit.start", {"visit_id": str(ground.visit.pk)}),
        "sync over REST": lambda case, ground: _phone_over_rest(
            ground, "visit.start", {"visit_id": str(ground.visit.pk)}
        ),
    },
    "material.show": {
        "page": lambda case, ground: _page(
            ground, "field-show", {"pk": ground.doctor.pk, "version": ground.version.pk}, {}
        ),
        "REST": lambda case, ground: _rest(
            ground,
            "activities/showings/",
            {"version_id": str(ground.version.pk), "doctor_id": str(ground.doctor.pk)},
        ),
    },
    "column.accept": {"page": _import_by_page, "REST": _import_by_rest, "command": _import_by_command},
    "note.accept": {
        "page": lambda case, ground: _page(ground, "visit-amend", {"pk": ground.visit.pk}, _correction(case)),
        "REST": lambda case, ground: _rest(
            ground, f"activities/visits/{ground.visit.pk}/amend/", _correction(case)
        ),
    },
    "safety.handoff": {
        "page": lambda case, ground: _page(ground, "field-safety-new", {}, _heard_on_the_page(case, ground)),
        "sync": lambda case, ground: _phone(ground, "safety.report", _heard(case, ground)),
        "sync over REST": lambda case, ground: _phone_over_rest(
            ground, "safety.report", _heard(case, ground)
        ),
    },
    **desk_verdicts.DOORS,
    **event_verdicts.DOORS,
    **people_verdicts.DOORS,
    **sign_in_verdicts.DOORS,
}
ARRANGE: dict[str, Callable[[Case], Any]] = {
    "note.accept": _reported,
    **desk_verdicts.ARRANGE,
    **event_verdicts.ARRANGE,
    **people_verdicts.ARRANGE,
    **sign_in_verdicts.ARRANGE,
}
OPEN_DOORS: dict[str, Callable[[Case], set[str]]] = people_verdicts.OPEN_DOORS
