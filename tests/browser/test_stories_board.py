"""A line manager reads the board, opens a figure to its rows and takes the rows away as a workbook."""

from datetime import timedelta

import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from activities.models import Cycle, PlanTarget, Visit
from pharmacrm.accounts.choices import Role
from pharmacrm.common.ids import uuid7
from tests.factories.doctors import make_doctor, make_hospital, make_territory, put_into

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cycle():
    today = timezone.localdate()
    cycle = Cycle.objects.create(
        code="NOW",
        name="本周期",
        starts_on=today - timedelta(days=60),
        ends_on=today + timedelta(days=30),
        state="active",
    )
    PlanTarget.objects.create(
        cycle=cycle, tier="core", channel="face_to_face", coverage_percent=90, contacts_per_doctor=3
    )
    return cycle


@pytest.fixture
def teams(rep, other_rep, manager, cycle):
    """Two teams; of the first, 4 core doctors are met (9 visits), 2 are not, and 1 visit was in breach."""
    root = make_territory("R")
    put_into(manager, root, role=Role.LINE_MANAGER)
    for person, name, met in ((rep, "一队", (1, 2, 3, 3)), (other_rep, "二队", (1, 1))):
        team = make_territory(f"R{person.username}", parent=root, name=name)
        put_into(person, team)
        hospital = make_hospital(f"{name}的医院")
        for number, visits in enumerate((*met, 0, 0)):
            doctor = make_doctor(f"{name}医生{number}", hospital=hospital, territory=team, tier="core")
            for day in range(visits):
                visited(person, doctor, timezone.now() - timedelta(days=day + 1))
    visited(person, doctor, timezone.now() - timedelta(days=1), in_breach=True)
    visited(person, doctor, timezone.now() - timedelta(days=200))


def visited(rep, doctor, at, **fields):
    Visit.objects.create(
        id=uuid7(),
        rep=rep,
        doctor=doctor,
        hospital=doctor.hospital,
        state="submitted",
        started_at=at - timedelta(minutes=20),
        ended_at=at,
        submitted_at=at,
        ae_answer="none",
        verdict_id=uuid7(),
        **fields,
    )


@pytest.mark.parametrize(("locale", "name"), [("zh-CN", "姓名"), ("en", "Name")])
@pytest.mark.usefixtures("teams")
def test_a_figure_of_the_board_opens_to_as_many_rows_and_to_a_workbook(
    house, browser_page, shot, manager, tmp_path, locale, name
):
    page = browser_page(login_as=manager, locale=locale)
    page.goto(f"{house}/boards/")
    shot(page, f"board-{locale}")
    line = page.locator("tr:has(th:has-text('一队'))")
    figure = line.locator("a[href*='/rows/met/']")
    told = int(figure.inner_text())

    figure.click()
    page.wait_for_url("**/boards/rows/met/**")
    shot(page, f"board-rows-{locale}")
    names = page.locator("main .tb tbody td:first-child a").all_inner_texts()
    with page.expect_download() as coming:
        page.click("a[href*='export=xlsx']")
    coming.value.save_as(tmp_path / "rows.xlsx")
    workbook = CalamineWorkbook.from_path(str(tmp_path / "rows.xlsx"))
    heading, *rows = workbook.get_sheet_by_index(0).to_python()

    assert told == 4
    assert name in heading
    assert len(names) == told
    assert sorted(row[1] for row in rows) == sorted(names) == [f"一队医生{number}" for number in range(4)]
    assert sum(int(row[5]) for row in rows) == 9


@pytest.mark.usefixtures("teams")
def test_the_board_narrows_to_the_figures_of_one_tier(house, browser_page, manager):
    page = browser_page(login_as=manager)
    page.goto(f"{house}/boards/")
    tier = page.locator("tr:has(a[href*='tier=core'])").first

    told = [int(tier.locator(f"a[href*='/rows/{name}/']").inner_text()) for name in ("base", "met", "missed")]
    tier.locator("a[href*='/rows/missed/']").click()
    page.wait_for_url("**/boards/rows/missed/**")

    assert told == [10, 6, 4]
    assert page.locator("main .tb tbody tr").count() == 4
