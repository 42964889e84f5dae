"""A scoring run asked for on its page: how far it is, how it fell out, and why a doctor holds a tier."""

from decimal import Decimal

import pytest
from django.utils import timezone

from doctors.models import DoctorScore, ScoringRun
from pharmacrm.accounts.choices import Role
from pharmacrm.common import outbox
from pharmacrm.common.models import OutboxMessage
from tests.factories.segmentation import make_model, make_population

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def marketer(person):
    return person("marketer", Role.MARKETING, name="罗曼")


@pytest.fixture
def idle_worker(monkeypatch):
    """The worker is busy elsewhere: what is asked for waits in the outbox until a test lets it run."""
    monkeypatch.setattr(outbox, "wake", lambda message_id: None)

    def work():
        message = OutboxMessage.objects.get(task="doctors.carry_out_run")
        assert outbox.run(message.pk, at=timezone.now())

    return work


@pytest.fixture
def model(marketer, officer, idle_worker):
    make_population(120, 1500)
    return make_model(marketer, officer, at=timezone.now(), core_cut_bp=4500, potential_cut_bp=3500)


def points(text):
    return Decimal(text.replace("−", "-").replace("+", ""))


def test_a_run_tells_how_far_it_is_and_a_doctor_why_the_tier(
    live, browser_page, shot, marketer, idle_worker, model
):
    page = browser_page(login_as=marketer)
    page.goto(f"{live}/doctors/segmentation/")
    page.click("form[action$='/run/'] button")
    page.wait_for_url("**/doctors/segmentation/runs/**")
    page.wait_for_selector(".job .bar")
    waiting = page.inner_text(".job")
    shot(page, "run-waiting")
    idle_worker()
    page.wait_for_selector("#bands")  # the page asks by itself
    shot(page, "run-done")
    counts = [int(one.split()[0]) for one in page.locator(".fig .n").all_inner_texts()[:3]]
    told = page.inner_text("#run")

    run = ScoringRun.objects.get()
    score = DoctorScore.objects.filter(run=run, tier="core").first()
    page.goto(f"{live}/doctors/{score.doctor_id}/")
    page.wait_for_selector(".tierbox__score")
    shot(page, "doctor-tier")
    total = page.inner_text(".tierbox__score b")
    page.click(".tierbox header a")
    page.wait_for_selector("#every")
    shot(page, "doctor-tier-features")
    contributions = page.locator("section:has(#every) tbody tr td:last-child").all_inner_texts()

    assert "0%" in waiting
    assert "其中首次分层 120" in told
    assert run.state == "done"
    assert sum(counts) == run.doctor_count == DoctorScore.objects.filter(run=run).count()
    assert points(total) * 100 == score.score_bp
    assert len(contributions) > 5
    assert sum(map(points, contributions)) == points(total)
    assert "核心专家" in page.inner_text(".tier >> nth=0")
