"""Two people answer one thing at the same moment, each on their own connection: it is decided once, and signed once."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from activities.actions.events import speaker_choice
from activities.models import Event, Speaker
from compliance import actions as law
from compliance import selectors
from compliance.actions.retention import ask_retention, decide_retention
from compliance.models import (
    ApprovalRequest,
    ApprovalStep,
    Hold,
    LedgerEntry,
    Parameter,
    RetentionRun,
    Signature,
)
from doctors import actions as doctors
from doctors.actions import model_activation
from doctors.models import ChangeRequest, ConsentNotice, Doctor, Erasure, SegmentationModel, TierOverride
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import DomainError, Refused
from tests.compliance.second_opinions import OPINIONS
from tests.conftest import AT
from tests.factories.compliance import give_totp, proof_of
from tests.factories.doctors import make_doctor, make_hospital, make_purpose, make_territory, put_into
from tests.factories.retention import old_sign_in, retention_run
from tests.factories.segmentation import make_model
from tests.factories.training import drafted

pytestmark = pytest.mark.django_db(transaction=True)
LATER = AT + timedelta(minutes=5)


@dataclass(frozen=True)
class Duel:
    """Two answers to one thing, the act that stands in the ledger once afterwards, and what has to be true then."""

    first: Callable[[], Any]
    other: Callable[[], Any]
    events: tuple[str, ...]
    is_decided: Callable[[], bool]
    signatures: int = 0


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """Let acts begin together. Returns: what became of each, "done" or the name of what it was told."""
    start, said = threading.Barrier(len(acts)), []

    def go(act):
        try:
            start.wait()
            act()
            said.append("done")
        except (DomainError, Refused, PermissionDenied) as late:
            said.append(type(late).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(said)


def step_about(subject: str) -> Any:
    return ApprovalStep.objects.get(request__subject=subject, request__state="open", state="open").pk


def in_the_inbox(step: Any, by: Any, *, verb: str = "agree", proof: Any = None) -> Callable[[], Any]:
    return lambda: law.decide(step_id=step, verb=verb, by=by, at=LATER, comment="x", proof=proof)


def _doctor(rep: Any) -> Doctor:
    territory = make_territory()
    put_into(rep, territory)
    return make_doctor("王晓明", hospital=make_hospital(), territory=territory)


def override(person) -> Duel:
    rep, officer = person("rep", Role.REP), person("officer", Role.COMPLIANCE)
    doctor = _doctor(rep)
    asked = doctors.ask_override(
        doctor_id=doctor.pk,
        tier="core",
        reason="other",
        valid_until=AT.date() + timedelta(days=30),
        by=rep,
        at=AT,
    )
    step = step_about(f"doctor:{doctor.pk}")
    return Duel(
        lambda: doctors.decide_override(override_id=asked.pk, approve=True, by=officer, at=LATER),
        in_the_inbox(step, person("medical", Role.MEDICAL), verb="refuse"),
        ("doctors.override_approved", "doctors.override_refused"),
        lambda: (
            TierOverride.objects.get().state == "approved" if Doctor.objects.get().tier else
            TierOverride.objects.get().state == "refused"
        ),
    )  # fmt: skip


def proposal(person) -> Duel:
    rep = person("rep", Role.REP)
    one, other = person("steward", Role.STEWARD), person("steward2", Role.STEWARD)
    doctor = _doctor(rep)
    asked = doctors.ask_change(doctor_id=doctor.pk, wanted={"specialty": "肾内科"}, note="", by=rep, at=AT)
    return Duel(
        lambda: doctors.decide_change(request_id=asked.pk, accept=True, by=one, at=LATER),
        lambda: doctors.decide_change(request_id=asked.pk, accept=False, answer="不属实", by=other, at=LATER),
        ("doctors.change_accepted", "doctors.change_refused"),
        lambda: (Doctor.objects.get().specialty == "肾内科") == (ChangeRequest.objects.get().state == "accepted"),
    )  # fmt: skip


def erasure(person) -> Duel:
    rep, officer = person("rep", Role.REP), person("officer", Role.COMPLIANCE)
    seconds = [person("second", Role.COMPLIANCE), person("third", Role.COMPLIANCE)]
    asked = doctors.take_request(
        doctor_id=_doctor(rep).pk, kind="erase", source="rep", words="", by=rep, at=AT
    )
    doctors.check_identity(request_id=asked.pk, how="call_back", by=officer, at=AT)
    doctors.answer_request(
        request_id=asked.pk,
        answer=doctors.RequestAnswer(True),
        by=officer,
        at=AT,
        proof=proof_of(officer, AT),
    )
    proofs = [proof_of(one, LATER) for one in seconds]
    return Duel(
        lambda: doctors.second_erasure(
            request_id=asked.pk, agrees=True, by=seconds[0], at=LATER, proof=proofs[0]
        ),
        in_the_inbox(step_about(f"privacy_request:{asked.pk}"), seconds[1], proof=proofs[1]),
        ("doctors.doctor_erased",),
        lambda: Erasure.objects.get().erased_by_id in {one.pk for one in seconds},
        signatures=2,
    )


def taken_back(person) -> Duel:
    """Who decided first takes it back while the second signs."""
    rep, officer = person("rep", Role.REP), person("officer", Role.COMPLIANCE)
    second = person("second", Role.COMPLIANCE)
    asked = doctors.take_request(
        doctor_id=_doctor(rep).pk, kind="erase", source="rep", words="", by=rep, at=AT
    )
    doctors.check_identity(request_id=asked.pk, how="call_back", by=officer, at=AT)
    doctors.answer_request(
        request_id=asked.pk,
        answer=doctors.RequestAnswer(True),
        by=officer,
        at=AT,
        proof=proof_of(officer, AT),
    )
    proof = proof_of(second, LATER)
    return Duel(
        lambda: doctors.second_erasure(request_id=asked.pk, agrees=True, by=second, at=LATER, proof=proof),
        lambda: doctors.second_erasure(
            request_id=asked.pk, agrees=False, by=officer, at=LATER, reason="弄错了"
        ),
        ("doctors.doctor_erased", "doctors.request_returned"),
        lambda: Erasure.objects.exists() == (Signature.objects.count() == 2),
    )


def destruction(person) -> Duel:
    run = retention_run()
    one, other = person("officer", Role.COMPLIANCE), person("second", Role.COMPLIANCE)
    proofs = proof_of(one, LATER), proof_of(other, LATER)
    return Duel(
        lambda: decide_retention(run_id=run.pk, approve=True, by=one, at=LATER, proof=proofs[0]),
        lambda: decide_retention(
            run_id=run.pk, approve=False, by=other, at=LATER, proof=proofs[1], reason="未到期"
        ),
        ("compliance.retention_approved", "compliance.retention_refused"),
        lambda: RetentionRun.objects.get().state in {"running", "refused", "done"},
        signatures=2,
    )


def course(person) -> Duel:
    author, keeper = person("author", Role.MEDICAL), person("keeper", Role.COMPLIANCE)
    one, other = person("officer", Role.COMPLIANCE), person("second", Role.COMPLIANCE)
    version = drafted(author, at=AT, by=keeper)
    proofs = proof_of(one, LATER), proof_of(other, LATER)
    return Duel(
        lambda: law.publish_version(version_id=version.pk, by=one, at=LATER, proof=proofs[0]),
        lambda: law.publish_version(version_id=version.pk, by=other, at=LATER, proof=proofs[1]),
        ("compliance.course_published",),
        lambda: version.course.versions.get(state="published").published_by_id in {one.pk, other.pk},
        signatures=1,
    )


def model(person) -> Duel:
    author, officer = person("marketing", Role.MARKETING), person("officer", Role.COMPLIANCE)
    other = person("medical", Role.MEDICAL)
    made = make_model(author, officer, at=AT, state="assessed")
    proofs = proof_of(officer, LATER), proof_of(other, LATER)
    return Duel(
        lambda: model_activation.activate_model(model_id=made.pk, by=officer, at=LATER, proof=proofs[0]),
        in_the_inbox(step_about(f"segmentation_model:{made.pk}"), other, proof=proofs[1]),
        ("doctors.model_activated",),
        lambda: SegmentationModel.objects.get().state == "active",
        signatures=1,
    )


def notice(person) -> Duel:
    author, officer = person("author", Role.COMPLIANCE), person("officer", Role.REGULATORY)
    make_purpose()
    draft = doctors.draft_notice(
        purpose="academic_contact", text_zh="告知", text_en="Notice", valid_from=AT.date(), by=author, at=AT
    )
    step = step_about(f"notice:{draft.pk}")
    return Duel(
        lambda: doctors.publish_notice(notice_id=draft.pk, by=officer, at=LATER),
        in_the_inbox(step, person("steward", Role.STEWARD), verb="refuse"),
        ("doctors.notice_published", "doctors.notice_dropped"),
        lambda: ConsentNotice.objects.get().state in {"published", "dropped"},
    )


def speaker(person) -> Duel:
    organiser, medical = person("organiser", Role.MEDICAL), person("medical", Role.MEDICAL)
    starts = AT + timedelta(days=9)
    event = Event.objects.create(
        kind="department", title="科室会", organiser=organiser, territory=make_territory(), topic="肾功能分层",
        starts_at=starts, ends_at=starts + timedelta(hours=2),
    )  # fmt: skip
    proposed = Speaker.objects.create(
        event=event, doctor=make_doctor(), topic="x", selection_reason="指南作者", proposed_by=organiser
    )
    speaker_choice.put_speaker(proposed, at=AT)
    step = step_about(f"engagement:{proposed.pk}")
    return Duel(
        lambda: speaker_choice.verify_speaker(speaker_id=proposed.pk, by=medical, at=LATER),
        in_the_inbox(step, person("officer", Role.COMPLIANCE), verb="refuse"),
        ("activities.speaker_verified", "activities.speaker_refused"),
        lambda: (
            (Speaker.objects.get().state == "verified")
            == (Speaker.objects.get().selection_verified_by == medical)
        ),
    )


def figure(person) -> Duel:
    author = person("author", Role.COMPLIANCE)
    law.adopt_book(by=author, at=AT - timedelta(days=30))
    signers = [person(name, Role.COMPLIANCE) for name in ("first", "second", "third")]
    made = law.draft_parameter(
        rule="RD-01", name="cap_fen", value=25_000, valid_from=AT.date() + timedelta(days=2), reason="从严",
        by=author, at=AT,
    )  # fmt: skip
    law.sign_parameter(parameter_id=made.pk, by=signers[0], at=AT, proof=proof_of(signers[0], AT))
    proofs = [proof_of(one, LATER) for one in signers[1:]]
    return Duel(
        lambda: law.sign_parameter(parameter_id=made.pk, by=signers[1], at=LATER, proof=proofs[0]),
        in_the_inbox(step_about(f"figure:{made.pk}"), signers[2], proof=proofs[1]),
        ("compliance.parameter_changed",),
        lambda: Parameter.objects.get(pk=made.pk).state == "live",
        signatures=2,
    )


def opinion_of(flow: str) -> Callable[..., Duel]:
    """A second opinion of the kernel: one says yes on its own page, the other in the inbox."""

    def arrange(person) -> Duel:
        one, other = person("second", Role.COMPLIANCE), person("third", Role.COMPLIANCE)
        author, about = person("officer", Role.COMPLIANCE), person("rep", Role.REP)
        opinion = OPINIONS[flow]
        row = opinion.put_up(author, about=about, others=(one, other))
        proof = proof_of(other, LATER) if opinion.is_signed else None
        give_totp(one)

        def is_decided() -> bool:
            row.refresh_from_db()
            return opinion.is_decided(row)

        return Duel(
            lambda: opinion.yes(row, one),
            in_the_inbox(step_about(f"{opinion.kind}:{row.pk}"), other, proof=proof),
            (opinion.event,),
            is_decided,
            signatures=1 if opinion.is_signed else 0,
        )

    arrange.__name__ = flow
    return arrange


@pytest.mark.parametrize(
    "arrange", [*map(opinion_of, OPINIONS), override, proposal, erasure, taken_back, destruction, course, model, notice, speaker, figure], ids=lambda one: one.__name__
)  # fmt: skip
def test_of_two_who_decide_at_once_one_decides_and_the_other_is_told(person, arrange):
    duel = arrange(person)

    said = at_once(duel.first, duel.other)

    assert said.count("done") == 1
    assert "PermissionDenied" not in said  # who was asked is told that it is decided, not that they may not
    assert LedgerEntry.objects.filter(event__in=duel.events).count() == 1
    assert not ApprovalRequest.objects.filter(state="open").exists()
    assert duel.is_decided()
    if duel.signatures:
        assert Signature.objects.count() == duel.signatures


@pytest.mark.parametrize("turn", range(3))
def test_a_hold_placed_while_another_is_lifted_leaves_the_subject_held(person, turn):
    officer, other = person("officer", Role.COMPLIANCE), person("second", Role.COMPLIANCE)
    old = law.place_hold(subjects=["material:1"], reason="核查", by=officer, at=AT)
    proof = proof_of(other, LATER)

    said = at_once(
        lambda: law.lift_hold(hold_id=old.pk, reason="查清", by=other, at=LATER, proof=proof),
        lambda: law.place_hold(subjects=["material:1"], reason="又有新情况", by=officer, at=LATER),
    )

    assert said == ["done", "done"]
    assert [(one.lifted_at is None) for one in Hold.objects.order_by("placed_at")] == [False, True]
    assert selectors.is_held(["material:1"], LATER)
    assert LedgerEntry.objects.filter(event="compliance.hold_placed").count() == 2
    assert LedgerEntry.objects.filter(event="compliance.hold_lifted").count() == 1


def test_two_who_ask_for_another_tier_at_once_leave_one_request(person):
    rep, manager = person("rep", Role.REP), person("steward", Role.STEWARD)
    doctor = _doctor(rep)
    until = AT.date() + timedelta(days=30)

    said = at_once(*(
        lambda by=by: doctors.ask_override(doctor_id=doctor.pk, tier="core", reason="other", valid_until=until, by=by, at=AT)
        for by in (rep, manager)
    ))  # fmt: skip

    assert said == ["OverrideNotMade", "done"]
    assert (TierOverride.objects.count(), ApprovalRequest.objects.count()) == (1, 1)


def test_two_who_ask_for_a_destruction_at_once_leave_one_run_and_one_signature(person):
    old_sign_in()
    asking = [person(name, Role.COMPLIANCE) for name in ("officer", "second")]
    proofs = [proof_of(one, AT) for one in asking]

    said = at_once(*(
        lambda by=by, proof=proof: ask_retention(reason="年度清理", by=by, at=AT, proof=proof)
        for by, proof in zip(asking, proofs, strict=True)
    ))  # fmt: skip

    assert said == ["RetentionNotRun", "done"]
    assert (RetentionRun.objects.count(), Signature.objects.count()) == (1, 1)


def test_a_doctor_is_not_erased_past_a_hold_that_is_placed_at_once(person):
    rep, officer = person("rep", Role.REP), person("officer", Role.COMPLIANCE)
    second = person("second", Role.COMPLIANCE)
    doctor = _doctor(rep)
    asked = doctors.take_request(doctor_id=doctor.pk, kind="erase", source="rep", words="", by=rep, at=AT)
    doctors.check_identity(request_id=asked.pk, how="call_back", by=officer, at=AT)
    doctors.answer_request(
        request_id=asked.pk,
        answer=doctors.RequestAnswer(True),
        by=officer,
        at=AT,
        proof=proof_of(officer, AT),
    )
    proof = proof_of(second, LATER)

    at_once(
        lambda: doctors.second_erasure(request_id=asked.pk, agrees=True, by=second, at=LATER, proof=proof),
        lambda: law.place_hold(subjects=[f"doctor:{doctor.pk}"], reason="核查", by=officer, at=LATER),
    )

    order = list(
        LedgerEntry.objects.filter(
            event__in=["compliance.hold_placed", "doctors.doctor_erased", "doctors.doctor_frozen"]
        ).values_list("event", flat=True).order_by("id")
    )  # fmt: skip
    assert Hold.objects.count() == 1
    assert order in (
        ["compliance.hold_placed"], ["compliance.hold_placed", "doctors.doctor_frozen"],
        ["doctors.doctor_erased", "compliance.hold_placed"],
    )  # fmt: skip
