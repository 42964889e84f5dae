"""Acts about territories, claims, proposals and lists through pages, each with what it needs."""

from __future__ import annotations

from django.utils import timezone

from doctors import actions
from pharmacrm.accounts.choices import Role
from tests.architecture.act_rows import Act
from tests.factories.doctors import make_doctor, make_hospital, make_territory, put_into


def claim_words(person):
    place = make_territory("OWN")
    put_into(person, place)
    return {}, {"name": "王晓明", "hospital": "湖滨医院", "territory_id": str(place.pk), "reason": "x"}


def rule_of_a_hospital(_person):
    make_hospital("湖滨医院")
    return {"pk": make_territory("OWN").pk}, {"kind": "hospital", "named_as": "湖滨医院"}


def line_of_a_draft(person):
    place, hospital = make_territory("OWN"), make_hospital("湖滨医院")
    make_doctor(hospital=hospital)
    opened = actions.open_realignment(
        name="x", reason="", effective_on=timezone.localdate(), by=person, at=timezone.now()
    )
    return {"pk": opened.pk}, {"kind": "hospital", "named_as": "湖滨医院", "to_territory_id": str(place.pk)}


def new_doctor_words(person):
    place = make_territory("OWN")
    put_into(person, place)
    make_hospital("湖滨医院")
    return {}, {
        "name": "王晓明", "hospital": "湖滨医院", "title": "unknown", "post": "none", "territory_id": str(place.pk),
    }  # fmt: skip


def ticked_for_a_new_list(_person):
    doctor = make_doctor()
    return {}, {"act": "add", "doctor": [str(doctor.pk)], "sure": "1", "new_list": "重点"}


TERRITORY_ACTS = [
    Act("doctors:bulk", Role.STEWARD, ticked_for_a_new_list),
    Act("doctors:claim-new", Role.REP, claim_words),
    Act("doctors:doctor-propose", Role.REP, new_doctor_words),
    Act("doctors:realignment-detail", Role.STEWARD, line_of_a_draft),
    Act("doctors:territory-rules", Role.STEWARD, rule_of_a_hospital),
]
