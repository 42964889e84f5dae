"""What somebody loses stops them at the next act: seconds from the loss to the refusal, at four doors."""

from __future__ import annotations

import time
from datetime import timedelta

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from bench.measure import Figure, Measure, percentile
from compliance import actions as law
from compliance.models import RepFiling
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.common.ids import uuid7
from tests.factories.compliance import PASSWORD
from tests.factories.gates import Ground, make_gates

TURNS = 5


def gates() -> dict[str, Figure]:
    """Revoke a certificate, cancel a filing, let a certificate end: then knock at every door in turn."""
    losses = {"certificate revoked": _revoke, "filing cancelled": _cancel, "certificate ended": _end}
    figures = {}
    for name, lose in losses.items():
        taken = []
        for _ in range(TURNS):
            with transaction.atomic():
                taken += _refused_after(lose)
                transaction.set_rollback(True)
        slowest = max(taken)
        figures[name] = Figure(
            round(slowest, 3), "s", len(taken), holds=slowest <= 1.0,
            note=f"slowest of plan, start, show, phone pack; p50 {percentile(taken, 50) * 1000:.0f} ms",
        )  # fmt: skip
    return figures


def _refused_after(lose) -> list[float]:  # type: ignore[no-untyped-def]
    now = timezone.now()
    ground = make_gates(_person(Role.REP), _person(Role.COMPLIANCE), _person(Role.COMPLIANCE), at=now)
    taken = []
    lose(ground)
    for name, goes in ground.doors.items():
        began = time.perf_counter()
        if goes(timezone.now()):
            raise AssertionError(f"{name} went on after the loss")
        taken.append(time.perf_counter() - began)
    return taken


def _revoke(ground: Ground) -> None:
    law.revoke_certificate(
        certificate_id=ground.certificate.pk, reason="bench", by=ground.officer, at=timezone.now()
    )


def _cancel(ground: Ground) -> None:
    filing = RepFiling.objects.get(user=ground.rep)
    law.withdraw_filing(
        filing_id=filing.pk, on=timezone.localdate(), reason="bench", by=ground.officer, at=timezone.now()
    )


def _end(ground: Ground) -> None:
    certificate = ground.certificate
    certificate.valid_from, certificate.valid_until = (
        timezone.localdate() - timedelta(days=9),
        timezone.localdate(),
    )
    certificate.save()


def _person(role: str) -> User:
    key = uuid7().hex[-12:]
    person = User.objects.create(username=f"bench-{key}", email=f"{key}@bench.example", display_name=key)
    person.set_password(PASSWORD)
    person.save()
    person.groups.set([Group.objects.get_or_create(name=str(role))[0]])
    return person


MEASURES = [Measure("C4 gates", "a lost certificate or filing refuses the next act", gates)]
