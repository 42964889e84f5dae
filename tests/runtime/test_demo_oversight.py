"""The demonstration's officers find work of every kind on their desk, written through the usual actions."""

from datetime import timedelta

import pytest

from activities.models import Event
from compliance.models import Case, HotlineMessage, Measure, MonitoringPlan, PrivacyIncident
from compliance.selectors.casework import cases_visible_to
from pharmacrm.accounts.choices import Role
from pharmacrm.runtime.demo.oversight import seed_oversight
from pharmacrm.runtime.demo.people import Company
from tests.conftest import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(person, rep):
    roles = {
        "compliance": Role.COMPLIANCE, "compliance2": Role.COMPLIANCE, "medical": Role.MEDICAL,
        "marketing": Role.MARKETING, "steward": Role.STEWARD,
    }  # fmt: skip
    office = {name: person(name, role) for name, role in roles.items()}
    Event.objects.create(
        code="E-1", kind="salon", title="病例讨论", organiser=rep, starts_at=AT - timedelta(days=9),
        ends_at=AT - timedelta(days=9) + timedelta(hours=1), state="closed", approved_at=AT - timedelta(days=12),
        approved_terms="x", closed_at=AT - timedelta(days=8), summary="讨论了分层用药",
    )  # fmt: skip
    return Company(admin=office["medical"], office=office)


def test_the_officers_of_the_demonstration_find_every_kind_of_work(company):
    seed_oversight(company, at=AT)

    first = company.office["compliance"]
    assert {case.source for case in cases_visible_to(first)} >= {"hotline", "person"}
    assert Case.objects.filter(source="hotline", triaged_at__isnull=True).count() == 1
    assert HotlineMessage.objects.count() == 4
    assert Measure.objects.count() == 2
    assert PrivacyIncident.objects.get().state == "contained"
    assert MonitoringPlan.objects.get().population == "visits"
    assert Case.objects.get(source="person").holds.count() == 1
