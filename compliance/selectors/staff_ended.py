"""What of people's filings, training and letters is over its term: ten years after the last day on which it counted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models
from django.db.models import DateField, QuerySet
from django.db.models.functions import Least, TruncDate

from compliance.models import Certificate, Commitment, HospitalRegistration, QuizAttempt, RepFiling
from compliance.retention import Disposal
from pharmacrm.common.models import StoredFile

from .keeping import next_keys


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
