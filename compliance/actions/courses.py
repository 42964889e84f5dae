"""Write courses: draft a version, its chapters, exercises and questions, and retire what nobody has to take any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.choices import CourseState
from compliance.models import Course, CourseFile, CourseVersion
from compliance.rules.courses import content_of
from pharmacrm.common.errors import DomainError
from pharmacrm.common.models import StoredFile

from .approvals import lock_request, void_approval
from .recording import record

PARTS = {"chapters": "c", "exercises": "e", "questions": "q"}
PUBLICATION = "compliance.course"  # the flow of publishing.py, registered in apps.py


class CourseNotChanged(DomainError):
    """The course stays as it is."""

    code = "course_not_changed"


@transaction.atomic
def draft_version(*, course_id: UUID, by: Any, at: datetime) -> CourseVersion:
    """Begin a new version, as a copy of the one in use. Returns the standing draft where there is one.

    Raises: PermissionDenied; CourseNotChanged for a retired course.
    """
    if not permissions.can_write_course(by):
        raise PermissionDenied
    course = Course.objects.select_for_update().get(pk=course_id)
    if course.is_retired:
        raise CourseNotChanged(_("This course is retired."))
    standing = course.versions.filter(state=CourseState.DRAFT).first()
    if standing is not None:
        return standing
    last = course.versions.aggregate(last=Max("number"))["last"] or 0
    latest = course.versions.filter(state=CourseState.PUBLISHED).first()
    terms = (
        {
            name: getattr(latest, name)
            for name in ("drawn", "pass_mark", "attempts", "cool_down_hours", "months_valid", "product_codes")
        }
        if latest
        else {"pass_mark": course.pass_mark, "months_valid": course.months_valid}
    )
    version = CourseVersion.objects.create(
        course=course,
        number=last + 1,
        content=latest.content if latest else {},
        drafted_by=by,
        edited_by=[by.pk],
        **terms,
    )
    rows: list[Any] = [version]
    for file in latest.files.all() if latest else ():
        copy = CourseFile.objects.create(version=version, stored_id=file.stored_id, name=file.name)
        rows.append(copy)
        version.content = _with_file(version.content, str(file.pk), str(copy.pk))
    if len(rows) > 1:
        version.save()
    record("compliance.course_drafted", subject=f"course:{course.pk}", by=by, at=at, rows=rows)
    return version


@transaction.atomic
def write_content(*, version_id: UUID, document: Mapping[str, Any], by: Any, at: datetime) -> CourseVersion:
    """Replace a draft's whole content. Raises: PermissionDenied; CourseNotChanged once it is published."""
    version = _draft(version_id, by)
    content_of(document)
    return _keep(version, dict(document), by, at)


@transaction.atomic
def put_part(
    *, version_id: UUID, part: str, key: str, item: Mapping[str, Any], by: Any, at: datetime
) -> CourseVersion:
    """Add a chapter, exercise or question to a draft, or change the one with `key`. Raises as `write_content`."""
    version = _draft(version_id, by)
    content = dict(version.content)
    items = list(content.get(part, []))
    if key:
        places = [place for place, one in enumerate(items) if one["key"] == key]
        if not places:
            raise CourseNotChanged(_("This part is no longer there."))
        items[places[0]] = {**item, "key": key}
    else:
        items.append({**item, "key": _free_key(PARTS[part], content)})
    return _keep(version, {**content, part: items}, by, at)


@transaction.atomic
def remove_part(*, version_id: UUID, part: str, key: str, by: Any, at: datetime) -> CourseVersion:
    """Take a chapter, exercise or question out of a draft. Raises as `write_content`."""
    version = _draft(version_id, by)
    items = [one for one in version.content.get(part, []) if one["key"] != key]
    return _keep(version, {**version.content, part: items}, by, at)


@transaction.atomic
def move_part(*, version_id: UUID, part: str, key: str, up: bool, by: Any, at: datetime) -> CourseVersion:
    """Move a part one place up or down within a draft. Raises as `write_content`."""
    version = _draft(version_id, by)
    items = list(version.content.get(part, []))
    place = next((n for n, one in enumerate(items) if one["key"] == key), None)
    other = None if place is None else place + (-1 if up else 1)
    if place is None or other is None or not 0 <= other < len(items):
        raise CourseNotChanged(_("It cannot be moved further."))
    items[place], items[other] = items[other], items[place]
    return _keep(version, {**version.content, part: items}, by, at)


@transaction.atomic
def set_terms(*, version_id: UUID, by: Any, at: datetime, **terms: Any) -> CourseVersion:
    """Set how a draft is examined, how long a certificate holds, what changed and for which products. Raises as above."""
    version = _draft(version_id, by)
    for name in ("drawn", "pass_mark", "attempts", "cool_down_hours", "months_valid", "is_material",
                 "what_changed", "product_codes"):  # fmt: skip
        if name in terms:
            setattr(version, name, terms[name])
    return _keep(version, version.content, by, at)


@transaction.atomic
def add_course_file(*, version_id: UUID, stored: StoredFile, name: str, by: Any, at: datetime) -> CourseFile:
    """Keep a PDF with a draft, for its chapters to point at. Raises as `write_content`."""
    version = _draft(version_id, by)
    _ask_anew(version, by, at)
    row = CourseFile.objects.create(version=version, stored=stored, name=name[:160])
    version.edited_by = _with(version.edited_by, by.pk)
    version.save()
    record("compliance.course_file_added", subject=f"course:{version.course_id}", by=by, at=at, rows=[row])
    return row


@transaction.atomic
def retire_course(*, course_id: UUID, reason: str, by: Any, at: datetime) -> Course:
    """End a course: nobody has to take it any more. Raises: PermissionDenied; CourseNotChanged."""
    if not permissions.can_change_staff(by):
        raise PermissionDenied
    lock_request(PUBLICATION, f"course:{course_id}")
    course = Course.objects.select_for_update().get(pk=course_id)
    if course.is_retired:
        raise CourseNotChanged(_("This course is retired."))
    if not reason.strip():
        raise CourseNotChanged(_("Please give the reason."), field="reason")
    void_approval(flow=PUBLICATION, subject=f"course:{course.pk}", reason=reason.strip(), by=by, at=at)
    course.is_retired = True
    course.save()
    record(
        "compliance.course_retired",
        subject=f"course:{course.pk}",
        by=by,
        at=at,
        reason=reason.strip(),
        rows=[course],
    )
    return course


def _draft(version_id: UUID, by: Any) -> CourseVersion:
    if not permissions.can_write_course(by):
        raise PermissionDenied
    lock_request(
        PUBLICATION, f"course:{CourseVersion.objects.only('course_id').get(pk=version_id).course_id}"
    )
    version = CourseVersion.objects.select_for_update(of=("self",)).get(pk=version_id)
    if version.state != CourseState.DRAFT:
        raise CourseNotChanged(_("A published version is not changed. Draft a new one."))
    return version


def _keep(version: CourseVersion, content: dict[str, Any], by: Any, at: datetime) -> CourseVersion:
    _ask_anew(version, by, at)
    version.content = content
    version.edited_by = _with(version.edited_by, by.pk)
    try:
        with transaction.atomic():
            version.save()
    except IntegrityError as error:
        raise CourseNotChanged(_("These terms do not go together.")) from error
    record("compliance.course_drafted", subject=f"course:{version.course_id}", by=by, at=at, rows=[version])
    return version


def _ask_anew(version: CourseVersion, by: Any, at: datetime) -> None:
    """Void the request to publish a draft that changes: nobody signs what they did not read."""
    void_approval(
        flow=PUBLICATION, subject=f"course:{version.course_id}", reason=_("The draft changed."), by=by, at=at
    )


def _with(people: Sequence[UUID], one: UUID) -> list[UUID]:
    return list(dict.fromkeys([*people, one]))


def _free_key(letter: str, content: Mapping[str, Any]) -> str:
    taken = {one["key"] for part in PARTS for one in content.get(part, [])}
    number = 1
    while f"{letter}{number}" in taken:
        number += 1
    return f"{letter}{number}"


def _with_file(content: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    chapters = [
        {**one, "file": new} if one.get("file") == old else one for one in content.get("chapters", [])
    ]
    return {**content, "chapters": chapters}
