"""Seats in societies and journals: added, corrected and ended by a steward, on the page and over REST alike."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from compliance.models import LedgerEntry
from doctors import actions
from doctors.models import AcademicPost, Authorship, Publication, TouchedDoctor
from tests.doctors.academic_rows import GUIDELINE, PAPER, RIS, SEAT
from tests.factories.doctors import make_doctor

pytestmark = pytest.mark.django_db


@pytest.fixture
def steward(person):
    return person("steward", "steward", name="沈思")


@pytest.fixture
def doctor():
    return make_doctor("陆敏")


@pytest.fixture
def post(doctor, steward, at):
    return actions.add_academic_post(doctor_id=doctor.pk, seat=actions.Seat(**SEAT), by=steward, at=at)


def last_event():
    return LedgerEntry.objects.order_by("-at", "-pk").values_list("event", flat=True).first()


def test_a_seat_held_already_is_returned_as_it_stands(doctor, post, steward, at):
    again = actions.add_academic_post(doctor_id=doctor.pk, seat=actions.Seat(**SEAT), by=steward, at=at)

    assert again == post
    assert LedgerEntry.objects.filter(event="doctors.academic_post_added").count() == 1


def test_a_corrected_seat_is_recorded_and_scored_anew(doctor, post, steward, at):
    TouchedDoctor.objects.all().delete()

    actions.correct_academic_post(
        post_id=post.pk, seat=actions.Seat(**{**SEAT, "role": "chair"}), reason="误读", by=steward, at=at
    )

    post.refresh_from_db()
    assert (post.role, post.history.count()) == ("chair", 2)
    assert last_event() == "doctors.academic_post_corrected"
    assert TouchedDoctor.objects.filter(doctor=doctor).exists()


def test_an_ended_seat_keeps_its_row_and_leaves_the_page(doctor, post, steward, at, client):
    actions.end_academic_post(post_id=post.pk, reason="换届", by=steward, at=at)

    post.refresh_from_db()
    client.force_login(steward)
    page = client.get(reverse("doctors:academic", args=[doctor.pk]))
    assert post.valid_until is not None
    assert SEAT["organisation"] not in page.content.decode()
    assert last_event() == "doctors.academic_post_ended"


WRONG = [
    ({"organisation": "  "}, "organisation"),
    ({"role": "king"}, "role"),
    ({"level": "village"}, "role"),
    ({"source_url": "javascript:alert(1)"}, "source_url"),
]


@pytest.mark.parametrize(("change", "field"), WRONG)
def test_a_seat_that_cannot_be_is_not_kept(doctor, steward, at, change, field):
    with pytest.raises(actions.PostNotSaved) as refusal:
        actions.add_academic_post(
            doctor_id=doctor.pk, seat=actions.Seat(**{**SEAT, **change}), by=steward, at=at
        )

    assert refusal.value.field == field
    assert not AcademicPost.objects.exists()


def test_a_seat_of_a_day_to_come_is_not_kept_and_none_ends_before_it_began(doctor, post, steward, at):
    tomorrow = at.date() + timedelta(days=2)
    post.valid_from = at.date()
    post.save()

    with pytest.raises(actions.PostNotSaved):
        actions.add_academic_post(
            doctor_id=doctor.pk,
            seat=actions.Seat("另一学会", "chair", "city", "", tomorrow),
            by=steward,
            at=at,
        )
    for until in (tomorrow, at.date() - timedelta(days=1)):
        with pytest.raises(actions.PostNotSaved):
            actions.end_academic_post(post_id=post.pk, reason="换届", until=until, by=steward, at=at)
    post.refresh_from_db()
    assert post.valid_until is None


def test_a_seat_corrected_into_another_one_held_is_refused(doctor, post, steward, at):
    other = actions.add_academic_post(
        doctor_id=doctor.pk, seat=actions.Seat(**{**SEAT, "role": "chair"}), by=steward, at=at
    )

    with pytest.raises(actions.PostNotSaved):
        actions.correct_academic_post(
            post_id=other.pk, seat=actions.Seat(**SEAT), reason="误读", by=steward, at=at
        )
    other.refresh_from_db()
    assert other.role == "chair"


def test_the_page_adds_corrects_and_ends_a_seat(doctor, steward, client):
    client.force_login(steward)
    page = reverse("doctors:academic", args=[doctor.pk])

    client.post(reverse("doctors:academic-add", args=[doctor.pk, "post"]), SEAT)
    post = AcademicPost.objects.get()
    shown = client.get(page).content.decode()
    move = [doctor.pk, "post", post.pk]
    client.post(
        reverse("doctors:academic-move", args=[*move, "correct"]), {**SEAT, "role": "chair", "reason": "误读"}
    )
    post.refresh_from_db()
    corrected = post.role
    client.post(reverse("doctors:academic-move", args=[*move, "end"]), {"reason": "换届"})
    post.refresh_from_db()

    assert SEAT["organisation"] in shown
    assert corrected == "chair"
    assert post.valid_until is not None


def test_rest_reads_back_what_it_corrects_and_ends(doctor, steward, client, at):
    client.force_login(steward)
    post = {"content_type": "application/json"}
    address = f"/api/v1/doctors/{doctor.pk}"
    paper = {**PAPER, "published_on": "2024-03-15"}
    client.post(f"{address}/publications/", paper, headers={"Idempotency-Key": "a" * 20}, **post)
    client.post(f"{address}/guidelines/", GUIDELINE, headers={"Idempotency-Key": "b" * 20}, **post)
    found = client.post(f"{address}/posts/", SEAT, headers={"Idempotency-Key": "c" * 20}, **post).json()
    work, line, seat = found["guidelines"][0], found["publications"][0], found["posts"][0]

    moved = client.post(
        f"{address}/publications/{line['authorship_id']}/correct/",
        {"position": 4, "reason": "误读"},
        headers={"Idempotency-Key": "d" * 20},
        **post,
    ).json()
    client.post(
        f"{address}/guidelines/{work['id']}/end/",
        {"reason": "同名"},
        headers={"Idempotency-Key": "e" * 20},
        **post,
    )
    left = client.post(
        f"{address}/posts/{seat['id']}/end/",
        {"reason": "换届"},
        headers={"Idempotency-Key": "f" * 20},
        **post,
    ).json()

    assert moved["publications"][0]["position"] == 4
    assert (left["guidelines"], left["posts"]) == ([], [])
    assert Authorship.objects.get().position == 4


def test_a_row_of_another_doctor_is_not_found_under_this_one(doctor, post, steward, client):
    other = make_doctor("何方")
    client.force_login(steward)

    answer = client.post(
        f"/api/v1/doctors/{other.pk}/posts/{post.pk}/end/",
        {"reason": "换届"},
        content_type="application/json",
        headers={"Idempotency-Key": "g" * 20},
    )

    assert answer.status_code == 404
    post.refresh_from_db()
    assert post.valid_until is None


def test_a_file_of_citations_is_taken_in_over_rest(steward, client):
    client.force_login(steward)

    answer = client.post(
        "/api/v1/doctors/publications/",
        {"file": SimpleUploadedFile("mine.ris", RIS.encode())},
        headers={"Idempotency-Key": "h" * 20},
    )

    assert answer.status_code == 201
    assert answer.json() == {"new": 1, "known": 0, "proposed": 0, "left": 0}
    assert Publication.objects.get().title == "清晨血压的观察"
