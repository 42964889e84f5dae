"""Who may open what under / and /people/."""

from django.utils import timezone

from pharmacrm.common.models import Job
from tests.architecture.permission_rows import Row


def own_job(user):
    return {"pk": Job.objects.create(kind="test", title="Import", asked_by=user).pk}


def other_job(_user):
    return {"pk": Job.objects.create(kind="test", title="Import", started_at=timezone.now()).pk}


ROWS = [
    Row("home", others=200),
    Row("offline", others=200, anonymous=200),
    Row("styleguide", others=404, anonymous=404),
    Row("accounts:language", "post", others=302, data={"language": "en"}),
    Row("accounts:language", others=405, anonymous=405),
    Row("accounts:messages", others=200),
    Row("accounts:messages", "post", others=302),
    Row("accounts:job", kwargs=own_job, others=200),
    Row("accounts:job", kwargs=other_job, others=404),
    Row("accounts:job", "post", kwargs=own_job, others=302),
    Row("accounts:job", "post", kwargs=other_job, others=404),
]
