"""Drafts of the law as people read them: what waits for signatures, and what a dry run found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from compliance.choices import RuleState
from compliance.models import RuleVersion, StoredVerdict
from compliance.permissions import can_read_verdict, can_sign_rules
from pharmacrm.common.models import Job


@dataclass(frozen=True)
class Tried:
    """One act that would come out otherwise. `url_key` is the verdict's key for those who may read it."""

    subject: str
    outcome: str
    on: str
    by: str
    url_key: str


@dataclass(frozen=True)
class Outcome:
    """A dry run: acts by outcome, the same by person (most stopped first), the first acts, examples gone wrong."""

    stopped: int = 0
    allowed: int = 0
    same: int = 0
    people: tuple[tuple[str, int, int], ...] = ()
    acts: tuple[Tried, ...] = ()
    examples: tuple[int, ...] = ()  # counted from 1
    job: Job | None = None

    @property
    def total(self) -> int:
        return self.stopped + self.allowed + self.same

    @property
    def changed(self) -> int:
        return self.stopped + self.allowed


def drafted_rules() -> QuerySet[RuleVersion]:
    return (
        RuleVersion.objects.filter(state=RuleState.DRAFT)
        .select_related("drafted_by", "first_signed_by")
        .order_by("-created_at", "-pk")
    )


def version_before(draft: RuleVersion) -> RuleVersion | None:
    """Return the version that a draft replaces, or replaced: the newest decided one that began before it."""
    return (
        RuleVersion.objects.filter(
            rule=draft.rule,
            state=RuleState.LIVE,
            ends=None,
            version__lt=draft.version,
            valid_from__lt=draft.valid_from,
        )
        .order_by("-valid_from", "-version")
        .first()
    )


def dry_run_of(found: Mapping[str, Any] | None, user: Any) -> Outcome | None:
    """Return a stored dry run for a reader: names of people and acts only for those who sign, or inspect.

    Cost: two queries, or one for a run under way.
    """
    if not found:
        return None
    if "job" in found:
        return Outcome(job=Job.objects.filter(pk=found["job"]).first())
    stopped, allowed, same = (int(found[name]) for name in ("stopped", "allowed", "same"))
    examples = tuple(number + 1 for number in found.get("examples", ()))
    if not (can_sign_rules(user) or user.has_role("inspector")):
        return Outcome(stopped=stopped, allowed=allowed, same=same, examples=examples)
    return Outcome(
        stopped=stopped,
        allowed=allowed,
        same=same,
        people=_people(found.get("people", {})),
        acts=_acts(found, user),
        examples=examples,
    )


def _people(found: Mapping[str, Mapping[str, int]]) -> tuple[tuple[str, int, int], ...]:
    names = {
        str(one.pk): str(one) for one in get_user_model().objects.filter(pk__in=[key for key in found if key])
    }
    rows = [
        (names.get(key, "—"), count.get("stopped", 0), count.get("allowed", 0))
        for key, count in found.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row[1], -row[2], row[0])))


def _acts(found: Mapping[str, Any], user: Any) -> tuple[Tried, ...]:
    listed = found.get("changed", ())
    verdicts = {
        str(one.pk): one
        for one in StoredVerdict.objects.filter(pk__in=[one["verdict"] for one in listed])
        .select_related("judged_by")
        .defer("body")
    }
    acts = []
    for one in listed:
        verdict = verdicts.get(one["verdict"])
        on = verdict.judged_at.date().isoformat() if verdict else ""
        by = str(verdict.judged_by or "") if verdict else ""
        key = one["verdict"] if verdict and can_read_verdict(user, verdict) else ""
        acts.append(Tried(one["subject"], one["outcome"], on, by, key))
    return tuple(acts)
