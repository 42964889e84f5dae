"""What the phone app's doors hand out: the day in parts, leases, withdrawals, the worker and its files."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from activities.models import Visit
from compliance import actions as law
from content.models import Product
from doctors.actions.lists import save_list as keep_list
from doctors.actions.playbooks import write_playbook
from doctors.models import DoctorListMember
from tests.factories.activities import make_ground, make_policy
from tests.factories.compliance import qualify
from tests.factories.content import content_person, product, released_material
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
def test_what_the_playbook_names_for_a_doctor_is_offered_before_other_kinds(client, day):
    now = timezone.now()
    goods = Product.objects.get(code="P1")
    released_material(goods, at=now - timedelta(days=2), code="M-0100", kind="qa")
    released_material(goods, at=now - timedelta(days=2), code="M-0200", kind="video")
    line = {
        "goal_zh": "答疑", "goal_en": "Answer questions", "channels": ["visit"], "visits_per_cycle": 1,
        "contacts_per_cycle": 2, "by": content_person("marketing", "罗曼"), "at": now,
    }  # fmt: skip
    write_playbook(tier="core", content_kinds=["qa"], **line)
    before = client.get(f"/api/v1/activities/doctors/{day['doctor'].pk}/materials/").json()
    write_playbook(tier="core", department_code="", level_band="3", content_kinds=["video"], **line)
    day["doctor"].hospital_level = "3a"
    day["doctor"].save()

    after = client.get(f"/api/v1/activities/doctors/{day['doctor'].pk}/materials/").json()

    kinds = [first_of(answer) for answer in (before, after)]
    assert kinds == [("strategy", "qa"), ("strategy", "video")]


def first_of(answer):
    reason = answer[0]["reasons"][0]
    return reason["code"], reason["words"]


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
