"""Electronic signatures: two factors, a session, a lock, and a seal over every word."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance import actions as law
from compliance import selectors
from compliance.actions import signing
from compliance.models import Finding, LedgerEntry, Signature, SigningFailure, UsedCode
from pharmacrm.common.models import Notification
from tests.conftest import AT
from tests.factories.compliance import give_totp, proof_of, totp_code

pytestmark = pytest.mark.django_db
SHA = "a" * 64


@pytest.fixture(autouse=True)
def _clean_cache():
    cache.clear()


def _sign(by, proof, *, at=AT, sha=SHA):
    return law.sign(
        subject="material:1", content_sha256=sha, meaning="medical_approved", by=by, at=at, proof=proof
    )


def test_a_signature_says_who_when_and_what(reviewer):
    reviewer.job_title = "医学经理"
    signature = _sign(reviewer, proof_of(reviewer, AT))

    assert (signature.printed_name, signature.job_title) == ("何若水", "医学经理")
    assert (signature.signed_at, signature.time_zone) == (AT, "Asia/Shanghai")
    assert (signature.meaning, signature.method) == ("medical_approved", "password_code")
    assert selectors.is_valid(signature, SHA)
    assert list(selectors.signatures_of("material:1")) == [signature]


def test_the_second_signature_of_a_session_takes_the_password_alone(reviewer):
    proof = proof_of(reviewer, AT, session_key="s1")
    _sign(reviewer, proof)

    second = _sign(reviewer, replace(proof, code=""), at=AT + timedelta(minutes=14))

    assert second.method == "password"


@pytest.mark.parametrize(("session_key", "minutes"), [("s1", 16), ("s2", 1)])
def test_another_session_or_an_idle_one_asks_for_the_code_again(reviewer, session_key, minutes):
    proof = proof_of(reviewer, AT, session_key="s1")
    _sign(reviewer, proof)

    with pytest.raises(law.CodeNeeded):
        _sign(reviewer, replace(proof, code="", session_key=session_key), at=AT + timedelta(minutes=minutes))

    assert Signature.objects.count() == 1


def test_a_code_serves_once(reviewer):
    proof = proof_of(reviewer, AT, session_key="s1")
    _sign(reviewer, proof)

    with pytest.raises(law.WrongProof):
        _sign(reviewer, replace(proof, session_key="s2"))

    assert UsedCode.objects.count() == 1


def test_without_a_second_factor_nobody_signs(reviewer):
    with pytest.raises(law.SigningNotSetUp, match=r"authenticator|验证器"):
        _sign(reviewer, law.SignatureProof(password="correct horse battery", code="123456"))

    assert not Signature.objects.exists()


def test_a_closed_account_does_not_sign(reviewer):
    proof = proof_of(reviewer, AT)
    reviewer.is_active = False

    with pytest.raises(law.SigningNotSetUp):
        _sign(reviewer, proof)


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"code": "000000"}])
def test_a_wrong_proof_signs_nothing(reviewer, wrong):
    proof = replace(proof_of(reviewer, AT), **wrong)

    with pytest.raises(law.WrongProof):
        _sign(reviewer, proof)

    assert not Signature.objects.exists()


def test_five_wrong_attempts_lock_signing_even_with_the_right_password(reviewer):
    proof = proof_of(reviewer, AT)
    for _attempt in range(5):
        with pytest.raises(law.WrongProof):
            _sign(reviewer, replace(proof, password="wrong"))

    with pytest.raises(law.SigningLocked):
        _sign(reviewer, proof)

    assert not Signature.objects.exists()


def test_the_door_keeps_the_attempts_of_acts_that_rolled_back_and_raises_the_alarm(reviewer, officer):
    proof = replace(proof_of(reviewer, AT), password="wrong")
    for _attempt in range(5):
        token = signing.collect_failures()
        with pytest.raises(law.WrongProof), transaction.atomic():
            _sign(reviewer, proof)
        signing.record_signing_failures(signing.collected_failures(token))

    assert SigningFailure.objects.filter(user=reviewer).count() == 5
    assert LedgerEntry.objects.filter(event="compliance.signing_failed").count() == 5
    assert Finding.objects.get().kind == "signing_locked"
    assert Notification.objects.get(recipient=officer).kind == "signing_locked"
    cache.clear()
    with pytest.raises(law.SigningLocked):
        _sign(reviewer, proof_of(reviewer, AT))
    assert _sign(reviewer, proof_of(reviewer, AT + timedelta(minutes=16)), at=AT + timedelta(minutes=16))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    field=st.sampled_from(
        ["subject", "content_sha256", "meaning", "printed_name", "job_title", "time_zone", "method", "mac"]
    ),
    position=st.integers(0, 200),
    change=st.integers(1, 255),
)
def test_one_changed_character_makes_a_signature_invalid(reviewer, field, position, change):
    signature = Signature.objects.first() or _sign(reviewer, proof_of(reviewer, AT))
    words = getattr(signature, field) or " "
    position %= len(words)
    changed = words[:position] + chr(ord(words[position]) ^ change) + words[position + 1 :]
    setattr(signature, field, changed)

    assert not selectors.is_valid(signature, SHA)


def test_a_signature_does_not_stand_under_other_content(reviewer):
    signature = _sign(reviewer, proof_of(reviewer, AT))

    assert not selectors.is_valid(signature, "b" * 64)


def test_a_moved_or_re_dated_signature_is_invalid(reviewer, officer):
    signature = _sign(reviewer, proof_of(reviewer, AT))
    signature.signer = officer
    assert not selectors.is_valid(signature, SHA)
    signature.signer = reviewer
    signature.signed_at += timedelta(microseconds=1)
    assert not selectors.is_valid(signature, SHA)


def test_the_database_wants_a_hash_under_a_signature(reviewer):
    with pytest.raises(IntegrityError, match="signature_names_a_hash"):
        _sign(reviewer, proof_of(reviewer, AT), sha="nonsense")


def test_whether_the_code_is_asked_for_is_known_beforehand(reviewer):
    give_totp(reviewer)
    assert law.needs_code(by=reviewer, session_key="s1", at=AT)
    _sign(reviewer, law.SignatureProof("correct horse battery", totp_code(reviewer, AT), "s1"))

    assert not law.needs_code(by=reviewer, session_key="s1", at=AT)
    assert law.needs_code(by=reviewer, session_key="s1", at=AT + timedelta(minutes=16))


def test_a_person_whose_account_was_just_closed_signs_nothing(officer):
    proof = proof_of(officer, AT)
    type(officer).objects.filter(pk=officer.pk).update(is_active=False)
    assert officer.is_active  # as the running request still sees them

    with pytest.raises(law.SigningNotSetUp):
        law.sign(
            subject="test:1", content_sha256="0" * 64, meaning="approved", by=officer, at=AT, proof=proof
        )

    assert not Signature.objects.exists()
