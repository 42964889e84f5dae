"""Publications and who of the doctors wrote them. Nobody is attached by a program: a steward says so, with a ground."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from doctors import permissions
from doctors.actions.scoring.touched import touch_doctors
from doctors.choices import DatePrecision
from doctors.models import Authorship, Doctor, Publication
from pharmacrm.accounts.models import User
from pharmacrm.common import citations
from pharmacrm.common.errors import DomainError

CORRECTABLE = (
    "title",
    "journal",
    "published_on",
    "date_precision",
    "pmid",
    "doi",
    "authors_total",
    "is_retracted",
)
MOST_AUTHORS = 5000


class PublicationNotSaved(DomainError):
    """The publication or the authorship was not kept; nothing has changed."""

    code = "publication_not_saved"


@dataclass(frozen=True)
class Paper:
    """A publication as it is typed, or read from a file. `authors_total` 0: not known."""

    title: str
    journal: str
    published_on: date
    date_precision: str = DatePrecision.DAY
    pmid: str = ""
    doi: str = ""
    authors_total: int = 0
    is_retracted: bool = False


@transaction.atomic
def keep_publication(*, paper: Paper, by: User, at: datetime) -> Publication:
    """Keep a publication once: one known by its PMID or its DOI is returned as it stands.

    Raises: PermissionDenied; PublicationNotSaved without title or journal, or from a day still to come.
    """
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    wanted = _checked(paper, localtime(at).date())
    known = known_publication(wanted)
    if known is None:
        try:
            with transaction.atomic():
                made = Publication.objects.create(**vars(wanted))
        except IntegrityError:  # another person kept it at the same moment
            known = known_publication(wanted)
        else:
            law.record(
                "doctors.publication_kept", subject=f"publication:{made.pk}", by=by, at=at, rows=[made]
            )
            return made
    if known is None:
        raise PublicationNotSaved(_("This publication cannot be kept."), field="title")
    return known


@transaction.atomic
def correct_publication(
    *, publication_id: UUID, reason: str, by: User, at: datetime, **changes: Any
) -> Publication:
    """Correct what is said of a publication, with the reason.

    Raises: PermissionDenied; PublicationNotSaved without a reason or when another one has this PMID or DOI.
    """
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    _demand_reason(reason)
    publication = Publication.objects.select_for_update().get(pk=publication_id)
    values = {name: getattr(publication, name) for name in Paper.__dataclass_fields__}
    wanted = _checked(
        Paper(**{**values, **{name: value for name, value in changes.items() if name in CORRECTABLE}}),
        localtime(at).date(),
    )
    authors = list(publication.authorships.filter(ended_at__isnull=True).order_by("pk"))
    if wanted.authors_total and any(one.position > wanted.authors_total for one in authors):
        raise PublicationNotSaved(_("An author on record stands behind the last one."), field="authors_total")
    for name, value in vars(wanted).items():
        setattr(publication, name, value)
    try:
        with transaction.atomic():
            publication.save()
    except IntegrityError as clash:
        raise PublicationNotSaved(_("Another publication has this PMID or DOI."), field="pmid") from clash
    touch_doctors([one.doctor_id for one in authors], at=at)
    law.record(
        "doctors.publication_corrected",
        subject=f"publication:{publication.pk}",
        by=by,
        at=at,
        reason=reason.strip(),
        rows=[publication],
    )
    return publication


@transaction.atomic
def attach_author(
    *,
    publication_id: UUID,
    doctor_id: UUID,
    position: int,
    ground: str,
    by: User,
    at: datetime,
    is_corresponding: bool = False,
) -> Authorship:
    """Say that a doctor is an author of a publication, and how that is known.

    Raises: PermissionDenied; PublicationNotSaved without a ground, for a place behind the last author, when the doctor
    is attached already or somebody else has that place. Cost: locks the publication, so that two do not take one place.
    """
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    if not ground.strip():
        raise PublicationNotSaved(_("Say how you know that it is this doctor."), field="ground")
    publication = Publication.objects.select_for_update().get(pk=publication_id)
    doctor = Doctor.objects.select_for_update().get(pk=doctor_id)
    _check_place(publication, position)
    held = Authorship.objects.filter(publication=publication, ended_at__isnull=True)
    if held.filter(doctor=doctor).exists():
        raise PublicationNotSaved(_("This doctor is an author of it already."), field="doctor")
    if held.filter(position=position).exists():
        raise PublicationNotSaved(_("Another doctor has this place among the authors."), field="position")
    authorship = Authorship.objects.create(
        publication=publication,
        doctor=doctor,
        position=position,
        is_corresponding=is_corresponding,
        attached_by=by,
    )
    touch_doctors([doctor.pk], at=at)
    law.record(
        "doctors.author_attached",
        subject=f"doctor:{doctor.pk}",
        by=by,
        at=at,
        reason=ground.strip(),
        rows=[authorship],
    )
    return authorship


@transaction.atomic
def add_authored_paper(
    *,
    doctor_id: UUID,
    paper: Paper,
    position: int,
    ground: str,
    by: User,
    at: datetime,
    is_corresponding: bool = False,
) -> Authorship:
    """Keep a publication and attach one doctor as its author, both or neither. Raises: as the two acts it is made of."""
    publication = keep_publication(paper=paper, by=by, at=at)
    return attach_author(
        publication_id=publication.pk,
        doctor_id=doctor_id,
        position=position,
        is_corresponding=is_corresponding,
        ground=ground,
        by=by,
        at=at,
    )


@transaction.atomic
def correct_author(
    *, authorship_id: UUID, position: int, is_corresponding: bool, reason: str, by: User, at: datetime
) -> Authorship:
    """Correct a doctor's place among the authors, with the reason. Raises: PermissionDenied; PublicationNotSaved."""
    authorship = _held_authorship(authorship_id, reason, by)
    _check_place(authorship.publication, position)
    others = Authorship.objects.filter(
        publication_id=authorship.publication_id, ended_at__isnull=True, position=position
    )
    if others.exclude(pk=authorship.pk).exists():
        raise PublicationNotSaved(_("Another doctor has this place among the authors."), field="position")
    authorship.position, authorship.is_corresponding = position, is_corresponding
    authorship.save(update_fields=["position", "is_corresponding", "updated_at"])
    return _record_change(authorship, "doctors.author_corrected", reason, by=by, at=at)


@transaction.atomic
def detach_author(*, authorship_id: UUID, reason: str, by: User, at: datetime) -> Authorship:
    """Take back that a doctor is an author, with the reason; the row stays. Raises: PermissionDenied; PublicationNotSaved."""
    authorship = _held_authorship(authorship_id, reason, by)
    authorship.ended_at, authorship.end_reason = at, reason.strip()[:200]
    authorship.save(update_fields=["ended_at", "end_reason", "updated_at"])
    return _record_change(authorship, "doctors.author_detached", reason, by=by, at=at)


def _held_authorship(authorship_id: UUID, reason: str, by: User) -> Authorship:
    if not permissions.can_edit_master(by):
        raise PermissionDenied
    _demand_reason(reason)
    publication_id = Authorship.objects.values_list("publication_id", flat=True).get(pk=authorship_id)
    publication = Publication.objects.select_for_update().get(pk=publication_id)
    authorship = Authorship.objects.select_for_update().get(pk=authorship_id)
    authorship.publication = publication
    if authorship.ended_at is not None:
        raise PublicationNotSaved(_("This was taken back already."))
    return authorship


def _record_change(authorship: Authorship, event: str, reason: str, *, by: User, at: datetime) -> Authorship:
    touch_doctors([authorship.doctor_id], at=at)
    subject = f"doctor:{authorship.doctor_id}"
    law.record(event, subject=subject, by=by, at=at, reason=reason.strip(), rows=[authorship])
    return authorship


def _check_place(publication: Publication, position: int) -> None:
    last = publication.authors_total or MOST_AUTHORS
    if not 1 <= position <= last:
        raise PublicationNotSaved(
            _("The place among the authors is a number from 1 to %(last)d.") % {"last": last},
            field="position",
        )


def _checked(paper: Paper, today: date) -> Paper:
    found = citations.DOI.search(paper.doi)
    wanted = Paper(
        title=" ".join(paper.title.split())[:500],
        journal=" ".join(paper.journal.split())[:200],
        published_on=paper.published_on,
        date_precision=paper.date_precision,
        pmid=paper.pmid.strip(),
        doi=found.group().rstrip(".,;)]").lower()[:200] if found else "",
        authors_total=paper.authors_total,
        is_retracted=paper.is_retracted,
    )
    if not wanted.title or not wanted.journal:
        raise PublicationNotSaved(_("A publication needs a title and a journal."), field="title")
    if wanted.published_on > today:
        raise PublicationNotSaved(_("It was not published yet on that day."), field="published_on")
    if wanted.pmid and not (wanted.pmid.isdecimal() and wanted.pmid.isascii() and len(wanted.pmid) <= 12):
        raise PublicationNotSaved(_("A PMID is a number."), field="pmid")
    if paper.doi.strip() and not wanted.doi:
        raise PublicationNotSaved(_("A DOI begins with “10.” and has a slash."), field="doi")
    return wanted


def known_publication(paper: Paper) -> Publication | None:
    """Return the publication on record by PMID, by DOI, or where neither is given by title, journal and year."""
    for name in ("pmid", "doi"):
        value = getattr(paper, name)
        found = Publication.objects.filter(**{name: value}).first() if value else None
        if found is not None:
            return found
    if paper.pmid or paper.doi:
        return None
    return Publication.objects.filter(
        title__iexact=paper.title, journal__iexact=paper.journal, published_on__year=paper.published_on.year
    ).first()


def _demand_reason(reason: str) -> None:
    if not reason.strip():
        raise PublicationNotSaved(_("Say why."), field="reason")
