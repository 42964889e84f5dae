"""What would stop a person's field work now, by rule; and what is on record about their integrity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import localtime, make_aware

from compliance.choices import DutyState, LetterTextState
from compliance.evaluate import Refusal, evaluate
from compliance.facts import StaffFacts
from compliance.models import BriberyCheck, BriberyListEntry, Commitment, LetterText, RepFiling, TrainingDuty

from .filings import missing_of_filing
from .qualification import standings_of
from .rulebook import live_book


@dataclass(frozen=True)
class StaffRecord:
    """A person's gates, duties, checks and letters for their page."""

    refusals: tuple[Refusal, ...]
    duties: tuple[TrainingDuty, ...]
    checks: tuple[BriberyCheck, ...]
    hits: dict[UUID, BriberyListEntry]
    letter_in_force: LetterText | None


# What a filing may lack, in words that both languages of a message can show. Source: MR-05.
FILED_WORDS = {
    "mah_name": "持有人名称 holder",
    "mah_code": "持有人信用代码 holder's code",
    "name": "姓名 name",
    "sex": "性别 sex",
    "photo_sha256": "照片 photo",
    "identity_kind": "证件类型 kind of identity",
    "identity_sealed": "证件号码 identity number",
    "major": "专业 major",
    "degree": "学历 degree",
    "contract_from": "合同期限 contract term",
    "drug_category": "药品类别 drug category",
    "therapeutic_area": "治疗领域 therapeutic area",
    "truth_stated": "真实性声明 statement of truth",
    "evidence_sha256": "备案凭证 proof of filing",
    "domestic_name": "境内代理人 entity in China",
    "domestic_code": "境内代理人信用代码 code of the entity in China",
}


def activation_facts(person: Any, *, on: date, at: datetime, subjects: tuple[str, ...] = ()) -> StaffFacts:
    """Return what beginning field work on a day rests on: the person's standing of that day, or of now for a past one.

    `subjects` are what the work concerns besides the person, such as a territory. Cost: five queries.
    """
    day = max(on, localtime(at).date())
    then = at if day == localtime(at).date() else make_aware(datetime.combine(day, time()))
    standing = standings_of([person.pk], "staff.activate", None, then)[person.pk]
    filing = filing_on(person.pk, day)
    return StaffFacts(
        role="rep",
        activate_on=on.isoformat(),
        employed=standing.employed,
        contract=standing.contract,
        filed=standing.filed,
        filing_fields_missing=tuple(FILED_WORDS.get(name, name) for name in missing_of_filing(filing))
        if filing
        else (),
        filed_by_one_person=filing is not None and filing.checked_by_id is None,
        degree_proven=standing.degree_proven,
        training_missing=standing.training_missing,
        commitment_signed=standing.commitment_signed,
        bribery_checked=standing.bribery_checked,
        bribery_found=standing.bribery_found,
        bribery_check_overdue=standing.bribery_check_overdue,
        is_administrator_too=person.has_role("administrator"),
        subjects=(f"user:{person.pk}", *subjects),
    )


def filing_on(user_id: UUID, day: date) -> RepFiling | None:
    """Return a person's filing in force on a day, the latest where two overlap."""
    rows = RepFiling.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=day),
        user_id=user_id, withdrawn_on__isnull=True, valid_from__lte=day,
    )  # fmt: skip
    return rows.order_by("valid_from").last()


def gates_of(person: Any, at: datetime) -> tuple[Refusal, ...]:
    """Return every rule that putting a person to work would meet now, with what to do. Nothing is recorded.

    Cost: one look at the standing and one at the book.
    """
    on = localtime(at).date()
    facts = activation_facts(person, on=on, at=at)
    return evaluate("staff.activate", facts, on=on, book=live_book(at)).refusals


def record_of(person: Any, at: datetime, *, reader: Any) -> StaffRecord:
    """Return what a person's page shows a reader beside their file; nobody reads of a hit with their own name.

    Cost: a fixed number of queries.
    """
    found = BriberyCheck.objects.filter(user=person).select_related("checked_by", "reviewed_by", "evidence")
    checks = tuple(found.order_by("-checked_on", "-pk"))
    if reader.pk == person.pk:
        checks = tuple(check for check in checks if not check.hits)
    hits = BriberyListEntry.objects.in_bulk([key for check in checks for key in check.hits])
    return StaffRecord(
        refusals=gates_of(person, at) if person.has_role("rep") else (),
        duties=tuple(
            TrainingDuty.objects.filter(user=person, state=DutyState.OPEN)
            .select_related("course")
            .order_by("due_on")
        ),
        checks=checks,
        hits=hits,
        letter_in_force=letter_in_force(),
    )


def letter_in_force() -> LetterText | None:
    return LetterText.objects.filter(state=LetterTextState.PUBLISHED).first()


def commitments_of(person: Any) -> QuerySet[Commitment]:
    """Return a person's letters, newest first."""
    return (
        Commitment.objects.filter(user=person)
        .select_related("text", "signature")
        .order_by("-valid_from", "-pk")
    )


def letter_texts() -> QuerySet[LetterText]:
    return LetterText.objects.select_related("drafted_by", "published_by", "signature").order_by("-number")


def list_entries(q: str = "") -> QuerySet[BriberyListEntry]:
    """Return lines of the lists whose person or company holds the words."""
    rows = BriberyListEntry.objects.select_related("added_by")
    if not q:
        return rows
    return rows.filter(person__icontains=q) | rows.filter(company__icontains=q)
