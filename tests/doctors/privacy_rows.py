"""Who may open what of consents, notices and the privacy desk."""

from django.utils import timezone

from compliance import actions as law
from doctors import actions
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.common.files import store
from pharmacrm.common.ids import uuid7
from tests.architecture.permission_rows import Row, for_roles
from tests.doctors.master_rows import CONSENT, SEE_ALL, _group, far_doctor, own_doctor
from tests.factories.doctors import make_doctor, make_notice, make_purpose

KEEP = (Role.COMPLIANCE, Role.REGULATORY, Role.STEWARD)


def someone(name, role):
    person, _new = User.objects.get_or_create(
        username=name, defaults={"email": f"{name}@example.com", "display_name": name}
    )
    person.groups.add(_group(role))
    return person


def proven(user):
    where = own_doctor(user)
    keeper = someone("keeper", "steward")
    at = timezone.now()
    file = store([b"%PDF-1.7 signed"], media_type="application/pdf", by=keeper, at=at, max_bytes=1 << 20)
    record = actions.record_consent(
        doctor_id=where["pk"], state="given", channel="sms", notice_id=make_notice().pk, proof_id=file.pk,
        by=keeper, at=at,
    )  # fmt: skip
    return {"pk": where["pk"], "record": record.pk}


def a_notice(_user):
    return {"pk": make_notice().pk}


def a_draft(_user):
    make_purpose()
    draft = actions.draft_notice(
        purpose="academic_contact", text_zh="告知", text_en="Notice", what_changed="写明联系方式",
        valid_from=timezone.localdate(), by=someone("author", "compliance"), at=timezone.now(),
    )  # fmt: skip
    return {"pk": draft.pk, "verb": "publish"}


def own_draft(user):
    make_purpose()
    writer = user if user is not None and user.has_role(*KEEP) else someone("author", "compliance")
    draft = actions.draft_notice(
        purpose="academic_contact", text_zh="告知", text_en="Notice", what_changed="写明联系方式",
        valid_from=timezone.localdate(), by=writer, at=timezone.now(),
    )  # fmt: skip
    return {"pk": draft.pk}


def own_request(user):
    where = own_doctor(user)
    taker = user if user is not None and user.has_role(*TAKE) else None
    asked = actions.take_request(
        doctor_id=where["pk"], kind="correct", source="mail", words="", by=taker, at=timezone.now()
    )
    return {"pk": asked.pk}


def checked_request(user):
    return {**own_request(user), "verb": "identity"}


def own_link(user):
    return {**own_doctor(user), "verb": "make"}


def frozen_doctor(_user):
    """A doctor who was erased while a hold keeps the name."""
    doctor, by, at = make_doctor("单通"), someone("eraser", "compliance"), timezone.now()
    law.place_hold(subjects=[f"doctor:{doctor.pk}"], reason="调查", by=by, at=at)
    actions.erase_doctor(doctor.pk, by=by, at=at, request_id=uuid7(), reason="本人要求删除")
    return {"pk": doctor.pk}


DESK = (Role.COMPLIANCE, Role.STEWARD)
TAKE = (Role.REP, Role.LINE_MANAGER, Role.MEDICAL, Role.PV, Role.STEWARD, Role.COMPLIANCE)
PRIVACY_ROWS = [
    Row("doctors:request-list", statuses=for_roles(200, *TAKE, Role.INSPECTOR)),
    Row("doctors:request-new", kwargs=own_doctor, statuses=for_roles(200, *TAKE)),
    Row("doctors:request-new", "post", kwargs=own_doctor, data={"kind": "copy", "source": "mail"},
        statuses=for_roles(302, *TAKE)),
    Row("doctors:request-detail", kwargs=own_request, statuses=for_roles(200, *TAKE, Role.INSPECTOR), others=404),
    Row("doctors:request-move", "post", kwargs=checked_request, data={"how": "call_back"},
        statuses={**for_roles(403, *TAKE, Role.INSPECTOR), **for_roles(302, *DESK)}, others=404),
    Row("doctors:frozen-read", kwargs=frozen_doctor, statuses=for_roles(200, Role.COMPLIANCE)),
    Row("doctors:frozen-read", "post", kwargs=frozen_doctor, data={"purpose": "调查取证"},
        statuses=for_roles(200, Role.COMPLIANCE)),
    Row("doctors:doctor-links", kwargs=own_doctor, others=200),
    Row("doctors:link-move", "post", kwargs=own_link, statuses=for_roles(200, *TAKE)),
    Row("doctors:consent-lattice", kwargs=own_doctor, others=200),
    Row("doctors:consent-lattice", kwargs=far_doctor, statuses=for_roles(200, *SEE_ALL), others=404),
    Row("doctors:consent-lattice", "post", kwargs=own_doctor,
        data={"state": "withdrawn", "channel": "sms"}, statuses=for_roles(302, *CONSENT)),
    Row("doctors:consent-proof", kwargs=proven, others=200),
    Row("doctors:notice-list", others=200),
    Row("doctors:notice-detail", kwargs=a_notice, others=200),
    Row("doctors:notice-new", statuses=for_roles(200, *KEEP)),
    Row("doctors:notice-new", "post", data={}, statuses=for_roles(400, *KEEP)),
    Row("doctors:notice-change", kwargs=own_draft, statuses=for_roles(200, *KEEP)),
    Row("doctors:notice-change", "post", kwargs=own_draft,
        data={"text_zh": "新", "text_en": "New", "valid_from": "2026-12-01"}, statuses=for_roles(302, *KEEP)),
    Row("doctors:notice-move", "post", kwargs=a_draft, statuses=for_roles(302, *KEEP)),
]  # fmt: skip
