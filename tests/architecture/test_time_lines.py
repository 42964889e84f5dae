"""Every page of one record ends with its time line: one component, one selector, the same number of queries."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from compliance import actions as law
from compliance.selectors.timeline import kind_of_view, time_line_of
from pharmacrm.accounts.choices import Role
from tests.conftest import AT
from tests.factories.doctors import make_division, make_hospital

TEMPLATES = Path(__file__).parent.parent.parent / "templates"

# Pages that are about no record of their own. Each line says why.
EXCEPTIONS = {
    "compliance:entry-detail": "the page of one act",
    "compliance:step-detail": "the page of one answer; the request's acts stand on it",
    "compliance:verdict-detail": "the page of one verdict, which never changes",
    "compliance:watched-detail": "the page of one question about an act; the act's own record has the time line",
    "compliance:version-detail": "a version of a course; the course has the time line",
    "activities:cycle-detail": "a plan of visits and no subject of acts; each visit has its own",
}
# Pages that show the component with steps of their own, at the place where the design puts them.
OWN = {
    "activities:event-detail": "activities/event_detail.html",
    "activities:visit-detail": "activities/visit_detail.html",
    "compliance:case-detail": "compliance/case_detail.html",
    "compliance:finding-detail": "compliance/finding_detail.html",
    "content:version-detail": "content/version_detail.html",
    "doctors:doctor-detail": "doctors/doctor_detail.html",
    "doctors:tier-detail": "doctors/tier_detail.html",
}


def _detail_views(resolver=None, prefix=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _detail_views(
                pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            )
        elif pattern.name and pattern.name.endswith("detail") and not prefix.startswith("api:"):
            yield f"{prefix}{pattern.name}", tuple(pattern.pattern.converters)


@pytest.mark.django_db
def test_every_detail_page_is_about_a_record_whose_acts_it_shows():
    views = dict(_detail_views())
    without = {
        name
        for name, arguments in views.items()
        if name not in OWN and not (len(arguments) == 1 and kind_of_view(name, arguments[0]))
    }

    assert len(views) > 30
    assert sorted(without - set(EXCEPTIONS)) == []
    assert sorted((set(OWN) | set(EXCEPTIONS)) - set(views)) == []


@pytest.mark.parametrize("template", sorted(OWN.values()))
def test_a_page_with_steps_of_its_own_uses_the_component_and_leaves_the_other_out(template):
    text = (TEMPLATES / template).read_text("utf-8")

    assert "components/timeline.html" in text or "compliance/acts.html" in text
    assert re.search(r"\{% block time_line %\}\{% endblock( time_line)? %\}", text)


@pytest.mark.django_db
@pytest.mark.parametrize("acts", [1, 30])
def test_the_time_line_costs_one_query_however_many_acts_there_are(
    person, officer, acts, django_assert_num_queries
):
    for _ in range(acts):
        law.record("doctors.hospital_changed", subject="hospital:1", by=officer, at=AT, reason="更名")
    reader = person("reader", Role.STEWARD)
    officer.roles, reader.roles  # noqa: B018 - a request has them at hand

    with django_assert_num_queries(1):
        steps = time_line_of("hospital:1", reader)

    assert len(steps) == min(acts, 8)
    assert {(step.event, step.detail, step.url) for step in steps} == {("doctors.hospital_changed", "", "")}
    assert {step.detail for step in time_line_of("hospital:1", officer)} == {"更名"}


@pytest.mark.django_db
def test_a_hospitals_page_ends_with_its_acts(person, officer):
    hospital = make_hospital("湖滨医院", division=make_division())
    law.record(
        "doctors.hospital_changed", subject=f"hospital:{hospital.pk}", by=officer, at=AT, reason="更名"
    )
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(person("steward", Role.STEWARD))

    page = client.get(reverse("doctors:hospital-detail", args=[hospital.pk])).content.decode()

    assert 'id="record-time-line"' in page
    assert "周正" in page
