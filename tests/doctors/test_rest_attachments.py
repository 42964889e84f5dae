"""Files that come with proposals and claims over REST: the same kinds, sizes and readers as on the pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from compliance.models import ExportTally
from doctors import doors
from doctors.models import Challenge, ChangeAttachment, ChangeRequest
from pharmacrm.accounts.choices import Role
from pharmacrm.common.ids import uuid7
from pharmacrm.common.models import StoredFile
from tests.compliance.test_export_doors import bearer
from tests.factories.doctors import make_doctor, make_hospital, make_territory, put_into

pytestmark = pytest.mark.django_db
PDF, PNG = b"%PDF-1.7 card", b"\x89PNG\r\n\x1a\n picture"


@pytest.fixture
def steward(person):
    return person("shen", Role.STEWARD, name="沈思")


@pytest.fixture
def place(rep):
    territory = make_territory("OWN")
    put_into(rep, territory)
    return territory


@pytest.fixture
def doctor(place):
    return make_doctor(territory=place, hospital=make_hospital())


@pytest.fixture
def send(client):
    """Send a form with files as somebody."""

    def post(user, name, body, *, key=None, **kwargs):
        client.force_login(user)
        address = reverse(f"api:doctors-api:{name}", kwargs=kwargs)
        return client.post(address, body, headers={"Idempotency-Key": key or str(uuid7())})

    return post


def bytes_of(answer):
    content = b"".join(answer.streaming_content)
    answer.close()
    return content


def a_file(content=PDF, name="card.pdf"):
    return SimpleUploadedFile(name, content)


def test_a_correction_comes_with_files_that_the_steward_reads_over_rest(
    send, client, rep, other_rep, steward, doctor
):
    body = {"specialty": "肾内科", "attachments": [a_file(), a_file(PNG, "b.png"), a_file()]}

    made = send(rep, "change-ask", body, pk=doctor.pk)

    assert made.status_code == 201, made.content
    keys = made.json()["attachments"]
    assert len(keys) == ChangeAttachment.objects.count() == 2  # the same bytes once
    address = reverse("api:doctors-api:change-attachment", args=[keys[0]])
    client.force_login(other_rep)
    assert client.get(address).status_code == 404
    client.force_login(steward)
    read = client.get(address)
    assert read.headers["Content-Disposition"].startswith("attachment")
    assert bytes_of(read) in (PDF, PNG)  # last: closing an answer ends the test's connection


def test_a_new_doctor_is_proposed_with_a_file(send, rep, place):
    body = {
        "name": "王晓明",
        "hospital_id": str(make_hospital().pk),
        "territory_id": str(place.pk),
        "attachments": a_file(),
    }

    made = send(rep, "change-list", body)

    assert made.status_code == 201, made.content
    assert len(made.json()["attachments"]) == 1


def test_a_claim_and_a_refusal_of_a_doctor_come_with_evidence(send, client, rep, steward, place, doctor):
    words = {"name": "李伟", "hospital": "湖滨医院", "territory_id": str(place.pk), "reason": "我跟进多年"}

    claimed = send(rep, "claim-list", {**words, "evidence": a_file()})
    declined = send(rep, "doctor-decline", {"reason": "已调走", "evidence": a_file(PNG)}, pk=doctor.pk)

    assert [one.status_code for one in (claimed, declined)] == [201, 201]
    assert claimed.json()["has_evidence"] is declined.json()["has_evidence"] is True
    client.force_login(steward)
    read = client.get(reverse("api:doctors-api:claim-evidence", args=[claimed.json()["id"]]))
    assert bytes_of(read) == PDF


def test_without_a_file_json_does_as_before(client, rep, place):
    words = {"name": "李伟", "hospital": "湖滨医院", "territory_id": str(place.pk), "reason": "我跟进多年"}
    client.force_login(rep)

    made = client.post(
        reverse("api:doctors-api:claim-list"),
        words,
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid7())},
    )

    assert (made.status_code, made.json()["has_evidence"]) == (201, False)
    read = client.get(reverse("api:doctors-api:claim-evidence", args=[made.json()["id"]]))
    assert read.status_code == 404


@pytest.mark.parametrize(
    ("files", "status", "pointer"),
    [
        ([a_file(b"<html>", "card.pdf")], 409, "#/attachments"),
        ([a_file(b"MZ\x90", "card.png")], 409, "#/attachments"),
        ([a_file(PDF + bytes([number])) for number in range(6)], 400, ""),
        ([a_file(b"", "empty.pdf")], 400, ""),
    ],
)
def test_a_file_of_no_kept_kind_empty_or_one_too_many_keeps_nothing(
    send, rep, doctor, files, status, pointer
):
    for one in files:
        one.seek(0)

    answer = send(rep, "change-ask", {"specialty": "肾内科", "attachments": files}, pk=doctor.pk)

    assert answer.status_code == status
    if pointer:
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert not ChangeRequest.objects.exists()
    assert not StoredFile.objects.exists()


def test_a_file_that_is_too_large_keeps_nothing(send, rep, place, monkeypatch):
    monkeypatch.setattr(doors, "MOST_BYTES", 8)
    words = {"name": "李伟", "hospital": "湖滨医院", "territory_id": str(place.pk), "reason": "我跟进多年"}

    answer = send(rep, "claim-list", {**words, "evidence": a_file()})

    assert answer.status_code == 409
    assert not Challenge.objects.exists()
    assert not StoredFile.objects.exists()


def test_words_that_may_not_be_stored_keep_neither_them_nor_the_file(send, rep, doctor):
    answer = send(rep, "change-ask", {"note": "张主任每月开30盒", "attachments": [a_file()]}, pk=doctor.pk)

    assert answer.status_code == 409
    assert not ChangeRequest.objects.exists()
    assert not StoredFile.objects.exists()


def test_the_same_key_with_the_same_file_answers_once_and_with_another_file_is_refused(send, rep, doctor):
    key = str(uuid7())
    first, again, other = (
        send(rep, "change-ask", {"specialty": "x", "attachments": [a_file(content)]}, key=key, pk=doctor.pk)
        for content in (PDF, PDF, PNG)
    )

    assert (first.status_code, again.json(), other.status_code) == (201, first.json(), 422)
    assert ChangeRequest.objects.count() == 1


def test_a_file_that_leaves_by_a_token_counts_its_doctor(send, rep, steward, doctor):
    key = send(rep, "change-ask", {"specialty": "肾内科", "attachments": [a_file()]}, pk=doctor.pk).json()["attachments"][0]  # fmt: skip

    read = bearer(steward).get(reverse("api:doctors-api:change-attachment", args=[key]))

    tally = ExportTally.objects.get()
    assert (tally.kind, tally.name, tally.persons) == ("rest", "attachments", 1)
    assert bytes_of(read) == PDF
