"""Write packs: the book as it judges from a moment on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from compliance.choices import ParameterState, RuleState
from compliance.evaluate import example_fails, shipped_book
from compliance.models import Parameter, RulePack, RuleVersion
from compliance.rules.book import Book, DatedParameter, Rule
from pharmacrm.common.errors import DomainError

from .recording import record

ADVISORY_LOCK = 0x5255_4C45  # "RULE": one writer of packs at a time


class BookAlreadyAdopted(DomainError):
    """A rule pack stands already; an upgrade offers drafts and never replaces it."""

    code = "book_already_adopted"


class BookNotAdopted(DomainError):
    """No rule pack stands, so nothing can be changed in it."""

    code = "book_not_adopted"


class BookHasFaults(DomainError):
    """An example of the edition does not come out as it says; nothing was adopted."""

    code = "book_has_faults"


@transaction.atomic
def adopt_book(book: Book | None = None, *, by: Any, at: datetime, adopt_policies: bool = False) -> RulePack:
    """Make a book pack 1: the shipped edition, or an exported one with its figures. `adopt_policies` adopts the company policies too, whose sources nobody read.

    Raises: BookAlreadyAdopted; BookHasFaults. Nothing has changed.
    Source: regulations reference, confidence marks; 21 CFR 11.10(k), control of system documents.
    """
    lock_packs()
    if RulePack.objects.exists():
        raise BookAlreadyAdopted(_("A rule pack stands already."))
    book = book or shipped_book()
    rules = book.rules
    wrong = [f"{rule.id} #{n}" for rule in rules for n in range(len(rule.examples)) if example_fails(rule, n)]
    if wrong:
        raise BookHasFaults(", ".join(wrong))
    versions = bulk_create_with_history(_versions(rules, by), RuleVersion, default_user=person(by))
    if adopt_policies:
        bulk_create_with_history(
            [
                Parameter(
                    rule=rule.id,
                    name="adopted",
                    value=True,
                    valid_from=date.fromisoformat(rule.valid_from),
                    state=ParameterState.LIVE,
                    reason=_("Adopted with the shipped edition"),
                    drafted_by=person(by),
                )
                for rule in rules
                if rule.is_policy
            ],
            Parameter,
            default_user=person(by),
        )
    figures = bulk_create_with_history(
        [
            Parameter(
                rule=figure.rule,
                name=figure.name,
                value=figure.value,
                valid_from=date.fromisoformat(figure.valid_from),
                valid_until=date.fromisoformat(figure.valid_until) if figure.valid_until else None,
                state=ParameterState.LIVE,
                reason="Taken over with the book",
                drafted_by=person(by),
            )
            for figure in book.parameters
        ],
        Parameter,
        default_user=person(by),
    )
    pack = next_pack(by=by, at=at, reason="First edition", versions=versions)
    record(
        "compliance.book_adopted",
        subject=f"rulepack:{pack.key}",
        by=by,
        at=at,
        rows=[pack, *versions, *figures],
    )
    return pack


def _versions(rules: Sequence[Rule], by: Any) -> list[RuleVersion]:
    made: list[RuleVersion] = []
    for rule in rules:
        made.append(
            RuleVersion(
                rule=rule.id,
                version=1 + sum(one.rule == rule.id for one in made),
                state=RuleState.LIVE,
                scene=rule.scene,
                grade=rule.grade,
                body=rule.body,
                sha256=rule.sha256,
                valid_from=date.fromisoformat(rule.valid_from),
                valid_until=date.fromisoformat(rule.valid_until) if rule.valid_until else None,
                drafted_by=person(by),
            )
        )
    return made


def next_pack(
    *, by: Any, at: datetime, reason: str, versions: Sequence[RuleVersion] | None = None
) -> RulePack:
    """Write the pack that judges from now on. Its key names its content, so a cached pack is never stale.

    Raises: BookNotAdopted when no version stands: a pack of nothing would forbid nothing.
    """
    last = RulePack.objects.order_by("-number").first()
    live = list(versions or RuleVersion.objects.filter(state=RuleState.LIVE).order_by("rule", "valid_from"))
    if not versions and last is None:
        raise BookNotAdopted(_("No rule pack stands yet. Adopt the shipped edition first."))
    ends = {
        str(version.pk): version.valid_until.isoformat()
        for version in live
        if version.valid_until is not None
    }
    figures = [
        asdict(
            DatedParameter(
                figure.rule,
                figure.name,
                figure.value,
                figure.valid_from.isoformat(),
                figure.valid_until.isoformat() if figure.valid_until else "",
            )
        )
        for figure in Parameter.objects.filter(state=ParameterState.LIVE).order_by(
            "rule", "name", "valid_from"
        )
    ]
    texts = [[version.sha256, ends.get(str(version.pk), "")] for version in live]
    content = json.dumps([texts, figures], sort_keys=True, ensure_ascii=False)
    number = (last.number if last else 0) + 1
    pack = RulePack.objects.create(
        number=number,
        key=f"{number}-{hashlib.sha256(content.encode()).hexdigest()[:16]}",
        live_from=at,
        made_by=person(by),
        reason=reason[:200],
        figures=figures,
        ends=ends,
    )
    pack.versions.set(live)
    return pack


def person(by: Any) -> Any:
    return by if getattr(by, "pk", None) else None


def lock_packs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
