"""Hospitals in a steward's hands: facts, other names, the consortium, and codes that were merged or renamed away."""

import pytest
from django.urls import reverse

from compliance.models import LedgerEntry
from doctors import actions
from doctors.models import Division, Hospital
from doctors.selectors.hospitals import division_today
from pharmacrm.accounts.choices import Role
from pharmacrm.imports import actions as imports
from pharmacrm.imports import tasks
from pharmacrm.imports.models import ImportRow
from tests.factories.doctors import make_division, make_hospital
from tests.factories.imports import make_job

pytestmark = pytest.mark.django_db
FACTS = {"name": "湖滨医院", "level": "3b", "kind": "general", "ownership": "public", "status": "active",
         "beds": "800", "outpatient_volume": "1200000", "reason": "年报"}  # fmt: skip


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


def carried_out(steward, at, kind, rows):
    job = make_job(steward, at, rows=rows, kind=kind, name="a.csv")
    imports.set_mapping(import_id=job.pk, mapping=job.mapping, by=steward, at=at)
    tasks.check(import_id=str(job.pk))
    job.refresh_from_db()
    if job.rows_good:
        imports.commit_import(import_id=job.pk, only_good=True, by=steward, at=at)
        tasks.commit(import_id=str(job.pk))
    return job


def test_a_steward_edits_a_hospital_and_an_old_code_becomes_the_one_of_today(client, steward):
    now = make_division("330105", "拱墅区")
    make_division("330103", "下城区", is_current=False, successor=now)
    leading, hospital = make_hospital("总院", code="H9"), make_hospital()
    client.force_login(steward)

    answer = client.post(
        reverse("doctors:hospital-edit", args=[hospital.pk]),
        FACTS | {"division": "330103", "parent": "h9", "longitude": "120.15", "latitude": "30.25"},
    )

    hospital.refresh_from_db()
    assert answer.status_code == 302
    assert (hospital.level, hospital.beds, hospital.outpatient_volume) == ("3b", 800, 1_200_000)
    assert (hospital.division_id, hospital.parent_id) == (now.pk, leading.pk)
    assert LedgerEntry.objects.filter(event="doctors.hospital_changed").count() == 1
    page = client.get(reverse("doctors:hospital-detail", args=[hospital.pk])).content.decode()
    assert "30.25000, 120.15000" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"division": "999999"},
        {"parent": "NONE"},
        {"longitude": "120"},
        {"level": "4"},
        {"beds": "-1"},
        {"reason": ""},
    ],
)
def test_what_does_not_fit_changes_nothing(client, steward, wrong):
    hospital = make_hospital()
    client.force_login(steward)

    answer = client.post(reverse("doctors:hospital-edit", args=[hospital.pk]), FACTS | wrong)

    hospital.refresh_from_db()
    assert answer.status_code == 400
    assert hospital.beds is None


def test_a_consortium_has_a_top(steward, at):
    top, middle = make_hospital("总院"), make_hospital("分院")
    actions.update_hospital(hospital_id=middle.pk, parent_id=top.pk, by=steward, at=at)

    with pytest.raises(actions.HospitalNotSaved):
        actions.update_hospital(hospital_id=top.pk, parent_id=middle.pk, by=steward, at=at)
    with pytest.raises(actions.HospitalNotSaved):
        actions.update_hospital(hospital_id=top.pk, name=" ", by=steward, at=at)

    assert Hospital.objects.get(pk=top.pk).parent_id is None


def test_another_name_is_added_with_its_kind(client, steward):
    hospital = make_hospital()
    client.force_login(steward)

    client.post(reverse("doctors:hospital-alias", args=[hospital.pk]), {"name": "湖一", "kind": "short"})
    client.post(reverse("doctors:hospital-alias", args=[hospital.pk]), {"name": "", "kind": "short"})

    assert list(hospital.aliases.values_list("name", "kind")) == [("湖一", "short")]


def test_codes_given_up_are_imported_with_the_code_of_today_and_hospitals_follow(steward, at):
    make_division("330000", "浙江省", "province")
    make_division("330100", "杭州市", "city")
    make_division("330105", "拱墅区")
    old = carried_out(
        steward,
        at,
        "division",
        (
            ("行政区划代码", "名称", "现行代码"),
            ("330103", "下城区", "330105"),
            ("330104", "江干区", "330199"),
        ),
    )

    carried_out(steward, at, "hospital", (("医院名称", "行政区划代码"), ("湖滨医院", "330103")))

    given_up = Division.objects.get(pk="330103")
    assert (given_up.is_current, given_up.successor_id) == (False, "330105")
    assert [row.faults[0]["code"] for row in ImportRow.objects.filter(job=old, state="bad")] == [
        "unknown_division"
    ]
    assert Hospital.objects.get(name="湖滨医院").division_id == "330105"
    assert (division_today("330103"), division_today("330199"), division_today("33")) == (
        "330105",
        None,
        "330000",
    )


def test_an_import_without_the_code_of_today_takes_nothing_back(steward, at):
    now = make_division("330105", "拱墅区")
    make_division("330103", "下城区", is_current=False, successor=now)

    carried_out(steward, at, "division", (("行政区划代码", "名称"), ("330103", "下城区")))

    assert Division.objects.get(pk="330103").successor_id == "330105"
