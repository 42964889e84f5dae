"""A steward's day: pairs that look alike, a file mended in place and at once, a merge taken back, a correction decided."""

import pytest
from django.utils import timezone

from doctors import actions
from doctors.models import ChangeRequest, Doctor, Hospital, MergeRecord
from pharmacrm.accounts.choices import Role
from tests.browser.test_stories_import import CSV, press
from tests.factories.doctors import assign, make_doctor, make_hospital, make_territory, put_into
from tests.factories.duplicates import make_model
from tests.factories.imports import text_table

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FILE = [
    ["医院名称", "医院等级", "床位数"],
    ["城北医院", "省级", "100"],
    ["城东医院", "省级", "200"],
    ["城西医院", "三甲", "约三百"],
]


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_a_steward_works_through_the_day(house, browser_page, person, shot, locale):
    steward, rep = person("steward", Role.STEWARD, name="沈思"), person("rep", Role.REP, name="林岚")
    make_model()
    hospital, territory = make_hospital(), make_territory("HZ")
    put_into(rep, territory)
    kept, twin = (
        make_doctor("覃若涵", hospital=hospital, title="attending_physician") for _twice in range(2)
    )
    assign(kept, territory)
    actions.ask_change(
        doctor_id=kept.pk, wanted={"specialty": "心律失常"}, note="名片", by=rep, at=timezone.now()
    )
    page = browser_page(login_as=steward, locale=locale)

    page.goto(f"{house}/doctors/duplicates/")
    page.click(".btn-primary:visible")
    for _look in range(40):
        page.goto(f"{house}/doctors/duplicates/")
        if page.locator("tbody a").count():
            break
        page.wait_for_timeout(250)
    shot(page, f"duplicates-{locale}")

    page.goto(f"{house}/imports/")
    page.check("[name=kind][value=hospital]")
    page.set_input_files("[name=file]", {"name": "a.csv", "mimeType": CSV, "buffer": text_table(FILE)})
    page.click("form[enctype] .btn-primary")
    page.wait_for_url("**/imports/*-*/")
    press(page, "columns")
    page.fill("form[action$='/fix/'] input[name=text]", "三乙")
    page.click("form[action$='/fix/'] button")
    page.wait_for_selector("form[action$='/fix/']", state="detached")
    page.fill("input[aria-invalid=true]", "300")
    page.click("form[action$='/cell/'] button")
    page.wait_for_selector("input[aria-invalid=true]", state="detached")
    press(page, "commit")
    written = dict(Hospital.objects.filter(name__startswith="城").values_list("name", "level"))

    page.goto(f"{house}/doctors/duplicates/")
    page.click("tbody a")
    page.check("[name=answer][value=same_low]")
    page.fill("[name=reason]", "同一人")
    shot(page, f"compare-{locale}")
    page.click("form:has([name=answer]) button")
    page.wait_for_url("**/doctors/duplicates/")
    merged = Doctor.objects.filter(merged_into__isnull=False).count()
    page.goto(f"{house}/doctors/duplicates/merges/")
    page.fill("form[action$='/undo/'] [name=reason]", "两个人")
    page.click("form[action$='/undo/'] button")
    page.wait_for_selector("form[action$='/undo/']", state="detached")

    page.goto(f"{house}/doctors/changes/")
    page.fill("[name=answer]", "已核实")
    page.click("button[name=accept][value=yes]")
    page.wait_for_selector("button[name=accept]", state="detached")

    kept.refresh_from_db()
    assert written == {"城北医院": "3b", "城东医院": "3b", "城西医院": "3a"}
    assert merged == 1
    assert MergeRecord.objects.get().undone_by == steward
    assert not Doctor.objects.filter(merged_into__isnull=False).exists()
    assert (ChangeRequest.objects.get().state, kept.specialty) == ("accepted", "心律失常")
    assert twin.pk
