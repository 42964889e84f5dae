"""What a person may do for a product on a day."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from compliance import actions as law
from compliance.models import Certificate, Employment, LedgerEntry, RepFiling
from compliance.selectors import qualified, standing_of, standings_of
from pharmacrm.accounts.choices import Role
from tests.factories.compliance import qualify


@pytest.fixture
def day(at):
    return at.date()


@pytest.mark.django_db
def test_a_stranger_may_do_nothing(rep, at):
    assert qualified(rep.pk, "visit.plan", "RB01", at).filed is False
    assert standing_of(rep.pk, "visit.plan", ["RB01"], at).products_outside_filing == ("RB01",)


@pytest.mark.django_db
def test_a_qualified_person_stands_for_the_filed_product_only(rep, officer, at):
    qualify(rep, "RB01", by=officer, at=at)

    assert qualified(rep.pk, "visit.plan", "RB01", at).product_in_filing
    assert not qualified(rep.pk, "visit.plan", "NX02", at).product_in_filing
    standing = standing_of(rep.pk, "visit.plan", ["RB01", "NX02"], at)
    assert standing.employed
    assert standing.commitment_signed
    assert standing.products_outside_filing == ("NX02",)


@pytest.mark.django_db
def test_a_filing_holds_from_its_first_day_until_before_its_last(rep, officer, at, day):
    qualify(rep, "RB01", by=officer, at=at)

    filed = [
        qualified(rep.pk, "visit.plan", "RB01", at + timedelta(days=n)).filed for n in (-201, -200, 199, 200)
    ]

    assert filed == [False, True, True, False]


@pytest.mark.django_db
def test_withdrawing_a_filing_stops_promotion_at_once(rep, officer, at, day):
    qualify(rep, "RB01", by=officer, at=at)
    filing = RepFiling.objects.get(user=rep)

    law.withdraw_filing(filing_id=filing.pk, on=day, reason="离职", by=officer, at=at)

    assert not qualified(rep.pk, "visit.plan", "RB01", at).filed
    assert (
        LedgerEntry.objects.filter(event="compliance.filing_withdrawn", subject=f"user:{rep.pk}").count() == 1
    )
    with pytest.raises(law.QualificationNotRecorded):
        law.withdraw_filing(filing_id=filing.pk, on=day, reason="离职", by=officer, at=at)


@pytest.mark.django_db
def test_a_course_is_missing_until_passed_and_again_when_the_certificate_ends(rep, officer, at, day):
    course = law.add_course(
        code="RB-101", title_zh="瑞舒心", title_en="RB", months_valid=12, pass_mark=80, by=officer, at=at
    )
    law.assign_course(
        course_id=course.pk, role=Role.REP, product_code="RB01", valid_from=day, by=officer, at=at
    )

    def missing(when=at, product="RB01", who=rep):
        return qualified(who.pk, "visit.plan", product, when).training_missing

    assert missing() == ("RB-101",)
    assert missing(product="NX02") == ()
    assert missing(who=officer) == ()
    law.record_certificate(
        user_id=rep.pk,
        course_id=course.pk,
        score=80,
        valid_from=day,
        valid_until=day + timedelta(days=30),
        by=officer,
        at=at,
    )
    assert missing() == ()
    assert missing(at + timedelta(days=30)) == ("RB-101",)


@pytest.mark.django_db
def test_a_course_may_be_asked_for_at_some_points_only(rep, officer, at, day):
    course = law.add_course(
        code="EV-1", title_zh="会议", title_en="Events", months_valid=12, pass_mark=80, by=officer, at=at
    )
    law.assign_course(
        course_id=course.pk, role=Role.REP, points=["event.request"], valid_from=day, by=officer, at=at
    )

    assert qualified(rep.pk, "visit.plan", "", at).training_missing == ()
    assert qualified(rep.pk, "event.request", "", at).training_missing == ("EV-1",)


@pytest.mark.django_db
def test_a_score_below_the_pass_mark_gives_no_certificate(rep, officer, at, day):
    course = law.add_course(
        code="RB-101", title_zh="瑞舒心", title_en="RB", months_valid=12, pass_mark=80, by=officer, at=at
    )

    with pytest.raises(law.QualificationNotRecorded):
        law.record_certificate(
            user_id=rep.pk,
            course_id=course.pk,
            score=79,
            valid_from=day,
            valid_until=day + timedelta(days=9),
            by=officer,
            at=at,
        )

    assert not Certificate.objects.exists()


@pytest.mark.django_db
def test_a_hospital_knows_whom_it_registered(rep, officer, at):
    qualify(rep, by=officer, at=at, hospital="hospital:1")

    assert standing_of(rep.pk, "visit.plan", [], at, hospital="hospital:1").registered_at_hospital
    assert not standing_of(rep.pk, "visit.plan", [], at, hospital="hospital:2").registered_at_hospital


@pytest.mark.django_db
def test_a_person_who_left_is_not_employed(rep, officer, at, day):
    qualify(rep, by=officer, at=at)
    law.end_employment(employment_id=Employment.objects.get(user=rep).pk, on=day, by=officer, at=at)

    assert not qualified(rep.pk, "visit.plan", "", at).employed

    rep.is_active = False
    rep.save()
    assert not standing_of(rep.pk, "visit.plan", [], at - timedelta(days=1)).employed


@pytest.mark.django_db
def test_identity_numbers_stand_only_as_ciphertext(rep, officer, at, day):
    filing = law.file_representative(
        user_id=rep.pk, number="BA-1", name="林岚", mah_name="远山", mah_code="91310000MA1FL00000",
        product_codes=["RB01"], valid_from=day, valid_until=None, identity_number="310101199001011234", by=officer, at=at,
    )  # fmt: skip

    filing.refresh_from_db()
    assert b"310101" not in bytes(filing.identity_sealed)


def filed(rep, officer, at, day, **fields):
    return law.file_representative(
        user_id=rep.pk, name="林岚", mah_name="远山", mah_code="91310000MA1FL00000", valid_from=day, valid_until=None,
        by=officer, at=at, **{"number": "BA-1", "product_codes": ["RB01", "NX02"], **fields},
    )  # fmt: skip


@pytest.mark.django_db
def test_a_filing_says_which_of_its_products_the_company_gives_to_the_person(rep, officer, at, day):
    filing = filed(rep, officer, at, day, assigned_codes=["NX02"])

    standing = standing_of(rep.pk, "visit.plan", ["RB01", "NX02", "ZZ09"], at)

    assert standing.products_outside_filing == ("ZZ09",)
    assert standing.products_outside_scope == ("RB01",)

    law.change_product_scope(
        filing_id=filing.pk, reason="调整分工", assigned_codes=["RB01", "NX02"], by=officer, at=at
    )
    law.change_product_scope(
        filing_id=filing.pk, reason="调整分工", assigned_codes=["RB01", "NX02"], by=officer, at=at
    )
    assert standing_of(rep.pk, "visit.plan", ["RB01"], at).products_outside_scope == ()
    assert LedgerEntry.objects.filter(event="compliance.product_scope_changed").count() == 1


@pytest.mark.django_db
def test_a_filing_without_a_word_on_it_gives_all_its_products(rep, officer, at, day):
    filed(rep, officer, at, day)

    assert standing_of(rep.pk, "visit.plan", ["RB01", "NX02"], at).products_outside_scope == ()


@pytest.mark.django_db
def test_what_is_not_filed_is_not_assigned_either(rep, manager, officer, at, day):
    with pytest.raises(law.QualificationNotRecorded):
        filed(rep, officer, at, day, assigned_codes=["ZZ09"])
    assert not RepFiling.objects.exists()

    filing = filed(rep, officer, at, day)
    with pytest.raises(law.QualificationNotRecorded):
        law.change_product_scope(
            filing_id=filing.pk, reason="调整分工", assigned_codes=["ZZ09"], by=officer, at=at
        )
    with pytest.raises(PermissionDenied):
        law.change_product_scope(
            filing_id=filing.pk, reason="调整分工", assigned_codes=["RB01"], by=manager, at=at
        )
    law.withdraw_filing(filing_id=filing.pk, on=day, reason="离职", by=officer, at=at)
    with pytest.raises(law.QualificationNotRecorded):
        law.change_product_scope(
            filing_id=filing.pk, reason="调整分工", assigned_codes=["RB01"], by=officer, at=at
        )
    assert not LedgerEntry.objects.filter(event="compliance.product_scope_changed").exists()


@pytest.mark.django_db
def test_the_pages_take_the_assignment_with_the_filing_and_change_it(client, rep, officer, at, day):
    client.force_login(officer)
    given = {
        "number": "BA-7", "name": "林岚", "mah_name": "远山", "mah_code": "91310000MA1FL00000",
        "product_codes": "RB01, NX02", "valid_from": day.isoformat(),
    }  # fmt: skip
    add = reverse("compliance:staff-add", args=[rep.pk, "filing"])

    wrong = client.post(add, {**given, "assigned_codes": "ZZ09"})
    right = client.post(add, {**given, "assigned_codes": "NX02"})
    filing = RepFiling.objects.get()
    scope = reverse("compliance:filing-scope", args=[filing.pk])
    nothing = client.post(scope, {})
    wordless = client.post(scope, {"assigned_codes": ["RB01"]})
    changed = client.post(scope, {"assigned_codes": ["RB01"], "reason": "调整分工"})

    assert "ZZ09" in wrong.content.decode()
    assert (right.status_code, nothing.status_code, changed.status_code) == (302, 400, 302)
    assert wordless.status_code == 400
    assert LedgerEntry.objects.get(event="compliance.product_scope_changed").reason == "调整分工"
    assert list(filing.products.filter(is_assigned=True).values_list("product_code", flat=True)) == ["RB01"]


@pytest.mark.django_db
def test_a_filing_number_is_used_once_and_a_failed_filing_leaves_nothing(rep, other_rep, officer, at, day):
    given = {
        "number": "BA-1", "name": "x", "mah_name": "远山", "mah_code": "91310000MA1FL00000",
        "product_codes": ["RB01"], "valid_from": day, "valid_until": None, "by": officer, "at": at,
    }  # fmt: skip
    law.file_representative(user_id=rep.pk, **given)

    for change in ({}, {"number": "BA-2", "product_codes": []}, {"number": "BA-2", "valid_until": day}):
        with pytest.raises(law.QualificationNotRecorded):
            law.file_representative(user_id=other_rep.pk, **{**given, **change})

    assert RepFiling.objects.count() == 1
    assert LedgerEntry.objects.filter(event="compliance.representative_filed").count() == 1


@pytest.mark.django_db
def test_nobody_but_compliance_keeps_qualifications_and_nobody_their_own(rep, manager, officer, at, day):
    with pytest.raises(PermissionDenied):
        law.record_employment(user_id=rep.pk, valid_from=day, by=manager, at=at)
    with pytest.raises(law.QualificationNotRecorded):
        law.record_employment(user_id=officer.pk, valid_from=day, by=officer, at=at)

    law.record_commitment(user_id=rep.pk, text_sha256="0" * 64, valid_from=day, by=rep, at=at)

    assert standing_of(rep.pk, "visit.plan", [], at).commitment_signed


@pytest.mark.django_db
def test_of_two_contracts_and_filings_that_hold_at_once_the_later_counts(rep, officer, at, day):
    qualify(rep, "RB01", by=officer, at=at)
    Employment.objects.create(user=rep, kind="contractor", valid_from=day, changed_on=day - timedelta(days=3))
    later = RepFiling.objects.create(
        user=rep, number="F-later", mah_name="恒域", mah_code="913300000000000000", name="周宁",
        valid_from=day, valid_until=day + timedelta(days=9),
    )  # fmt: skip
    later.products.create(product_code="NX02", valid_from=day)
    later.products.create(product_code="NX03", valid_from=day, is_assigned=False)

    standing = standing_of(rep.pk, "visit.plan", ["RB01", "NX02", "NX03"], at)

    assert (standing.contract, standing.change_open_days) == ("contractor", 3)
    assert (standing.filing_number, standing.filing_ends_on) == ("F-later", later.valid_until.isoformat())
    assert standing.products_outside_filing == ("RB01",)
    assert standing.products_outside_scope == ("NX03",)


@pytest.mark.django_db
def test_who_may_not_sign_in_is_not_employed(rep, officer, at):
    qualify(rep, "RB01", by=officer, at=at)
    rep.is_active = False
    rep.save()

    assert not standing_of(rep.pk, "visit.plan", ["RB01"], at).employed


@pytest.mark.django_db
def test_the_standing_of_many_costs_what_one_costs(rep, other_rep, officer, at, django_assert_num_queries):
    qualify(rep, by=officer, at=at)
    qualify(other_rep, by=officer, at=at)

    with django_assert_num_queries(1):
        standings = standings_of(
            [rep.pk, other_rep.pk, officer.pk], "visit.plan", ["RB01", "NX02"], at, hospital="hospital:1"
        )

    assert [standings[one.pk].filed for one in (rep, other_rep, officer)] == [True, True, False]
