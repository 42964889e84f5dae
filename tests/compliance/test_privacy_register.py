"""Impact assessments approved by two, and persons counted before their data go abroad."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from compliance import actions
from compliance.models import ExportedPerson, ExportRecipient, ExportTally, ImpactAssessment, LedgerEntry
from compliance.selectors import assessment_in_force
from compliance.selectors.exports import given_abroad
from doctors.actions import segmentation
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import Refused
from pharmacrm.common.models import Notification
from tests.conftest import AT
from tests.factories.compliance import make_assessment
from tests.factories.doctors import make_doctor
from tests.factories.segmentation import activate, make_model, make_spec

pytestmark = pytest.mark.django_db
SAID = dict.fromkeys(("title", "lawful_basis", "data_used", "necessity", "risks", "measures"), "写明")
WORDS = actions.AssessmentWords(kind="profiling", **SAID)
TODAY = timezone.localtime(AT).date()


@pytest.fixture
def marketer(person):
    return person("marketer", Role.MARKETING, name="罗曼")


@pytest.fixture
def abroad(rep):
    return ExportRecipient.objects.create(
        name="HQ", region="CH", assessment=make_assessment("PIA-2026-900"), account=rep
    )


def people(count, start=0):
    return [UUID(int=number + 1) for number in range(start, start + count)]


def send(by, persons, sensitive=(), at=AT):
    return actions.count_export(
        kind="xlsx", name="doctors", persons=persons, sensitive=sensitive, by=by, at=at
    )


def test_an_assessment_counts_once_a_second_person_approved_it(marketer, officer):
    draft = actions.draft_assessment(words=WORDS, by=marketer, at=AT)
    assert not assessment_in_force(draft.number, TODAY)

    actions.approve_assessment(assessment_id=draft.pk, review_on=TODAY + timedelta(300), by=officer, at=AT)

    assert draft.number == f"PIA-{TODAY.year}-001"
    assert assessment_in_force(draft.number, TODAY)
    assert not assessment_in_force(draft.number, TODAY + timedelta(300))
    actions.retire_assessment(assessment_id=draft.pk, by=officer, at=AT)
    assert not assessment_in_force(draft.number, TODAY)


def test_nobody_approves_their_own_assessment_nor_one_that_leaves_a_high_risk(officer, marketer):
    own = actions.draft_assessment(words=WORDS, by=officer, at=AT)
    risky = actions.draft_assessment(
        words=actions.AssessmentWords(kind="profiling", risk_left="high", **SAID), by=marketer, at=AT
    )

    for draft in (own, risky):
        with pytest.raises(actions.AssessmentNotMoved):
            actions.approve_assessment(
                assessment_id=draft.pk, review_on=TODAY + timedelta(9), by=officer, at=AT
            )
    assert not ImpactAssessment.objects.exclude(state="draft").exists()


@pytest.mark.parametrize("days", [0, -1, 1200])
def test_a_review_lies_within_three_years(marketer, officer, days):
    draft = actions.draft_assessment(words=WORDS, by=marketer, at=AT)

    with pytest.raises(actions.AssessmentNotMoved):
        actions.approve_assessment(
            assessment_id=draft.pk, review_on=TODAY + timedelta(days), by=officer, at=AT
        )


def test_an_assessment_says_all_the_law_asks_for(marketer, rep):
    with pytest.raises(actions.AssessmentNotMoved):
        actions.draft_assessment(
            words=actions.AssessmentWords(kind="profiling", **{**SAID, "risks": " "}), by=marketer, at=AT
        )
    with pytest.raises(PermissionDenied):
        actions.draft_assessment(words=WORDS, by=rep, at=AT)


def test_a_model_is_assessed_only_by_a_number_of_the_register(marketer, officer):
    model = segmentation.draft_model(version="9", spec=make_spec(), by=marketer, at=AT)
    ask = {"model_id": model.pk, "assessed_on": TODAY, "by": officer, "at": AT}

    with pytest.raises(segmentation.ModelNotMoved):
        segmentation.assess_model(impact_assessment="PIA-2026-777", **ask)
    make_assessment("PIA-2026-777")

    assert segmentation.assess_model(impact_assessment="PIA-2026-777", **ask).state == "assessed"


def test_a_model_is_not_put_in_force_once_its_assessment_ended(marketer, officer):
    model = make_model(marketer, officer, at=AT, state="assessed")
    ImpactAssessment.objects.filter(number=model.impact_assessment).update(review_on=TODAY)

    with pytest.raises(Refused) as refusal:
        activate(model, officer, AT)

    assert "PI-15" in refusal.value.verdict.breached
    model.refresh_from_db()
    assert model.state == "assessed"


def test_an_export_within_the_company_is_counted_and_never_refused(officer):
    send(officer, people(5))

    assert (ExportTally.objects.get().persons, ExportedPerson.objects.count()) == (5, 0)
    assert LedgerEntry.objects.filter(event="compliance.export_counted").count() == 1


def test_a_person_counts_once_a_year_over_all_recipients(abroad, rep, other_rep):
    ExportRecipient.objects.create(name="Lab", region="US", assessment=abroad.assessment, account=other_rep)

    send(rep, people(3))
    send(other_rep, people(3, start=1))

    assert given_abroad(TODAY.year).persons == 4
    assert given_abroad(TODAY.year + 1).persons == 0
    send(rep, people(3))
    assert given_abroad(TODAY.year).persons == 4


def test_one_sensitive_person_already_needs_a_route(abroad, rep):
    with pytest.raises(Refused) as refusal:
        send(rep, people(1), people(1))
    assert refusal.value.verdict.breached == ["PI-17"]
    assert not ExportedPerson.objects.exists()
    assert not ExportTally.objects.exists()

    abroad.route, abroad.route_number = "contract", "SCC-1"
    abroad.save()
    send(rep, people(1), people(1))

    assert given_abroad(TODAY.year).sensitive == 1


def test_a_route_that_ended_is_none(abroad, rep):
    abroad.route, abroad.route_number, abroad.route_until = "contract", "SCC-1", TODAY
    abroad.save()

    with pytest.raises(Refused):
        send(rep, people(1), people(1))


def test_without_an_assessment_nobody_is_given_abroad(abroad, rep):
    ImpactAssessment.objects.filter(pk=abroad.assessment_id).update(review_on=TODAY)

    with pytest.raises(Refused):
        send(rep, people(1))


def test_the_officers_are_warned_at_four_fifths_of_a_line(abroad, rep, officer, monkeypatch):
    monkeypatch.setitem(actions.exports.LINES, "persons", (10, 100))

    send(rep, people(7))
    assert not Notification.objects.filter(kind="export_near_line").exists()
    send(rep, people(8))
    send(rep, people(9))

    assert Notification.objects.filter(kind="export_near_line", recipient=officer).count() == 1


def test_a_recipient_is_entered_by_compliance_alone(officer, rep):
    said = {
        "name": "HQ", "region": "ch", "route": "contract", "route_number": "SCC-1", "route_until": date(2027, 1, 1),
        "assessment": "", "account": rep.username,
    }  # fmt: skip
    with pytest.raises(PermissionDenied):
        actions.save_recipient(**said, by=rep, at=AT)
    with pytest.raises(actions.RecipientNotSaved):
        actions.save_recipient(**{**said, "assessment": "PIA-1"}, by=officer, at=AT)

    row = actions.save_recipient(**said, by=officer, at=AT)

    assert (row.region, row.account, row.is_abroad) == ("CH", rep, True)


def test_a_workbook_of_doctors_is_counted_and_stopped_for_an_account_abroad(client, person):
    steward = person("shen", Role.STEWARD, name="沈思")
    make_doctor()
    client.force_login(steward)
    address = reverse("doctors:doctor-list") + "?export=xlsx"

    book = client.get(address)
    assert book.status_code == 200
    assert b"".join(book.streaming_content).startswith(b"PK")
    assert ExportTally.objects.get().persons == 1
    ExportRecipient.objects.create(name="HQ", region="CH", account=steward)
    page = client.get(address)

    assert page.status_code != 200
    assert ExportTally.objects.count() == 1
    assert ExportedPerson.objects.count() == 0


def test_the_pages_show_lines_recipients_and_what_rests_on_an_assessment(
    client, officer, marketer, abroad, rep
):
    model = make_model(marketer, officer, at=timezone.now())
    send(rep, people(3), at=timezone.now())
    client.force_login(officer)

    page = client.get(reverse("compliance:export-list"))
    kept = ImpactAssessment.objects.get(number=model.impact_assessment)
    detail = client.get(reverse("compliance:assessment-detail", args=[kept.pk]))

    assert [line.count for line in page.context["lines"]] == [3, 3, 0]
    assert page.context["by_recipient"][0][:2] == ("HQ", "CH")
    assert [url for _title, url in detail.context["resting"]] == [f"/doctors/segmentation/models/{model.pk}/"]
