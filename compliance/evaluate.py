"""Verdicts: what the law says of one act. Pure; the rule book hands its rules in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Source:
    """Where a rule stands: instrument, clause, ISO day in force, confidence V-P, V-S or M."""

    instrument: str
    clause: str
    in_force: str
    confidence: str


@dataclass(frozen=True)
class Refusal:
    """One rule's breach, with the words every door shows."""

    rule: str
    grade: str
    message: dict[str, str]
    instead: dict[str, str]
    sources: tuple[Source, ...] = ()
    instead_url: str = ""
    waivable: bool = False
    waiver_id: str = ""

    @property
    def blocks(self) -> bool:
        """Whether this breach alone stops an act before it happens."""
        return self.grade in {"禁止", "避免", "应当"} and not self.waiver_id


@dataclass(frozen=True)
class Verdict:
    """The law's answer for one act at one decision point.

    `facts` are plain values as judged, so the verdict can be replayed. `id` is a UUIDv7 as text.
    """

    id: str
    point: str
    kind: str
    subject: str
    pack: str
    facts: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()
    rules: tuple[str, ...] = ()

    @property
    def breached(self) -> list[str]:
        """Rule ids that stop the act, or mark it in breach when it already happened."""
        return [refusal.rule for refusal in self.refusals if refusal.blocks]

    @property
    def advice(self) -> list[Refusal]:
        """Breaches that do not stop the act."""
        return [refusal for refusal in self.refusals if not refusal.blocks]

    @property
    def allows(self) -> bool:
        return not self.breached

    def __str__(self) -> str:
        return f"{self.point}: {', '.join(self.breached) or 'allowed'}"
