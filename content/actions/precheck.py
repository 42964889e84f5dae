"""Run the pre-check on a file and keep its findings."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from content import permissions, rules
from content.choices import Channel, FindingState, MaterialKind, Purpose, Severity
from content.models import MaterialFile, MaterialVersion, PrecheckFinding
from content.rules import LintContext, LintPage
from content.selectors import label_in_force
from pharmacrm.common.errors import DomainError

from .locking import demand, locked_version


class FindingNotAnswered(DomainError):
    """The finding is not open, or the answer says nothing; nothing has changed."""

    code = "finding_not_answered"


@transaction.atomic
def precheck_version(*, version_id: UUID, by: Any, at: datetime) -> list[PrecheckFinding]:
    """Run the pre-check again on a version's file; answers to the same words are kept. Raises: FindingNotAnswered."""
    version = locked_version(version_id)
    demand(permissions.can_edit_version(by, version) or permissions.can_annotate(by, version))
    file = MaterialFile.objects.select_for_update().filter(version=version, is_current=True).first()
    if file is None:
        raise FindingNotAnswered(_("Attach a file first."))
    return precheck_file(file, by=by, at=at)


def precheck_file(file: MaterialFile, *, by: Any, at: datetime) -> list[PrecheckFinding]:
    """Check a file inside the running act. Findings of an earlier run on these bytes are replaced, answers kept."""
    answered = {
        (one.rule, one.page, one.quote): one for one in file.findings.exclude(state=FindingState.OPEN)
    }
    for one in file.findings.filter(state=FindingState.OPEN):
        one.delete()
    pages = [
        LintPage(page.number, page.text, tuple(_line_heights(page.blocks)))
        for page in file.page_rows.order_by("number")
    ]
    kept = list(answered.values())
    for found in rules.lint_document(pages, context_of(file.version)):
        if (found.rule, found.page, found.quote) in answered:
            continue
        kept.append(
            PrecheckFinding.objects.create(
                file=file,
                rule=found.rule,
                severity=found.severity,
                page=found.page,
                start=found.start,
                end=found.end,
                quote=found.quote,
            )
        )
    file.prechecked_at, file.precheck_edition = at, rules.EDITION
    file.save()
    law.record(
        "content.file_prechecked",
        subject=f"material_version:{file.version_id}",
        by=by,
        at=at,
        rows=[file, *kept],
    )
    return sorted(kept, key=lambda one: (one.page, one.start))


@transaction.atomic
def answer_finding(*, finding_id: UUID, answer: str, by: Any, at: datetime) -> PrecheckFinding:
    """Answer a finding: why these words may stand. The reviewers read the answer. Raises: FindingNotAnswered."""
    finding = PrecheckFinding.objects.select_related("file__version__material").get(pk=finding_id)
    version = locked_version(finding.file.version_id)
    demand(permissions.can_edit_version(by, version))
    if not answer.strip():
        raise FindingNotAnswered(_("Say why these words may stand, with the source."), field="answer")
    finding = PrecheckFinding.objects.select_for_update().get(pk=finding_id)
    finding.state, finding.answer = FindingState.ANSWERED, answer.strip()
    finding.answered_by, finding.answered_at = by, at
    finding.save()
    law.record(
        "content.finding_answered",
        subject=f"material_version:{version.pk}",
        by=by,
        at=at,
        reason=answer,
        rows=[finding],
    )
    return finding


def context_of(version: MaterialVersion) -> LintContext:
    """Return what the pre-check has to know about a version beside its words."""
    material = version.material
    products = [use.product for use in material.product_uses.select_related("product")]
    indications = "\n".join(filter(None, (_indications(product) for product in products)))
    is_patient = material.kind == MaterialKind.PATIENT_EDUCATION or material.purpose == Purpose.PATIENT
    return LintContext(
        is_advertisement=Channel.DESIGNATED_JOURNAL in material.channels or bool(version.ad_approval_number),
        is_prescription=any(product.is_prescription for product in products),
        audience="patient" if is_patient else "hcp",
        controlled_class=next(
            (one.controlled_class for one in products if one.controlled_class != "none"), "none"
        ),
        indications=indications,
        brands=tuple(product.brand for product in products if product.brand),
        generics=tuple(product.generic_name for product in products),
        companies=tuple(product.holder for product in products),
        channels=tuple(material.channels),
        is_document=material.kind != MaterialKind.REPRINT,
    )


def open_must_findings(file: MaterialFile) -> int:
    """Return how many findings have to be fixed or answered before the version is submitted."""
    return file.findings.filter(severity=Severity.MUST, state=FindingState.OPEN).count()


def _indications(product: Any) -> str:
    label = label_in_force(product)
    if label is None:
        return ""
    return next((section.text for section in label.sections.all() if section.kind == "indications"), "")


def _line_heights(blocks: list[dict[str, Any]]) -> list[tuple[str, float]]:
    return [
        (block["text"], (block["bottom"] - block["top"]) / (block["text"].count("\n") + 1))
        for block in blocks
    ]
