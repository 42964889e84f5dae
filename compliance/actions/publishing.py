"""Publish a course: asked for by its writers, decided by the signature of somebody who did not write in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.choices import ApprovalState, ApprovalVerb, CourseState, DutyCause
from compliance.flows import Answer, Decision, Signed
from compliance.models import ApprovalRequest, Course, CourseVersion, Signature
from compliance.rules.courses import Gap, content_of, fingerprint, gaps_of
from compliance.rules.words import gettext_noop
from compliance.selectors.rulebook import live_book
from compliance.subjects import title_of
from pharmacrm.common.errors import DomainError

from .answering import answer_approval
from .approvals import Stage, due_after, open_approval
from .courses import PUBLICATION, CourseNotChanged
from .duties import ask_again
from .recording import record
from .signing import SignatureProof

MEANING = "course_published"
DAYS_TO_ANSWER = 5


class CourseHasGaps(DomainError):
    """The version cannot be published yet; `gaps` says what it lacks."""

    code = "course_has_gaps"

    def __init__(self, gaps: Sequence[Gap]) -> None:
        super().__init__(_("The version is not complete yet."))
        self.gaps = tuple(gaps)


@transaction.atomic
def ask_publication(*, version_id: UUID, by: Any, at: datetime) -> ApprovalRequest:
    """Ask for a draft to be published as it stands; whoever changes it afterwards asks anew.

    Raises: PermissionDenied; CourseNotChanged once it is published; CourseHasGaps; ApprovalNotOpened when it is asked.
    """
    if not permissions.can_write_course(by):
        raise PermissionDenied
    version = CourseVersion.objects.select_for_update(of=("self",)).get(pk=version_id)
    if version.state != CourseState.DRAFT:
        raise CourseNotChanged(_("Only a draft can be published."))
    if gaps := publish_gaps(version, at):
        raise CourseHasGaps(gaps)
    return put_publication(version, by=by, at=at)


@transaction.atomic
def publish_version(*, version_id: UUID, by: Any, at: datetime, proof: SignatureProof) -> CourseVersion:
    """Put a draft into use: one answer to its request in the approval engine, which is opened where nobody asked yet.

    A material change asks everybody with a certificate to pass again within the days of MR-06; a slip of the pen does not.
    Raises: PermissionDenied for whoever wrote in it; CourseNotChanged; CourseHasGaps; what `sign` raises.
    Source: MR-06 (training and examination by the holder); 21 CFR 11.10(i).
    """
    version = CourseVersion.objects.get(pk=version_id)
    _may_publish(version, by, at)
    answer_approval(
        flow=PUBLICATION,
        subject=f"course:{version.course_id}",
        verb=ApprovalVerb.AGREE,
        by=by,
        at=at,
        proof=proof,
        put=lambda: put_publication(version, by=None, at=at),
    )
    version.refresh_from_db()
    return version


def put_publication(version: CourseVersion, *, by: Any, at: datetime) -> ApprovalRequest:
    """Ask those who may publish."""
    return open_approval(
        subject=f"course:{version.course_id}",
        flow=PUBLICATION,
        by=by,
        at=at,
        steps=[Stage(roles=permissions.PUBLISHERS)],
        due_at=due_after(at, DAYS_TO_ANSWER),
        payload={"version": str(version.pk), "sha256": version_fingerprint(version)},
    )


def check_publication_answer(answer: Answer) -> None:
    """Raises: PermissionDenied; CourseNotChanged; CourseHasGaps."""
    version = _version_of(answer.payload)
    if answer.verb == ApprovalVerb.AGREE:
        _may_publish(version, answer.by, answer.at)
        if version_fingerprint(version) != answer.payload["sha256"]:
            raise CourseNotChanged(_("The draft changed after approval was asked. Ask again."))


def publication_signed(payload: dict[str, Any]) -> Signed:
    """Return what a publisher signs: a version's whole content, its files and its terms."""
    version = CourseVersion.objects.get(pk=UUID(payload["version"]))
    return Signed(f"course:{version.course_id}", version_fingerprint(version))


@transaction.atomic
def carry_out_publication(*, decision: Decision) -> None:
    """Put a version into use that was signed; the one before is superseded. Any other answer leaves the draft a draft."""
    if decision.outcome != ApprovalState.APPROVED:
        return
    version, by, at = _version_of(decision.payload), decision.by, decision.at
    course = Course.objects.select_for_update().get(pk=version.course_id)
    before = course.versions.filter(state=CourseState.PUBLISHED).first()
    rows: list[Any] = []
    if before is not None:
        before.state = CourseState.SUPERSEDED
        before.save()
        rows.append(before)
    version.signature = Signature.objects.get(pk=decision.signature_id)
    version.state, version.published_by, version.published_at = CourseState.PUBLISHED, by, at
    version.save()
    course.pass_mark, course.months_valid = version.pass_mark, version.months_valid
    course.save()
    record(
        "compliance.course_published",
        subject=f"course:{course.pk}",
        by=by,
        at=at,
        reason=version.what_changed,
        rows=[*rows, version, course, version.signature],
    )
    if before is not None and version.is_material:
        ask_again(course_ids=[course.pk], cause=DutyCause.CHANGE, about=f"course:{course.pk}", by=by, at=at)


def publish_gaps(version: CourseVersion, at: datetime) -> list[Gap]:
    """Return what a version lacks: parts, words, and rules or files that are not there."""
    content = content_of(version.content)
    gaps = gaps_of(content, drawn=version.drawn)
    known = live_book(at).by_id
    cited = [(one.key, one.rule) for one in content.exercises]
    cited += [(one.key, one.rule) for one in content.questions]
    gaps += [
        Gap(gettext_noop("The rule book has no rule %(rule)s."), {"rule": rule}, key)
        for key, rule in cited
        if rule and rule not in known
    ]
    files = {str(pk) for pk in version.files.values_list("pk", flat=True)}
    gaps += [
        Gap(gettext_noop("The file of this chapter is not there."), {}, chapter.key)
        for chapter in content.chapters
        if chapter.file and chapter.file not in files
    ]
    gaps += [
        Gap(gettext_noop("The record that this chapter points at is not there."), {}, chapter.key)
        for chapter in content.chapters
        if chapter.link and title_of(chapter.link) == chapter.link
    ]
    if not version.what_changed.strip() and version.number > 1:
        gaps.append(Gap(gettext_noop("Say what changed."), {}))
    return gaps


def version_fingerprint(version: CourseVersion) -> str:
    """Return the SHA-256 under which a version is signed: its whole content, its files and its terms."""
    files = sorted((str(pk), sha) for pk, sha in version.files.values_list("pk", "stored__sha256"))
    return fingerprint(
        version.content, str(version.course_id), version.number, version.drawn, version.pass_mark, version.attempts,
        version.cool_down_hours, version.months_valid, version.is_material, sorted(version.product_codes), files,
    )  # fmt: skip


def _version_of(payload: dict[str, Any]) -> CourseVersion:
    return CourseVersion.objects.select_for_update(of=("self",)).get(pk=UUID(payload["version"]))


def _may_publish(version: CourseVersion, by: Any, at: datetime) -> None:
    if version.state != CourseState.DRAFT:
        raise CourseNotChanged(_("Only a draft can be published."))
    if not permissions.can_publish_course(by, version):
        raise PermissionDenied
    if gaps := publish_gaps(version, at):
        raise CourseHasGaps(gaps)
