"""A check killed in the middle goes on where it stood, and says what an uninterrupted one says."""

from unittest.mock import patch

import pytest

from pharmacrm.accounts.choices import Role
from pharmacrm.imports import actions
from pharmacrm.imports.actions import checking
from pharmacrm.imports.models import ImportRow
from tests.factories.doctors import make_division
from tests.factories.imports import text_table

HEADERS = ["医院名称", "等级", "省", "市", "地址", "床位数"]


@pytest.fixture
def steward(person):
    city = make_division("330100", "杭州市", "city", make_division("330000", "浙江省", "province"))
    make_division("330106", "西湖区", "county", city)
    return person("steward", Role.STEWARD, name="沈思")


@pytest.mark.django_db
def test_a_check_that_was_killed_goes_on_behind_the_rows_it_had_staged(steward, at):
    rows = [[f"湖滨第{number}医院", "二级", "浙江省", "杭州市", "西湖区", "9"] for number in range(450)]
    rows[399] = rows[4]  # said once before the kill and once behind it
    job = actions.upload_file(
        kind="hospital", file_name="list.csv", chunks=[text_table([HEADERS, *rows])], by=steward, at=at
    )
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=at)
    copy, copied = checking.copy_rows, []

    def kill_at_the_second(job, batch):
        if copied:
            raise RuntimeError("killed")
        copied.append(len(batch))
        copy(job, batch)

    with (
        patch.object(checking, "copy_rows", kill_at_the_second),
        pytest.raises(RuntimeError),
    ):
        actions.check_rows(import_id=job.pk, at=at)
    stood = list(ImportRow.objects.filter(job=job).order_by("number").values_list("pk", flat=True))
    done = actions.check_rows(import_id=job.pk, at=at)

    assert (copied, len(stood)) == ([200], 200)
    staged = list(ImportRow.objects.filter(job=job).order_by("number").values_list("pk", flat=True))
    assert staged[:200] == stood
    assert (done.state, done.rows_total, done.rows_good, len(staged)) == ("checked", 450, 449, 450)
    (late,) = ImportRow.objects.filter(job=job, state="bad")
    assert [(fault["code"], fault["params"]) for fault in late.faults] == [("duplicate", {"other": 6})]
    again = actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=at)
    actions.check_rows(import_id=again.pk, at=at)
    assert not set(stood) & set(ImportRow.objects.filter(job=job).values_list("pk", flat=True))
