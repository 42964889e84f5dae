"""What subjects of this app are called in the ledger, in holds and in cases."""

from __future__ import annotations

from doctors.models import DoctorIdentity, Hospital


def title_of_doctor(key: str) -> str:
    """Return a doctor's name, or an empty string for one that was erased."""
    return DoctorIdentity.objects.filter(pk=key).values_list("name", flat=True).first() or ""


def title_of_hospital(key: str) -> str:
    """Return a hospital's name."""
    return Hospital.objects.filter(pk=key).values_list("name", flat=True).first() or ""
