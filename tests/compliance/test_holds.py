"""Holds: who may place and lift them, and that they stand against races."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from compliance import actions as law
from compliance import selectors
from compliance.models import Hold, LedgerEntry, Signature
from pharmacrm.accounts.choices import Role
from tests.conftest import AT
from tests.factories.compliance import proof_of

LATER = AT + timedelta(hours=1)


@pytest.fixture
def second_officer(person):
    return person("second_officer", Role.COMPLIANCE, name="许未")


@pytest.fixture
def hold(officer):
    return law.place_hold(subjects=["material:1", "event:2"], reason="说明书更新", by=officer, at=AT)


@pytest.mark.django_db
def test_a_hold_stops_each_of_its_subjects_from_that_moment(hold):
    assert selectors.is_held(["event:2"], AT)
    assert not selectors.is_held(["event:2"], AT - timedelta(seconds=1))
    assert not selectors.is_held(["event:3"], AT)
    held = selectors.held_of(["material:1", "doctor:9"], AT)
    assert [(row.subject, row.reason, row.placed_by) for row in held] == [
        ("material:1", "说明书更新", "周正")
    ]
    assert LedgerEntry.objects.get().event == "compliance.hold_placed"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("subjects", "reason"), [([], "why"), (["material:1"], "  "), (["material"], "why"), ([":1"], "why")]
)
def test_a_hold_needs_a_subject_and_a_reason(officer, subjects, reason):
    with pytest.raises(law.HoldNotPlaced):
        law.place_hold(subjects=subjects, reason=reason, by=officer, at=AT)

    assert not Hold.objects.exists()
    assert not LedgerEntry.objects.exists()


@pytest.mark.django_db
def test_a_rep_places_no_hold(rep):
    with pytest.raises(PermissionDenied):
        law.place_hold(subjects=["material:1"], reason="why", by=rep, at=AT)

    assert not Hold.objects.exists()


@pytest.mark.django_db
def test_the_system_places_a_hold(db):
    hold = law.place_hold(subjects=["material:1"], reason="label changed", by=None, at=AT)

    assert hold.placed_by is None


@pytest.mark.django_db
def test_an_officer_lifts_a_hold_by_signature(hold, second_officer):
    law.lift_hold(
        hold_id=hold.pk, reason="checked", by=second_officer, at=LATER, proof=proof_of(second_officer, LATER)
    )

    hold.refresh_from_db()
    assert not selectors.is_held(["material:1"], LATER)
    assert selectors.is_held(["material:1"], AT)
    assert LedgerEntry.objects.filter(event="compliance.hold_lifted").count() == 1
    assert hold.lift_signature == Signature.objects.get(subject=f"hold:{hold.pk}", meaning="hold_lifted")


@pytest.mark.django_db
def test_nobody_lifts_a_hold_without_a_signature(hold, officer, second_officer):
    for by in (officer, second_officer):
        with pytest.raises(law.HoldNotLifted):
            law.lift_hold(hold_id=hold.pk, reason="checked", by=by, at=LATER)

    assert selectors.is_held(["material:1"], LATER)
    assert not Signature.objects.exists()


@pytest.mark.django_db
def test_a_hold_is_lifted_once_with_a_reason_by_an_officer(hold, second_officer, rep):
    proof = proof_of(second_officer, LATER)
    with pytest.raises(PermissionDenied):
        law.lift_hold(hold_id=hold.pk, reason="checked", by=rep, at=LATER, proof=proof_of(rep, LATER))
    with pytest.raises(law.HoldNotLifted):
        law.lift_hold(hold_id=hold.pk, reason=" ", by=second_officer, at=LATER, proof=proof)
    law.lift_hold(hold_id=hold.pk, reason="checked", by=second_officer, at=LATER, proof=proof)

    with pytest.raises(law.HoldNotLifted):
        law.lift_hold(hold_id=hold.pk, reason="again", by=second_officer, at=LATER, proof=proof)


@pytest.mark.django_db
def test_what_a_second_hold_stops_stays_stopped_when_the_first_is_lifted(hold, officer, second_officer):
    law.place_hold(subjects=["event:2"], reason="照片重复", by=second_officer, at=AT)

    law.lift_hold(hold_id=hold.pk, reason="checked", by=officer, at=LATER, proof=proof_of(officer, LATER))

    assert selectors.is_held(["event:2"], LATER)
    assert not selectors.is_held(["material:1"], LATER)


@pytest.mark.django_db
def test_the_database_wants_a_signature_under_a_lifted_hold(hold, second_officer):
    with pytest.raises(IntegrityError, match="hold_lifted_is_signed"), transaction.atomic():
        Hold.objects.filter(pk=hold.pk).update(lifted_by=second_officer, lifted_at=LATER, lift_reason="x")


@pytest.mark.django_db(transaction=True)
def test_two_officers_lift_one_hold_and_one_of_them_is_told_it_is_gone(hold, second_officer, person):
    third = person("third_officer", Role.COMPLIANCE)
    proofs = {by.pk: proof_of(by, LATER) for by in (second_officer, third)}
    outcomes, start = [], threading.Barrier(2)

    def lift(by):
        start.wait()
        try:
            law.lift_hold(hold_id=hold.pk, reason="checked", by=by, at=LATER, proof=proofs[by.pk])
            outcomes.append("lifted")
        except law.HoldNotLifted:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=lift, args=(by,)) for by in (second_officer, third)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["lifted", "refused"]


@pytest.mark.django_db(transaction=True)
def test_two_holds_at_once_on_crossed_subjects_both_stand(officer, second_officer):
    start, failures = threading.Barrier(2), []

    def place(by, subjects):
        start.wait()
        try:
            law.place_hold(subjects=subjects, reason="stop", by=by, at=AT)
        except Exception as error:  # noqa: BLE001 - shown by the assertion
            failures.append(error)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=place, args=(officer, ["material:1", "event:2"])),
        threading.Thread(target=place, args=(second_officer, ["event:2", "material:1"])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert Hold.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_hold_waits_for_an_act_that_has_already_asked(officer):
    order, asked, placing = [], threading.Event(), threading.Event()

    def act():
        with transaction.atomic():
            assert selectors.held_of(["material:1"], AT, until_commit=True) == []
            asked.set()
            placing.wait(5)
            placed.join(0.3)
            order.append("act done")
        connection.close()

    def place():
        asked.wait(5)
        placing.set()
        law.place_hold(subjects=["material:1"], reason="stop", by=officer, at=AT)
        order.append("hold placed")
        connection.close()

    placed = threading.Thread(target=place)
    acting = threading.Thread(target=act)
    placed.start()
    acting.start()
    acting.join()
    placed.join()

    assert order == ["act done", "hold placed"]


@pytest.mark.django_db(transaction=True)
def test_one_officer_lifts_while_another_places_and_the_new_hold_stands(hold, officer, second_officer):
    proof, start, failures = proof_of(officer, LATER), threading.Barrier(2), []

    def run(act):
        start.wait()
        try:
            act()
        except Exception as error:  # noqa: BLE001 - shown by the assertion
            failures.append(error)
        finally:
            connection.close()

    acts = [
        lambda: law.lift_hold(hold_id=hold.pk, reason="checked", by=officer, at=LATER, proof=proof),
        lambda: law.place_hold(subjects=["material:1"], reason="stop again", by=second_officer, at=LATER),
    ]
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    hold.refresh_from_db()
    assert failures == []
    assert hold.lifted_at == LATER
    assert [row.reason for row in selectors.held_of(["material:1"], LATER)] == ["stop again"]
    assert not selectors.is_held(["event:2"], LATER)
