"""A run of retention that waits for its second signature."""

from datetime import timedelta

from axes.models import AccessLog

from compliance import actions as law
from compliance.actions.retention import ask_retention
from compliance.models import Case, CaseEvidence, RetentionRun
from pharmacrm.accounts.choices import Role
from pharmacrm.common.files import store
from tests.conftest import AT
from tests.factories.compliance import proof_of
from tests.factories.content import content_person


def old_sign_in() -> AccessLog:
    log = AccessLog.objects.create(username="rep", ip_address="10.0.0.1", path_info="/")
    AccessLog.objects.filter(pk=log.pk).update(attempt_time=AT - timedelta(days=400))
    return log


def retention_run() -> RetentionRun:
    old_sign_in()
    asker = content_person(Role.COMPLIANCE, "钱明")
    return ask_retention(reason="年度清理", by=asker, at=AT, proof=proof_of(asker, AT))


def closed_case(by, at=AT, words="王晓明说的话") -> Case:
    """Return a closed case with words and a file under its key."""
    case = law.open_case(kind="x", subject="file:1", title="x", by=by, at=at)
    file = store([f"{words} {case.pk}".encode()], media_type="text/plain", by=by, at=at, max_bytes=1_000)
    evidence = CaseEvidence.objects.create(
        case=case, kind="file", title_sealed=case.sealed(words), file=file, added_at=at
    )
    case.cause_sealed, case.state, case.closed_at = case.sealed(words), "closed", at
    case.closing_signature = law.sign(
        subject=f"case:{case.pk}", content_sha256="0" * 64, meaning="case_closed", by=by, at=at, proof=proof_of(by, at)
    )  # fmt: skip
    case.save()
    law.record("compliance.case_closed", subject=f"case:{case.pk}", by=by, at=at, rows=[case, evidence])
    return case
