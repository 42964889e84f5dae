"""Who may open what of the customer master under /doctors/ and /api/v1/doctors/."""

from django.contrib.auth.models import Group
from django.utils import timezone

from doctors import actions
from doctors.models import ChangeAttachment, ChangeRequest
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.common.files import store
from tests.architecture.permission_rows import ROLES, Row, for_roles
from tests.factories import doctors as factory
from tests.factories.doctors import make_doctor, make_hospital, make_territory, put_into

API = {"anonymous": 401}
SEE_ALL = (
    Role.COMPLIANCE, Role.STEWARD, Role.MARKETING, Role.MEDICAL, Role.REGULATORY, Role.PV, Role.INSPECTOR,
    Role.ADMINISTRATOR,
)  # fmt: skip
ASK = (Role.REP, Role.LINE_MANAGER, Role.MEDICAL, Role.MARKETING, Role.STEWARD, Role.COMPLIANCE)
PROPOSE = (Role.REP, Role.LINE_MANAGER, Role.MEDICAL)
CONSENT = (Role.REP, Role.LINE_MANAGER, Role.MEDICAL, Role.STEWARD, Role.COMPLIANCE)


def far_doctor(_user):
    return {"pk": make_doctor(territory=make_territory("FAR")).pk}


def own_doctor(user):
    territory = make_territory(f"OWN{next(factory.numbers)}")
    if user is not None:
        put_into(user, territory)
    return {"pk": make_doctor(territory=territory, hospital=make_hospital()).pk}


def own_contact(user):
    kwargs = own_doctor(user)
    steward = User.objects.create(username="shen", email="shen@example.com", display_name="沈思")
    steward.groups.add(_group("steward"))
    point = actions.add_contact(
        doctor_id=kwargs["pk"], kind="mobile", value="13912342046", by=steward, at=timezone.now()
    )
    return {**kwargs, "contact_pk": point.pk}


def proposal(user):
    kwargs = own_doctor(user)
    asker = User.objects.create(username="lin", email="lin@example.com", display_name="林岚")
    asker.groups.add(_group("steward"))
    request = actions.ask_change(
        doctor_id=kwargs["pk"], wanted={"specialty": "x"}, note="", by=asker, at=timezone.now()
    )
    return {"pk": request.pk}


def attachment(user):
    request = ChangeRequest.objects.get(pk=proposal(user)["pk"])
    file = store([b"%PDF-1.7"], media_type="application/pdf", by=None, at=timezone.now(), max_bytes=100)
    return {"pk": ChangeAttachment.objects.create(request=request, file=file).pk}


def _group(name):
    return Group.objects.get_or_create(name=name)[0]


HOSPITAL = {
    "name": "湖滨医院",
    "level": "3b",
    "kind": "general",
    "ownership": "public",
    "status": "active",
    "beds": "800",
    "reason": "x",
}
MASTER_ROWS = [
    Row("doctors:doctor-list", others=200),
    Row("doctors:doctor-detail", kwargs=own_doctor, others=200),
    Row("doctors:doctor-detail", kwargs=far_doctor, statuses=for_roles(200, *SEE_ALL), others=404),
    Row("doctors:hospital-list", others=200),
    Row("doctors:hospital-edit", kwargs=lambda user: {"pk": make_hospital().pk}, statuses=for_roles(200, Role.STEWARD)),
    Row("doctors:hospital-edit", "post", kwargs=lambda user: {"pk": make_hospital().pk}, statuses=for_roles(302, Role.STEWARD), data=HOSPITAL),
    Row("doctors:hospital-alias", "post", kwargs=lambda user: {"pk": make_hospital().pk}, statuses=for_roles(302, Role.STEWARD), data={"name": "湖一", "kind": "short"}),
    Row("doctors:hospital-detail", kwargs=lambda user: {"pk": make_hospital().pk}, others=200),
    Row("doctors:change-ask", kwargs=own_doctor, statuses=for_roles(200, *ASK)),
    Row("doctors:change-ask", "post", kwargs=own_doctor, statuses=for_roles(302, *ASK), data={"note": "x"}),
    Row("doctors:change-request-list", others=200),
    Row("doctors:change-attachment", kwargs=attachment, statuses=for_roles(200, Role.STEWARD, Role.COMPLIANCE, Role.INSPECTOR), others=404),
    Row("doctors:doctor-propose", statuses=for_roles(200, *PROPOSE)),
    Row("doctors:doctor-propose", "post", statuses=for_roles(400, *PROPOSE), data={"name": ""}),
    Row("doctors:change-decide", "post", kwargs=proposal, statuses=for_roles(302, Role.STEWARD), data={"accept": "yes"}),
    Row("doctors:consent-switch", "post", kwargs=own_doctor, statuses=for_roles(302, *CONSENT), data={"channel": "sms", "value": "off"}),
    Row("doctors:consent-switch", "post", kwargs=far_doctor, statuses=for_roles(404, Role.REP, Role.LINE_MANAGER) | for_roles(302, Role.MEDICAL, Role.STEWARD, Role.COMPLIANCE), data={"channel": "sms", "value": "off"}),
    Row("doctors:contact-reveal", "post", kwargs=own_contact, statuses=dict.fromkeys(ROLES, 200) | for_roles(403, Role.MARKETING, Role.REGULATORY, Role.ADMINISTRATOR, Role.INSPECTOR), data={"purpose": "move the visit"}),
    Row("api:doctors-api:doctor-list", others=200, **API),
    Row("api:doctors-api:doctor-search", others=200, **API),
    Row("api:doctors-api:doctor-detail", kwargs=own_doctor, others=200, **API),
    Row("api:doctors-api:doctor-detail", kwargs=far_doctor, statuses=for_roles(200, *SEE_ALL), others=404, **API),
    Row("api:doctors-api:hospital-list", others=200, **API),
    Row("api:doctors-api:department-list", others=200, **API),
]  # fmt: skip
