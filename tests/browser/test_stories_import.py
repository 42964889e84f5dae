"""A steward brings the files of a company as they are: other programs, other encodings, other headings, wrong cells."""

import pytest
from python_calamine import CalamineWorkbook

from doctors.models import Department, Doctor, Hospital
from pharmacrm.accounts.choices import Role
from pharmacrm.imports.models import ImportJob
from tests.factories.doctors import make_division, make_hospital
from tests.factories.imports import text_table, workbook

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HOSPITALS_ZH = [
    ["医院名称", "医院等级", "省份", "地址", "备注"],
    ["云溪市第一人民医院", "三甲", "浙江省", "湖滨路1号", ""],
    ["江口医院", "省级", "浙江省", "江口街2号", "等级待核"],
    ["山前医院", "二级", "浙江省", "山前路3号", ""],
]
HOSPITALS_EN = [
    ["Hospital name", "Grade", "State", "Address", "Remark"],
    ["云溪市第一人民医院", "3A", "浙江省", "1 Lakeside Road", ""],
    ["江口医院", "provincial", "浙江省", "2 River Street", "check the level"],
    ["山前医院", "二级", "浙江省", "3 Hill Road", ""],
]
DEPARTMENTS = [
    ["诊疗科目代码", "诊疗科目", "上级代码", "俗称"],
    ["03", "内科", "", ""],
    ["03.04", "心血管内科专业", "03", "心内科;心血管内科"],
    ["03.09", "内分泌专业", "31", "内分泌科"],
]
DOCTORS = [
    ["姓名", "职称", "工作单位", "科室", "手机号", "擅长"],
    ["王晓明", "主任医师", "云溪市第一人民医院", "心内科", "13800002046", "心律失常"],
    ["单志远", "副主任医师", "云溪第二医院", "心内科", "13800002047", "心力衰竭"],
    ["区小雨", "主治医师", "云溪市第一人民医院", "心内科", "1380000", "高血压"],
]
NPPES = [
    [
        *["NPI", "Provider Last Name (Legal Name)", "Provider First Name", "Provider Middle Name"],
        *["Provider Credential Text", "Provider Business Practice Location Address City Name"],
        *["Provider Sex Code", "Healthcare Provider Taxonomy Code_1", "Last Update Date"],
    ],
    ["1999999901", "GREENFIELD", "ALMA", "R", "MD", "SPRINGVALE", "F", "207RC0000X", "06/02/2026"],
    ["1999999902", "O'DELL", "BRUNO", "", "DO", "SPRINGVALE", "M", "207RE0101X", "06/02/2026"],
    ["1999999901", "GREENFIELD", "ALMA", "R", "MD", "LAKETOWN", "F", "207RC0000X", "06/02/2026"],
]


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


def upload(page, house, kind, name, content):
    """Send a file. Returns: the import, at the choice of its columns."""
    page.goto(f"{house}/imports/")
    page.check(f"[name=kind][value={kind}]")
    media_type = XLSX if name.endswith(".xlsx") else CSV
    page.set_input_files("[name=file]", {"name": name, "mimeType": media_type, "buffer": content})
    page.click("form[enctype] .btn-primary")
    page.wait_for_url("**/imports/*-*/")
    return ImportJob.objects.latest("asked_at")


def guessed(page):
    """Return the heading chosen for each column that has one."""
    return page.evaluate(
        "() => Object.fromEntries([...document.querySelectorAll(\"form[action$='/columns/'] select\")]"
        ".filter(one => one.value !== '').map(one => [one.name, one.selectedOptions[0].text]))"
    )


def press(page, step):
    """Press the button of a step and wait until the worker has done it."""
    page.click(f"form[action$='/{step}/'] button:visible")
    page.wait_for_selector("#import:not([hx-get])", state="attached")


def faults(page):
    """Return what stands under each cell that is wrong, by the cell's text."""
    page.wait_for_selector("input[aria-invalid=true]")
    cells = page.locator("td:has(input[aria-invalid=true])").all()
    return {cell.locator("input[name=text]").input_value(): cell.inner_text() for cell in cells}


def errors_of(page, folder):
    """Take the workbook of faulty rows. Returns: its rows."""
    with page.expect_download() as coming:
        page.click("a[href$='/errors.xlsx']")
    coming.value.save_as(folder / "errors.xlsx")
    return CalamineWorkbook.from_path(str(folder / "errors.xlsx")).get_sheet_by_index(0).to_python()


@pytest.mark.parametrize(
    ("locale", "name", "content", "encoding", "columns", "fault"),
    [
        (
            "zh-CN",
            "医院.csv",
            text_table(HOSPITALS_ZH, encoding="gb18030"),
            "gb18030",
            {"name": "医院名称", "level": "医院等级", "province": "省份", "address": "地址"},
            "“省级”不是医院等级",
        ),
        (
            "en",
            "hospitals.xlsx",
            workbook(HOSPITALS_EN, sheet="Hospitals"),
            "",
            {"name": "Hospital name", "level": "Grade", "province": "State", "address": "Address"},
            "“provincial” is no hospital level",
        ),
    ],
    ids=["gb18030", "xlsx"],
)
def test_a_hospital_file_is_mapped_checked_mended_and_undone(
    house, browser_page, shot, steward, tmp_path, locale, name, content, encoding, columns, fault
):
    make_division("330000", "浙江省", "province")
    page = browser_page(login_as=steward, locale=locale)
    job = upload(page, house, "hospital", name, content)
    told = guessed(page)
    shot(page, f"import-mapping-{locale}")

    press(page, "columns")
    wrong = faults(page)
    shot(page, f"import-grid-{locale}")
    heading, *returned = errors_of(page, tmp_path)
    press(page, "commit")
    written = sorted(Hospital.objects.values_list("name", "level"))
    returned[0][heading.index(columns["level"])] = "二级甲等"
    mended = upload(page, house, "hospital", "mended.xlsx", workbook([heading, *returned]))
    told_again = guessed(page)
    press(page, "columns")
    press(page, "commit")
    in_all = sorted(Hospital.objects.values_list("name", "level"))
    for one in (mended, job):
        page.goto(f"{house}/imports/{one.pk}/")
        press(page, "undo")
        page.wait_for_selector("form[action$='/undo/']", state="detached")

    job.refresh_from_db()
    assert (job.encoding.lower(), job.rows_total, job.rows_bad) == (encoding, 3, 1)
    assert told == told_again == columns
    (cell,) = wrong
    assert cell in {"省级", "provincial"}
    assert fault in wrong[cell]
    assert [row[0] for row in returned] == ["江口医院"]
    assert fault in returned[0][-1]
    assert written == [("云溪市第一人民医院", "3a"), ("山前医院", "2")]
    assert in_all == sorted([*written, ("江口医院", "2a")])
    assert Hospital.objects.count() == 0


def test_departments_and_doctors_come_in_and_a_choice_of_columns_is_remembered(
    house, browser_page, shot, steward
):
    make_hospital("云溪市第一人民医院")
    page = browser_page(login_as=steward)
    upload(page, house, "department", "科室.xlsx", workbook(DEPARTMENTS))
    columns = guessed(page)
    press(page, "columns")
    wrong_departments = faults(page)
    page.fill("input[aria-invalid=true]", "03")
    page.click("td:has(input[aria-invalid=true]) button")
    page.wait_for_selector("input[aria-invalid=true]", state="detached")
    press(page, "commit")

    upload(page, house, "doctor", "医生.xlsx", workbook(DOCTORS))
    first = guessed(page)
    page.select_option("[name=specialty]", label="擅长")
    press(page, "columns")
    wrong = faults(page)
    shot(page, "import-doctors")
    press(page, "commit")
    doctor = Doctor.objects.get()
    with_mark = text_table(DOCTORS, encoding="utf-8-sig")
    job = upload(page, house, "doctor", "医生-下一份.csv", with_mark)
    second = guessed(page)
    page.goto(f"{house}/doctors/{doctor.pk}/")
    profile = page.inner_text("main")

    assert columns == {
        "code": "诊疗科目代码",
        "name": "诊疗科目",
        "parent_code": "上级代码",
        "aliases": "俗称",
    }
    assert "没有代码为“31”的科目" in wrong_departments["31"]
    assert Department.objects.get(code="03.09").parent.code == "03"
    assert first == {
        "name": "姓名",
        "title": "职称",
        "hospital": "工作单位",
        "department": "科室",
        "mobile": "手机号",
    }
    assert set(wrong) == {"云溪第二医院", "1380000"}
    assert "没有名为“云溪第二医院”的医院" in wrong["云溪第二医院"]
    assert second == {**first, "specialty": "擅长"}
    assert job.encoding.lower() == "utf-8-sig"
    assert doctor.department.code == "03.04"
    for each in ("王晓明", "主任医师", "云溪市第一人民医院"):
        assert each in profile
    assert "13800002046" not in profile


def test_a_register_in_english_comes_in_by_its_own_headings(house, browser_page, shot, steward, tmp_path):
    page = browser_page(login_as=steward, locale="en")
    job = upload(page, house, "doctor", "nppes.csv", text_table(NPPES))
    told = guessed(page)
    press(page, "columns")
    wrong = faults(page)
    shot(page, "import-nppes")
    heading, *returned = errors_of(page, tmp_path)
    press(page, "commit")
    names = sorted(Doctor.objects.values_list("identity__name", "code", "specialty"))
    page.goto(f"{house}/doctors/")
    listed = page.inner_text("main .tb")
    page.goto(f"{house}/imports/{job.pk}/")
    press(page, "undo")
    page.wait_for_selector("form[action$='/undo/']", state="detached")

    assert told == {
        "code": "NPI",
        "last_name": "Provider Last Name (Legal Name)",
        "first_name": "Provider First Name",
        "middle_name": "Provider Middle Name",
        "specialty": "Healthcare Provider Taxonomy Code_1",
    }
    assert "Row 2 of this file already says the same" in wrong["1999999901"]
    assert returned[0][heading.index("Row")] == 4
    assert [code for _name, code, _specialty in names] == ["1999999901", "1999999902"]
    assert "GREENFIELD" in listed.upper()
    assert Doctor.objects.count() == 0


@pytest.mark.parametrize(("locale", "words"), [("zh-CN", "统方"), ("en", "MR-11")])
def test_a_column_of_prescriptions_is_refused_before_a_byte_is_kept(
    house, browser_page, steward, locale, words
):
    rows = [["姓名", "处方量"], ["王晓明", "120"]]
    page = browser_page(login_as=steward, locale=locale)
    page.goto(f"{house}/imports/")
    page.check("[name=kind][value=doctor]")
    content = {"name": "doctors.csv", "mimeType": CSV, "buffer": text_table(rows)}
    page.set_input_files("[name=file]", content)
    page.click("form[enctype] .btn-primary")
    page.wait_for_selector(".verdict")

    assert words in page.inner_text(".verdict")
    assert ImportJob.objects.count() == 0
