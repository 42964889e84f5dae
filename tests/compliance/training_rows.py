"""Who may open what of courses, quizzes, certificates and the board; and their acts."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from compliance import actions as law
from compliance.models import CourseFile, RepFiling, TrainingDuty
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.common.files import store
from tests.architecture.act_rows import Act
from tests.architecture.permission_rows import Row, for_roles
from tests.factories.compliance import PASSWORD, proof_of, qualify
from tests.factories.training import drafted, passed, published, read_all, right_answers

OFFICERS = (Role.COMPLIANCE,)
AUTHORS = (Role.COMPLIANCE, Role.MEDICAL, Role.REGULATORY, Role.PV)
READS = (*AUTHORS, Role.INSPECTOR)
BOARD = (Role.COMPLIANCE, Role.INSPECTOR, Role.LINE_MANAGER)
CHAPTER = {"title_zh": "章", "title_en": "Chapter", "text_zh": "文", "text_en": "Words"}
TERMS = {"drawn": 3, "pass_mark": 80, "attempts": 2, "cool_down_hours": 24, "months_valid": 12}


def one(name, role):
    user, _is_new = User.objects.get_or_create(
        username=name, defaults={"email": f"{name}@table.example", "display_name": name}
    )
    user.groups.add(Group.objects.get_or_create(name=str(role))[0])
    user.set_password(PASSWORD)
    user.save()
    return User.objects.get(pk=user.pk)


def draft_version(_user=None):
    author = one("author", Role.COMPLIANCE)
    return drafted(author, at=timezone.now())


def live_version(_user=None):
    return published(one("author", Role.COMPLIANCE), one("boss", Role.COMPLIANCE), at=timezone.now())


def a_draft(_user=None):
    return {"pk": draft_version().pk}


def a_live(_user=None):
    return {"pk": live_version().pk}


def a_course(_user=None):
    return {"pk": live_version().course_id}


def a_part(_user=None):
    return {**a_draft(), "part": "chapters", "key": "c1"}


def a_file(_user):
    version = live_version()
    stored = store(
        [b"%PDF-1.7 a"], media_type="application/pdf", by=None, at=timezone.now(), max_bytes=1 << 20
    )
    return {"pk": CourseFile.objects.create(version=version, stored=stored, name="a").pk}


def an_assignment(_user):
    version = live_version()
    row = law.assign_course(
        course_id=version.course_id,
        role="rep",
        valid_from=timezone.localdate() - timedelta(days=3),
        by=one("boss", Role.COMPLIANCE),
        at=timezone.now(),
    )
    return {"pk": version.course_id, "assignment": row.pk}


def a_duty_of(person):
    an_assignment(None)
    law.ensure_duties(user_ids=[person.pk], at=timezone.now())
    return TrainingDuty.objects.get(user=person)


def a_duty(_user):
    return {"pk": a_duty_of(one("learner", Role.REP)).pk}


def own_report_duty(manager):
    learner = one("learner", Role.REP)
    learner.line_manager = manager
    learner.save()
    return {"pk": a_duty_of(learner).pk}, {}


def own_quiz(user):
    version = live_version()
    read_all(version, user, at=timezone.now())
    return law.begin_quiz(version_id=version.pk, by=user, at=timezone.now())


def a_quiz_of(user):
    return {"pk": own_quiz(user or one("learner", Role.REP)).pk}


def foreign_quiz(_user):
    return a_quiz_of(None)


def own_certificate(user):
    return {"pk": passed(live_version(), user or one("learner", Role.REP), at=timezone.now()).pk}


def foreign_certificate(_user):
    return own_certificate(None)


def part_of(part):
    return lambda _user: {**a_live(), "key": part}


def letter_draft(_user):
    text = law.draft_letter_text(
        text_zh="我承诺",
        text_en="I promise",
        months_valid=12,
        by=one("author", Role.COMPLIANCE),
        at=timezone.now(),
    )
    return {"pk": text.pk}


def own_letter_draft(user):
    return {
        "pk": law.draft_letter_text(
            text_zh="我承诺", text_en="I", months_valid=12, by=user, at=timezone.now()
        ).pk
    }


def letter_to_sign(user):
    boss = one("boss", Role.COMPLIANCE)
    text = law.publish_letter_text(
        text_id=letter_draft(None)["pk"], by=boss, at=timezone.now(), proof=proof_of(boss, timezone.now())
    )
    return {}, {"text": str(text.pk), **signed(user)}


def commitment_of_another(_user):
    boss, signer = one("boss", Role.COMPLIANCE), one("signer", Role.REP)
    at = timezone.now()
    text = law.publish_letter_text(text_id=letter_draft(None)["pk"], by=boss, at=at, proof=proof_of(boss, at))
    return {"pk": law.sign_commitment(text_id=text.pk, by=signer, at=at, proof=proof_of(signer, at)).pk}


def a_hit(_user):
    learner, boss = one("learner", Role.REP), one("boss", Role.COMPLIANCE)
    law.add_list_entries(
        entries=[{"person": "learner", "source": "判决", "published_on": timezone.localdate()}],
        by=boss,
        at=timezone.now(),
    )
    return {"pk": law.check_bribery(user_id=learner.pk, source="名单", by=boss, at=timezone.now()).pk}


def a_learner(_user):
    return {"pk": one("learner", Role.REP).pk}


def a_registration(_user):
    row = law.register_at_hospital(
        user_id=one("learner", Role.REP).pk, hospital="hospital:1", valid_from=timezone.localdate() - timedelta(days=9),
        valid_until=None, by=one("boss", Role.COMPLIANCE), at=timezone.now(),
    )  # fmt: skip
    return {"pk": row.pk}


def proof_to_keep(_officer):
    return a_registration(None), {"evidence": SimpleUploadedFile("a.pdf", b"%PDF-1.7 x")}


def a_filing(officer):
    person = one("filed", Role.REP)
    qualify(person, "P1", by=officer, at=timezone.now())
    return RepFiling.objects.get(user=person)


def filing_to_complete(officer):
    row = a_filing(officer)
    said = {
        "name": row.name,
        "mah_name": row.mah_name,
        "mah_code": row.mah_code,
        "drug_category": "化学药品",
        "reason": "补齐",
    }
    return {"pk": row.pk}, said


def filing_to_ask_about(officer):
    return {"pk": a_filing(officer).pk}, {"verb": "ask"}


def filing_removed(officer):
    row = a_filing(officer)
    law.withdraw_filing(
        filing_id=row.pk, on=timezone.localdate(), reason="离职", by=officer, at=timezone.now()
    )
    return {"pk": row.pk}, {"evidence": SimpleUploadedFile("a.pdf", b"%PDF-1.7 x")}


def filing_changed(officer):
    return {"pk": a_filing(officer).user_id}, {"what": "学历", "changed_on": timezone.localdate().isoformat()}


LINE = {"person": "张三", "source": "判决", "published_on": "2026-01-01"}
LETTER = {"text_zh": "我承诺", "text_en": "I promise", "months_valid": 12}
SEES_STAFF = for_roles(200, Role.COMPLIANCE, Role.INSPECTOR, Role.ADMINISTRATOR)
SEES_ALL = for_roles(200, Role.COMPLIANCE, Role.INSPECTOR)
ROWS = [
    Row("compliance:my-training", others=200),
    Row("compliance:course-begin", kwargs=a_live, others=200),
    Row("compliance:course-begin", kwargs=a_draft, others=404),
    Row("compliance:chapter", kwargs=part_of("c1"), others=200),
    Row("compliance:chapter", "post", kwargs=part_of("c1"), others=302),
    Row("compliance:exercise", kwargs=part_of("e1"), others=200),
    Row("compliance:exercise", "post", kwargs=part_of("e1"), data={"choice": "1"}, others=302),
    Row("compliance:quiz-begin", "post", kwargs=a_live, others=302),
    Row("compliance:quiz", kwargs=a_quiz_of, others=200),
    Row("compliance:quiz", kwargs=foreign_quiz, others=404),
    Row("compliance:quiz", "post", kwargs=foreign_quiz, others=404),
    Row("compliance:quiz", "post", kwargs=a_quiz_of, others=400),
    Row("compliance:course-file", kwargs=a_file, others=200),
    Row("compliance:certificate", kwargs=own_certificate, others=200),
    Row("compliance:certificate", kwargs=foreign_certificate, statuses=SEES_ALL, others=404),
    Row("compliance:certificate-pdf", kwargs=foreign_certificate, statuses=SEES_ALL, others=404),
    Row("compliance:certificate-receipt", kwargs=foreign_certificate, others=404),  # not sealed yet
    Row("compliance:certificate-revoke", "post", kwargs=foreign_certificate, data={"reason": "x"}, statuses=for_roles(302, *OFFICERS)),
    Row("compliance:course-detail", kwargs=a_course, statuses=for_roles(200, *READS, Role.ADMINISTRATOR)),
    Row("compliance:version-draft", "post", kwargs=a_course, statuses=for_roles(302, *AUTHORS)),
    Row("compliance:course-require", "post", kwargs=a_course, data={"role": "rep", "valid_from": "2026-01-01"}, statuses=for_roles(302, *OFFICERS)),
    Row("compliance:assignment-end", "post", kwargs=an_assignment, statuses=for_roles(302, *OFFICERS)),
    Row("compliance:course-retire", "post", kwargs=a_course, data={"reason": "x"}, statuses=for_roles(302, *OFFICERS)),
    Row("compliance:version-detail", kwargs=a_draft, statuses=for_roles(200, *READS)),
    Row("compliance:version-file", "post", kwargs=a_draft, statuses=for_roles(400, *AUTHORS)),
    Row("compliance:version-ask", "post", kwargs=a_draft, statuses=for_roles(302, *AUTHORS)),
    Row("compliance:version-publish", "post", kwargs=a_draft, statuses=for_roles(400, Role.COMPLIANCE, Role.MEDICAL, Role.REGULATORY)),
    Row("compliance:version-terms", "post", kwargs=a_draft, data=TERMS, statuses=for_roles(302, *AUTHORS)),
    Row("compliance:part-new", kwargs=lambda _user: {**a_draft(), "part": "questions"}, statuses=for_roles(200, *AUTHORS)),
    Row("compliance:part-new", "post", kwargs=lambda _user: {**a_draft(), "part": "chapters"}, data=CHAPTER, statuses=for_roles(302, *AUTHORS)),
    Row("compliance:part-edit", kwargs=a_part, statuses=for_roles(200, *AUTHORS)),
    Row("compliance:part-edit", "post", kwargs=a_part, data=CHAPTER, statuses=for_roles(302, *AUTHORS)),
    Row("compliance:part-act", "post", kwargs=lambda _user: {**a_part(), "verb": "remove"}, statuses=for_roles(302, *AUTHORS)),
    Row("compliance:my-letter", others=200),
    Row("compliance:commitment-file", kwargs=commitment_of_another, others=404, statuses=SEES_STAFF),
    Row("compliance:my-letter", "post", data={"password": "x", "text": "x"}, others=400),
    Row("compliance:letter-list", statuses=SEES_STAFF),
    Row("compliance:letter-list", "post", data=LETTER, statuses=for_roles(302, *OFFICERS)),
    Row("compliance:letter-return", "post", kwargs=letter_draft, data={"reason": "x"}, statuses=for_roles(302, *OFFICERS)),
    Row("compliance:letter-withdraw", "post", kwargs=letter_draft),
    Row("compliance:letter-publish", "post", kwargs=letter_draft, statuses=for_roles(400, *OFFICERS)),
    Row("compliance:bribery-list", statuses=SEES_STAFF),
    Row("compliance:bribery-list", "post", data=LINE, statuses=for_roles(302, *OFFICERS)),
    Row("compliance:bribery-check", kwargs=a_learner, statuses=for_roles(200, *OFFICERS)),
    Row("compliance:bribery-check", "post", kwargs=a_learner, data={"source": "名单"}, statuses=for_roles(302, *OFFICERS)),
    Row("compliance:bribery-decide", "post", kwargs=a_hit, data={"result": "other", "note": "x"}, statuses=for_roles(302, *OFFICERS)),
    Row("compliance:check-proof", kwargs=a_hit, others=404),
    Row("compliance:registration-proof", kwargs=a_registration, others=404),
    Row("compliance:registration-proof", "post", kwargs=a_registration, statuses=for_roles(302, *OFFICERS)),
    Row("compliance:registration-end", "post", kwargs=a_registration, data={"reason": "x"}, statuses=for_roles(302, *OFFICERS)),
    Row("compliance:training-board", statuses=for_roles(200, *BOARD)),
    Row(
        "compliance:duty-remind", "post", kwargs=a_duty,
        statuses={**for_roles(302, Role.COMPLIANCE), **for_roles(403, Role.INSPECTOR)}, others=404,
    ),
]  # fmt: skip


def signed(person):
    person.set_password(PASSWORD)
    person.save()
    return {"password": PASSWORD, "code": proof_of(person, timezone.now()).code}


def by_another(officer):
    return a_draft(officer), signed(officer)


def pdf(_officer):
    return {**a_draft(None)}, {"name": "手册", "file": SimpleUploadedFile("a.pdf", b"%PDF-1.7 x")}


def quiz_to_hand_in(rep):
    attempt = own_quiz(rep)
    return {"pk": attempt.pk}, {
        key: [str(n) for n in chosen] for key, chosen in right_answers(attempt).items()
    }


def quiz_to_begin(rep):
    version = live_version()
    read_all(version, rep, at=timezone.now())
    return {"pk": version.pk}, {}


def with_data(kwargs, data):
    return lambda user: (kwargs(user), data)


ACTS = [
    Act("compliance:chapter", Role.REP, with_data(part_of("c1"), {})),
    Act("compliance:exercise", Role.REP, with_data(part_of("e1"), {"choice": "1"})),
    Act("compliance:quiz-begin", Role.REP, quiz_to_begin),
    Act("compliance:quiz", Role.REP, quiz_to_hand_in),
    Act("compliance:certificate-revoke", Role.COMPLIANCE, with_data(foreign_certificate, {"reason": "代考"})),
    Act("compliance:version-draft", Role.COMPLIANCE, with_data(a_course, {})),
    Act("compliance:course-require", Role.COMPLIANCE, with_data(a_course, {"role": "rep", "valid_from": "2026-01-01"})),
    Act("compliance:assignment-end", Role.COMPLIANCE, with_data(an_assignment, {})),
    Act("compliance:course-retire", Role.COMPLIANCE, with_data(a_course, {"reason": "合并"})),
    Act("compliance:version-file", Role.COMPLIANCE, pdf),
    Act("compliance:version-ask", Role.COMPLIANCE, with_data(a_draft, {})),
    Act("compliance:version-publish", Role.COMPLIANCE, by_another),
    Act("compliance:version-terms", Role.COMPLIANCE, with_data(a_draft, TERMS)),
    Act("compliance:part-new", Role.COMPLIANCE, with_data(lambda _user: {**a_draft(), "part": "chapters"}, CHAPTER)),
    Act("compliance:part-edit", Role.COMPLIANCE, with_data(a_part, CHAPTER)),
    Act("compliance:part-act", Role.COMPLIANCE, with_data(lambda _user: {**a_part(), "verb": "remove"}, {})),
    Act("compliance:my-letter", Role.REP, letter_to_sign),
    Act("compliance:letter-list", Role.COMPLIANCE, with_data(lambda _user: {}, LETTER)),
    Act("compliance:letter-return", Role.COMPLIANCE, with_data(letter_draft, {"reason": "补充条款"})),
    Act("compliance:letter-withdraw", Role.COMPLIANCE, with_data(own_letter_draft, {})),
    Act("compliance:letter-publish", Role.COMPLIANCE, lambda officer: (letter_draft(officer), signed(officer))),
    Act("compliance:bribery-list", Role.COMPLIANCE, with_data(lambda _user: {}, LINE)),
    Act("compliance:bribery-check", Role.COMPLIANCE, with_data(a_learner, {"source": "名单"})),
    Act("compliance:bribery-decide", Role.COMPLIANCE, with_data(a_hit, {"result": "found", "note": "同一人"})),
    Act("compliance:registration-proof", Role.COMPLIANCE, proof_to_keep),
    Act("compliance:filing-show", Role.COMPLIANCE, filing_to_complete),
    Act("compliance:filing-check", Role.COMPLIANCE, filing_to_ask_about),
    Act("compliance:filing-removal", Role.COMPLIANCE, filing_removed),
    Act("compliance:filing-change", Role.COMPLIANCE, filing_changed),
    Act("compliance:registration-end", Role.COMPLIANCE, with_data(a_registration, {"reason": "调岗"})),
    Act("compliance:duty-remind", Role.LINE_MANAGER, own_report_duty),
]  # fmt: skip


def course_to_mind(officer):
    rep = one("learner", Role.REP)
    version = published(officer, one("boss", Role.COMPLIANCE), at=timezone.now())
    law.assign_course(
        course_id=version.course_id,
        role="rep",
        valid_from=timezone.localdate(),
        by=officer,
        at=timezone.now(),
    )
    assert TrainingDuty.objects.filter(user=rep).exists()
    return {"on": (timezone.localdate() + timedelta(days=31)).isoformat()}
