"""Acts of the import engine through its pages and REST addresses, each with what it needs."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.utils import timezone

from pharmacrm.accounts.choices import Role
from pharmacrm.imports import actions, tasks
from tests.architecture.act_rows import Act
from tests.factories.imports import make_job, text_table


def staged_cell(steward):
    job = make_job(steward, timezone.now(), rows=(("医院名称", "等级"), ("湖滨医院", "省级")))
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=timezone.now())
    tasks.check(import_id=str(job.pk))
    return {"pk": job.pk}, {"number": "2", "column": "level", "text": "三甲"}


def staged_value(steward):
    kwargs, said = staged_cell(steward)
    return kwargs, {"column": said["column"], "wrong": "省级", "text": said["text"], "remember": "on"}


def sent_file(_steward):
    return {}, {
        "kind": "hospital",
        "file": ContentFile(text_table([["医院名称"], ["湖滨医院"]]), name="a.csv"),
    }


ACTS = [
    Act("imports:cell", Role.STEWARD, staged_cell),
    Act("imports:fix", Role.STEWARD, staged_value),
    Act("api:imports-api:import-list", Role.STEWARD, sent_file),
]
