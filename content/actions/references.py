"""References: typed or imported, each known once; a retraction raises the alarm wherever the reference is used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from compliance import actions as law
from content import permissions
from content.choices import ClaimStatus, MaterialStatus, ReferenceStanding
from content.models import Anchor, Claim, Reference
from content.selectors import materials_rest_on
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.selectors import people_with_role
from pharmacrm.common import citations
from pharmacrm.common.citation_files import read_citations
from pharmacrm.common.citations import Citation
from pharmacrm.common.errors import DomainError
from pharmacrm.common.notifications import notify

from .claim_approval import reopen_claim
from .locking import demand


class ReferenceNotSaved(DomainError):
    """The reference exists already or lacks what it needs; nothing has changed."""

    code = "reference_not_saved"


@dataclass(frozen=True)
class ImportLine:
    """What became of one record. `outcome`: created, known, alarmed (known, and its standing got worse), refused."""

    line: int
    outcome: str
    title: str
    reference_id: UUID | None = None
    standing: str = "sound"
    message: str = ""


@transaction.atomic
def create_reference(*, by: Any, at: datetime, **facts: Any) -> Reference:
    """Enter a reference by hand. Raises: PermissionDenied, ReferenceNotSaved."""
    demand(permissions.can_edit_evidence(by))
    tidied = citations.tidy(Citation(doi=facts.get("doi", ""), pmid=facts.get("pmid", "")))
    facts |= {"doi": tidied.doi, "pmid": tidied.pmid}
    if not facts.get("title", "").strip():
        raise ReferenceNotSaved(_("A reference needs its title."), field="title")
    try:
        with transaction.atomic():
            reference = Reference.objects.create(**facts)
    except IntegrityError as error:
        field = "pmid" if "pmid" in str(error) else "doi"
        raise ReferenceNotSaved(_("This publication is in the library already."), field=field) from error
    law.record(
        "content.reference_created", subject=f"reference:{reference.pk}", by=by, at=at, rows=[reference]
    )
    return reference


@transaction.atomic
def add_anchor(
    *,
    reference_id: UUID,
    name: str,
    by: Any,
    at: datetime,
    page: int | None = None,
    quote: str = "",
) -> Anchor:
    """Mark a place in a reference that claims can point to. Raises: PermissionDenied, ReferenceNotSaved."""
    demand(permissions.can_edit_evidence(by))
    reference = Reference.objects.select_for_update().get(pk=reference_id)
    if not name.strip():
        raise ReferenceNotSaved(_("Name the place: a table, figure, page or sentence."), field="name")
    if reference.anchors.filter(name=name.strip()).exists():
        raise ReferenceNotSaved(_("This reference has a place of that name already."), field="name")
    anchor = Anchor.objects.create(reference=reference, name=name.strip(), page=page, quote=quote)
    law.record("content.anchor_added", subject=f"reference:{reference.pk}", by=by, at=at, rows=[anchor])
    return anchor


@transaction.atomic
def mark_standing(*, reference_id: UUID, standing: str, note: str, by: Any, at: datetime) -> Reference:
    """Record a retraction or concern found elsewhere. Raises: PermissionDenied, ReferenceNotSaved."""
    demand(permissions.can_edit_evidence(by) or permissions.can_approve_claim(by))
    reference = Reference.objects.select_for_update().get(pk=reference_id)
    if standing not in ReferenceStanding.values or not note.strip():
        raise ReferenceNotSaved(_("Say what the notice says and where it stands."), field="note")
    _set_standing(reference, standing, note.strip(), by=by, at=at)
    return reference


@transaction.atomic
def import_references(*, content: bytes, name: str, by: Any, at: datetime) -> list[ImportLine]:
    """Take the records of a PubMed XML, NBIB, RIS or CSV file; each publication is kept once, by PMID and DOI.

    A record that is retracted, or a known reference that meanwhile is, raises the alarm.
    Raises: PermissionDenied; FileNotRead, and nothing was kept. Returns: one line for each record.
    """
    demand(permissions.can_edit_evidence(by))
    return [_take(citations.tidy(one), by=by, at=at) for one in read_citations(content, name)]


def _take(citation: Citation, *, by: Any, at: datetime) -> ImportLine:
    if not citation.title:
        return ImportLine(citation.line, "refused", "", message=_("The record has no title."))
    known = _known(citation)
    if known is not None:
        return _meet(known, citation, by=by, at=at)
    kind = citations.reference_kind(citation.kinds, citation.title)
    reference = Reference.objects.create(
        kind=kind,
        title=citation.title,
        title_local=citation.title_local,
        authors="; ".join(citation.authors),
        journal=citation.journal,
        year=citation.year or None,
        volume=citation.volume,
        issue=citation.issue,
        pages=citation.pages,
        doi=citation.doi,
        pmid=citation.pmid,
        abstract=citation.abstract,
        language=citation.language,
        design=", ".join(citation.kinds)[:200],
        sample_size=citations.sample_size(citation.abstract) or None,
        evidence_level=citations.evidence_level(kind, citation.kinds),
        standing=citation.standing,
        standing_note=citation.standing_note,
    )
    law.record(
        "content.reference_imported", subject=f"reference:{reference.pk}", by=by, at=at, rows=[reference]
    )
    return ImportLine(citation.line, "created", reference.title, reference.pk, reference.standing)


def _known(citation: Citation) -> Reference | None:
    same = Q()
    if citation.pmid:
        same |= Q(pmid=citation.pmid)
    if citation.doi:
        same |= Q(doi=citation.doi)
    return Reference.objects.select_for_update().filter(same).order_by("pk").first() if same else None


def _meet(known: Reference, citation: Citation, *, by: Any, at: datetime) -> ImportLine:
    gravity = [ReferenceStanding.SOUND, ReferenceStanding.CONCERN, ReferenceStanding.RETRACTED]
    if gravity.index(ReferenceStanding(citation.standing)) > gravity.index(ReferenceStanding(known.standing)):
        _set_standing(known, citation.standing, citation.standing_note, by=by, at=at)
        return ImportLine(citation.line, "alarmed", known.title, known.pk, known.standing)
    return ImportLine(citation.line, "known", known.title, known.pk, known.standing)


def _set_standing(reference: Reference, standing: str, note: str, *, by: Any, at: datetime) -> None:
    reference.standing, reference.standing_note = standing, note
    reference.save()
    law.record(
        "content.reference_standing_changed",
        subject=f"reference:{reference.pk}",
        by=by,
        at=at,
        reason=note,
        rows=[reference],
    )
    if standing == ReferenceStanding.SOUND:
        return
    why = _("Reference “%(title)s”: %(standing)s.") % {
        "title": reference.title[:80],
        "standing": reference.get_standing_display(),
    }
    if standing == ReferenceStanding.RETRACTED:
        _reopen_claims(reference, why, by=by, at=at)
    _alarm(reference, at=at)


def _reopen_claims(reference: Reference, why: str, *, by: Any, at: datetime) -> None:
    resting = Claim.objects.filter(links__anchor__reference=reference).values("pk")
    for claim in (
        Claim.objects.select_for_update().filter(pk__in=resting, status=ClaimStatus.APPROVED).order_by("pk")
    ):
        reopen_claim(claim, why, by=by, at=at)


def _alarm(reference: Reference, *, at: datetime) -> None:
    shown = materials_rest_on(f"reference:{reference.pk}", statuses=[MaterialStatus.RELEASED]).count()
    for role in (Role.MEDICAL, Role.COMPLIANCE):
        for person in people_with_role(role):
            notify(
                recipient=person,
                kind=f"reference_{reference.standing}",
                zh=f"文献“{reference.title[:60]}”{'已撤稿' if reference.standing == 'retracted' else '被表示关注'}，涉及已放行资料 {shown} 份",
                en=f"Reference “{reference.title[:60]}” is {'retracted' if reference.standing == 'retracted' else 'under concern'}; released materials resting on it: {shown}",
                at=at,
                url=f"/content/references/{reference.pk}/",
                subject=f"reference:{reference.pk}",
            )
