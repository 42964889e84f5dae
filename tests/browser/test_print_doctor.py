"""A doctor's page on paper: the words are there, the buttons are not."""

import io

import pytest
from pypdf import PdfReader

from tests.factories.doctors import make_department, make_doctor, make_hospital, make_territory, put_into

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_doctors_page_prints_on_few_pages_with_its_relations(live, browser_page, rep):
    ground = make_territory("R")
    put_into(rep, ground)
    hospital, department = make_hospital(), make_department()
    make_doctor("LITONGKE", hospital=hospital, department=department, territory=ground)
    doctor = make_doctor("WANGXIAOMING", hospital=hospital, department=department, territory=ground)
    page = browser_page(login_as=rep)
    page.goto(f"{live}/boards/doctors/{doctor.pk}/")

    paper = PdfReader(io.BytesIO(page.pdf(format="A4")))

    words = "".join(sheet.extract_text() for sheet in paper.pages)
    assert 1 <= len(paper.pages) <= 4
    assert "WANGXIAOMING" in words
    assert "LITONGKE" in words
    assert page.locator("svg.relations circle").count() == 2
    page.emulate_media(media="print")
    assert not any(one.is_visible() for one in page.locator(".noprint").all())
    assert not page.locator(".rail").first.is_visible()
