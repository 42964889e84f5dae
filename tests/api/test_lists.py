"""Lists with rows in them: what each really answers is what docs/openapi.yaml says, field by field.

The comparison itself is `tests.api.document.AsWritten`, which stands around every request of the suite; here each list has a row.
"""

import pytest
from django.utils import timezone

from pharmacrm.accounts.choices import Role
from tests.activities import act_rows as work
from tests.activities import permission_rows as field
from tests.api import document
from tests.compliance import permission_rows as law
from tests.compliance import training_rows as training
from tests.doctors import duplicate_rows as alike
from tests.doctors import master_rows as master
from tests.doctors import privacy_rows as privacy
from tests.doctors import segmentation_rows as scoring
from tests.doctors import territory_rows as lands
from tests.factories.activities import make_ground
from tests.factories.content import claim, content_person, product, released_material
from tests.factories.doctors import make_department, make_doctor, make_hospital
from tests.factories.imports import make_job

pytestmark = pytest.mark.django_db
V1 = "/api/v1/"


def message(_user):
    claim(product("P1"), author=content_person("marketing"), approver=content_person("medical"))


def material(_user):
    released_material(product("P1"), at=timezone.now())


LISTS = {
    "activities/cycles/": (Role.MARKETING, field.any_cycle),
    "activities/events/": (Role.MEDICAL, field.foreign_event),
    "activities/visits/": (Role.COMPLIANCE, field.foreign_visit),
    "boards/rows/base/": (Role.COMPLIANCE, lambda _user: make_ground(field.somebody())),
    "compliance/cases/": (Role.COMPLIANCE, law.case),
    "compliance/findings/": (Role.COMPLIANCE, law.finding),
    "compliance/holds/": (Role.COMPLIANCE, law.hold),
    "compliance/inbox/": (Role.MEDICAL, law.own_step),
    "compliance/training/board/": (Role.COMPLIANCE, training.a_duty),
    "compliance/training/courses/": (Role.REP, training.a_duty_of),
    "compliance/waivers/": (Role.COMPLIANCE, law.waiver),
    "content/claims/": (Role.MARKETING, message),
    "content/materials/": (Role.MARKETING, material),
    "content/products/": (Role.MARKETING, message),
    "doctors/": (Role.STEWARD, lambda _user: make_doctor(hospital=make_hospital())),
    "doctors/changes/": (Role.STEWARD, master.proposal),
    "doctors/claims/": (Role.STEWARD, lands.claim),
    "doctors/departments/": (Role.STEWARD, lambda _user: make_department("心内科")),
    "doctors/duplicates/": (Role.STEWARD, alike.pair),
    "doctors/hospitals/": (Role.STEWARD, lambda _user: make_hospital()),
    "doctors/lists/": (Role.STEWARD, lands.own_list),
    "doctors/merges/": (Role.STEWARD, alike.merged),
    "doctors/privacy-requests/": (Role.STEWARD, privacy.own_request),
    "doctors/realignments/": (Role.STEWARD, lands.own_draft),
    "doctors/scoring-models/": (Role.STEWARD, scoring._model("active")),
    "doctors/scoring-runs/": (Role.STEWARD, scoring._run),
    "doctors/search/?q=张晓明": (Role.STEWARD, scoring._doctor),
    "imports/": (Role.STEWARD, lambda user: make_job(user, timezone.now())),
}


@pytest.mark.parametrize(
    ("path", "role", "arrange"), [(path, *how) for path, how in LISTS.items()], ids=[*LISTS]
)
def test_a_list_shows_whole_rows_as_the_document_says(path, role, arrange, person, client):
    reader = person("reader", role)
    arrange(reader)
    client.force_login(reader)

    answer = client.get(f"{V1}{path}").json()

    rows = answer if isinstance(answer, list) else answer["results"]
    assert rows, path


def test_the_moves_of_a_realignment_are_a_list_too(person, client):
    steward = person("shen2", Role.STEWARD)
    opened, _line = lands.own_draft(steward)
    client.force_login(steward)

    assert client.get(f"{V1}doctors/realignments/{opened.pk}/moves/").json()["results"]


def test_materials_for_one_doctor_are_a_list_too(person, client):
    rep = person("lin", Role.REP)
    doctor = work.ground(rep)
    material(rep)
    client.force_login(rep)

    assert isinstance(client.get(f"{V1}activities/doctors/{doctor.pk}/materials/").json(), list)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda row: row.pop("code"), "is a required property"),
        (lambda row: row.update(secret="x"), "was unexpected"),
        (lambda row: row.update(id=7), "is not of type"),
    ],
)
def test_an_answer_that_drifts_from_the_document_fails(change, words, person, client, monkeypatch):
    steward = person("shen", Role.STEWARD)
    make_hospital()
    client.force_login(steward)
    whole = document.json.loads

    def drifted(text):
        answer = whole(text)
        change(answer["results"][0])
        return answer

    monkeypatch.setattr(document, "json", type("Json", (), {"loads": staticmethod(drifted)}))

    with pytest.raises(document.AnswerNotInTheDocument, match=words):
        client.get(f"{V1}doctors/hospitals/")
