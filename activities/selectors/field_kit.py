"""What a representative's form and phone offer: topics to tick, materials to show, what was shown today."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language

from activities.models import VisitMaterial
from compliance.selectors import Standing, standing_of
from content import selectors as content

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User

OPENING = 18
SHOWN_WITHIN = timedelta(hours=12)


@dataclass(frozen=True)
class Topic:
    """Something that may be talked about: an approved message of a product, or the product as a whole."""

    product_id: UUID
    claim_id: UUID | None
    label: str

    @property
    def value(self) -> str:
        return f"{self.product_id}|{self.claim_id or ''}"


def product_codes_of(user: User, *, at: datetime) -> tuple[str, ...]:
    """Return the products within a person's filing. Cost: one query and the look at the filing."""
    codes, standing = _standing(user, at)
    if not standing.filed:
        return ()
    return tuple(code for code in codes if code not in standing.products_outside_filing)


def products_spoken_of(user: User, *, at: datetime) -> frozenset[str]:
    """Return the products a person may speak of: filed for, and not given to a colleague. Cost: as above."""
    codes, standing = _standing(user, at)
    if not standing.filed:
        return frozenset()
    return frozenset(codes) - {*standing.products_outside_filing, *standing.products_outside_scope}


def _standing(user: User, at: datetime) -> tuple[tuple[str, ...], Standing]:
    codes = tuple(content.products().values_list("code", flat=True))
    return codes, standing_of(user.pk, "visit.plan", codes, at)


def topics_of(user: User, *, at: datetime) -> list[Topic]:
    """Return the topics a person may tick: each product of their filing, then its approved messages.

    A person without a filing gets all products, since what was said has to be told. Cost: three queries.
    """
    codes = product_codes_of(user, at=at)
    products = content.products()
    if codes:
        products = products.filter(code__in=codes)
    is_english = (get_language() or "").startswith("en")
    topics = []
    for pk, name_zh, name_en, brand in products.values_list("pk", "name_zh", "name_en", "brand"):
        topics.append(Topic(pk, None, (name_en if is_english and name_en else brand or name_zh)))
    spoken: set[tuple[UUID, str]] = set()
    for pk, claim_id, words, text_zh, text_en in products.filter(claims__status="approved").values_list(
        "pk", "claims__pk", "claims__topics", "claims__text_zh", "claims__text_en"
    ):
        label = (words or [""])[0] or _opening(text_en if is_english and text_en else text_zh)
        if (pk, label) not in spoken:
            spoken.add((pk, label))
            topics.append(Topic(pk, claim_id, label))
    return topics


def _opening(text: str) -> str:
    """Return the first words of a claim, and a mark where more follow: a figure cut short would be another figure."""
    if len(text) <= OPENING:
        return text
    return re.sub(r"[\d.,−-]+$", "", text[:OPENING]).rstrip() + "…"


def shown_lately(user: User, doctor_id: UUID, *, at: datetime) -> list[VisitMaterial]:
    """Return what the person showed this doctor in the last twelve hours and no visit tells of yet. Cost: two queries."""
    return list(
        VisitMaterial.objects.filter(
            rep=user, doctor_id=doctor_id, visit__isnull=True, shown_at__gte=at - SHOWN_WITHIN
        )
        .select_related("version__material")
        .prefetch_related("views")
        .order_by("shown_at")
    )


def shown_versions(user: User, *, at: datetime) -> list[content.MaterialCard]:
    """Return the released materials whose products the person may speak of, for the phone. Cost: constant."""
    spoken_of = products_spoken_of(user, at=at)
    return [card for card in content.released_cards(at) if spoken_of.issuperset(card.products)]


def local_day(at: datetime) -> str:
    """Return Shanghai's day of a moment as ISO text."""
    return timezone.localtime(at).date().isoformat()
