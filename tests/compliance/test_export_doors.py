"""Every door by which data about persons leave is counted by one function, and what goes beyond a line is allowed once by two."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.urls import get_resolver, reverse
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application
from rest_framework.test import APIClient

from compliance import actions
from compliance.actions.approval_answers import ApprovalNotDecided
from compliance.actions.export_approvals import FLOW, Export
from compliance.actions.inspection import ask_for_pack, make_pack
from compliance.models import (
    ApprovalRequest,
    ExportedPerson,
    ExportRecipient,
    ExportTally,
    LedgerEntry,
    StoredVerdict,
)
from compliance.selectors.exports import GivenAbroad
from doctors import actions as doctor_actions
from doctors import selectors as doctors
from pharmacrm.accounts.choices import Role
from pharmacrm.common.api import CountsPersons
from pharmacrm.common.errors import Refused
from pharmacrm.common.leaving import Door
from tests.compliance.test_privacy_register import people
from tests.conftest import AT
from tests.factories.compliance import make_assessment
from tests.factories.doctors import make_doctor

pytestmark = pytest.mark.django_db


@pytest.fixture
def steward(person):
    return person("shen", Role.STEWARD, name="沈思")


@pytest.fixture
def second(person):
    return person("second", Role.COMPLIANCE, name="梁慎")


@pytest.fixture
def abroad(steward):
    return ExportRecipient.objects.create(
        name="HQ", region="CH", assessment=make_assessment("PIA-2026-900"), account=steward
    )


def bearer(user):
    application = Application.objects.create(
        name="warehouse", user=user, client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
    )  # fmt: skip
    AccessToken.objects.create(
        user=user, application=application, token="abc", scope="read",
        expires=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Bearer abc")
    return client


def by_workbook(client, doctor, steward, officer):
    client.force_login(steward)
    return client.get(reverse("doctors:doctor-list") + "?export=xlsx")


def by_rest(client, doctor, steward, officer):
    return bearer(steward).get("/api/v1/doctors/")


def by_pack(client, doctor, steward, officer):
    doctor_actions.add_contact(
        doctor_id=doctor.pk, kind="email", value="w@example.com", by=steward, at=timezone.now()
    )
    pack = ask_for_pack(
        subject=f"doctor:{doctor.pk}", since=None, until=None, reason="检查", by=officer, at=timezone.now()
    )
    make_pack(pack_id=pack.pk, at=timezone.now())
    client.force_login(officer)
    return client.get(reverse("compliance:pack-file", args=[pack.pk]))


def granted_copy(doctor, officer):
    asked = doctor_actions.take_request(
        doctor_id=doctor.pk, kind="copy", source="page", words="", by=None, at=timezone.now()
    )
    answer = doctor_actions.RequestAnswer(True)
    return doctor_actions.answer_request(request_id=asked.pk, answer=answer, by=officer, at=timezone.now())


def by_copy(client, doctor, steward, officer):
    asked = granted_copy(doctor, officer)
    client.force_login(steward)
    return client.get(reverse("dashboards:doctor-copy", args=[asked.pk]))


def by_paper(client, doctor, steward, officer):
    client.force_login(steward)
    return client.get(reverse("doctors:explanation-file", args=[doctor.pk]))


DOORS = {
    Door.XLSX: by_workbook,
    Door.REST: by_rest,
    Door.PACK: by_pack,
    Door.COPY: by_copy,
    Door.PAPER: by_paper,
}


def test_no_door_is_without_its_row():
    assert set(DOORS) == set(Door)


@pytest.mark.parametrize("door", Door)
def test_every_door_counts_whom_it_lets_out(door, client, steward, officer):
    doctor = make_doctor()

    answer = DOORS[door](client, doctor, steward, officer)

    assert answer.status_code == 200
    for close in answer._resource_closers:  # the file; closing the answer would end the test's connection
        close()
    tally = ExportTally.objects.get(kind=door)
    assert (tally.persons, tally.recipient) == (1, None)
    assert LedgerEntry.objects.filter(event="compliance.export_counted").count() == 1


@pytest.mark.parametrize("door", [door for door in Door if door != Door.PACK])
def test_no_door_lets_anything_out_to_an_account_abroad_without_an_assessment(door, client, steward, officer):
    ExportRecipient.objects.create(name="HQ", region="CH", account=steward)
    doctor = make_doctor()

    answer = DOORS[door](client, doctor, steward, officer)

    assert answer.status_code == 409
    assert not ExportTally.objects.exists()
    assert not ExportedPerson.objects.exists()
    assert LedgerEntry.objects.filter(event__endswith="_refused").count() == 1
    assert not ApprovalRequest.objects.exists()  # no decision can stand in for an assessment
    assert not LedgerEntry.objects.filter(event="doctors.own_data_read").exists()


def test_a_pack_counts_every_doctor_its_acts_rest_on(client, officer, steward):
    first, other = make_doctor(), make_doctor()
    for doctor in (first, other):
        doctor_actions.add_contact(
            doctor_id=doctor.pk, kind="email", value="w@example.com", by=steward, at=AT
        )
    day = timezone.localtime(AT).date()
    pack = ask_for_pack(subject="", since=day, until=day, reason="检查", by=officer, at=AT)

    made = make_pack(pack_id=pack.pk, at=AT)

    assert set(made.persons) == {first.pk, other.pk}


def test_what_the_doctor_takes_along_is_counted_too(client, officer, steward):
    doctor = make_doctor()
    granted_copy(doctor, officer)
    link = doctor_actions.make_link(doctor_id=doctor.pk, by=steward, at=timezone.now())
    token = doctors.token_of(link)
    code = doctor_actions.read_out_code(link_id=link.pk, by=officer, at=timezone.now())
    client.post(reverse("portal:page", args=[token]), {"act": "code", "code": code})

    client.get(reverse("portal:copy", args=[token]))
    client.get(reverse("portal:explanation-file", args=[token]))

    assert {(row.kind, row.by, row.persons) for row in ExportTally.objects.all()} == {
        ("copy", None, 1), ("paper", None, 1),
    }  # fmt: skip


def test_pages_of_a_list_that_stay_in_the_company_are_one_row_a_day(steward):
    make_doctor()
    service = bearer(steward)

    service.get("/api/v1/doctors/")
    service.get("/api/v1/doctors/")

    tally = ExportTally.objects.get()
    assert (tally.kind, tally.name, tally.persons) == ("rest", "doctors", 2)


def test_a_signed_in_browser_reads_its_own_screen(client, steward):
    make_doctor()
    client.force_login(steward)

    assert client.get("/api/v1/doctors/").status_code == 200
    assert not ExportTally.objects.exists()


# REST addresses that read, and are about nobody outside the company.
ABOUT_NOBODY = {
    "who", "schema", "docs", "not-found", "coverage", "department-list", "hospital-list", "scoring-run-list",
    "scoring-run-detail", "cycle-list", "cycle-attainment", "doctor-materials", "showing-page", "import-list", "import-detail", "import-columns", "import-errors", "import-error-book",
    "list-list", "scoring-model-list", "scoring-model-detail", "trial-detail", "realignment-list", "event-list",
    "certificate-list", "signature-list", "level-list", "topic-list", "course-list", "training-board",  # of colleagues
    "match-weights-list", "match-weights-detail", "playbook-list",  # of agreement in bits; of tiers and departments
    "review-plan",  # of the reviews of the audit trail
    "rows-workbook",  # written by the function that counts workbooks
}  # fmt: skip


def test_every_rest_address_that_reads_about_persons_counts_them():
    def leaves(resolver, route=""):
        for one in resolver.url_patterns:
            if hasattr(one, "url_patterns"):
                yield from leaves(one, route + str(one.pattern))
            else:
                yield route + str(one.pattern), one

    reading = {
        pattern.name: getattr(pattern.callback, "cls", None) or getattr(pattern.callback, "view_class", None)
        for route, pattern in leaves(get_resolver())
        if route.startswith("api/v1/")
        and not route.startswith("api/v1/content/")  # products, evidence, materials
    }
    uncounted = {
        name
        for name, view in reading.items()
        if view is not None
        and (hasattr(view, "get") or hasattr(view, "list"))
        and not issubclass(view, CountsPersons)
    }

    assert (
        uncounted - ABOUT_NOBODY == set()
    )  # derive it from CountsPersons, or say here that it is about nobody


def send(by, persons, at=AT, name="doctors"):
    return actions.count_export(kind="xlsx", name=name, persons=persons, sensitive=persons, by=by, at=at)


def refused(by, persons, at=AT):
    with pytest.raises(Refused) as refusal:
        send(by, persons, at=at)
    return refusal.value


def agree(person, comment="与本人订立讲课合同所必需", at=AT):
    step = ApprovalRequest.objects.get(state="open").steps.get(state="open")
    return actions.decide(step_id=step.pk, verb="agree", by=person, at=at, comment=comment)


def test_beyond_a_line_people_are_asked_once_for_the_same_export(abroad, steward, officer):
    refusal = refused(steward, people(2))
    refused(steward, people(2))

    asked = ApprovalRequest.objects.get()
    assert refusal.asked_url
    assert (asked.flow, asked.opened_by, asked.payload["sensitive"]) == (FLOW, steward, 2)
    assert not ExportTally.objects.exists()


def test_two_people_allow_that_export_once(abroad, steward, officer, second):
    refused(steward, people(2))
    agree(officer)
    refused(steward, people(2))  # one person is not enough
    agree(second)

    tally = send(steward, people(2), at=AT + timedelta(hours=1))

    assert tally.approval.state == "approved"
    assert ExportedPerson.objects.filter(is_sensitive=True).count() == 2
    assert StoredVerdict.objects.get(pk=tally_verdict(tally)).body["facts"]["is_exempt"] is True
    refused(steward, people(2), at=AT + timedelta(hours=2))
    assert ApprovalRequest.objects.filter(state="open").count() == 1


def tally_verdict(tally):
    return LedgerEntry.objects.get(event="compliance.export_counted", subject=f"export:{tally.pk}").verdict_id


def test_what_was_allowed_is_this_export_of_this_person_alone(abroad, steward, officer, second, rep):
    refused(steward, people(2))
    agree(officer)
    agree(second)
    ExportRecipient.objects.create(name="Lab", region="US", assessment=abroad.assessment, account=rep)

    refused(steward, people(3))
    refused(rep, people(2))
    with pytest.raises(Refused):
        send(steward, people(2), name="visits")

    assert send(steward, people(2)).approval is not None


def test_an_allowance_ends_after_a_week(abroad, steward, officer, second):
    refused(steward, people(2))
    agree(officer)
    agree(second)

    refused(steward, people(2), at=AT + timedelta(days=7))


def test_nobody_agrees_without_the_ground_and_the_asker_never(abroad, steward, officer):
    refused(steward, people(2))

    with pytest.raises(ApprovalNotDecided):
        agree(officer, comment=" ")
    assert ApprovalRequest.objects.get().state == "open"


def test_a_refused_request_allows_nothing(abroad, steward, officer):
    refused(steward, people(2))
    step = ApprovalRequest.objects.get().steps.get(state="open")
    actions.decide(step_id=step.pk, verb="refuse", by=officer, at=AT, comment="没有免予办理的依据")

    refused(steward, people(2))


def test_an_export_below_the_line_leaves_its_allowance_alone(abroad, steward, officer, second):
    refused(steward, people(2))
    agree(officer)
    agree(second)
    abroad.route, abroad.route_number = "contract", "SCC-1"
    abroad.save()

    assert send(steward, people(2)).approval is None


def test_the_refusal_and_the_request_say_what_happens(client, abroad, steward, officer, monkeypatch):
    monkeypatch.setattr("compliance.actions.exports.given_abroad", lambda *_: beyond())
    make_doctor()
    client.force_login(steward)
    page = client.get(reverse("doctors:doctor-list") + "?export=xlsx")
    assert page.status_code == 409
    assert "/compliance/inbox/" in page.content.decode()

    step = ApprovalRequest.objects.get().steps.get(state="open")
    client.force_login(officer)
    asked = client.get(reverse("compliance:step-detail", args=[step.pk])).content.decode()

    assert "HQ (CH)" in asked
    answer = bearer(steward).get("/api/v1/doctors/")
    assert answer.status_code == 409
    assert answer.json()["what_to_do"]


def beyond():
    return GivenAbroad(persons=100_000, sensitive=0)


def test_an_export_has_one_subject_whatever_the_order_of_its_persons(steward):
    one, other = UUID(int=1), UUID(int=2)
    assert Export("xlsx", "d", frozenset([one, other]), frozenset()).subject_of(steward) == Export(
        "xlsx", "d", frozenset([other, one]), frozenset()
    ).subject_of(steward)
