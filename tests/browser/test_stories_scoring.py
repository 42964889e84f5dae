"""A scoring run asked for on its page and done by a worker: how far it is, how it fell out, and why a doctor holds a tier."""

from decimal import Decimal

import pytest
from django.db import connection, transaction
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
def model(marketer, officer, monkeypatch):
    """A model in force by which nobody was scored yet: what its activation asked for was put aside."""
    make_population(120, 1500)
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "wake", lambda message_id: None)
        made = make_model(marketer, officer, at=timezone.now(), core_cut_bp=4500, potential_cut_bp=3500)
    OutboxMessage.objects.all().delete()
    return made


def points(text):
    return Decimal(text.replace("−", "-").replace("+", ""))


@pytest.mark.parametrize(
    ("locale", "stage", "first_tiers", "core"),
    [
        ("zh-CN", "收集事实", "其中首次分层 {}", "核心专家"),
        ("en", "Collecting facts", "{} of them first tiers", "Core"),
    ],
)
def test_a_worker_scores_everybody_and_a_doctor_sees_each_contribution(
    house, browser_page, shot, marketer, model, locale, stage, first_tiers, core
):
    page = browser_page(login_as=marketer, locale=locale)
    page.goto(f"{house}/doctors/segmentation/")
    # The worker has to wait amid the run for whoever reads this table, so that the bar can be looked at.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE doctors_academicpost IN ACCESS EXCLUSIVE MODE")
        page.click("form[action$='/run/'] button")
        page.wait_for_url("**/doctors/segmentation/runs/**")
        page.wait_for_selector(".job .bar")
        page.wait_for_selector(".job:has-text('40%')")  # the page asks by itself
        seen = page.inner_text(".job")
        shot(page, f"run-moving-{locale}")
    page.wait_for_selector("#bands")
    shot(page, f"run-done-{locale}")
    counts = [int(one.split()[0]) for one in page.locator(".fig .n").all_inner_texts()[:3]]
    told = page.inner_text("#run")

    run = ScoringRun.objects.get()
    score = DoctorScore.objects.filter(run=run, tier="core").order_by("doctor_id").first()
    page.goto(f"{house}/doctors/{score.doctor_id}/")
    page.wait_for_selector(".tierbox__score")
    shot(page, f"doctor-tier-{locale}")
    parts = page.locator(".tierbox__parts dd").all_inner_texts()
    total = page.inner_text(".tierbox__score b")
    page.click(".tierbox header a")
    page.wait_for_selector("#every")
    shot(page, f"doctor-tier-features-{locale}")
    contributions = page.locator("section:has(#every) tbody tr td:last-child").all_inner_texts()

    assert f"40% (40/100) · {stage}" in seen
    assert first_tiers.format(run.doctor_count) in told
    assert run.state == "done"
    assert run.doctor_count > 100
    assert sum(counts) == run.doctor_count == DoctorScore.objects.filter(run=run).count()
    assert points(total) * 100 == score.score_bp
    assert len(contributions) > 5
    assert sum(map(points, contributions)) == sum(map(points, parts)) == points(total)
    assert core in page.inner_text(".tier >> nth=0")
