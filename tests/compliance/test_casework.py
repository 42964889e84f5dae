"""Work in a case: its wall, evidence, measures, reports, letters; each by the right person, in the right order."""

import json
import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance import actions as law
from compliance.actions.sealing import seal
from compliance.models import (
    ApprovalStep,
    AuthorityReport,
    Case,
    CaseEvidence,
    CaseLetter,
    CaseMember,
    LedgerEntry,
    Measure,
)
from compliance.selectors.casework import cases_visible_to, letter_for
from compliance.selectors.log import published_key
from compliance.verify import verify as program
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import DomainError
from pharmacrm.common.files import open_verified
from tests.conftest import AT
from tests.factories.compliance import proof_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def second_officer(person):
    return person("second_officer", Role.COMPLIANCE, name="许未")


@pytest.fixture
def case(officer):
    return law.open_case(kind="officer", subject="event:2", title="照片重复", by=officer, at=AT)


@pytest.fixture
def measure(case, officer, rep):
    return law.add_measure(
        case_id=case.pk,
        kind="corrective",
        text="补交签到表",
        owner=rep,
        due_on=AT.date() + DAY,
        by=officer,
        at=AT,
    )


def events():
    return list(LedgerEntry.objects.order_by("id").values_list("event", flat=True))


def test_who_opens_a_case_is_its_first_member_and_other_officers_stand_before_the_wall(
    case, officer, second_officer, rep
):
    assert list(cases_visible_to(officer)) == [case]
    assert not cases_visible_to(second_officer).exists()
    assert not cases_visible_to(rep).exists()
    with pytest.raises(PermissionDenied):
        law.comment_case(case_id=case.pk, text="x", by=second_officer, at=AT)


def test_what_a_detector_opens_is_everybodys_until_one_officer_triages_it(officer, second_officer):
    case = law.open_case(kind="visit", subject="visit:1", title="无备案", by=None, at=AT)
    assert cases_visible_to(second_officer).exists()

    law.triage_case(case_id=case.pk, risk="low", words="小额", by=officer, at=AT)

    assert list(cases_visible_to(officer)) == [case]
    assert not cases_visible_to(second_officer).exists()


def test_a_case_whose_team_has_left_the_company_is_open_to_officers_again(case, officer, second_officer):
    officer.is_active = False
    officer.save()

    assert list(cases_visible_to(second_officer)) == [case]


def test_nobody_opens_or_owns_the_case_about_themselves(officer, second_officer):
    case = law.open_case(
        kind="officer", subject=f"user:{second_officer.pk}", title="利益冲突", by=officer, at=AT
    )

    with pytest.raises(DomainError):
        law.add_member(case_id=case.pk, person=second_officer, by=officer, at=AT)
    with pytest.raises(DomainError):
        law.assign_case(case_id=case.pk, owner=second_officer, by=officer, at=AT)

    assert not cases_visible_to(second_officer).exists()


def test_a_member_from_another_department_writes_but_does_not_decide(case, officer, reviewer):
    law.add_member(case_id=case.pk, person=reviewer, by=officer, at=AT)

    law.comment_case(case_id=case.pk, text="看过病历", by=reviewer, at=AT)
    with pytest.raises(PermissionDenied):
        law.triage_case(case_id=case.pk, risk="high", words="x", by=reviewer, at=AT)

    law.remove_member(case_id=case.pk, person=reviewer, by=officer, at=AT)
    assert not cases_visible_to(reviewer).exists()


def test_the_last_member_and_the_officer_in_charge_stay(case, officer, second_officer):
    with pytest.raises(DomainError):
        law.remove_member(case_id=case.pk, person=officer, by=officer, at=AT)
    law.assign_case(case_id=case.pk, owner=second_officer, by=officer, at=AT)
    with pytest.raises(DomainError):
        law.remove_member(case_id=case.pk, person=second_officer, by=officer, at=AT)

    assert CaseMember.objects.filter(case=case, removed_at__isnull=True).count() == 2


@pytest.mark.parametrize(("risk", "words"), [("", "x"), ("huge", "x"), ("high", " ")])
def test_a_triage_says_how_grave_and_by_what(case, officer, risk, words):
    with pytest.raises(DomainError):
        law.triage_case(case_id=case.pk, risk=risk, words=words, by=officer, at=AT)

    assert Case.objects.get().triaged_at is None


def test_triage_names_what_the_case_turned_out_to_be_about(case, officer, rep):
    with pytest.raises(DomainError):
        law.triage_case(case_id=case.pk, risk="high", words="x", about="林岚", by=officer, at=AT)
    law.triage_case(case_id=case.pk, risk="high", words="x", about=f"user:{rep.pk}", by=officer, at=AT)

    case.refresh_from_db()
    assert (case.subject, case.risk, case.triaged_by) == (f"user:{rep.pk}", "high", officer)


def test_words_of_a_case_stand_in_no_history_and_no_ledger_entry(case, officer, rep):
    secret = "医生收了红包三千元"
    law.triage_case(case_id=case.pk, risk="high", words=secret, by=officer, at=AT)
    law.plan_case(case_id=case.pk, words=secret, by=officer, at=AT)
    law.comment_case(case_id=case.pk, text=secret, by=officer, at=AT)
    law.add_case_finding(case_id=case.pk, words=secret, grade="禁止", by=officer, at=AT)
    law.add_statement(case_id=case.pk, title=secret, words=secret, by=officer, at=AT)
    law.draft_letter(case_id=case.pk, audience="authority", title=secret, body=secret, by=officer, at=AT)

    with connection.cursor() as cursor:
        for table in ("case", "caseaction", "finding", "caseevidence", "caseletter"):
            for name in (f"compliance_{table}", f"compliance_historical{table}"):
                cursor.execute(f"SELECT count(*) FROM {name} row WHERE row::text LIKE %s", [f"%{secret}%"])
                assert cursor.fetchone()[0] == 0, name
    assert not LedgerEntry.objects.filter(reason__contains=secret).exists()
    case.refresh_from_db()
    assert (case.triage_words, case.plan_words) == (secret, secret)
    assert case.actions.get(kind="comment").words == secret


def test_a_file_is_evidence_by_its_hash(case, officer):
    row = law.add_evidence_file(
        case_id=case.pk,
        title="签到表.pdf",
        chunks=[b"%PDF-1.7 x"],
        media_type="application/pdf",
        by=officer,
        at=AT,
    )

    with open_verified(row.file) as kept:
        assert kept.read() == b"%PDF-1.7 x"
    assert row.title == "签到表.pdf"
    assert events()[-1] == "compliance.evidence_added"


def test_a_ledger_receipt_is_evidence_that_an_outsider_can_check(case, officer):
    entry = law.record("test.done", subject="visit:1", by=officer, at=AT)
    with pytest.raises(law.EvidenceNotKept):
        law.add_ledger_receipt(case_id=case.pk, entry_id=entry.pk, by=officer, at=AT)
    seal(at=AT + timedelta(minutes=5), sign_now=True, anchor=False)

    row = law.add_ledger_receipt(case_id=case.pk, entry_id=entry.pk, by=officer, at=AT)

    with open_verified(row.file) as kept:
        receipt = json.loads(kept.read())
    assert program.verify_receipt(receipt, published_key(), set())
    assert row.entry_id == entry.pk


@pytest.mark.parametrize("title", ["", "谈话"])
def test_a_statement_says_something_under_a_title(case, officer, title):
    with pytest.raises(law.EvidenceNotKept):
        law.add_statement(case_id=case.pk, title=title, words="" if title else "x", by=officer, at=AT)

    assert not CaseEvidence.objects.exists()


def test_a_measure_is_done_by_its_owner_and_verified_by_another(case, measure, officer, rep):
    with pytest.raises(PermissionDenied):
        law.finish_measure(measure_id=measure.pk, words="x", by=officer, at=AT)
    law.finish_measure(measure_id=measure.pk, words="已补交", by=rep, at=AT)
    law.check_measure(measure_id=measure.pk, verdict="open", words="缺一页", by=officer, at=AT)
    law.finish_measure(measure_id=measure.pk, words="补齐", by=rep, at=AT)
    law.check_measure(measure_id=measure.pk, verdict="verified", words="齐", by=officer, at=AT)

    measure.refresh_from_db()
    assert (measure.state, measure.checked_by, measure.check_words) == ("verified", officer, "齐")
    with pytest.raises(law.MeasureNotMoved):
        law.finish_measure(measure_id=measure.pk, words="again", by=rep, at=AT)


def test_an_officer_verifies_no_measure_of_their_own(case, officer):
    own = law.add_measure(
        case_id=case.pk, kind="preventive", text="改培训", owner=officer, due_on=AT.date(), by=officer, at=AT
    )
    law.finish_measure(measure_id=own.pk, words="改了", by=officer, at=AT)

    with pytest.raises(PermissionDenied):
        law.check_measure(measure_id=own.pk, verdict="verified", words="好", by=officer, at=AT)

    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        Measure.objects.filter(pk=own.pk).update(state="verified", checked_by=officer, checked_at=AT)


@pytest.mark.parametrize("change", [{"kind": "x"}, {"text": " "}, {"due_on": AT.date() - DAY}])
def test_a_measure_that_cannot_be_is_not_asked_for(case, officer, rep, change):
    asked = {"kind": "corrective", "text": "x", "owner": rep, "due_on": AT.date(), **change}

    with pytest.raises(DomainError):
        law.add_measure(case_id=case.pk, by=officer, at=AT, **asked)

    assert not Measure.objects.exists()


def test_a_case_closes_only_when_measures_reports_and_findings_are_at_their_end(case, measure, officer, rep):
    finding = law.add_case_finding(case_id=case.pk, words="照片相同", grade="避免", by=officer, at=AT)
    report = law.decide_report(case_id=case.pk, authority="samr", basis="反不正当竞争法 8", by=officer, at=AT)
    law.triage_case(case_id=case.pk, risk="high", words="x", by=officer, at=AT)
    law.move_case(case_id=case.pk, state="investigating", by=officer, at=AT)

    def close(minutes):
        law.close_case(
            case_id=case.pk, root_cause="疏忽", correction="补交", by=officer, at=AT + timedelta(minutes=minutes),
            proof=proof_of(officer, AT + timedelta(minutes=minutes)),
        )  # fmt: skip

    with pytest.raises(law.CaseNotMoved):
        close(1)
    law.conclude_finding(
        case_id=case.pk, finding_id=finding.pk, conclusion="partly", words="", by=officer, at=AT
    )
    with pytest.raises(law.CaseNotMoved):
        close(2)
    law.finish_measure(measure_id=measure.pk, words="已补交", by=rep, at=AT)
    law.check_measure(measure_id=measure.pk, verdict="verified", words="齐", by=officer, at=AT)
    with pytest.raises(law.CaseNotMoved):
        close(3)
    law.make_report(report_id=report.pk, reference="沪市监 12 号", reported_at=AT, by=officer, at=AT)
    close(4)

    case.refresh_from_db()
    assert case.state == "closed"


def test_a_report_is_decided_once_and_made_with_a_reference_not_in_the_future(case, officer):
    report = law.decide_report(case_id=case.pk, authority="nmpa", basis="MR-19", by=officer, at=AT)
    with pytest.raises(DomainError):
        law.decide_report(case_id=case.pk, authority="nmpa", basis="again", by=officer, at=AT)
    with pytest.raises(DomainError):
        law.make_report(report_id=report.pk, reference=" ", reported_at=AT, by=officer, at=AT)
    with pytest.raises(DomainError):
        law.make_report(report_id=report.pk, reference="1", reported_at=AT + DAY, by=officer, at=AT)
    law.make_report(report_id=report.pk, reference="1", reported_at=AT, by=officer, at=AT)

    with pytest.raises(DomainError):
        law.make_report(report_id=report.pk, reference="2", reported_at=AT, by=officer, at=AT)
    assert AuthorityReport.objects.get().reference == "1"


def test_a_letter_leaves_only_after_another_person_agreed_in_the_one_inbox(case, officer, second_officer):
    letter = law.draft_letter(
        case_id=case.pk, audience="doctor", title="说明", body="我们已核查。", by=officer, at=AT
    )
    with pytest.raises(law.LetterNotMoved):
        law.send_letter(letter_id=letter.pk, how="快递", by=officer, at=AT)
    law.ask_letter(letter_id=letter.pk, approvers=[second_officer], by=officer, at=AT)
    assert letter_for(second_officer, letter.pk) == (letter, False)
    step = ApprovalStep.objects.get(approver=second_officer)

    law.decide(step_id=step.pk, verb="agree", by=second_officer, at=AT, proof=proof_of(second_officer, AT))
    law.send_letter(letter_id=letter.pk, how="快递，张晓明", by=officer, at=AT)

    letter.refresh_from_db()
    assert (letter.state, letter.sent_by, letter.body) == ("sent", officer, "我们已核查。")


def test_a_letter_that_was_returned_is_a_draft_again(case, officer, second_officer):
    letter = law.draft_letter(case_id=case.pk, audience="public", title="声明", body="……", by=officer, at=AT)
    law.ask_letter(letter_id=letter.pk, approvers=[second_officer], by=officer, at=AT)

    step = ApprovalStep.objects.get(approver=second_officer)
    law.decide(step_id=step.pk, verb="return", by=second_officer, at=AT, comment="语气")

    assert CaseLetter.objects.get().state == "draft"
    law.draft_letter(
        case_id=case.pk, letter_id=letter.pk, audience="public", title="声明", body="改", by=officer, at=AT
    )
    assert CaseLetter.objects.get().body == "改"


def test_nobody_asks_themselves_for_a_letter(case, officer):
    letter = law.draft_letter(case_id=case.pk, audience="public", title="声明", body="……", by=officer, at=AT)

    with pytest.raises(law.ApprovalNotOpened):
        law.ask_letter(letter_id=letter.pk, approvers=[officer], by=officer, at=AT)

    assert CaseLetter.objects.get().state == "draft"


@pytest.mark.parametrize("kind", ["history", "case-detail", "letter-detail", "evidence-file"])
def test_the_wall_stands_at_every_page(case, officer, second_officer, kind):
    letter = law.draft_letter(case_id=case.pk, audience="public", title="声明", body="……", by=officer, at=AT)
    file = law.add_evidence_file(
        case_id=case.pk, title="a.pdf", chunks=[b"x"], media_type="application/pdf", by=officer, at=AT
    )
    address = {
        "history": reverse("compliance:history", args=[f"case:{case.pk}"]),
        "case-detail": reverse("compliance:case-detail", args=[case.pk]),
        "letter-detail": reverse("compliance:letter-detail", args=[letter.pk]),
        "evidence-file": reverse("compliance:evidence-file", args=[case.pk, file.pk]),
    }[kind]
    inside, outside = Client(), Client()
    inside.force_login(officer)
    outside.force_login(second_officer)

    assert inside.get(address).status_code == 200
    assert outside.get(address).status_code == 404


def test_an_officer_works_a_case_through_its_page(officer, rep):
    door = Client(headers={"accept-language": "zh-hans"})
    door.force_login(officer)
    now = timezone.now()
    door.post(reverse("compliance:case-list"), {"subject": "event:2", "title": "照片重复"})
    case = Case.objects.get()

    def act(verb, **entered):
        return door.post(reverse("compliance:case-act", args=[case.pk, verb]), entered).status_code

    assert act("triage", risk="medium", words="两场活动同一张照片") == 302
    assert act("plan", words="问组织者，比对原图") == 302
    assert act("found", words="原图时间相同", grade="避免", rule="SG-05") == 302
    assert act("evidence", words="组织者承认重复使用") == 302
    assert act("evidence") == 400
    assert act("measure", kind="corrective", text="补拍", owner=rep.pk, due_on=f"{now:%Y-%m-%d}") in {
        302,
        400,
    }
    assert act("report", authority="samr", basis="SG-11") == 302
    assert act("letter", audience="authority", title="情况说明", body="……") == 302
    assert act("nonsense") == 404
    page = door.get(reverse("compliance:case-detail", args=[case.pk])).content.decode()
    for words in (
        "两场活动同一张照片",
        "问组织者，比对原图",
        "原图时间相同",
        "组织者承认重复使用",
        "情况说明",
    ):
        assert words in page


@pytest.mark.django_db(transaction=True)
def test_two_officers_take_one_case_at_once_and_one_stands_before_the_wall(officer, second_officer):
    case = law.open_case(kind="visit", subject="visit:1", title="无备案", by=None, at=AT)
    start, outcomes = threading.Barrier(2), []

    def take(by):
        start.wait()
        try:
            law.triage_case(case_id=case.pk, risk="high", words="x", by=by, at=AT)
            outcomes.append("taken")
        except PermissionDenied:
            outcomes.append("denied")
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(by,)) for by in (officer, second_officer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["denied", "taken"]
    assert CaseMember.objects.count() == 1
