"""What the tasks of the import engine work on, for the test that runs each of them twice."""

from __future__ import annotations

from pharmacrm.accounts.choices import Role
from pharmacrm.imports import actions, tasks
from tests.conftest import AT
from tests.factories.content import content_person
from tests.factories.imports import make_job


def mapped_import(officer) -> dict:
    steward = content_person(Role.STEWARD, "沈思")
    job = make_job(steward, AT)
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=AT)
    return {"import_id": str(job.pk)}


def checked_import(officer) -> dict:
    found = mapped_import(officer)
    tasks.check(**found)
    steward = _asker(found)
    actions.commit_import(import_id=found["import_id"], by=steward, at=AT, only_good=False)
    return found


def committed_import(officer) -> dict:
    found = checked_import(officer)
    tasks.commit(**found)
    actions.undo_import(import_id=found["import_id"], by=_asker(found), at=AT)
    return found


def _asker(found):
    return tasks.ImportJob.objects.get(pk=found["import_id"]).asked_by


TASKS = {"imports.check": mapped_import, "imports.commit": checked_import, "imports.undo": committed_import}
