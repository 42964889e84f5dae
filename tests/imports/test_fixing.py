"""One wrong value that stands in many cells is corrected once, and remembered for the next file."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from compliance.models import LedgerEntry
from pharmacrm.accounts.choices import Role
from pharmacrm.imports import actions, selectors, tasks
from pharmacrm.imports.models import ImportAlias, ImportRow
from tests.factories.imports import make_job

pytestmark = pytest.mark.django_db
ROWS = (
    ("医院名称", "等级", "床位数"),
    ("湖滨医院", "省级", "10"),
    ("城北医院", "省级", "x"),
    ("城东医院", "三甲", "20"),
    ("城西医院", "省级 ", "30"),
    ("城南医院", "市级", "40"),
)


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


def checked(steward, at, rows=ROWS):
    job = make_job(steward, at, rows=rows)
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=at)
    tasks.check(import_id=str(job.pk))
    job.refresh_from_db()
    return job


def test_a_value_in_many_cells_is_offered_once_and_corrected_everywhere(steward, at):
    job = checked(steward, at)
    offered = selectors.repeated_faults(job)

    count = actions.fix_everywhere(
        import_id=job.pk, column="level", wrong=offered[0].value, text="三甲", by=steward, at=at
    )

    job.refresh_from_db()
    assert [(one.column, one.value, one.count) for one in offered] == [("level", "省级", 3)]
    assert (count, job.rows_good, job.rows_bad) == (3, 3, 2)
    left = {fault["column"] for row in ImportRow.objects.filter(job=job) for fault in row.faults}
    assert left == {
        "beds",
        "level",
    }  # the row with a wrong number stays, and what was said of another value too
    assert LedgerEntry.objects.filter(event="imports.cells_corrected").count() == 1
    assert not ImportAlias.objects.exists()


def test_what_was_remembered_is_read_into_the_next_file_and_no_other_column(steward, at):
    first = checked(steward, at)
    actions.fix_everywhere(
        import_id=first.pk, column="level", wrong="省级", text="三甲", remember=True, by=steward, at=at
    )

    second = checked(steward, at, rows=(("医院名称", "等级"), ("省级", "省级"), ("城北医院", "市级")))

    rows = {row.raw["name"]: row for row in ImportRow.objects.filter(job=second)}
    assert rows["省级"].raw["level"] == "三甲"
    assert rows["省级"].values["level"] == "3a"
    assert rows["城北医院"].faults


def test_a_meaning_said_again_replaces_the_former(steward, at):
    jobs = [checked(steward, at, rows=(("医院名称", "等级"), ("湖滨医院", "市级"))) for _each in range(2)]
    for job, meant in zip(jobs, ("三甲", "二甲"), strict=True):
        actions.fix_everywhere(
            import_id=job.pk, column="level", wrong="市级", text=meant, remember=True, by=steward, at=at
        )

    assert ImportAlias.objects.get(said="市级").meant == "二甲"


def test_nothing_is_corrected_by_strangers_without_words_or_past_the_check(steward, rep, at):
    job = checked(steward, at)
    said = {"import_id": job.pk, "column": "level", "wrong": "省级", "at": at}

    with pytest.raises(PermissionDenied):
        actions.fix_everywhere(**said, text="三甲", by=rep)
    with pytest.raises(actions.MappingNotComplete):
        actions.fix_everywhere(**said, text=" 省级 ", by=steward)
    with pytest.raises(actions.MappingNotComplete):
        actions.fix_everywhere(**{**said, "column": "phone"}, text="三甲", by=steward)
    actions.commit_import(import_id=job.pk, only_good=True, by=steward, at=at)
    with pytest.raises(actions.MappingNotComplete):
        actions.fix_everywhere(**said, text="三甲", by=steward)
    assert ImportRow.objects.filter(job=job, state="bad").count() == 4


def test_a_name_corrected_to_one_of_the_file_is_said_to_stand_twice(steward, at):
    job = checked(
        steward,
        at,
        rows=(("医院编码", "医院名称"), ("H1", "湖滨医院"), ("??", "城北医院"), ("??", "城东医院")),
    )

    actions.fix_everywhere(import_id=job.pk, column="code", wrong="??", text="H1", by=steward, at=at)

    faults = [fault["code"] for row in ImportRow.objects.filter(job=job) for fault in row.faults]
    assert set(faults) == {"duplicate"}


def test_the_page_offers_and_takes_the_correction(client, steward, at):
    job = checked(steward, at)
    client.force_login(steward)

    page = client.get(reverse("imports:job-detail", args=[job.pk])).content.decode()
    answer = client.post(
        reverse("imports:fix", args=[job.pk]),
        {"column": "level", "wrong": "省级", "text": "三甲", "remember": "on"},
    )

    assert 'name="wrong" value="省级"' in page
    assert answer.status_code == 302
    assert ImportAlias.objects.get().meant == "三甲"
