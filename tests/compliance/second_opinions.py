"""What of the kernel takes a second person's yes, each as it is put up: shared by tests and drills of them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from compliance import actions as law
from compliance.actions.recording import is_sampled as drawn
from compliance.actions.recording import store_verdict
from compliance.evaluate import Verdict, evaluate
from compliance.models import ApprovalRequest, RepFiling, WatchedAct
from pharmacrm.common.ids import uuid7
from tests.conftest import AT
from tests.factories.compliance import proof_of, qualify


@dataclass(frozen=True)
class Opinion:
    """One kind: what puts it up, the act of its yes in the ledger, and how its own page says yes.

    `put_up` takes the author and the person it is about, and returns the row; `yes` takes the row and who decides.
    `is_decided` tells by the row, read anew, that the yes was carried out.
    """

    flow: str
    kind: str
    put_up: Callable[..., Any]
    event: str
    yes: Callable[..., Any]
    is_decided: Callable[[Any], bool]
    is_signed: bool = False

    def request(self, row: Any) -> ApprovalRequest:
        """Return what is asked about a row."""
        return ApprovalRequest.objects.get(flow=self.flow, subject=f"{self.kind}:{row.pk}", state="open")

    def answer(self, row: Any, by: Any, verb: str = "agree", **more: Any) -> ApprovalRequest:
        """Answer as the inbox does."""
        step = self.request(row).steps.get(state="open")
        if self.is_signed and verb == "agree":
            more.setdefault("proof", proof_of(by, AT))
        return law.decide(step_id=step.pk, verb=verb, by=by, at=AT, **{"comment": "已核对", **more})


WORDS = law.AssessmentWords(
    kind="profiling",
    **dict.fromkeys(("title", "lawful_basis", "data_used", "necessity", "risks", "measures"), "写明"),
)


def an_assessment(author: Any, **_others: Any) -> Any:
    return law.draft_assessment(words=WORDS, by=author, at=AT)


def a_letter_text(author: Any, **_others: Any) -> Any:
    return law.draft_letter_text(text_zh="我承诺", text_en="I commit", months_valid=12, by=author, at=AT)


def a_hit(author: Any, *, about: Any, **_others: Any) -> Any:
    line = {"person": str(about), "source": "判决书", "published_on": AT.date()}
    law.add_list_entries(entries=[line], by=author, at=AT)
    law.record_employment(user_id=about.pk, valid_from=AT.date(), by=author, at=AT)
    return law.check_bribery(user_id=about.pk, source="名单", by=author, at=AT)


def a_filing(author: Any, *, about: Any, **_others: Any) -> Any:
    qualify(about, by=author, at=AT)
    filing = RepFiling.objects.get(user=about)
    law.ask_filing_check(filing_id=filing.pk, by=author, at=AT)
    return filing


def a_measure(author: Any, *, about: Any, others: Any = (), **_others: Any) -> Any:
    """A measure that its owner, an officer, reported done in a case of a team of others."""
    lead, *team = others
    case = law.open_case(kind="finding", subject=f"user:{about.pk}", title="签到不全", by=lead, at=AT)
    law.assign_case(case_id=case.pk, owner=lead, by=lead, at=AT)
    for one in team:
        law.add_member(case_id=case.pk, person=one, by=lead, at=AT)
    measure = law.add_measure(
        case_id=case.pk, kind="corrective", text="补交签到表", owner=author, due_on=AT.date(), by=lead, at=AT
    )
    return law.finish_measure(measure_id=measure.pk, words="已补交", by=author, at=AT)


def watched_verdict(*, is_sampled: bool = True) -> Verdict:
    """A verdict on an act that goes on although it met a rule of grade 关注, drawn for review or not."""
    key = next(key for key in iter(lambda: str(uuid7()), None) if drawn(key, "MR-01b") is is_sampled)
    verdict = evaluate("visit.plan", {"rep_contract": "cso"}, on=AT.date(), subject="visit:1", id=key)
    return replace(verdict, refusals=tuple(one for one in verdict.refusals if one.rule == "MR-01b"))


def a_watched_act(author: Any, *, is_sampled: bool = True, **_others: Any) -> Any:
    """An act of the author that met a rule of grade 关注, whose reason the author gives."""
    verdict = store_verdict(watched_verdict(is_sampled=is_sampled), by=author, at=AT)
    row = WatchedAct.objects.create(
        verdict=verdict, rule="MR-01b", subject="visit:1", asked_of=author, asked_at=AT, due_at=AT,
        is_sampled=is_sampled,
    )  # fmt: skip
    return law.give_reason(watched_id=row.pk, reason="时钟已校对", by=author, at=AT)


OPINIONS = {
    one.flow: one
    for one in (
        Opinion(
            flow="compliance.assessment",
            kind="assessment",
            put_up=an_assessment,
            event="compliance.assessment_approved",
            yes=lambda row, by: law.approve_assessment(
                assessment_id=row.pk, review_on=AT.date().replace(year=AT.year + 1), by=by, at=AT
            ),
            is_decided=lambda row: row.state == "approved",
        ),
        Opinion(
            flow="compliance.letter_text",
            kind="letter_text",
            put_up=a_letter_text,
            event="compliance.letter_text_published",
            yes=lambda row, by: law.publish_letter_text(text_id=row.pk, by=by, at=AT, proof=proof_of(by, AT)),
            is_decided=lambda row: row.state == "published" and row.signature.content_sha256 == row.sha256,
            is_signed=True,
        ),
        Opinion(
            flow="compliance.integrity_hit",
            kind="bribery_check",
            put_up=a_hit,
            event="compliance.bribery_hit_decided",
            yes=lambda row, by: law.decide_hit(
                check_id=row.pk, result="other", note="身份证号不同", by=by, at=AT
            ),
            is_decided=lambda row: row.result == "other" and row.reviewed_by_id is not None,
        ),
        Opinion(
            flow="compliance.filing_check",
            kind="filing",
            put_up=a_filing,
            event="compliance.filing_checked",
            yes=lambda row, by: law.check_filing(filing_id=row.pk, by=by, at=AT),
            is_decided=lambda row: row.checked_by_id is not None and row.checked_at is not None,
        ),
        Opinion(
            flow="compliance.measure",
            kind="measure",
            put_up=a_measure,
            event="compliance.measure_checked",
            yes=lambda row, by: law.check_measure(
                measure_id=row.pk, verdict="verified", words="已核对", by=by, at=AT
            ),
            is_decided=lambda row: row.state == "verified" and bool(row.check_words),
        ),
        Opinion(
            flow="compliance.watched",
            kind="watched",
            put_up=a_watched_act,
            event="compliance.watched_reviewed",
            yes=lambda row, by: law.review_watched(watched_id=row.pk, review="已核对", by=by, at=AT),
            is_decided=lambda row: row.state == "reviewed" and bool(row.review),
        ),
    )
}
