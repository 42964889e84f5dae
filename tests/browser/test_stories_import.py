"""A steward brings a list of hospitals as it comes out of a Chinese Excel, with one row that is wrong."""

import pytest
from python_calamine import CalamineWorkbook

from doctors.models import Hospital
from pharmacrm.accounts.choices import Role
from pharmacrm.imports.models import ImportJob
from tests.factories.imports import text_table

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROWS = [
    ["医院名称", "医院等级", "备注"],
    ["云溪市第一人民医院", "三甲", ""],
    ["江口医院", "省级", "等级待核"],
    ["山前医院", "二级", ""],
]


def test_a_file_in_gb18030_is_mapped_checked_written_and_undone(live, browser_page, shot, person, tmp_path):
    page = browser_page(login_as=person("steward", Role.STEWARD, name="沈思"))
    page.goto(f"{live}/imports/")
    page.check("[name=kind][value=hospital]")
    content = text_table(ROWS, encoding="gb18030")
    page.set_input_files("[name=file]", {"name": "医院.csv", "mimeType": "text/csv", "buffer": content})
    page.click("form[enctype] .btn-primary")
    page.wait_for_url("**/imports/*-*/")
    job = ImportJob.objects.get()
    guessed = [page.locator(f"[name={name}] option:checked").inner_text() for name in ("name", "level")]
    shot(page, "import-mapping")

    page.click("form[action$='/columns/'] .btn-primary")
    wrong = page.locator("input[aria-invalid=true]")
    wrong.wait_for()
    shot(page, "import-grid")
    at_the_cell = page.locator("td:has(input[aria-invalid=true])").inner_text()
    cells = [one.input_value() for one in wrong.all()]
    with page.expect_download() as coming:
        page.click("a[href$='/errors.xlsx']")
    coming.value.save_as(tmp_path / "errors.xlsx")
    page.click("form[action$='/commit/'] button")
    page.click("form[action$='/undo/'] button", trial=True)
    written = sorted(Hospital.objects.values_list("name", "level"))
    shot(page, "import-written")
    page.click("form[action$='/undo/'] button")
    page.wait_for_selector("form[action$='/undo/']", state="detached")

    job.refresh_from_db()
    _heading, *returned = (
        CalamineWorkbook.from_path(tmp_path / "errors.xlsx").get_sheet_by_index(0).to_python()
    )
    assert job.encoding.lower() == "gb18030"
    assert guessed[0].startswith("医院名称")
    assert guessed[1].startswith("医院等级")
    assert cells == ["省级"]
    assert "“省级”不是医院等级" in at_the_cell
    assert [row[:2] for row in returned] == [["江口医院", "省级"]]
    assert written == [("云溪市第一人民医院", "3a"), ("山前医院", "2")]
    assert Hospital.objects.count() == 0
