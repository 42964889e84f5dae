"""What subjects of this app are called in the ledger, in holds and in cases."""

from __future__ import annotations

from doctors.models import Doctor, DoctorIdentity, Hospital


def title_of_doctor(key: str) -> str:
    """Return a doctor's name, or an empty string for one that was erased."""
    return DoctorIdentity.objects.filter(pk=key).values_list("name", flat=True).first() or ""


def keys_of_doctor(words: str) -> list[str]:
    """Return the keys of doctors whose name or code is exactly this, ten at most."""
    by_name = DoctorIdentity.objects.filter(name=words).values_list("doctor_id", flat=True)[:10]
    by_code = Doctor.objects.filter(code__iexact=words).values_list("pk", flat=True)[:10]
    return sorted({str(key) for key in [*by_name, *by_code]})


def title_of_hospital(key: str) -> str:
    """Return a hospital's name."""
    return Hospital.objects.filter(pk=key).values_list("name", flat=True).first() or ""
