"""The least valid rows of the customer master. A test states whatever it asserts on."""

import hashlib
from datetime import date
from itertools import count

from doctors.actions.doctors import identity_of_new
from doctors.models import (
    Affiliation,
    Assignment,
    ConsentNotice,
    ConsentPurpose,
    Department,
    Division,
    Doctor,
    Hospital,
)
from doctors.rules.names import clean_name
from pharmacrm.accounts.models import Territory, TerritoryMember

SINCE = date(2025, 1, 1)
numbers = count(1)


def make_division(code="330106", name="西湖区", kind="county", parent=None, **fields):
    full_name = (parent.full_name if parent else "") + name
    return Division.objects.get_or_create(
        code=code, defaults={"name": name, "full_name": full_name, "kind": kind, "parent": parent, **fields}
    )[0]


def make_hospital(name="湖滨第一医院", level="3a", **fields):
    return Hospital.objects.create(
        code=fields.pop("code", f"H{next(numbers):05d}"), name=name, level=level, **fields
    )


def make_department(name="心血管内科专业", **fields):
    return Department.objects.create(code=fields.pop("code", f"{next(numbers):02d}.01"), name=name, **fields)


def make_doctor(name="王晓明", *, hospital=None, department=None, territory=None, since=SINCE, **fields):
    """Make a doctor with an identity; with a hospital an affiliation, with a territory an assignment."""
    department_name = fields.pop("department_name", "")
    doctor = Doctor.objects.create(
        code=fields.pop("code", f"D{next(numbers):06d}"),
        hospital=hospital,
        department=department,
        department_name=department_name,
        hospital_level=hospital.level if hospital else "unknown",
        division_code=(hospital.division_id or "") if hospital else "",
        **fields,
    )
    identity_of_new(doctor.pk, clean_name(name)).save(force_insert=True)
    if hospital:
        Affiliation.objects.create(
            doctor=doctor,
            hospital=hospital,
            department=department,
            department_name=department_name,
            is_primary=True,
            valid_from=since,
        )
    if territory:
        assign(doctor, territory, since=since)
    return doctor


def assign(doctor, territory, since=SINCE, until=None):
    return Assignment.objects.create(
        doctor=doctor, territory=territory, line=territory.line, valid_from=since, valid_until=until
    )


def make_territory(code="T1", parent=None, name="", line=""):
    path = f"{parent.path if parent else '/'}{code}/"
    line = line or (parent.line if parent else "")
    return Territory.objects.create(code=code, name=name or code, parent=parent, path=path, line=line)


def put_into(user, territory, role="rep", since=SINCE, until=None):
    return TerritoryMember.objects.create(
        user=user, territory=territory, role=role, valid_from=since, valid_until=until
    )


def make_purpose(code="academic_contact", legal_basis="consent", **fields):
    return ConsentPurpose.objects.get_or_create(
        code=code, defaults={"name_zh": code, "name_en": code, "legal_basis": legal_basis, **fields}
    )[0]


def make_notice(purpose=None, version=1, text="我们是谁，收集什么，为什么，保存多久，如何行使权利。"):
    return ConsentNotice.objects.create(
        purpose=purpose or make_purpose(),
        version=version,
        text_zh=text,
        text_en="Who we are, what we keep, why, how long, and your rights.",
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        valid_from=SINCE,
    )
