"""The steward's queue of pairs, two records side by side, and the merges so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from doctors.choices import PairState
from doctors.models import (
    AcademicPost,
    Affiliation,
    Assignment,
    ConsentRecord,
    Doctor,
    Interaction,
    MatchPair,
    MergeRecord,
)
from doctors.rules.weights import probability
from doctors.selectors.cards import DoctorCard, doctor_cards
from doctors.selectors.contacts import contacts_of
from doctors.selectors.matching import model_in_force


@dataclass(frozen=True)
class Line:
    """One fact of two records; `differs` marks it."""

    label: str
    values: tuple[str, str]

    @property
    def differs(self) -> bool:
        return self.values[0] != self.values[1] and all(self.values)


@dataclass(frozen=True)
class QueuedPair:
    """A pair as the queue shows it. Score in bits, chance in percent."""

    pair: MatchPair
    low: DoctorCard | None
    high: DoctorCard | None
    bits: float
    chance: float


def pairs_listed(
    *, state: str = PairState.OPEN, least: float | None = None, hospital: str = "", province: str = ""
) -> QuerySet[MatchPair]:
    """Return pairs in a state; open ones from the lower line of the weights in force up.

    `least` is in bits, `province` two digits. Returns: no order; the page orders by score.
    """
    pairs = MatchPair.objects.select_related("decided_by").filter(state=state)
    if state == PairState.OPEN:
        model = model_in_force()
        pairs = pairs.filter(
            score__gte=model.lower if model else 0,
            low__merged_into__isnull=True,
            high__merged_into__isnull=True,
        )
    if least is not None:
        pairs = pairs.filter(score__gte=round(100 * least))
    if hospital:
        pairs = pairs.filter(low__hospital__name__icontains=hospital)
    if province:
        pairs = pairs.filter(low__division_code__startswith=province[:2])
    return pairs


def queued(pairs: Iterable[MatchPair]) -> list[QueuedPair]:
    """Return pairs with the cards of their doctors. Cost: one query."""
    rows = list(pairs)
    cards = doctor_cards({key for pair in rows for key in (pair.low_id, pair.high_id)})
    return [
        QueuedPair(
            pair,
            cards.get(pair.low_id),
            cards.get(pair.high_id),
            pair.score / 100,
            100 * probability(pair.score / 100),
        )
        for pair in rows
    ]


def waiting_pairs() -> int:
    """Return how many pairs wait for a steward. Cost: two queries."""
    return pairs_listed().count()


def side_by_side(low_id: UUID, high_id: UUID, on: date) -> list[Line]:
    """Return what two records say, fact by fact, and how much hangs on each. Cost: nine queries."""
    keys = (low_id, high_id)
    doctors = {
        row.pk: row
        for row in Doctor.objects.filter(pk__in=keys).select_related(
            "identity", "hospital__division", "department"
        )
    }
    contacts = contacts_of(keys)
    live = Q(valid_until__isnull=True) | Q(valid_until__gt=on)
    works = _texts(
        Affiliation.objects.filter(live, doctor_id__in=keys).select_related("hospital", "department").order_by("-is_primary", "valid_from"),
        lambda one: f"{one.hospital.name} · {one.department or one.department_name or '—'} · {one.valid_from}",
    )  # fmt: skip
    posts = _texts(
        AcademicPost.objects.filter(live, doctor_id__in=keys).order_by("organisation"),
        lambda one: f"{one.organisation} {one.get_role_display()}",
    )
    lands = _texts(
        Assignment.objects.filter(live, doctor_id__in=keys)
        .select_related("territory")
        .order_by("territory__name"),
        lambda one: one.territory.name,
    )
    met = {
        pk: (count, last)
        for pk, count, last in Interaction.objects.filter(doctor_id__in=keys)
        .values("doctor_id")
        .annotate(n=Count("pk"), last=Max("at"))
        .values_list("doctor_id", "n", "last")
    }
    asked = dict(
        ConsentRecord.objects.filter(doctor_id__in=keys).values("doctor_id").annotate(n=Count("pk")).values_list("doctor_id", "n")
    )  # fmt: skip
    never = set(
        ConsentRecord.objects.filter(doctor_id__in=keys, state="never").values_list("doctor_id", flat=True)
    )

    def both(value: Any) -> tuple[str, str]:
        first, second = (str(value(doctors[key]) or "") if key in doctors else "" for key in keys)
        return first, second

    return [
        Line(_("Doctor code"), both(lambda one: one.code)),
        Line(_("Name"), both(lambda one: one.identity.name)),
        Line(_("Read as"), both(lambda one: " / ".join(one.identity.readings[:3]))),
        Line(_("Hospital"), both(lambda one: one.hospital.name if one.hospital else "")),
        Line(_("Place"), both(lambda one: one.hospital.division if one.hospital else "")),
        Line(_("Department"), both(lambda one: one.department or one.department_name)),
        Line(pgettext("physician", "Title"), both(lambda one: one.get_title_display())),
        Line(_("Post"), both(lambda one: one.get_post_display())),
        Line(_("Specialty"), both(lambda one: one.specialty)),
        Line(_("State"), both(lambda one: one.get_status_display())),
        Line(_("Contact data"), both(lambda one: "\n".join(f"{c.kind_label} {c.masked}" for c in contacts if c.doctor_id == one.pk))),
        Line(_("Places of work"), both(lambda one: works.get(one.pk, ""))),
        Line(_("Academic posts"), both(lambda one: posts.get(one.pk, ""))),
        Line(_("Territories"), both(lambda one: lands.get(one.pk, ""))),
        Line(_("Contacts so far"), both(lambda one: _met_words(met.get(one.pk)))),
        Line(_("Consents on file"), both(lambda one: f"{asked.get(one.pk, 0)}" + (" · " + _("never") if one.pk in never else ""))),
        Line(_("Tier"), both(lambda one: _("refused profiling") if one.profiling_refused else one.get_tier_display())),
        Line(_("On file since"), both(lambda one: f"{timezone.localtime(one.created_at):%Y-%m-%d}")),
    ]  # fmt: skip


def merges_listed() -> QuerySet[MergeRecord]:
    """Return every merge with who made it and who took it back."""
    return MergeRecord.objects.select_related(
        "kept__identity", "merged__identity", "merged_by", "undone_by", "merged__hospital", "kept__hospital"
    )


def merges_of(doctor_id: UUID | str) -> list[MergeRecord]:
    """Return the merges in force that a doctor's page tells of. Cost: one query."""
    return list(merges_listed().filter(kept_id=doctor_id, undone_at__isnull=True).order_by("merged_at"))


def _texts(rows: Any, words: Any) -> dict[UUID, str]:
    found: dict[UUID, list[str]] = {}
    for row in rows:
        found.setdefault(row.doctor_id, []).append(words(row))
    return {pk: "\n".join(texts) for pk, texts in found.items()}


def _met_words(met: tuple[int, Any] | None) -> str:
    if not met:
        return "0"
    return _("%(count)d, the last on %(day)s") % {
        "count": met[0],
        "day": f"{timezone.localtime(met[1]):%Y-%m-%d}",
    }
