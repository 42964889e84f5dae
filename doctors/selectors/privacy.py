"""Text about a person, kept under the person's own key so that erasing the key erases it everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from uuid import UUID

from doctors.models import DoctorIdentity
from pharmacrm.common.crypto import KeyDestroyed, unseal, unwrap_key


def data_key(doctor_id: UUID | str) -> bytes:
    """Return a doctor's data key. Raises: KeyDestroyed when the person was erased. Cost: one query."""
    wrapped = DoctorIdentity.objects.filter(pk=doctor_id).values_list("wrapped_key", flat=True).first()
    return unwrap_key(bytes(wrapped) if wrapped else None)


def open_text(doctor_id: UUID | str, sealed: bytes | memoryview | None) -> str:
    """Return what `actions.seal_text` sealed; empty when nothing was sealed or the person was erased."""
    return opener_of(doctor_id)(sealed)


def opener_of(doctor_id: UUID | str) -> Callable[[bytes | memoryview | None], str]:
    """Return `open_text` for many texts of one doctor. Cost: one query, at the first text."""

    @cache
    def key() -> bytes | None:
        try:
            return data_key(doctor_id)
        except KeyDestroyed:
            return None

    def opened(sealed: bytes | memoryview | None) -> str:
        if not sealed or (found := key()) is None:
            return ""
        return unseal(bytes(sealed), key=found, context=str(doctor_id).encode()).decode()

    return opened


def open_texts(
    rows: Iterable[tuple[UUID, bytes | memoryview, bytes | memoryview | None]],
) -> list[tuple[UUID, str]]:
    """Return (doctor, text) of rows of doctor, sealed text and wrapped key; texts of erased persons are left out."""
    return [
        (pk, unseal(bytes(sealed), key=unwrap_key(bytes(wrapped)), context=str(pk).encode()).decode())
        for pk, sealed, wrapped in rows
        if wrapped
    ]
