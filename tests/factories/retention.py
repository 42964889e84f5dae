"""A run of retention that waits for its second signature."""

from datetime import timedelta

from axes.models import AccessLog

from compliance.actions.retention import ask_retention
from compliance.models import RetentionRun
from pharmacrm.accounts.choices import Role
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
