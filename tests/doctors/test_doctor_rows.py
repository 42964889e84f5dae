"""Rows written by Python instead of a template: nothing a file or a person brought becomes markup."""

from dataclasses import fields, replace
from uuid import UUID

from doctors.selectors import DoctorCard
from doctors.templatetags.doctor_rows import doctor_rows

NASTY = "<script>alert('x')</script>\"&"


def card(**said):
    plain = {one.name: "" for one in fields(DoctorCard)}
    kinds = {"title": "unknown", "post": "none", "hospital_level": "unknown", "profiling_refused": False}
    return DoctorCard(
        **{**plain, **kinds, "id": UUID(int=1), "hospital_id": None, "department_id": None, **said}
    )


def test_whatever_a_doctor_is_called_stays_text():
    for name in ("name", "code", "hospital", "department", "specialty"):
        rows = doctor_rows([(replace(card(name="王晓明"), **{name: NASTY}), "")], False)

        assert "<script" not in rows, name
        assert "alert" not in rows or "&lt;script&gt;" in rows, name


def test_the_reason_of_a_hit_stays_text():
    rows = doctor_rows([(card(name="王晓明"), NASTY)], True)

    assert "<script" not in rows
    assert "&lt;script&gt;" in rows
