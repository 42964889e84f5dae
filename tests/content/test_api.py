"""Content over REST: what is read, and that only a person acts."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse

from compliance import actions as law
from content import actions
from content.actions.reviews import MEANINGS
from content.models import ReviewSeat
from pharmacrm.accounts.choices import Role
from tests.content.conftest import AT
from tests.factories import content as make
from tests.factories.compliance import PASSWORD, give_totp, totp_code


@pytest.fixture
def enter(client):
    def sign_in(user):
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client

    return sign_in


def send(client, name, pk, **data):
    return client.post(
        reverse(f"api:content-api:material-{name}", args=[pk]),
        json.dumps(data),
        content_type="application/json",
        headers={"Idempotency-Key": f"{name}-{pk}"},
    )


@pytest.mark.django_db
def test_the_list_tells_audience_products_and_number(enter, rep, desk):
    shown = make.released_material(desk.product, code="M-0042", tiers=["core"], channels=["event"])
    desk.submitted()

    (row,) = enter(rep).get(reverse("api:content-api:material-list")).json()["results"]

    assert (row["id"], row["code"], row["status"]) == (str(shown.pk), "M-0042", "released")
    assert row["products"] == [desk.product.code]
    assert row["audience"]["tiers"] == ["core"]
    assert row["approval_number"] == shown.approval_number


@pytest.mark.django_db
def test_filters_are_read_and_nonsense_is_told(enter, desk):
    make.released_material(desk.product, kind="poster")
    browser = enter(desk.medical)
    address = reverse("api:content-api:material-list")

    assert len(browser.get(address, {"kind": "poster"}).json()["results"]) == 1
    assert browser.get(address, {"kind": "deck"}).json()["results"] == []
    assert browser.get(address, {"kind": "nonsense"}).status_code == 400


@pytest.mark.django_db
def test_a_person_signs_over_rest(enter, desk, time_machine):
    time_machine.move_to(AT, tick=True)
    version = desk.submitted()
    give_totp(desk.medical)

    answer = send(
        enter(desk.medical),
        "decide",
        version.pk,
        role="medical",
        decision="agreed",
        file_sha256=version.files.get().sha256,
        password=PASSWORD,
        code=totp_code(desk.medical, AT),
    )

    assert answer.status_code == 200, answer.json()
    assert ReviewSeat.objects.filter(round__version=version, decision="agreed").count() == 1
    assert "password" not in answer.content.decode()
    (stamp,) = answer.json()["signatures"]
    assert stamp == {
        "printed_name": desk.medical.display_name,
        "job_title": desk.medical.job_title,
        "meaning": MEANINGS["agree"],
        "signed_at": stamp["signed_at"],
        "time_zone": "Asia/Shanghai",
        "content_sha256": version.files.get().sha256,
        "is_untouched": True,
    }
    assert stamp["signed_at"].endswith("+08:00")
    listed = enter(desk.medical).get(reverse("api:content-api:material-detail", args=[version.pk])).json()
    assert listed["signatures"] == [stamp]


@pytest.mark.django_db
def test_a_no_is_a_problem_with_its_code(enter, desk):
    version = desk.submitted()

    answer = send(
        enter(desk.medical),
        "decide",
        version.pk,
        role="medical",
        decision="agreed",
        file_sha256="0" * 64,
        password="x",
    )

    assert answer.status_code == 409
    assert answer["Content-Type"].startswith("application/problem+json")
    assert answer.json()["type"].endswith("not_reviewed")


@pytest.mark.django_db
def test_a_service_account_reads_but_never_acts(enter, desk, person):
    service = person("robot", Role.SERVICE)
    version = desk.submitted()
    browser = enter(service)

    assert browser.get(reverse("api:content-api:product-list")).status_code == 200
    assert send(browser, "release", version.pk, expires_on="2027-06-01").status_code == 403


@pytest.mark.django_db
def test_a_lease_is_signed_for_a_day_and_not_for_what_is_stopped(rep, desk):
    shown, held = make.released_material(desk.product), make.released_material()
    law.place_hold(subjects=[f"material:{held.material_id}"], reason="x", by=desk.compliance, at=AT)

    (lease,) = actions.issue_leases(user=rep, version_ids=[shown.pk, held.pk], at=AT)

    assert lease.version_id == shown.pk
    assert lease.expires_at == AT + timedelta(hours=24)
    assert actions.lease_is_good(body=lease.body, mac=lease.mac, at=AT)
    assert not actions.lease_is_good(body=lease.body, mac=lease.mac, at=AT + timedelta(hours=25))
    forged = lease.body.replace("2026", "2027")
    assert not actions.lease_is_good(body=forged, mac=lease.mac, at=AT)
