"""What the phone app's doors hand out: the day in parts, leases, withdrawals, the worker and its files."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from activities.models import Visit
from compliance import actions as law
from doctors.actions.lists import save_list as keep_list
from doctors.models import DoctorListMember
from tests.factories.activities import make_ground, make_policy
from tests.factories.compliance import qualify
from tests.factories.content import product, released_material
from tests.factories.doctors import make_doctor, make_territory


@pytest.fixture
def day(client, rep, officer):
    """A representative signed in today, with one visit planned and one released material."""
    now = timezone.now()
    goods = product("P1")
    qualify(rep, "P1", by=officer, at=now)
    doctor = make_ground(rep)
    version = released_material(goods, at=now - timedelta(days=2))
    local = timezone.localtime(now)
    planned = min(local + timedelta(minutes=5), local.replace(hour=23, minute=59))
    visit = Visit.objects.create(rep=rep, doctor=doctor, hospital=doctor.hospital, planned_at=planned)
    client.force_login(rep)
    return {"doctor": doctor, "version": version, "visit": visit}


@pytest.mark.django_db
def test_saved_lists_lie_in_the_bundle_for_the_doctors_of_the_own_territory_alone(client, day, rep):
    now = timezone.now()
    picks = keep_list(name="本周重点", kind="picks", by=rep, at=now)
    strangers = make_doctor("外区医生", territory=make_territory("ELSEWHERE"))
    DoctorListMember.objects.create(list=picks, doctor=day["doctor"])
    DoctorListMember.objects.create(list=picks, doctor=strangers)
    cores = keep_list(name="核心", kind="filter", filters={"tier": "core"}, by=rep, at=now)

    page = client.get("/field/bundle.json").json()["parts"]["pages"]["value"]["/field/doctors/"]

    row = page[page.index(f"/field/doctors/{day['doctor'].pk}/") :]
    assert set(re.search(r'data-lists="([^"]*)"', row)[1].split()) == {str(picks.pk), str(cores.pk)}
    assert f'data-list="{picks.pk}"' in page
    assert str(strangers.pk) not in page


@pytest.mark.django_db
def test_the_bundle_holds_the_day_and_only_what_changed_comes_again(client, day):
    first = client.get("/field/bundle.json").json()
    have = ",".join(f"{name}:{part['hash']}" for name, part in first["parts"].items())
    again = client.get("/field/bundle.json", {"have": have}).json()

    assert set(first["parts"]) == {"pages", "doctors", "materials", "visits", "rules"}
    assert "/field/" in first["parts"]["pages"]["value"]
    assert f"/field/doctors/{day['doctor'].pk}/log/" in first["parts"]["pages"]["value"]
    assert first["parts"]["materials"]["value"][0]["version"] == str(day["version"].pk)
    assert str(day["visit"].pk) in first["parts"]["visits"]["value"]
    assert set(again["parts"]) <= {"pages", "visits"}


@pytest.mark.django_db
def test_no_kept_page_carries_a_token(client, day):
    pages = client.get("/field/bundle.json").json()["parts"]["pages"]["value"]

    for html in pages.values():
        assert 'name="csrfmiddlewaretoken" value=""' in html or "csrfmiddlewaretoken" not in html


@pytest.mark.django_db
def test_a_material_on_hold_is_told_to_be_dropped(client, day, officer):
    client.get("/field/bundle.json")
    assert client.get("/field/withdrawn.json").json()["versions"] == []

    law.place_hold(
        subjects=[f"material:{day['version'].material_id}"], reason="label", by=officer, at=timezone.now()
    )

    assert client.get("/field/withdrawn.json").json()["versions"] == [str(day["version"].pk)]
    materials = client.get("/field/bundle.json").json()["parts"]["materials"]["value"]
    assert materials == []


@pytest.mark.django_db
def test_a_page_of_a_released_material_is_a_picture_and_of_no_other(client, day):
    page = f"/field/library/{day['version'].pk}/1/"

    found = client.get(page)
    day["version"].status = "withdrawn"
    day["version"].save()

    assert found["Content-Type"] == "image/webp"
    assert found.content[:4] == b"RIFF"
    assert client.get(page).status_code == 404


@pytest.mark.django_db
def test_the_worker_keeps_files_and_nobody_s_data(client, rep):
    script = client.get("/field/sw.js")
    shell = client.get("/field/shell/")

    assert script["Service-Worker-Allowed"] == "/field/"
    assert "js/field/boot.js" in script.content.decode()
    assert rep.display_name not in shell.content.decode()


@pytest.mark.django_db
def test_words_of_the_scripts_come_from_the_catalogue(client, day):
    page = client.get("/field/").content.decode()
    words = json.loads(page.split('id="field-words" type="application/json">')[1].split("</script>")[0])

    assert words["saved_here"]
    assert all(isinstance(text, str) and text for text in words.values())


@pytest.mark.django_db
def test_today_shows_a_closed_hospital_with_rule_and_what_instead(client, day):
    weekday = timezone.localtime().isoweekday() % 7 + 1
    make_policy(day["doctor"].hospital, (weekday, 9, 10))

    page = client.get("/field/").content.decode()

    assert 'data-rule="MR-16b"' in page


@pytest.mark.django_db
def test_a_material_the_filing_does_not_cover_is_offered_nowhere_on_the_phone(client, day):
    outside = released_material(product("P9"), title_zh="别的产品的手册")

    doctor = client.get(f"/field/doctors/{day['doctor'].pk}/").content.decode()
    choice = client.get(f"/field/doctors/{day['doctor'].pk}/show/").content.decode()
    parts = client.get("/field/bundle.json").json()["parts"]

    assert day["version"].material.title_zh in choice
    assert "别的产品的手册" not in doctor + choice
    assert str(outside.pk) not in [one["version"] for one in parts["materials"]["value"]]
