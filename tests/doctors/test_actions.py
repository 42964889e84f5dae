"""Writes of the customer master: who may, what changes, what the ledger says, what stays as it was."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from compliance.models import LedgerEntry
from doctors import actions, selectors
from doctors.actions.assignments import DoctorNotAssigned
from doctors.models import (
    Affiliation,
    ContactPoint,
    ContactReveal,
    Doctor,
    DoctorIdentityVersion,
    HospitalAlias,
    Interaction,
)
from pharmacrm.accounts.choices import Role
from tests.factories.doctors import (
    make_department,
    make_division,
    make_doctor,
    make_hospital,
    make_notice,
    make_purpose,
    make_territory,
    put_into,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


def events():
    return list(LedgerEntry.objects.order_by("pk").values_list("event", flat=True))


def test_a_steward_creates_a_doctor_with_a_place_of_work(steward, at):
    hospital = make_hospital("湖滨医院", division=make_division())
    heart = make_department()

    doctor = actions.create_doctor(
        name=" 单　雄 ",
        title="chief_physician",
        hospital_id=hospital.pk,
        department_id=heart.pk,
        by=steward,
        at=at,
    )

    card = selectors.doctor_card(doctor.pk)
    assert (card.name, card.hospital, card.department, card.hospital_level) == (
        "单雄",
        "湖滨医院",
        heart.name,
        "3a",
    )
    assert doctor.division_code == "330106"
    assert doctor.identity.sort_key == "shan xiong"
    assert doctor.affiliations.get().is_primary
    assert doctor.history.count() == 1
    assert events() == ["doctors.doctor_created"]


def test_no_history_row_and_no_ledger_entry_holds_a_name(steward, at):
    doctor = actions.create_doctor(name="司徒怀瑾", by=steward, at=at)
    actions.rename_doctor(doctor_id=doctor.pk, name="司徒怀玉", by=steward, at=at)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT string_agg(h::text, ' ') FROM doctors_historicaldoctor h) || "
            "(SELECT string_agg(l::text, ' ') FROM compliance_ledgerentry l) || "
            "(SELECT string_agg(v::text, ' ') FROM doctors_doctoridentityversion v)"
        )
        everything = cursor.fetchone()[0]
    assert "怀" not in everything
    kept = DoctorIdentityVersion.objects.get()
    assert selectors.open_text(doctor.pk, kept.sealed) == "司徒怀瑾"


def test_an_erased_key_takes_past_names_and_contacts_with_it(steward, at):
    doctor = actions.create_doctor(name="司徒怀瑾", by=steward, at=at)
    point = actions.add_contact(doctor_id=doctor.pk, kind="mobile", value="13912342046", by=steward, at=at)

    doctor.identity.delete()

    assert selectors.open_text(doctor.pk, point.sealed) == ""


@pytest.mark.parametrize("role", [Role.REP, Role.LINE_MANAGER, Role.MARKETING, Role.INSPECTOR])
def test_the_field_never_edits_the_master(person, role, at):
    stranger = person("stranger", role)
    doctor, hospital = make_doctor(), make_hospital()

    for call in (
        lambda: actions.create_doctor(name="王", by=stranger, at=at),
        lambda: actions.update_doctor(doctor_id=doctor.pk, title="nurse", by=stranger, at=at),
        lambda: actions.rename_doctor(doctor_id=doctor.pk, name="李", by=stranger, at=at),
        lambda: actions.add_contact(
            doctor_id=doctor.pk, kind="mobile", value="13912342046", by=stranger, at=at
        ),
        lambda: actions.create_hospital(name="新院", by=stranger, at=at),
        lambda: actions.update_hospital(hospital_id=hospital.pk, by=stranger, at=at, beds=1),
        lambda: actions.add_hospital_alias(hospital_id=hospital.pk, name="一院", by=stranger, at=at),
        lambda: actions.add_affiliation(
            doctor_id=doctor.pk, hospital_id=hospital.pk, valid_from=DAY, by=stranger, at=at
        ),
        lambda: actions.add_academic_post(
            doctor_id=doctor.pk, seat=actions.Seat("会", "chair", "city"), by=stranger, at=at
        ),
    ):
        with pytest.raises(PermissionDenied):
            call()
    assert Doctor.objects.count() == 1
    assert ContactPoint.objects.count() == HospitalAlias.objects.count() == Affiliation.objects.count() == 0
    assert events() == []


def test_a_doctor_needs_a_name_and_a_code_of_its_own(steward, at):
    make_doctor(code="D1")

    with pytest.raises(actions.DoctorNotSaved):
        actions.create_doctor(name=" 　", by=steward, at=at)
    with pytest.raises(actions.DoctorNotSaved) as clash:
        actions.create_doctor(name="王", code="D1", by=steward, at=at)

    assert clash.value.field == "code"
    assert Doctor.objects.count() == 1
    assert events() == []


def test_a_title_off_the_list_is_not_accepted(steward, at):
    doctor = make_doctor(title="chief_physician")

    with pytest.raises(actions.DoctorNotSaved):
        actions.update_doctor(doctor_id=doctor.pk, title="wizard", by=steward, at=at)
    with pytest.raises(actions.DoctorNotSaved):
        actions.update_doctor(doctor_id=doctor.pk, tier="core", by=steward, at=at)

    doctor.refresh_from_db()
    assert (doctor.title, doctor.tier) == ("chief_physician", "")


def test_a_changed_title_leaves_its_past_in_history(steward, at):
    doctor = actions.create_doctor(name="王", title="attending_physician", by=steward, at=at)

    actions.update_doctor(doctor_id=doctor.pk, title="chief_physician", by=steward, at=at, reason="promoted")

    assert list(doctor.history.order_by("history_id").values_list("title", flat=True)) == [
        "attending_physician",
        "chief_physician",
    ]
    assert events()[-1] == "doctors.doctor_changed"


def test_the_level_of_a_hospital_follows_to_its_doctors(steward, at):
    hospital = make_hospital(level="2a")
    doctor = make_doctor(hospital=hospital)

    actions.update_hospital(hospital_id=hospital.pk, level="3a", by=steward, at=at)

    doctor.refresh_from_db()
    assert doctor.hospital_level == "3a"
    assert doctor.history.first().hospital_level == "3a"


def test_a_new_primary_place_of_work_ends_the_former_one(steward, at):
    old, new = make_hospital("旧院"), make_hospital("新院", level="2a")
    doctor = make_doctor(hospital=old)

    actions.add_affiliation(
        doctor_id=doctor.pk, hospital_id=new.pk, valid_from=DAY, is_primary=True, by=steward, at=at
    )

    doctor.refresh_from_db()
    assert (doctor.hospital, doctor.hospital_level) == (new, "2a")
    assert doctor.affiliations.get(hospital=old).valid_until == DAY


def test_a_place_of_work_ends_for_a_reason_that_stands_in_the_ledger(steward, at):
    doctor = make_doctor(hospital=make_hospital())
    work = doctor.affiliations.get()
    end = {"affiliation_id": work.pk, "until": DAY, "by": steward, "at": at}

    with pytest.raises(actions.DoctorNotSaved):
        actions.end_affiliation(**end, reason=" ")
    actions.end_affiliation(**end, reason="已退休")

    work.refresh_from_db()
    assert work.valid_until == DAY
    assert LedgerEntry.objects.get(event="doctors.affiliation_ended").reason == "已退休"


def test_two_primary_places_at_once_are_impossible():
    doctor = make_doctor(hospital=make_hospital())

    with pytest.raises(IntegrityError):
        Affiliation.objects.create(doctor=doctor, hospital=make_hospital(), is_primary=True, valid_from=DAY)


def test_a_doctor_is_in_a_territory_once_at_a_time(manager, at):
    territory, doctor = make_territory(), make_doctor()
    first = actions.assign_doctor(
        doctor_id=doctor.pk, territory_id=territory.pk, valid_from=DAY, by=manager, at=at
    )

    with pytest.raises(DoctorNotAssigned):
        actions.assign_doctor(
            doctor_id=doctor.pk, territory_id=territory.pk, valid_from=DAY, by=manager, at=at
        )
    actions.end_assignment(assignment_id=first.pk, until=DAY + timedelta(days=9), by=manager, at=at)
    actions.assign_doctor(
        doctor_id=doctor.pk,
        territory_id=territory.pk,
        valid_from=DAY + timedelta(days=9),
        by=manager,
        at=at,
    )

    assert selectors.territory_ids_of_doctor(doctor.pk, DAY + timedelta(days=9)) == [territory.pk]
    assert events() == ["doctors.doctor_assigned", "doctors.assignment_ended", "doctors.doctor_assigned"]


def test_a_representative_assigns_nobody(rep, at):
    territory, doctor = make_territory(), make_doctor()

    with pytest.raises(PermissionDenied):
        actions.assign_doctor(doctor_id=doctor.pk, territory_id=territory.pk, valid_from=DAY, by=rep, at=at)

    assert doctor.assignments.count() == 0


def test_a_contact_point_is_kept_encrypted_and_shown_masked(steward, at):
    doctor = actions.create_doctor(name="王", by=steward, at=at)

    point = actions.add_contact(
        doctor_id=doctor.pk, kind="mobile", value="+86 139-1234-2046", by=steward, at=at
    )

    kept = point.history.values().first()
    assert b"12342046" not in bytes(point.sealed)
    assert selectors.contacts_of([doctor.pk])[0].masked == "139****2046"
    # Keys and moments may hold any four digits by chance, so the columns and the longer number are looked for.
    assert {"masked", "tail_index", "whole_index"}.isdisjoint(kept)
    assert "12342046" not in str(kept)
    assert selectors.open_text(doctor.pk, point.sealed) == "13912342046"


def test_a_number_of_the_wrong_shape_is_not_kept(steward, at):
    doctor = make_doctor()

    with pytest.raises(actions.ContactNotAccepted):
        actions.add_contact(doctor_id=doctor.pk, kind="mobile", value="12345", by=steward, at=at)

    assert ContactPoint.objects.count() == 0


def test_revealing_a_contact_point_is_written_down(steward, rep, at):
    territory = make_territory()
    put_into(rep, territory)
    doctor = make_doctor(territory=territory)
    point = actions.add_contact(doctor_id=doctor.pk, kind="mobile", value="13912342046", by=steward, at=at)
    make_purpose()
    notice = make_notice()
    actions.record_consent(
        doctor_id=doctor.pk,
        state="given",
        channel="phone",
        notice_id=notice.pk,
        by=steward,
        at=at,
        asked_by_company=False,
    )

    shown = actions.reveal_contact(contact_id=point.pk, by=rep, at=at, purpose="move the visit")

    assert shown == "13912342046"
    assert ContactReveal.objects.get().by == rep
    entry = LedgerEntry.objects.get(event="doctors.contact_revealed")
    assert (entry.actor, entry.reason) == (rep, "move the visit")


def test_a_contact_point_outside_the_territory_stays_masked(steward, rep, at):
    doctor = make_doctor()
    point = actions.add_contact(doctor_id=doctor.pk, kind="mobile", value="13912342046", by=steward, at=at)

    with pytest.raises(PermissionDenied):
        actions.reveal_contact(contact_id=point.pk, by=rep, at=at, purpose="curious")

    assert ContactReveal.objects.count() == 0


def test_consent_needs_the_notice_that_was_shown(steward, at):
    doctor = make_doctor()

    with pytest.raises(actions.ConsentNotAccepted):
        actions.record_consent(doctor_id=doctor.pk, state="given", channel="sms", by=steward, at=at)

    assert doctor.consents.count() == 0


def test_withdrawing_a_consent_holds_at_once(steward, at):
    doctor, notice = make_doctor(), make_notice()
    ask = {"channel": "sms", "purpose": "academic_contact", "at": at + timedelta(minutes=1)}
    actions.record_consent(
        doctor_id=doctor.pk, state="given", channel="sms", notice_id=notice.pk, by=steward, at=at
    )
    assert selectors.consent_of(doctor.pk, **ask).is_given

    actions.withdraw_consent(doctor_id=doctor.pk, channel="sms", by=None, at=at + timedelta(seconds=1))

    assert selectors.consent_of(doctor.pk, **ask).state == "withdrawn"
    assert events() == ["doctors.consent_given", "doctors.consent_withdrawn"]


def test_contact_consents_at_once_say_what_the_two_questions_say_apart(
    steward, at, django_assert_num_queries
):
    given, gone, never, silent = (make_doctor(name) for name in ("张晓明", "陆敏", "何静", "马超"))
    notice, later = make_notice(), at + timedelta(minutes=1)
    for doctor in (given, gone):
        actions.record_consent(
            doctor_id=doctor.pk, state="given", channel="sms", notice_id=notice.pk, by=steward, at=at
        )
    actions.withdraw_consent(doctor_id=gone.pk, channel="sms", by=None, at=at + timedelta(seconds=1))
    actions.record_consent(doctor_id=never.pk, state="never", by=steward, at=at)
    keys = [one.pk for one in (given, gone, never, silent)]
    families = selectors.families_of(keys)

    with django_assert_num_queries(1):
        found = selectors.contact_consents(families, channel="sms", at=later, products=("RB01",))

    asked = {"channel": "sms", "at": later}
    assert found.held == selectors.consents_of(keys, purpose="academic_contact", **asked)
    assert found.stopped == selectors.stopped_among(keys, products=("RB01",), **asked)
    assert found.stopped == {gone.pk, never.pk}


def test_refusing_profiling_takes_the_tier_away_and_giving_it_again_brings_no_tier_back(steward, at):
    purpose = make_purpose("profiling")
    doctor, notice = make_doctor(tier="core"), make_notice(purpose)

    actions.withdraw_consent(doctor_id=doctor.pk, purpose="profiling", by=None, at=at)
    doctor.refresh_from_db()
    assert (doctor.tier, doctor.profiling_refused) == ("", True)

    actions.record_consent(
        doctor_id=doctor.pk,
        state="given",
        purpose="profiling",
        notice_id=notice.pk,
        by=None,
        at=at + timedelta(days=1),
    )
    doctor.refresh_from_db()
    assert (doctor.tier, doctor.profiling_refused) == ("", False)


def test_a_doctor_who_refused_profiling_cannot_have_a_tier():
    with pytest.raises(IntegrityError):
        make_doctor(tier="core", profiling_refused=True)


def test_the_stream_of_contacts_is_append_only(rep, at):
    doctor = make_doctor()
    actions.record_interaction(
        doctor_id=doctor.pk, kind="visit", channel="visit", subject="visit:1", by=rep, at=at
    )

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Interaction.objects.update(weight=0)

    assert [row.weight for row in selectors.interactions_of(doctor.pk)] == [100]


def test_an_alias_said_twice_is_kept_once(steward, at):
    hospital = make_hospital()

    for _ in range(2):
        actions.add_hospital_alias(hospital_id=hospital.pk, name="一院", by=steward, at=at)

    assert HospitalAlias.objects.count() == 1
    assert events() == ["doctors.hospital_alias_added"]
