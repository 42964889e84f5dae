"""Who may open boards."""

from django.utils import timezone

from doctors import actions
from pharmacrm.accounts.choices import Role
from tests.architecture.permission_rows import Row, for_roles
from tests.doctors.master_rows import SEE_ALL, far_doctor, own_doctor
from tests.doctors.privacy_rows import someone
from tests.factories.doctors import make_doctor

READERS = (
    Role.LINE_MANAGER, Role.MARKETING, Role.MEDICAL, Role.COMPLIANCE, Role.INSPECTOR, Role.ADMINISTRATOR,
)  # fmt: skip


def granted_copy(_user):
    asked = actions.take_request(
        doctor_id=make_doctor().pk, kind="copy", source="page", words="", by=None, at=timezone.now()
    )
    answer = actions.RequestAnswer(True)
    actions.answer_request(
        request_id=asked.pk, answer=answer, by=someone("answers", "compliance"), at=timezone.now()
    )
    return {"pk": asked.pk}


ROWS = [
    Row(
        "dashboards:doctor-copy",
        kwargs=granted_copy,
        statuses={**for_roles(200, Role.COMPLIANCE, Role.STEWARD), Role.INSPECTOR: 403},
        others=404,
    ),
    Row("dashboards:board", statuses=for_roles(200, *READERS)),
    Row("dashboards:rows", kwargs={"figure": "met"}, statuses=for_roles(200, *READERS)),
    Row("dashboards:doctor", kwargs=own_doctor, others=200),
    Row("dashboards:doctor", kwargs=far_doctor, statuses=for_roles(200, *SEE_ALL), others=404),
    Row("dashboards:home", others=302),
    Row("api:boards-api:coverage", anonymous=401, statuses=for_roles(200, *READERS)),
    Row(
        "api:boards-api:rows-workbook",
        kwargs={"figure": "met"},
        anonymous=401,
        statuses=for_roles(200, *READERS),
    ),
    Row("api:boards-api:rows", kwargs={"figure": "met"}, anonymous=401, statuses=for_roles(200, *READERS)),
]
