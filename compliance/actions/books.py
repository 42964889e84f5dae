"""Take over a whole book: every difference becomes a draft, and nothing becomes law by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import permissions, selectors
from compliance.choices import ParameterState, RuleState
from compliance.evaluate import point_shapes
from compliance.models import Parameter, RuleVersion
from compliance.rules.book import Book, DatedParameter, Rule
from compliance.rules.faults import BookError, Fault
from compliance.rules.folder import book_of_files
from pharmacrm.common.errors import DomainError

from .parameters import ParameterNotChanged, draft_parameter
from .recording import record
from .rule_drafts import RuleHasFaults, RuleNotChanged, draft_rule


@dataclass(frozen=True)
class Left:
    """One text or figure of a book that was not drafted, and why."""

    name: str
    faults: tuple[Fault, ...] = ()
    words: str = ""


@dataclass(frozen=True)
class ImportedBook:
    """What became of a book: drafts made, what stands already, what was left, and rules it does not have."""

    drafts: tuple[RuleVersion, ...]
    figures: tuple[Parameter, ...]
    same: int
    left: tuple[Left, ...]
    missing: tuple[str, ...]


class BookNotRead(DomainError):
    """The folder is no rule book. `faults` says what is wrong in which file; nothing was drafted."""

    code = "book_not_read"

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(_("The rule book has faults."), field="book")
        self.faults = faults


@transaction.atomic
def import_book(*, files: Mapping[str, str], begin: date, reason: str, by: Any, at: datetime) -> ImportedBook:
    """Draft every difference between a book's folder and the live book. An open text that began on a past day is drafted from `begin`.

    Raises: PermissionDenied; BookNotRead. What the live book has and the folder does not is named, not ended.
    """
    if not permissions.can_change_rules(by):
        raise PermissionDenied
    try:
        book = book_of_files(files, point_shapes())
    except BookError as error:
        raise BookNotRead(error.faults) from error
    live = selectors.live_book(at)
    given = {"reason": reason.strip() or _("Taken over from a folder"), "by": by, "at": at}
    stands = {rule.sha256 for rule in live.rules} | set(
        RuleVersion.objects.filter(state=RuleState.DRAFT).values_list("sha256", flat=True)
    )
    drafts, figures, left, same = [], [], [], 0
    for rule in book.rules:
        body = _body_from(rule, begin, localtime(at).date())
        if rule.sha256 in stands or _says_the_same(rule, live):
            same += 1
            continue
        try:
            with transaction.atomic():
                drafts.append(draft_rule(body=body, **given))
        except RuleHasFaults as refusal:
            left.append(Left(rule.file or rule.id, faults=refusal.faults))
        except RuleNotChanged as refusal:
            left.append(Left(rule.file or rule.id, words=refusal.message))
    for figure in book.parameters:
        if figure in live.parameters or _is_drafted(figure):
            same += 1
            continue
        try:
            with transaction.atomic():
                figures.append(_draft_figure(figure, begin, given))
        except ParameterNotChanged as refusal:
            left.append(Left(f"{figure.rule} {figure.name}", words=refusal.message))
    missing = tuple(sorted({rule.id for rule in live.rules} - {rule.id for rule in book.rules}))
    record(
        "compliance.book_imported", subject="rulepack:import", by=by, at=at, reason=given["reason"],
        rows=[*drafts, *figures],
    )  # fmt: skip
    return ImportedBook(tuple(drafts), tuple(figures), same, tuple(left), missing)


def _body_from(rule: Rule, begin: date, today: date) -> str:
    if rule.valid_until or rule.valid_from >= today.isoformat():
        return rule.body
    lines = rule.body.splitlines(keepends=True)
    return "".join(
        f"valid_from: {begin.isoformat()}\n" if line.startswith("valid_from:") else line for line in lines
    )


def _says_the_same(rule: Rule, live: Book) -> bool:
    """Whether a text in force differs by its first day alone: it was drafted from another day when it was taken over."""
    return any(_without_day(other.body) == _without_day(rule.body) for other in live.by_id.get(rule.id, ()))


def _without_day(body: str) -> str:
    return "\n".join(line for line in _lines(body) if not line.startswith("valid_from:"))


def _lines(body: str) -> Iterator[str]:
    return (line.rstrip() for line in body.splitlines())


def _is_drafted(figure: DatedParameter) -> bool:
    return Parameter.objects.filter(
        rule=figure.rule, name=figure.name, value=figure.value, state=ParameterState.DRAFT
    ).exists()


def _draft_figure(figure: DatedParameter, begin: date, given: dict[str, Any]) -> Parameter:
    day = max(date.fromisoformat(figure.valid_from), begin)
    return draft_parameter(rule=figure.rule, name=figure.name, value=figure.value, valid_from=day, **given)
