"""A representative takes a course on the phone, by keyboard alone, from the list to the certificate."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from compliance import actions as law
from compliance.models import Certificate, QuizAttempt
from pharmacrm.accounts.choices import Role
from tests.factories.training import published, right_answers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORDS = {
    "zh-CN": ("开始学习", "我已阅读", "提交答案", "下一步", "开始考核", "交卷", "已合格"),
    "en-US": ("Begin", "I have read this", "Answer", "Next", "Begin the quiz", "Hand in", "Passed"),
}


@pytest.mark.parametrize("locale", list(WORDS))
def test_a_course_is_taken_on_the_phone_to_its_certificate(browser_page, live, rep, officer, person, locale):
    begin, read, answer, following, quiz, hand_in, done = WORDS[locale]
    version = published(officer, person("boss", Role.COMPLIANCE), at=timezone.now())
    law.assign_course(
        course_id=version.course_id,
        role="rep",
        valid_from=timezone.localdate(),
        by=officer,
        at=timezone.now(),
    )
    page = browser_page(login_as=rep, size=(360, 740), locale=locale)
    page.goto(f"{live}/compliance/training/?shell=field")

    def press(role, words):
        found = page.get_by_role(role, name=words, exact=True).first
        found.focus()
        found.press("Enter")

    press("link", begin)
    press("link", begin)
    press("button", read)
    page.get_by_role("radio").first.press("Space")
    press("button", answer)
    press("link", following)
    press("button", quiz)
    page.wait_for_url(re.compile("/quizzes/"))
    attempt = QuizAttempt.objects.get()
    for key, chosen in right_answers(attempt).items():
        for place in chosen:
            page.locator(f'[name="{key}"][value="{place}"]').press("Space")
    press("button", hand_in)

    expect(page.get_by_role("heading", level=1)).to_have_text(done)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    certificate = Certificate.objects.get()
    page.get_by_role("link", name=re.compile(certificate.number)).click()
    expect(page.locator(".cert__no")).to_have_text(certificate.number)
