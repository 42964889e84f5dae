"""Which released material answers a doctor's needs best, and why."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from content.facts import AudienceFacts
from content.models import ClaimUse
from content.rules import Reason, points_of

from .delivery import MaterialCard, released_materials_for


@dataclass(frozen=True)
class RankedMaterial:
    """A material with the reasons for its place; `points` is their sum."""

    card: MaterialCard
    points: int
    reasons: tuple[Reason, ...]


def rank_materials(
    audience: AudienceFacts,
    needs: Iterable[str],
    *,
    spoken_of: Container[str],
    at: datetime,
    limit: int = 10,
    strategy_kinds: Container[str] = (),
) -> list[RankedMaterial]:
    """Return the released materials for a reader, best answer to the needs first; ties by code.

    `spoken_of` are the codes of the products that whoever shows them may speak of: no other material is among them.
    `strategy_kinds` are the kinds that the communication strategy names for the reader.
    Cost: eight queries, however many materials.
    """
    needs = tuple(dict.fromkeys(need.strip() for need in needs if need.strip()))
    cards = [
        card
        for card in released_materials_for(audience, at)
        if all(code in spoken_of for code in card.products)
    ]
    words, evidence = _claims_of([card.version_id for card in cards])
    ranked = []
    for card in cards:
        reasons = points_of(
            needs=needs,
            topics=(*card.topics, card.title_zh),
            claim_words=words.get(card.version_id, ()),
            matched_sides=_sides_said(card),
            best_evidence=evidence.get(card.version_id, ""),
            days_since_release=(at - card.released_at).days if card.released_at else -1,
            named_by_strategy=card.kind if card.kind in strategy_kinds else "",
        )
        ranked.append(RankedMaterial(card, sum(reason.points for reason in reasons), reasons))
    return sorted(ranked, key=lambda row: (-row.points, row.card.code))[:limit]


def _sides_said(card: MaterialCard) -> list[str]:
    sides = card.sides
    return [
        side
        for side, values in (
            ("tier", sides.tiers),
            ("role", sides.roles),
            ("department", sides.departments),
            ("hospital_level", sides.hospital_levels),
        )
        if values
    ]


def _claims_of(version_ids: list[UUID]) -> tuple[dict[UUID, list[str]], dict[UUID, str]]:
    words: dict[UUID, list[str]] = {}
    evidence: dict[UUID, str] = {}
    for version_id, text, topics, level in ClaimUse.objects.filter(version_id__in=version_ids).values_list(
        "version_id", "claim__text_zh", "claim__topics", "claim__links__anchor__reference__evidence_level"
    ):
        words.setdefault(version_id, []).extend([text, *topics])
        if level and level != "unrated":
            evidence[version_id] = min(level, evidence.get(version_id, level))
    return words, evidence
