"""Who may open what under /imports/ and /api/v1/imports/."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.imports.models import ImportJob
from tests.architecture.permission_rows import Row, for_roles
from tests.factories.imports import make_job, text_table

OVERSEE = (Role.STEWARD, Role.COMPLIANCE, Role.INSPECTOR, Role.ADMINISTRATOR)
SEES = for_roles(200, *OVERSEE)
DOES = for_roles(302, Role.STEWARD)
API = {"anonymous": 401}


def job(_user):
    steward = User.objects.create(username="shen", email="shen@example.com", display_name="沈思")
    return {"pk": make_job(steward, timezone.now()).pk}


def checked(_user):
    kwargs = job(None)
    ImportJob.objects.filter(**kwargs).update(state="checked", rows_total=1, rows_good=1)
    return kwargs


def committed(_user):
    kwargs = job(None)
    now = timezone.now()
    ImportJob.objects.filter(**kwargs).update(
        state="committed", committed_at=now, undo_until=now + timezone.timedelta(hours=1)
    )
    return kwargs


def upload(_kwargs):
    content = text_table([["医院名称"], ["湖滨医院"]])
    return {"kind": "hospital", "file": SimpleUploadedFile("a.csv", content)}


ROWS = [
    Row("imports:job-list", statuses=SEES),
    Row("imports:job-list", "post", statuses={**DOES, **for_roles(400, Role.COMPLIANCE)}, data=upload),
    Row("imports:job-detail", kwargs=job, statuses=SEES),
    Row("imports:errors", kwargs=job, statuses=SEES),
    Row("imports:template", kwargs={"kind": "doctor"}, statuses=for_roles(200, Role.STEWARD)),
    Row("imports:mapping", "post", kwargs=job, statuses=DOES, data={"name": "0"}),
    Row("imports:cell", "post", kwargs=checked, statuses=DOES, data={"number": "2", "column": "name", "text": "x"}),
    Row("imports:fix", "post", kwargs=checked, statuses=DOES, data={"column": "name", "wrong": "x", "text": "y"}),
    Row("imports:commit", "post", kwargs=checked, statuses=DOES, data={"only_good": "1"}),
    Row("imports:undo", "post", kwargs=committed, statuses=DOES),
    Row("api:imports-api:import-list", statuses=SEES, **API),
    Row("api:imports-api:import-list", "post", statuses=for_roles(400, Role.STEWARD, Role.COMPLIANCE), data={"kind": "hospital"}, **API),
    Row("api:imports-api:import-detail", kwargs=job, statuses=SEES, **API),
    Row("api:imports-api:import-errors", kwargs=job, statuses=SEES, **API),
    Row("api:imports-api:import-error-book", kwargs=checked, statuses=SEES, **API),
    Row("api:imports-api:import-columns", "post", kwargs=job, statuses=for_roles(202, Role.STEWARD), data={"mapping": {"name": 0}}, **API),
    Row("api:imports-api:import-commit", "post", kwargs=checked, statuses=for_roles(202, Role.STEWARD), data={"only_good": True}, **API),
    Row("api:imports-api:import-undo", "post", kwargs=committed, statuses=for_roles(202, Role.STEWARD), **API),
]  # fmt: skip
