"""Take publications from a file of citations and propose which authors may be doctors on record. A steward decides."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from doctors import permissions
from doctors.actions.doctors import seal_text
from doctors.actions.publications import (
    Paper,
    PublicationNotSaved,
    attach_author,
    keep_publication,
    known_publication,
)
from doctors.choices import DatePrecision, DoctorStatus, ProposalState
from doctors.models import (
    Affiliation,
    AuthorProposal,
    Authorship,
    DoctorIdentity,
    HospitalAlias,
    Publication,
)
from doctors.rules import authors as reasoning
from doctors.rules.names import clean_name, read_name
from pharmacrm.accounts.models import User
from pharmacrm.common import citations
from pharmacrm.common.citation_files import FileNotRead, read_citations
from pharmacrm.common.citations import Author, Citation

MOST_PAPERS = 300  # of one file: proposals are worked through by a person


@dataclass(frozen=True)
class Taken:
    """What became of a file: publications new and known, authors proposed, records that could not be kept."""

    new: int = 0
    known: int = 0
    proposed: int = 0
    left: int = 0


@transaction.atomic
def import_publications(*, content: bytes, name: str, by: User, at: datetime) -> Taken:
    """Keep the publications of a PubMed XML, NBIB, RIS or CSV file and propose authors among the doctors on record.

    Nobody is attached: each proposal waits for a steward. Read again, a file makes nothing twice.
    Raises: PermissionDenied; FileNotRead, and nothing was kept. Cost: a few queries for each publication.
    """
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    records = [citations.tidy(one) for one in read_citations(content, name)]
    if len(records) > MOST_PAPERS:
        raise FileNotRead(
            _("The file holds more than %(most)d publications. Split it.") % {"most": MOST_PAPERS},
            field="file",
        )
    counts = {"new": 0, "known": 0, "proposed": 0, "left": 0}
    for record in records:
        paper = _paper(record)
        if paper is None:
            counts["left"] += 1
            continue
        is_known = known_publication(paper) is not None
        try:
            publication = keep_publication(paper=paper, by=by, at=at)
        except PublicationNotSaved:
            counts["left"] += 1
            continue
        counts["known" if is_known else "new"] += 1
        counts["proposed"] += len(_propose(publication, record.people, by=by, at=at))
    return Taken(**counts)


@transaction.atomic
def decide_author(*, proposal_id: UUID, accept: bool, words: str, by: User, at: datetime) -> AuthorProposal:
    """Attach the author a proposal names, or say that it is somebody else.

    Where nothing but the name speaks for it, `words` say how the steward made sure.
    Raises: PermissionDenied; PublicationNotSaved when it was decided already, or lacks these words.
    """
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    proposal = AuthorProposal.objects.select_for_update(of=("self",)).get(pk=proposal_id)
    if proposal.state != ProposalState.OPEN:
        raise PublicationNotSaved(_("This proposal was decided already."))
    if accept and not words.strip() and reasoning.rests_on_name_alone(proposal.reasons):
        raise PublicationNotSaved(
            _("Nothing but the name speaks for it. Say how you made sure that it is this doctor."),
            field="words",
        )
    proposal.state = ProposalState.ATTACHED if accept else ProposalState.REFUSED
    proposal.decided_by, proposal.decided_at, proposal.words = by, at, words.strip()[:200]
    proposal.save()
    if accept:
        attach_author(
            publication_id=proposal.publication_id,
            doctor_id=proposal.doctor_id,
            position=proposal.position,
            is_corresponding=proposal.is_corresponding,
            ground=words.strip() or ", ".join(proposal.reasons),
            by=by,
            at=at,
        )
    law.record(
        "doctors.author_accepted" if accept else "doctors.author_refused",
        subject=f"doctor:{proposal.doctor_id}",
        by=by,
        at=at,
        reason=words.strip(),
        rows=[proposal],
    )
    return proposal


def _paper(record: Citation) -> Paper | None:
    year, month, day = citations.day_of(record.published, record.year)
    try:
        published_on = date(year, month or 1, day or 1)
    except ValueError:
        return None
    precision = DatePrecision.DAY if day else DatePrecision.MONTH if month else DatePrecision.YEAR
    return Paper(
        title=record.title,
        journal=record.journal,
        published_on=published_on,
        date_precision=precision,
        pmid=record.pmid,
        doi=record.doi,
        authors_total=len(record.people),
        is_retracted=record.standing == "retracted",
    )


def _propose(
    publication: Publication, people: tuple[Author, ...], *, by: User, at: datetime
) -> list[AuthorProposal]:
    """Propose doctors for the authors nobody was attached to, each with reasons; what was proposed before stays."""
    attached = dict(
        Authorship.objects.filter(publication=publication, ended_at__isnull=True).values_list(
            "position", "doctor_id"
        )
    )
    said = set(AuthorProposal.objects.filter(publication=publication).values_list("position", "doctor_id"))
    wanted = {place: one for place, one in enumerate(people, 1) if one.name and place not in attached}
    meant = {place: _bearers(one) for place, one in wanted.items()}
    keys = {key for bearers in meant.values() for key, _same in bearers} | set(attached.values())
    works = _works_of(keys)
    beside = {hospital for key in attached.values() for hospital in works[key][0]}
    made: list[AuthorProposal] = []
    for place, bearers in meant.items():
        author = wanted[place]
        found = []
        for key, same in bearers:
            hospitals, names, departments = works[key]
            reasons = reasoning.reasons_for(
                is_same_characters=same,
                affiliation=author.affiliation,
                hospitals=names,
                departments=departments,
                is_beside_colleague=bool(beside & hospitals),
            )
            if len(bearers) <= reasoning.MOST_BY_NAME or not reasoning.rests_on_name_alone(reasons):
                found.append((key, reasons))
        made += [
            AuthorProposal.objects.create(
                publication=publication,
                doctor_id=key,
                position=place,
                is_corresponding=author.is_corresponding,
                reasons=list(reasons),
                sealed=seal_text(
                    key, orjson.dumps({"name": author.name, "affiliation": author.affiliation}).decode()
                ),
            )
            for key, reasons in found
            if (place, key) not in said and key not in attached.values()
        ]
    if made:
        law.record(
            "doctors.authors_proposed", subject=f"publication:{publication.pk}", by=by, at=at, rows=list(made)
        )
    return made


def _bearers(author: Author) -> list[tuple[UUID, bool]]:
    """Return doctors of this name, and whether their characters are the same; the sounds of a by-line in letters otherwise."""
    whole = clean_name(
        "".join((author.family, author.given)) if reasoning.HAN.search(author.name) else author.name
    )
    if reasoning.HAN.search(whole):
        keys = frozenset({read_name(whole).sort_key})
    else:
        keys = reasoning.sort_keys_of(author.family, author.given)
    if not keys:
        return []
    rows = DoctorIdentity.objects.filter(
        sort_key__in=sorted(keys),
        doctor__merged_into__isnull=True,
        doctor__status__in=(DoctorStatus.ACTIVE, DoctorStatus.UNVERIFIED),
    ).order_by("doctor_id")
    found = [(key, name == whole) for key, name in rows.values_list("doctor_id", "name")]
    return [one for one in found if one[1]] if reasoning.HAN.search(whole) else found


def _works_of(keys: set[UUID]) -> dict[UUID, tuple[set[UUID], list[str], list[str]]]:
    """Return of each doctor the hospitals, their names and other names, and departments. Cost: two queries."""
    found: dict[UUID, tuple[set[UUID], list[str], list[str]]] = defaultdict(lambda: (set(), [], []))
    rows: Any = Affiliation.objects.filter(doctor_id__in=keys).select_related("hospital", "department")
    owners = defaultdict(set)
    for work in rows:
        hospitals, names, departments = found[work.doctor_id]
        hospitals.add(work.hospital_id)
        owners[work.hospital_id].add(work.doctor_id)
        names.append(work.hospital.name)
        if work.department is not None:
            departments += [work.department.name.removesuffix("专业"), *work.department.aliases]
        departments += filter(None, [work.department_name])
    for hospital_id, name in HospitalAlias.objects.filter(hospital_id__in=owners).values_list(
        "hospital_id", "name"
    ):
        for key in owners[hospital_id]:
            found[key][1].append(name)
    return found
