"""Story four, word by word: refused before the act with rule and words; stored in breach with a case after it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from activities import actions
from activities.models import SafetyReport, Visit, VisitMaterial
from compliance import actions as law
from compliance.doors import recorded_refusals
from compliance.models import Case, Course, CourseAssignment, Finding, LedgerEntry
from compliance.selectors import verdict_given
from content.choices import MaterialStatus
from doctors import selectors as doctor_selectors
from pharmacrm.common.errors import Refused
from tests.conftest import AT
from tests.factories.activities import make_booking, make_ground, make_policy, report_of
from tests.factories.compliance import qualify
from tests.factories.content import material, material_version, product, released_material

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
