"""Versions of privacy notices: what each says, how it differs from the one before, how many consents rest on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from compliance.rules.comparing import ChangedLine, compare
from doctors.choices import ConsentState, NoticeState
from doctors.models import ConsentNotice, ConsentRecord
from doctors.selectors.lattice import name_of, text_of

SENTENCE_END = re.compile(r"([。；！？]|(?<!\d)\.(?= )|;(?= ))")


@dataclass(frozen=True)
class NoticeLine:
    """One version in the list."""

    notice: ConsentNotice
    purpose: str
    resting: int
    is_in_force: bool


def notices() -> QuerySet[ConsentNotice]:
    """Return every version of every notice, by purpose, newest first."""
    return ConsentNotice.objects.select_related("purpose", "drafted_by", "published_by").order_by(
        "purpose__code", "-version"
    )


def notice_lines(on: date) -> list[NoticeLine]:
    """Return all versions with how many consents rest on each. Cost: two queries."""
    resting = dict(
        ConsentRecord.objects.filter(Q(state=ConsentState.GIVEN, notice__isnull=False))
        .values_list("notice")
        .annotate(n=Count("pk"))
        .order_by()
    )
    in_force: set[str] = set()
    lines = []
    for notice in notices():
        holds = (
            notice.state == NoticeState.PUBLISHED
            and notice.valid_from <= on
            and str(notice.purpose_id) not in in_force
        )
        if holds:
            in_force.add(str(notice.purpose_id))
        lines.append(NoticeLine(notice, name_of(notice.purpose), resting.get(notice.pk, 0), holds))
    return lines


def notice_before(notice: ConsentNotice) -> ConsentNotice | None:
    """Return the published version before this one, or None."""
    return (
        ConsentNotice.objects.filter(
            purpose=notice.purpose, version__lt=notice.version, state=NoticeState.PUBLISHED
        )
        .order_by("-version")
        .first()
    )


def notice_changes(before: ConsentNotice | None, after: ConsentNotice) -> list[ChangedLine]:
    """Return the sentences that went and came, in the reader's language."""
    return compare(_sentences(text_of(before)) if before else "", _sentences(text_of(after)))


def _sentences(text: str) -> str:
    """Return a text with one sentence a line; the point behind a number ends none."""
    text = SENTENCE_END.sub(r"\1\n", text)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())
