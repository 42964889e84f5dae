"""A manager's why: from the figure on the board to a doctor, to every point of the score, to a person's decision."""

from decimal import Decimal
from time import monotonic

import pytest
from django.utils import timezone

from doctors.actions import scoring
from doctors.models import Assignment, DoctorScore, TierContest
from pharmacrm.accounts.choices import Role
from tests.factories.doctors import put_into
from tests.factories.segmentation import make_model, make_population

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def territory(person, officer, manager):
    """A manager's territory that holds a core doctor."""
    make_population(100, 1400)
    model = make_model(
        person("marketer", Role.MARKETING, name="罗曼"), officer, at=timezone.now(), core_cut_bp=4500,
        potential_cut_bp=3500,
    )  # fmt: skip
    run = scoring.open_run(model_id=model.pk, by=None, at=timezone.now(), is_queued=False)
    run = scoring.carry_out_run(run_id=run.pk, clock=timezone.now)
    core = DoctorScore.objects.filter(run=run, tier="core").values("doctor_id")
    place = Assignment.objects.filter(doctor__in=core).order_by("doctor_id").first().territory
    put_into(manager, place)
    return place


def points(text):
    return Decimal(text.replace("−", "-").replace("+", ""))


@pytest.mark.parametrize(
    ("locale", "core", "words", "answer", "kept"),
    [
        ("zh-CN", "核心专家", "该任职已于六月届满，请核对", "已核对公开名单，任职仍有效", "分层维持"),
        (
            "en",
            "Core expert",
            "The post ended in June, please check",
            "Checked: the post is in force",
            "Tier kept",
        ),
    ],
)
def test_a_manager_asks_why_and_a_person_answers(
    live, browser_page, shot, figure, manager, officer, territory, locale, core, words, answer, kept
):
    began = monotonic()
    page = browser_page(login_as=manager, locale=locale)
    page.goto(f"{live}/boards/")
    page.locator(".figs .fig a").last.click()
    page.wait_for_selector("table.tb tbody tr")
    row = page.locator("table.tb tbody tr", has=page.locator(".tier", has_text=core)).first
    row.locator("a").first.click()
    page.wait_for_selector(".tierbox__score")
    shot(page, f"why-doctor-{locale}")
    page.click(".tierbox header a")
    page.wait_for_selector("#every")
    shot(page, f"why-features-{locale}")
    total = points(page.inner_text(".tierbox__score b"))
    given = page.locator("section:has(#every) tbody tr td:last-child").all_inner_texts()
    parts = page.locator(".tierbox__parts dd").all_inner_texts()
    printed = points(page.inner_text("section:has(#every) tfoot td b"))
    page.fill("textarea[name=words]", words)
    page.click("form[action$='/tier/contest/'] button")
    page.wait_for_selector("section:has(#contested)")
    page.wait_for_function(
        "w => document.querySelector('section:has(#contested)').innerText.includes(w)", arg=words
    )
    contest = TierContest.objects.get()

    judge = browser_page(login_as=officer, locale=locale)
    judge.goto(f"{live}/doctors/{contest.doctor_id}/tier/")
    judge.fill("textarea[name=answer]", answer)
    judge.click("form[action$='/decide/'] button")
    judge.wait_for_function(
        "w => document.querySelector('section:has(#contested)').innerText.includes(w)", arg=answer
    )
    page.reload()
    told = page.inner_text("section:has(#contested)")
    shot(page, f"why-decided-{locale}")
    seconds = monotonic() - began
    figure("a manager's why", f"{seconds:.1f} s ({locale})")

    assert len(given) > 10
    assert sum(map(points, given)) == sum(map(points, parts)) == printed == total
    assert answer in told
    assert kept in told
    assert seconds < 60
