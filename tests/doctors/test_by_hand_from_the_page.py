"""docs/segmentation.md promises that a statistician recomputes a score from the page. Here somebody does, from the page alone."""

import re
from decimal import Decimal

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from lxml import html

from doctors.actions import scoring
from doctors.models import DoctorScore
from tests.factories.segmentation import make_model, make_population


@pytest.fixture
def page_of(client, person, officer):
    """The text of a doctor's tier page in English, for one doctor of each tier."""
    marketer = person("marketer", "marketing", name="罗曼")
    marketer.language = "en"
    marketer.save()
    make_population(90, 1300)
    model = make_model(marketer, officer, at=timezone.now(), core_cut_bp=4500, potential_cut_bp=3500)
    run = scoring.open_run(model_id=model.pk, by=None, at=timezone.now(), is_queued=False)
    run = scoring.carry_out_run(run_id=run.pk, clock=timezone.now)
    client.force_login(marketer)

    def read(tier):
        doctor = DoctorScore.objects.filter(run=run, tier=tier).order_by("doctor_id").first().doctor_id
        return html.fromstring(client.get(reverse("doctors:tier-detail", args=[doctor])).content.decode())

    return read


def hundredths(text):
    """A printed number of points as whole hundredths."""
    return int(Decimal(text.strip().replace("−", "-").replace("+", "")) * 100)


def raw_of(text):
    """The grade in brackets, else the number in front."""
    found = re.search(r"\((\d+)\)", text) or re.match(r"([\d,]+)", text.strip())
    return int(found.group(1).replace(",", ""))


@pytest.mark.django_db
@pytest.mark.parametrize("tier", ["core", "potential", "basic"])
def test_a_score_is_recomputed_from_the_numbers_on_the_page_and_nothing_else(page_of, tier):
    page = page_of(tier)
    (section,) = page.xpath("//section[@aria-labelledby='every']")

    total = 0
    for row in section.xpath(".//tbody/tr[td]"):
        _label, raw, place, level, most, given = (cell.text_content().strip() for cell in row.xpath("td"))
        ranked = re.fullmatch(r"above (\d+) of (\d+)", place)
        if ranked:
            below, others = map(int, ranked.groups())
            by_hand = below * 10_000 // others if others else 0
        else:
            cap = int(re.fullmatch(r"full from (\d+)", place).group(1))
            by_hand = min(raw_of(raw), cap) * 10_000 // cap
        assert by_hand == hundredths(level)
        weight = hundredths(most)
        contribution = (1 if weight >= 0 else -1) * (abs(weight) * by_hand // 10_000)
        assert contribution == hundredths(given)
        total += contribution

    printed = hundredths(section.xpath(".//tfoot//td")[0].text_content())
    core, potential = (
        hundredths(one)
        for one in re.search(r"Core from ([\d.]+), potential from ([\d.]+)", section.text_content()).groups()
    )
    assert total == printed
    assert tier == ("core" if total >= core else "potential" if total >= potential else "basic")


def test_the_document_says_the_steps_that_were_taken():
    told = (settings.BASE_DIR / "docs" / "segmentation.md").read_text(encoding="utf-8")

    for words in (
        "level = below × 10000 ÷ (n − 1)",
        "level = min(raw, cap) × 10000 ÷ cap",
        "contribution = ± ( weight × level ÷ 10000 )",
        "test_by_hand_from_the_page.py",
    ):
        assert words in told
