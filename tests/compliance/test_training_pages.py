"""Courses in the browser, without scripts: to the certificate, and nothing given away before."""

import re

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from compliance import actions as law
from compliance.actions.sealing import seal
from compliance.models import Certificate, CourseVersion, QuizAttempt, TrainingDuty
from pharmacrm.accounts.choices import Role
from tests.factories.compliance import proof_of
from tests.factories.training import document, drafted, published, read_all, right_answers


@pytest.fixture
def boss(person):
    return person("boss", Role.COMPLIANCE, name="钱明")


@pytest.fixture
def version(officer, boss, rep, other_rep):
    now = timezone.now()
    made = published(officer, boss, at=now)
    law.assign_course(
        course_id=made.course_id, role=Role.REP, valid_from=timezone.localdate(), by=officer, at=now
    )
    return made


@pytest.fixture
def seen_by(client):
    def enter(user):
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client

    return enter


def text_of(answer):
    return answer.content.decode()


@pytest.mark.django_db
def test_a_learner_goes_from_the_list_to_the_certificate_by_plain_forms(version, rep, seen_by):
    page = seen_by(rep)
    listed = page.get(reverse("compliance:my-training"))
    begin = reverse("compliance:course-begin", args=[version.pk])
    assert begin in text_of(listed)

    page.post(reverse("compliance:chapter", args=[version.pk, "c1"]))
    answered = page.post(
        reverse("compliance:exercise", args=[version.pk, "e1"]), {"choice": "0"}, follow=True
    )
    assert "Counting is forbidden. (en)" in text_of(answered) or "Counting is forbidden.（中）" in text_of(
        answered
    )
    quiz = page.post(reverse("compliance:quiz-begin", args=[version.pk]))
    attempt = QuizAttempt.objects.get(user=rep)
    result = page.post(quiz.url, right_answers(attempt), follow=True)

    certificate = Certificate.objects.get(user=rep)
    assert certificate.number in text_of(result)
    shown = page.get(reverse("compliance:certificate", args=[certificate.pk]))
    assert certificate.number in text_of(shown)


@pytest.mark.django_db
def test_no_answer_leaks_before_the_quiz_is_handed_in(version, rep, seen_by):
    page = seen_by(rep)
    case = text_of(page.get(reverse("compliance:exercise", args=[version.pk, "e1"])))
    read_all(version, rep, at=timezone.now())
    attempt = law.begin_quiz(version_id=version.pk, by=rep, at=timezone.now())

    quiz = text_of(page.get(reverse("compliance:quiz", args=[attempt.pk])))

    assert "Counting is forbidden" not in case
    assert "Because of" not in quiz
    assert not re.search(r"checked|ask__opt--right|ask__why|data-right", quiz)
    undrawn = {one["key"] for one in version.content["questions"]} - set(attempt.questions)
    assert all(f"Question {key}（" not in quiz and f"Question {key} (" not in quiz for key in undrawn)


@pytest.mark.django_db
def test_a_missing_answer_keeps_the_others_and_names_the_question(version, rep, seen_by):
    read_all(version, rep, at=timezone.now())
    attempt = law.begin_quiz(version_id=version.pk, by=rep, at=timezone.now())
    answers = right_answers(attempt)
    answers.pop(attempt.questions[0])

    again = seen_by(rep).post(reverse("compliance:quiz", args=[attempt.pk]), answers)

    assert again.status_code == 400
    assert '<a href="#q1">' in text_of(again)
    assert text_of(again).count(" checked") == sum(len(chosen) for chosen in answers.values())
    assert QuizAttempt.objects.get().state == "open"


@pytest.mark.django_db
def test_another_persons_quiz_and_certificate_are_not_there(version, rep, other_rep, manager, seen_by):
    read_all(version, rep, at=timezone.now())
    attempt = law.begin_quiz(version_id=version.pk, by=rep, at=timezone.now())
    law.submit_quiz(attempt_id=attempt.pk, answers=right_answers(attempt), by=rep, at=timezone.now())
    certificate = reverse("compliance:certificate", args=[Certificate.objects.get().pk])

    assert seen_by(other_rep).get(reverse("compliance:quiz", args=[attempt.pk])).status_code == 404
    assert seen_by(other_rep).get(certificate).status_code == 404
    assert seen_by(manager).get(certificate).status_code == 404
    rep.line_manager = manager
    rep.save()
    assert seen_by(manager).get(certificate).status_code == 200


@pytest.mark.django_db
def test_a_certificate_is_a_pdf_with_its_font_and_has_a_receipt_once_sealed(version, rep, seen_by):
    read_all(version, rep, at=timezone.now())
    attempt = law.begin_quiz(version_id=version.pk, by=rep, at=timezone.now())
    law.submit_quiz(attempt_id=attempt.pk, answers=right_answers(attempt), by=rep, at=timezone.now())
    certificate = Certificate.objects.get()
    seal(at=timezone.now(), sign_now=True, anchor=False)

    pdf = seen_by(rep).get(reverse("compliance:certificate-pdf", args=[certificate.pk]))
    receipt = seen_by(rep).get(reverse("compliance:certificate-receipt", args=[certificate.pk]))

    assert pdf.content.startswith(b"%PDF-")
    assert b"WenQuanYi" in pdf.content
    assert receipt.status_code == 200
    assert receipt.json()


@pytest.mark.django_db
def test_a_line_manager_sees_their_own_people_on_the_board_and_reminds_them(
    version, rep, other_rep, manager, seen_by
):
    rep.line_manager = manager
    rep.save()
    page = seen_by(manager)

    board = text_of(page.get(reverse("compliance:training-board")))
    mine, other = (TrainingDuty.objects.get(user=one) for one in (rep, other_rep))
    reminded = page.post(reverse("compliance:duty-remind", args=[mine.pk]) + "?state=open")

    assert "林岚" in board
    assert "赵一帆" not in board
    assert reminded.url.endswith("?state=open")
    assert page.post(reverse("compliance:duty-remind", args=[other.pk])).status_code == 404


@pytest.mark.django_db
def test_the_board_filters_in_the_address_and_exports_what_it_shows(version, officer, rep, seen_by):
    page = seen_by(officer)

    assert "林岚" in text_of(page.get(reverse("compliance:training-board") + "?state=open&course=T-01"))
    assert "林岚" not in text_of(page.get(reverse("compliance:training-board") + "?state=overdue"))
    export = page.get(reverse("compliance:training-board") + "?export=xlsx")
    assert b"".join(export.streaming_content).startswith(b"PK")


@pytest.mark.django_db
def test_the_board_asks_a_fixed_number_of_queries(
    version, officer, person, seen_by, django_assert_max_num_queries
):
    for n in range(8):
        person(f"rep{n}", Role.REP)
    law.ensure_duties(at=timezone.now())
    page = seen_by(officer)
    page.get(reverse("compliance:training-board"))

    with django_assert_max_num_queries(14):
        page.get(reverse("compliance:training-board"))


@pytest.mark.django_db
def test_markup_of_a_chapter_holds_nothing_but_text(officer, boss, rep, seen_by):
    now = timezone.now()
    version = drafted(officer, at=now)
    content = document()
    evil = "<script>alert(1)</script>\n\n- <img src=x onerror=1>\n- **<b>fett</b>**\n\n## <h1>x"
    content["chapters"][0]["text"] = {"zh": evil, "en": evil}
    law.write_content(version_id=version.pk, document=content, by=officer, at=now)
    law.publish_version(version_id=version.pk, by=boss, at=now, proof=proof_of(boss, now))

    shown = text_of(seen_by(rep).get(reverse("compliance:chapter", args=[version.pk, "c1"])))

    body = shown.partition('<div class="course__text">')[2].partition("</div>")[0]
    assert set(re.findall(r"<(\w+)", body)) == {"p", "ul", "li", "b", "h3"}
    assert "<script" not in body


@pytest.mark.django_db
def test_a_question_is_written_by_a_form_and_shown_as_it_was_typed(officer, seen_by):
    version = drafted(officer, at=timezone.now())
    page = seen_by(officer)
    new = reverse("compliance:part-new", args=[version.pk, "questions"])
    given = {
        "kind": "multiple", "text_zh": "哪些", "text_en": "Which", "options": "* 甲 | A\n乙 | B\n* 丙 | C",
        "explanation_zh": "因为", "explanation_en": "Because", "rule": "MR-06", "clause": "",
    }  # fmt: skip

    wrong = page.post(new, {**given, "kind": "single"})
    kept = page.post(new, given)

    assert wrong.status_code == 400
    assert kept.status_code == 302
    question = CourseVersion.objects.get().content["questions"][-1]
    assert question["right"] == [0, 2]
    edit = text_of(page.get(reverse("compliance:part-edit", args=[version.pk, "questions", question["key"]])))
    assert "* 甲 | A" in edit
