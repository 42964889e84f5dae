"""Who may open what under /doctors/territories/."""

from datetime import timedelta

from django.contrib.auth.models import Group
from django.utils import timezone

from doctors import actions
from doctors.models import Challenge, Doctor, DoctorList, TerritoryRule
from doctors.selectors.challenges import claim_key
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.common.crypto import new_wrapped_key, seal
from pharmacrm.common.files import store
from tests.architecture.permission_rows import Row, for_roles
from tests.factories import doctors as factory
from tests.factories.doctors import make_doctor, make_hospital, make_territory, put_into

ALIGN = (Role.STEWARD, Role.LINE_MANAGER, Role.ADMINISTRATOR)
SEE = (*ALIGN, Role.COMPLIANCE, Role.INSPECTOR)
KEEP = (
    Role.REP,
    Role.LINE_MANAGER,
    Role.MARKETING,
    Role.MEDICAL,
    Role.STEWARD,
    Role.COMPLIANCE,
    Role.ADMINISTRATOR,
)
CLAIM = (Role.REP, Role.LINE_MANAGER)
DECIDE = (Role.STEWARD, Role.LINE_MANAGER)


def own_place(user):
    place = make_territory(f"OWN{next(factory.numbers)}")
    if user is not None:
        put_into(user, place, role="line_manager")
    return {"pk": place.pk}


def own_rule(user):
    place = own_place(user)
    rule = TerritoryRule.objects.create(territory_id=place["pk"], kind="hospital", hospital=make_hospital())
    return {**place, "rule_pk": rule.pk}


def own_doctor(user):
    return {"pk": make_doctor(territory=_place(own_place(user)), hospital=make_hospital("湖滨医院")).pk}


def own_draft(user):
    """A realignment drawn up by the very person, or by a steward for everybody who may not draw one up."""
    author = user if user is not None and user.has_role(*ALIGN) else person("shen", "steward")
    place = own_place(author)
    doctor = make_doctor(territory=_place(place), hospital=make_hospital("湖滨医院"))
    below = make_territory("BELOW", _place(place))
    opened = actions.open_realignment(
        name="春季调整",
        reason="",
        effective_on=timezone.localdate() + timedelta(days=9),
        by=author,
        at=timezone.now(),
    )
    change = actions.add_realignment_change(
        realignment_id=opened.pk, kind="doctor", doctor_id=doctor.pk, to_territory_id=below.pk, by=author,
        at=timezone.now(),
    )  # fmt: skip
    return opened, change


def draft(user):
    return {"pk": own_draft(user)[0].pk}


def draft_line(user):
    opened, change = own_draft(user)
    return {"pk": opened.pk, "change_pk": change.pk}


def draft_to_drop(user):
    return {**draft(user), "verb": "drop"}


def claim(user):
    place = own_place(user)
    asker = person("lin", "rep")
    put_into(asker, _place(place))
    made = Challenge(
        kind="mine",
        territory_id=place["pk"],
        wrapped_key=new_wrapped_key(),
        asked_by=asker,
        asked_at=timezone.now(),
        due_on=timezone.localdate(),
        evidence=store(
            [b"%PDF-1.7"], media_type="application/pdf", by=asker, at=timezone.now(), max_bytes=100
        ),
    )
    made.sealed = seal(b'{"name":"x"}', key=claim_key(made), context=f"challenge:{made.pk}".encode())
    made.save()
    return {"pk": made.pk}


def person(username, role):
    user = User.objects.create(username=username, email=f"{username}@example.com", display_name=username)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


def _place(kwargs):
    from pharmacrm.accounts.models import Territory

    return Territory.objects.get(pk=kwargs["pk"])


def own_list(user):
    owner = user if user is not None else person("shen", "steward")
    return {"pk": DoctorList.objects.create(name="重点", kind="picks", owner=owner).pk}


def ticked(user):
    own_doctor(user)
    return {}


def ticks(_kwargs):
    return {"act": "add", "doctor": [str(pk) for pk in Doctor.objects.values_list("pk", flat=True)]}


TERRITORY_ROWS = [
    Row("doctors:list-list", statuses=for_roles(200, *KEEP)),
    Row("doctors:list-list", "post", statuses=for_roles(302, *KEEP), data={"name": "重点"}),
    Row("doctors:list-detail", kwargs=own_list, others=302),
    Row("doctors:list-change", "post", kwargs=own_list, statuses=for_roles(302, *KEEP), data={"name": "x"}),
    Row("doctors:bulk", "post", kwargs=ticked, statuses=for_roles(200, *KEEP), data=ticks),
    Row("doctors:claim-list", others=200),
    Row("doctors:claim-new", statuses=for_roles(200, *CLAIM)),
    Row("doctors:claim-new", "post", statuses=for_roles(400, *CLAIM), data={"name": ""}),
    Row("doctors:claim-decide", "post", kwargs=claim, statuses=for_roles(302, *DECIDE), data={"accept": "no", "answer": "x"}),
    Row("doctors:claim-evidence", kwargs=claim, statuses=for_roles(200, Role.STEWARD, Role.LINE_MANAGER, Role.ADMINISTRATOR, Role.COMPLIANCE, Role.INSPECTOR), others=404),
    Row("doctors:doctor-decline", kwargs=own_doctor, statuses=for_roles(200, *CLAIM)),
    Row("doctors:doctor-decline", "post", kwargs=own_doctor, statuses=for_roles(302, *CLAIM), data={"reason": "x"}),
    Row("doctors:territory-coverage", statuses=for_roles(200, *SEE)),
    Row("doctors:territory-rules", kwargs=own_place, statuses=for_roles(200, *SEE)),
    Row("doctors:territory-rules", "post", kwargs=own_place, statuses=for_roles(400, *ALIGN), data={"kind": "hospital", "named_as": "x"}),
    Row("doctors:territory-rule-end", "post", kwargs=own_rule, statuses=for_roles(302, *ALIGN)),
    Row("doctors:territory-close", "post", kwargs=own_place, statuses=for_roles(302, Role.STEWARD, Role.ADMINISTRATOR), data={"closes_on": "2035-01-01"}),
    Row("doctors:realignment-list", statuses=for_roles(200, *SEE)),
    Row("doctors:realignment-list", "post", statuses=for_roles(302, *ALIGN), data={"name": "x", "reason": "x", "effective_on": "2035-01-01"}),
    Row("doctors:realignment-detail", kwargs=draft, statuses=for_roles(200, *SEE)),
    Row("doctors:realignment-detail", "post", kwargs=draft, statuses=for_roles(400, *SEE), data={"kind": "doctor"}),
    Row("doctors:realignment-change-drop", "post", kwargs=draft_line, statuses=for_roles(302, *ALIGN) | for_roles(403, Role.COMPLIANCE, Role.INSPECTOR), others=404),
    Row("doctors:realignment-move", "post", kwargs=draft_to_drop, statuses=for_roles(302, *ALIGN) | for_roles(403, Role.COMPLIANCE, Role.INSPECTOR), others=404),
]  # fmt: skip
