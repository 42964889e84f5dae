"""Findings and cases: the order of steps, and the signature at the end."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from compliance import actions as law
from compliance import selectors
from compliance.choices import CaseState, Grade
from compliance.models import Case, Finding, LedgerEntry
from pharmacrm.common.errors import DomainError
from tests.conftest import AT
from tests.factories.compliance import proof_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def finding(db):
    return law.open_finding(
        kind="visit_in_breach",
        subject="visit:1",
        rule="MR-06",
        grade=Grade.BAN,
        evidence={"verdict": "v"},
        by=None,
        at=AT,
        due_at=AT + timedelta(days=2),
    )


@pytest.fixture
def case(finding):
    return law.open_case(kind="visit", subject="visit:1", title="无备案拜访", by=None, at=AT, finding=finding)


def test_a_finding_is_taken_into_a_case_with_its_due_time(finding, case):
    finding.refresh_from_db()

    assert (finding.state, finding.case, case.due_at) == ("in_case", case, finding.due_at)
    with pytest.raises(law.FindingNotOpen):
        law.open_case(kind="visit", subject="visit:1", title="twice", by=None, at=AT, finding=finding)


def test_a_finding_is_settled_with_a_reason_by_an_officer(finding, officer, rep):
    with pytest.raises(PermissionDenied):
        law.settle_finding(finding_id=finding.pk, settlement="fine", by=rep, at=AT)
    with pytest.raises(DomainError):
        law.settle_finding(finding_id=finding.pk, settlement=" ", by=officer, at=AT)
    law.settle_finding(finding_id=finding.pk, settlement="fine", by=officer, at=AT)

    with pytest.raises(law.FindingNotOpen):
        law.settle_finding(finding_id=finding.pk, settlement="again", by=officer, at=AT)


def triaged(case, by, **more):
    return law.triage_case(case_id=case.pk, risk="high", words="金额大，涉及多人", by=by, at=AT, **more)


def concluded(case, finding, by):
    return law.conclude_finding(
        case_id=case.pk, finding_id=finding.pk, conclusion="confirmed", words="备案已过期", by=by, at=AT
    )


def test_a_case_goes_its_way_to_a_signed_end(finding, case, officer):
    law.assign_case(case_id=case.pk, owner=officer, by=officer, at=AT)
    hold = law.hold_case(case_id=case.pk, reason="until clear", by=officer, at=AT, subjects=["user:9"])
    law.comment_case(case_id=case.pk, text="asked the rep", by=officer, at=AT)
    triaged(case, officer)
    law.move_case(case_id=case.pk, state="investigating", by=officer, at=AT)
    concluded(case, finding, officer)
    law.move_case(case_id=case.pk, state="correcting", by=officer, at=AT, root_cause="filing expired")
    law.close_case(
        case_id=case.pk,
        root_cause="",
        correction="filed and trained",
        by=officer,
        at=AT,
        proof=proof_of(officer, AT),
    )

    case.refresh_from_db()
    finding.refresh_from_db()
    assert (case.state, case.closing_signature.meaning) == (CaseState.CLOSED, "case_closed")
    assert (finding.state, finding.conclusion) == ("settled", "confirmed")
    assert case.number in finding.settlement
    assert (case.cause_words, case.correction_words) == ("filing expired", "filed and trained")
    assert selectors.is_held(["visit:1"], AT)
    assert selectors.is_held(["user:9"], AT)
    assert hold.case == case
    assert [a.kind for a in case.actions.order_by("id")] == [
        "assigned",
        "held",
        "comment",
        "triaged",
        "moved",
        "concluded",
        "moved",
        "closed",
    ]


@pytest.mark.parametrize("state", ["correcting", "closed", "open", "nonsense"])
def test_a_case_takes_no_other_step(case, officer, state):
    with pytest.raises(law.CaseNotMoved):
        law.move_case(case_id=case.pk, state=state, by=officer, at=AT)

    assert Case.objects.get().state == "open"


def test_a_case_is_not_corrected_or_closed_without_its_cause(case, officer):
    triaged(case, officer)
    law.move_case(case_id=case.pk, state="investigating", by=officer, at=AT)

    with pytest.raises(DomainError):
        law.move_case(case_id=case.pk, state="correcting", by=officer, at=AT)
    with pytest.raises(DomainError):
        law.close_case(
            case_id=case.pk, root_cause="x", correction="", by=officer, at=AT, proof=proof_of(officer, AT)
        )

    assert Case.objects.get().state == "investigating"


def test_a_stranger_touches_no_case(case, rep, officer):
    entries = LedgerEntry.objects.count()
    with pytest.raises(PermissionDenied):
        law.comment_case(case_id=case.pk, text="x", by=rep, at=AT)
    with pytest.raises(DomainError):
        law.assign_case(case_id=case.pk, owner=rep, by=officer, at=AT)

    assert LedgerEntry.objects.count() == entries


def test_the_database_wants_a_signature_under_a_closed_case(case):
    with pytest.raises(IntegrityError, match="case_closed_is_signed"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state="closed", closed_at=AT)


def test_the_database_wants_a_reason_for_a_settled_finding(finding):
    with pytest.raises(IntegrityError, match="finding_settled_says_why"), transaction.atomic():
        Finding.objects.filter(pk=finding.pk).update(state="settled", settled_at=AT)
