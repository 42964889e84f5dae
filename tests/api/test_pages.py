"""Lists go by position: each row once, whatever the page size, whatever is added meanwhile."""

import pytest
from django.utils import timezone

from activities.models import Visit
from doctors.models import Assignment
from pharmacrm.accounts.choices import Role
from tests.factories.activities import make_ground
from tests.factories.content import product, released_material
from tests.factories.doctors import make_department, make_doctor, make_hospital
from tests.factories.imports import make_job

pytestmark = pytest.mark.django_db


def _visits(rep, _person):
    doctor = make_ground(rep)
    for _ in range(5):
        Visit.objects.create(
            rep=rep, doctor=doctor, hospital=doctor.hospital, state="planned", planned_at=timezone.now()
        )


def _doctors(rep, _person):
    first = make_ground(rep)
    territory = Assignment.objects.get(doctor=first).territory
    for number in range(4):
        make_doctor(f"张{number}", hospital=first.hospital, territory=territory)


def _hospitals(_rep, _person):
    for number in range(5):
        make_hospital(f"医院{number}")


def _departments(_rep, _person):
    for number in range(5):
        make_department(f"科{number}")


def _materials(_rep, _person):
    medicine = product("P1")
    for _ in range(5):
        released_material(medicine, at=timezone.now())


def _imports(_rep, person):
    steward = person("shen", Role.STEWARD)
    for _ in range(5):
        make_job(steward, timezone.now())


LISTS = [
    pytest.param("/api/v1/activities/visits/", _visits, None, id="visits"),
    pytest.param("/api/v1/doctors/", _doctors, None, id="doctors"),
    pytest.param("/api/v1/doctors/hospitals/", _hospitals, None, id="hospitals"),
    pytest.param("/api/v1/doctors/departments/", _departments, None, id="departments"),
    pytest.param("/api/v1/content/materials/", _materials, None, id="materials"),
    pytest.param("/api/v1/imports/", _imports, Role.STEWARD, id="imports"),
]


@pytest.mark.parametrize(("address", "arrange", "role"), LISTS)
def test_pages_of_two_hold_each_row_once(address, arrange, role, person, person_client, rep):
    arrange(rep, person)
    reader = person("reader", role) if role else rep
    client = person_client(reader)

    whole = [row["id"] for row in client.get(address).json()["results"]]
    seen, next_page, pages = [], f"{address}?limit=2", 0
    while next_page:
        page = client.get(next_page).json()
        assert len(page["results"]) <= 2
        seen += [row["id"] for row in page["results"]]
        next_page, pages = page["next"], pages + 1

    assert seen == whole
    assert len(seen) == len(set(seen)) == 5
    assert pages == 3
    assert "offset" not in str(client.get(f"{address}?limit=2").json()["next"])


def test_a_row_added_while_somebody_pages_moves_no_other(rep, person, person_client):
    _visits(rep, person)
    client = person_client(rep)
    first = client.get("/api/v1/activities/visits/?limit=2").json()

    _visits(rep, person)
    second = client.get(first["next"]).json()

    assert not {row["id"] for row in first["results"]} & {row["id"] for row in second["results"]}
    assert len(second["results"]) == 2


@pytest.mark.parametrize("cursor", ["nonsense", "cD0x", "%00", "b28="])
@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/activities/visits/?cursor=",
        "/api/v1/doctors/hospitals/?cursor=",
        "/api/v1/doctors/?after=",
        "/api/v1/content/materials/?cursor=",
    ],
)
def test_a_cursor_nobody_gave_out_is_a_problem_or_an_empty_page(cursor, address, rep, person_client):
    answer = person_client(rep).get(f"{address}{cursor}")

    assert answer.status_code in {200, 404}
