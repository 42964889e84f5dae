"""Story four, word by word: refused before the act with rule and words; stored in breach with a case after it."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from activities import actions
from activities.models import PlannedMaterial, SafetyReport, Visit, VisitMaterial
from activities.selectors import show_facts
from compliance import actions as law
from compliance.doors import recorded_refusals
from compliance.models import Case, Course, CourseAssignment, Finding, LedgerEntry, RepFiling
from compliance.selectors import verdict_given
from content.choices import MaterialStatus
from doctors import selectors as doctor_selectors
from pharmacrm.common.errors import Refused
from pharmacrm.common.ids import uuid7
from tests.conftest import AT
from tests.factories.activities import make_booking, make_consent, make_ground, make_policy, report_of
from tests.factories.compliance import qualify
from tests.factories.content import material, material_version, product, released_material
from tests.factories.doctors import make_hospital

TOMORROW = AT + timedelta(days=1)  # Tuesday 14:00 in Shanghai


def plan_of(doctor, **fields):
    return actions.VisitPlan(**{"doctor_id": doctor.pk, "planned_at": TOMORROW, **fields})


def refused(by, act):
    """Run an act through a door, expecting a no. Returns: the verdict."""
    with pytest.raises(Refused) as no, recorded_refusals(by=by, at=AT):
        act()
    verdict = no.value.verdict
    for refusal in verdict.refusals:
        assert refusal.message["zh"]
        assert refusal.message["en"]
        assert refusal.instead["zh"]
    assert LedgerEntry.objects.filter(event__endswith="_refused").count() == 1
    return verdict


@pytest.fixture
def goods():
    return product("P1")


@pytest.mark.django_db
def test_without_a_filing_no_visit_is_planned(rep, officer, goods):
    doctor = make_ground(rep)

    verdict = refused(rep, lambda: actions.plan_visit(plan=plan_of(doctor), by=rep, at=AT))

    assert "MR-08" in verdict.breached
    assert not Visit.objects.exists()


@pytest.mark.django_db
def test_a_product_outside_the_filing_is_not_planned(rep, doctor):
    other = product("P9")

    verdict = refused(
        rep, lambda: actions.plan_visit(plan=plan_of(doctor, product_ids=(other.pk,)), by=rep, at=AT)
    )

    assert "MR-08b" in verdict.breached
    assert not Visit.objects.exists()


@pytest.mark.django_db
def test_without_training_no_visit_is_planned(rep, doctor, goods):
    course = Course.objects.create(code="C-P1", title_zh="产品培训", title_en="Product training")
    CourseAssignment.objects.create(
        course=course, role="rep", product_code="P1", points=[], valid_from=AT.date()
    )

    verdict = refused(
        rep, lambda: actions.plan_visit(plan=plan_of(doctor, product_ids=(goods.pk,)), by=rep, at=AT)
    )

    assert verdict.breached
    assert verdict.facts["training_missing"] == ["C-P1"]
    assert not Visit.objects.exists()


@pytest.mark.django_db
def test_a_product_the_company_gave_to_a_colleague_is_named_at_plan_and_showing(rep, officer, doctor, goods):
    filing = RepFiling.objects.get(user=rep)
    law.change_product_scope(filing_id=filing.pk, reason="调整分工", assigned_codes=["P2"], by=officer, at=AT)
    version = released_material(goods)

    visit = actions.plan_visit(plan=plan_of(doctor, product_ids=(goods.pk,)), by=rep, at=AT)
    showing = actions.show_material(version_id=version.pk, doctor_id=doctor.pk, by=rep, at=AT)

    for act in (visit, showing):
        verdict = verdict_given(act.verdict_id)
        assert verdict.facts["products_outside_scope"] == ["P1"]
        assert "MR-08c" in [one.rule for one in verdict.refusals]


@pytest.mark.django_db
def test_without_the_hospital_s_booking_no_visit_is_planned(rep, doctor):
    make_policy(doctor.hospital, booking_required=True)

    verdict = refused(rep, lambda: actions.plan_visit(plan=plan_of(doctor), by=rep, at=AT))

    assert "MR-16" in verdict.breached
    assert not Visit.objects.exists()


@pytest.mark.django_db
def test_with_the_hospital_s_booking_the_visit_is_planned(rep, doctor):
    make_policy(doctor.hospital, booking_required=True, lead_days=5)
    booking = make_booking(rep, doctor.hospital, TOMORROW)

    visit = actions.plan_visit(plan=plan_of(doctor), by=rep, at=AT)

    assert visit.booking_id == booking.pk


@pytest.mark.django_db
def test_a_booking_that_was_only_asked_for_is_none(rep, doctor):
    make_policy(doctor.hospital, booking_required=True)
    make_booking(rep, doctor.hospital, TOMORROW, state="requested")

    verdict = refused(rep, lambda: actions.plan_visit(plan=plan_of(doctor), by=rep, at=AT))

    assert "MR-16" in verdict.breached


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["none", "requested", "declined", "cancelled", "for another hour"])
def test_without_the_hospital_s_booking_no_material_is_shown(state, rep, doctor):
    make_policy(doctor.hospital, booking_required=True)
    version = released_material(product("P1"))
    if state == "for another hour":
        make_booking(rep, doctor.hospital, AT + timedelta(hours=3))
    elif state != "none":
        make_booking(rep, doctor.hospital, AT, state=state)

    verdict = refused(
        rep, lambda: actions.show_material(version_id=version.pk, doctor_id=doctor.pk, by=rep, at=AT)
    )

    assert verdict.breached == ["MR-16"]
    assert not VisitMaterial.objects.exists()


@pytest.mark.django_db
def test_with_the_hospital_s_booking_a_material_is_shown(rep, doctor):
    make_policy(doctor.hospital, booking_required=True)
    make_booking(rep, doctor.hospital, AT - timedelta(minutes=20))
    version = released_material(product("P1"))

    showing = actions.show_material(version_id=version.pk, doctor_id=doctor.pk, by=rep, at=AT)

    assert showing.doctor_id == doctor.pk


@pytest.mark.django_db
def test_a_visit_that_began_in_its_booked_time_may_run_over_it(rep, doctor):
    make_policy(doctor.hospital, booking_required=True)
    booking = make_booking(rep, doctor.hospital, AT - timedelta(hours=3))
    version = released_material(product("P1"))
    visit = Visit.objects.create(
        rep=rep, doctor=doctor, hospital=doctor.hospital, state="started", planned_at=AT - timedelta(hours=3),
        started_at=AT - timedelta(hours=2, minutes=30),
    )  # fmt: skip
    show = {"version_id": version.pk, "doctor_id": doctor.pk, "visit_id": visit.pk, "by": rep, "at": AT}

    assert actions.show_material(**show).visit_id == visit.pk

    booking.state = "cancelled"
    booking.save()
    assert refused(rep, lambda: actions.show_material(**show)).breached == ["MR-16"]


@pytest.mark.django_db
def test_on_the_phone_line_no_hospital_asks_for_a_booking(rep, doctor):
    make_policy(doctor.hospital, booking_required=True)
    version = released_material(product("P1"), channels=["academic", "professional"])

    showing = actions.show_material(
        version_id=version.pk, doctor_id=doctor.pk, channel="phone", by=rep, at=AT
    )

    assert showing.version_id == version.pk


@pytest.mark.django_db
def test_a_showing_at_another_hospital_asks_that_hospital(rep, doctor):
    elsewhere = make_hospital("云溪市第二人民医院")
    make_consent(elsewhere, rep)
    make_policy(elsewhere, booking_required=True)
    version = released_material(product("P1"))
    visit = Visit.objects.create(
        rep=rep, doctor=doctor, hospital=elsewhere, state="planned", planned_at=AT + timedelta(hours=1)
    )

    verdict = refused(
        rep, lambda: actions.show_material(version_id=version.pk, doctor_id=doctor.pk, by=rep, at=AT)
    )

    assert verdict.breached == ["MR-16"]
    assert f"hospital:{visit.hospital_id}" in verdict.facts["subjects"]


@pytest.mark.django_db
def test_the_phone_is_told_where_a_booking_is_needed_and_when_one_holds(rep, doctor):
    make_policy(doctor.hospital, booking_required=True)
    make_policy(make_hospital("云溪市第二人民医院"), booking_required=False)
    booking = make_booking(rep, doctor.hospital, AT + timedelta(hours=1))
    make_booking(rep, doctor.hospital, AT + timedelta(days=1), state="requested")
    Visit.objects.create(
        rep=rep, doctor=doctor, hospital=doctor.hospital, state="planned", planned_at=AT, channel="phone"
    )

    told = show_facts.bookings_for_phone(rep, at=AT)

    hospital = str(doctor.hospital_id)
    assert told["required"] == [hospital]
    assert [(one["hospital"], one["from"]) for one in told["accepted"]] == [
        (hospital, (booking.starts_at - timedelta(minutes=30)).isoformat())
    ]
    assert told["places"] == {str(doctor.pk): {"hospital": hospital, "at_hospital": False}}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "rule"), [("withdrawn", "MR-13"), ("approved", "MR-13"), ("expired", "MR-13b")]
)
def test_a_material_that_may_not_be_shown_stops_the_plan_that_names_it(state, rule, rep, doctor):
    version = released_material(product("P1"))
    if state == "expired":
        version.expires_on = AT.date()
    else:
        version.status = state
    version.save()

    verdict = refused(
        rep, lambda: actions.plan_visit(plan=plan_of(doctor, material_ids=(version.pk,)), by=rep, at=AT)
    )

    assert verdict.breached == [rule]
    assert not Visit.objects.exists()
    assert not PlannedMaterial.objects.exists()


@pytest.mark.django_db
def test_a_material_withdrawn_after_the_plan_stops_the_start(rep, doctor, officer):
    version, held = released_material(product("P1")), released_material(product("P2"))
    visit = actions.plan_visit(plan=plan_of(doctor, material_ids=(version.pk, held.pk)), by=rep, at=AT)
    assert visit.planned_materials.count() == 2

    law.place_hold(subjects=[f"material:{held.material_id}"], reason="核查", by=officer, at=AT)
    version.status = "withdrawn"
    version.save()
    verdict = refused(rep, lambda: actions.start_visit(visit_id=visit.pk, by=rep, at=TOMORROW))

    assert verdict.breached == ["HOLD-01", "MR-13"]
    visit.refresh_from_db()
    assert visit.state == "planned"


@pytest.mark.django_db
def test_a_plan_that_names_no_material_of_the_library_is_not_made(rep, doctor):
    with pytest.raises(actions.VisitNotPlanned):
        actions.plan_visit(plan=plan_of(doctor, material_ids=(uuid7(),)), by=rep, at=AT)

    assert not Visit.objects.exists()


@pytest.mark.django_db
def test_a_refused_plan_keeps_the_frame_of_the_phone(client, rep, doctor):
    make_policy(doctor.hospital, booking_required=True)
    client.force_login(rep)
    with time_machine.travel(AT, tick=False):
        answer = client.post(
            reverse("activities:field-plan", args=[doctor.pk]),
            {"planned_at": "2026-11-24T10:00", "channel": "face_to_face", "purpose": "deliver_information",
             "place": "reception_room"},
        )  # fmt: skip

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "MR-16" in page
    assert '<html class="ph"' in page
    assert "field-words" in page


@pytest.mark.django_db
def test_outside_the_hospital_s_reception_time_no_visit_is_planned(rep, doctor):
    make_policy(doctor.hospital, (3, 15, 17))

    verdict = refused(rep, lambda: actions.plan_visit(plan=plan_of(doctor), by=rep, at=AT))

    assert "MR-16b" in verdict.breached


@pytest.mark.django_db
def test_in_an_area_closed_to_representatives_no_visit_is_planned(rep, doctor):
    make_policy(doctor.hospital, restricted_areas=["ward"])

    verdict = refused(rep, lambda: actions.plan_visit(plan=plan_of(doctor, place="ward"), by=rep, at=AT))

    assert "MR-15" in verdict.breached


@pytest.mark.django_db
def test_without_the_institution_s_consent_no_visit_is_planned(footing):
    doctor = make_ground(footing, consent=False)

    verdict = refused(footing, lambda: actions.plan_visit(plan=plan_of(doctor), by=footing, at=AT))

    assert "MR-09" in verdict.breached


@pytest.mark.django_db
def test_a_plan_that_lost_its_ground_is_not_started(rep, doctor):
    visit = actions.plan_visit(plan=plan_of(doctor), by=rep, at=AT)
    make_policy(doctor.hospital, booking_required=True)

    verdict = refused(rep, lambda: actions.start_visit(visit_id=visit.pk, by=rep, at=TOMORROW))

    visit.refresh_from_db()
    assert "MR-16" in verdict.breached
    assert visit.state == "planned"
    assert visit.started_at is None


@pytest.mark.django_db
def test_an_unreleased_material_is_not_shown(rep, doctor, goods, person):
    author = person("author", "marketing")
    draft = material_version(material(goods, owner=author), author=author, status=MaterialStatus.DRAFT)

    verdict = refused(
        rep,
        lambda: actions.show_material(version_id=draft.pk, doctor_id=doctor.pk, by=rep, at=AT),
    )

    assert verdict.breached
    assert verdict.facts["released"] is False
    assert not VisitMaterial.objects.exists()


@pytest.mark.django_db
def test_an_expired_material_is_not_shown(rep, doctor, goods):
    version = released_material(goods, expires_on=AT.date())

    verdict = refused(
        rep, lambda: actions.show_material(version_id=version.pk, doctor_id=doctor.pk, by=rep, at=AT)
    )

    assert verdict.facts["expired"] is True


@pytest.mark.django_db
def test_a_material_not_meant_for_the_doctor_is_warned_of(rep, doctor, goods):
    version = released_material(goods, tiers=["basic"])

    showing = actions.show_material(version_id=version.pk, doctor_id=doctor.pk, by=rep, at=AT)

    # A company policy whose source nobody has read yet advises until the company adopts it.
    verdict = verdict_given(showing.verdict_id)
    assert verdict.facts["audience_matches"] is False
    assert "CP-02" in [refusal.rule for refusal in verdict.advice]


@pytest.mark.django_db
def test_a_material_on_hold_is_not_shown(rep, doctor, goods, officer):
    version = released_material(goods)
    law.place_hold(subjects=[f"material:{version.material_id}"], reason="label changed", by=officer, at=AT)

    verdict = refused(
        rep, lambda: actions.show_material(version_id=version.pk, doctor_id=doctor.pk, by=rep, at=AT)
    )

    assert "HOLD-01" in verdict.breached
    assert not VisitMaterial.objects.exists()


@pytest.mark.django_db
def test_a_visit_that_took_place_is_stored_in_breach_with_a_case(rep, officer, goods):
    doctor = make_ground(rep)  # no filing

    visit = actions.submit_visit(report=report_of(doctor, AT), by=rep, at=AT)

    assert visit.in_breach
    assert visit.state == "submitted"
    finding = Finding.objects.get(subject=f"visit:{visit.pk}")
    assert finding.rule
    assert Case.objects.get(subject=f"visit:{visit.pk}")


@pytest.mark.django_db
def test_a_visit_in_breach_counts_for_nothing(rep, officer):
    doctor = make_ground(rep)
    visit = actions.submit_visit(report=report_of(doctor, AT), by=rep, at=AT)

    written = actions.after_visit(visit_id=visit.pk, at=AT)

    assert written == 0
    assert not doctor_selectors.interactions_of(doctor.pk).exists()


@pytest.mark.django_db
def test_an_unreleased_material_that_was_shown_puts_the_visit_in_breach(rep, doctor, goods, person):
    author = person("author", "marketing")
    draft = material_version(material(goods, owner=author), author=author, status=MaterialStatus.DRAFT)
    report = replace(
        report_of(doctor, AT),
        talks=(actions.Talk(product_id=goods.pk),),
        shown=(actions.Shown(version_id=draft.pk, shown_at=AT - timedelta(minutes=9)),),
    )

    visit = actions.submit_visit(report=report, by=rep, at=AT)

    assert visit.in_breach
    assert visit.materials.get().version_id == draft.pk


@pytest.mark.django_db
def test_the_safety_answer_of_a_visit_in_breach_is_never_refused(rep, officer):
    doctor = make_ground(rep)
    report = report_of(doctor, AT, ae_answer="reported")
    notice = actions.SafetyNotice(
        words=actions.SafetyWords(event="皮疹"), aware_at=AT, doctor_id=doctor.pk, visit_id=report.visit_id
    )

    kept = actions.report_safety_event(notice=notice, by=rep, at=AT)
    visit = actions.submit_visit(report=report, by=rep, at=AT)

    assert visit.in_breach
    assert visit.ae_answer == "reported"
    assert SafetyReport.objects.get() == kept


@pytest.mark.django_db
def test_a_sound_visit_is_in_no_breach(rep, doctor, goods):
    report = report_of(doctor, AT, talks=(actions.Talk(product_id=goods.pk),))

    visit = actions.submit_visit(report=report, by=rep, at=AT)

    assert not visit.in_breach
    assert not Finding.objects.exists()


@pytest.mark.django_db
def test_a_contractor_s_standing_is_told_to_the_law(rep, officer):
    qualify(rep, "P1", by=officer, at=AT, contract="cso")
    doctor = make_ground(rep)

    with pytest.raises(Refused) as no:
        actions.plan_visit(plan=plan_of(doctor), by=rep, at=AT)

    assert no.value.verdict.facts["rep_contract"] == "cso"
    assert no.value.verdict.facts["mah_approved"] is False
