"""A representative with a course to hold, and the four doors at which its loss has to be met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from activities import actions
from activities.selectors.visit_facts import standing_facts
from compliance import actions as law
from pharmacrm.common.errors import Refused
from pharmacrm.common.ids import uuid7

from .activities import make_consent
from .compliance import qualify
from .content import product, released_material
from .doctors import make_doctor, make_hospital, make_territory, put_into
from .training import passed, published


@dataclass(frozen=True)
class Ground:
    """One qualified person with a certificate of one course, a planned visit and a released material."""

    rep: Any
    officer: Any
    certificate: Any
    doors: dict[str, Callable[[datetime], bool]]  # each says whether the act goes on


def make_gates(rep: Any, officer: Any, boss: Any, *, at: datetime) -> Ground:
    """Qualify somebody for one product with one course passed in the product, and give their doors."""
    code = f"G{uuid7().hex[-6:]}"
    goods = product(code)
    hospital, territory = make_hospital("云溪市第一人民医院", code=f"H{code}"), make_territory(f"T{code}")
    put_into(rep, territory)
    make_consent(hospital, rep)
    doctor = make_doctor(
        "张晓明",
        code=f"D{code}",
        hospital=hospital,
        territory=territory,
        tier="core",
        title="chief_physician",
    )
    qualify(rep, code, by=officer, at=at)
    version = published(officer, boss, at=at, code=f"C-{code}")
    law.assign_course(
        course_id=version.course_id, role="rep", valid_from=at.date() - timedelta(days=1), by=officer, at=at
    )
    certificate = passed(version, rep, at=at)
    shown = released_material(goods, code=f"M{code}")

    def planned(when: datetime) -> Any:
        plan = actions.VisitPlan(
            doctor_id=doctor.pk, planned_at=when + timedelta(minutes=5), product_ids=(goods.pk,)
        )
        return actions.plan_visit(plan=plan, by=rep, at=when)

    visit = planned(at)
    doors = {
        "plan": lambda when: _goes(lambda: planned(when)),
        "start": lambda when: _goes(lambda: actions.start_visit(visit_id=visit.pk, by=rep, at=when)),
        "show": lambda when: _goes(
            lambda: actions.show_material(version_id=shown.pk, doctor_id=doctor.pk, by=rep, at=when)
        ),
        "phone pack": lambda when: _stands(standing_facts(rep, at=when), code),
    }
    return Ground(rep, officer, certificate, doors)


def _goes(act: Callable[[], Any]) -> bool:
    try:
        act()
    except Refused:
        return False
    return True


def _stands(facts: dict[str, Any], code: str) -> bool:
    return (
        bool(facts["rep_filed"])
        and not facts["training_missing"]
        and code not in facts["products_outside_filing"]
    )
