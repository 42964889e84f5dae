"""What of people's contracts, checks, filings, training and letters is over its term.

Ten years after the last day on which it counted; contracts and checks, which say who worked here, ten years after the
person's last contract ended.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models
from django.db.models import DateField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Least, TruncDate

from compliance.choices import CheckResult, DutyState
from compliance.models import (
    BriberyCheck,
    Certificate,
    Commitment,
    Employment,
    HospitalRegistration,
    Learning,
    QuizAttempt,
    RepFiling,
    TrainingDuty,
)
from compliance.retention import Disposal
from pharmacrm.common.models import StoredFile

from .keeping import moment_of, next_keys


def filings_over(before: date, after: str, most: int) -> list[str]:
    """Return the next filings that were withdrawn or ran out before a day. Cost: one query."""
    return next_keys(_ended(RepFiling, "withdrawn_on", "valid_until", before=before), after, most)


def certificates_over(before: date, after: str, most: int) -> list[str]:
    """Return the next certificates that ran out, were not renewed or were revoked before a day. Cost: one query."""
    rows = Certificate.objects.annotate(
        ended=Least("valid_until", "renew_by", TruncDate("revoked_at"), output_field=DateField())
    )
    return next_keys(rows.filter(ended__lt=before), after, most)


def attempts_over(before: date, after: str, most: int) -> list[str]:
    """Return the next tries of a quiz that gave no certificate that still stands and ended before a day. Cost: one query."""
    return next_keys(
        QuizAttempt.objects.filter(ended_at__date__lt=before, certificate__isnull=True), after, most
    )


def letters_over(before: date, after: str, most: int) -> list[str]:
    """Return the next letters of commitment that ran out before a day. Cost: one query."""
    return next_keys(_ended(Commitment, "valid_until", "renew_by", before=before), after, most)


def registrations_over(before: date, after: str, most: int) -> list[str]:
    """Return the next registrations with hospitals that ended before a day. Cost: one query."""
    return next_keys(HospitalRegistration.objects.filter(valid_until__lt=before), after, most)


def employments_over(before: date, after: str, most: int) -> list[str]:
    """Return the next contracts of people whose last contract ended before a day. Cost: one query."""
    return next_keys(_of_who_left(Employment, before).filter(valid_until__lt=before), after, most)


def checks_over(before: date, after: str, most: int) -> list[str]:
    """Return the next checks against lists of bribery that counted for a person who left before a day.

    A hit that nobody decided stays. Cost: one query.
    """
    rows = _of_who_left(BriberyCheck, before).filter(due_on__lt=before).exclude(result=CheckResult.OPEN)
    return next_keys(rows, after, most)


def duties_over(before: date, after: str, most: int) -> list[str]:
    """Return the next duties that ended without a certificate before a day, or stayed open when the person left.

    Cost: one query.
    """
    rows = TrainingDuty.objects.filter(certificate__isnull=True)
    ended = Q(state=DutyState.DROPPED, ended_on__lt=before)
    left = Q(state=DutyState.OPEN, due_on__lt=before) & ~_working(before)
    return next_keys(rows.filter(ended | left), after, most)


def learning_over(before: date, after: str, most: int) -> list[str]:
    """Return the next progress that nobody went on with since before a day, once no try of its quiz is left.

    Cost: one query.
    """
    tries = QuizAttempt.objects.filter(user=OuterRef("user"), version=OuterRef("version"))
    return next_keys(Learning.objects.filter(~Exists(tries), updated_at__lt=moment_of(before)), after, most)


def files_of_checks(keys: Iterable[str]) -> list[StoredFile]:
    """Return the proofs that only these checks name."""
    return _files_of(BriberyCheck, ("evidence",), list(keys))


def files_of_filings(keys: Iterable[str]) -> list[StoredFile]:
    """Return the photos and proofs that only these filings name."""
    return _files_of(RepFiling, ("photo", "evidence", "withdrawal_proof"), list(keys))


def files_of_registrations(keys: Iterable[str]) -> list[StoredFile]:
    """Return the proofs that only these registrations name."""
    return _files_of(HospitalRegistration, ("evidence",), list(keys))


def names_of(model: type[models.Model]) -> Any:
    """Return how a hold names rows of a model: by their person."""

    def names(keys: list[str]) -> dict[str, tuple[str, ...]]:
        rows = model._default_manager.filter(pk__in=keys).values_list("pk", "user_id")
        return {str(pk): (f"user:{user}",) for pk, user in rows}

    return names


def _working(before: date) -> Exists:
    """Whether a person had a contract on a day or later."""
    standing = Q(valid_until__isnull=True) | Q(valid_until__gte=before)
    return Exists(Employment.objects.filter(standing, user=OuterRef("user")))


def _of_who_left(model: type[models.Model], before: date) -> QuerySet[Any]:
    """Return the rows of people who had no contract any more on a day."""
    return model._default_manager.filter(~_working(before))


def _ended(model: type[models.Model], *days: str, before: date) -> QuerySet[Any]:
    """Return rows whose first end lies before a day; an empty day ends nothing."""
    return model._default_manager.annotate(ended=Least(*days, output_field=DateField())).filter(
        ended__lt=before
    )


def _files_of(model: type[models.Model], names: tuple[str, ...], keys: list[str]) -> list[StoredFile]:
    own, others = set(), set()
    for name in names:
        rows = model._default_manager.filter(**{f"{name}__isnull": False})
        own |= set(rows.filter(pk__in=keys).values_list(name, flat=True))
        others |= set(rows.exclude(pk__in=keys).values_list(name, flat=True))
    return list(StoredFile.objects.filter(pk__in=own - others).order_by("pk"))


DISPOSALS = {
    "staff_employment": Disposal(
        due=employments_over, names=names_of(Employment), trees=(("compliance.Employment", ""),)
    ),
    "staff_bribery_check": Disposal(
        due=checks_over,
        names=names_of(BriberyCheck),
        trees=(("compliance.BriberyCheck", ""),),
        files=files_of_checks,
    ),
    "staff_duty": Disposal(
        due=duties_over, names=names_of(TrainingDuty), trees=(("compliance.TrainingDuty", ""),)
    ),
    "staff_learning": Disposal(
        due=learning_over, names=names_of(Learning), trees=(("compliance.Learning", ""),)
    ),
    "staff_filing": Disposal(
        due=filings_over,
        names=names_of(RepFiling),
        trees=(("compliance.FiledProduct", "filing"), ("compliance.RepFiling", "")),
        files=files_of_filings,
    ),
    "staff_certificate": Disposal(
        due=certificates_over,
        names=names_of(Certificate),
        trees=(("compliance.TrainingDuty", "certificate"), ("compliance.Certificate", "")),
    ),
    "staff_quiz": Disposal(
        due=attempts_over, names=names_of(QuizAttempt), trees=(("compliance.QuizAttempt", ""),)
    ),
    "staff_letter": Disposal(
        due=letters_over, names=names_of(Commitment), trees=(("compliance.Commitment", ""),)
    ),
    "staff_registration": Disposal(
        due=registrations_over,
        names=names_of(HospitalRegistration),
        trees=(("compliance.HospitalRegistration", ""),),
        files=files_of_registrations,
    ),
}
