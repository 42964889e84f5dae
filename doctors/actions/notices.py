"""The words doctors read before they consent: the shipped ones, or the company's own, written by one person and
published by another. Source: PIPL 14, 17."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance import actions as law
from doctors import permissions
from doctors.choices import NoticeState
from doctors.models import ConsentNotice, ConsentPurpose
from doctors.rules.notices import Controller, ShippedNotice, filled, fingerprint, gaps_in, shipped_notices
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError


class NoticeNotPublished(DomainError):
    """The notice was not published; the one in force still holds."""

    code = "notice_not_published"


@transaction.atomic
def draft_notice(
    *,
    purpose: str,
    text_zh: str,
    text_en: str,
    valid_from: date,
    by: User,
    at: datetime,
    is_material: bool = True,
    what_changed: str = "",
) -> ConsentNotice:
    """Draft the company's own words as the next version of a notice; nobody is shown it yet.

    Raises: PermissionDenied; NoticeNotPublished for an unknown purpose, a missing language, a gap left open, the
    very words that are published already, or a draft that waits.
    """
    if not permissions.can_keep_notices(by):
        raise PermissionDenied
    wanted = ConsentPurpose.objects.select_for_update().filter(code=purpose).first()
    if wanted is None:
        raise NoticeNotPublished(_("This purpose is not known."), field="purpose")
    text_zh, text_en = _whole(text_zh, text_en)
    if wanted.notices.filter(state=NoticeState.DRAFT).exists():
        raise NoticeNotPublished(_("A draft of this notice waits already. Publish or drop it first."))
    before = wanted.notices.filter(state=NoticeState.PUBLISHED).order_by("-version").first()
    if before is not None and before.sha256 == fingerprint(text_zh, text_en):
        raise NoticeNotPublished(_("These words are published already."), field="text_zh")
    if before is not None and not what_changed.strip():
        raise NoticeNotPublished(_("Say what changes against the version before."), field="what_changed")
    notice = _next_version(
        wanted,
        text_zh,
        text_en,
        valid_from=valid_from,
        state=NoticeState.DRAFT,
        is_material=is_material and before is not None,
        what_changed=what_changed.strip(),
        drafted_by=by,
    )
    law.record("doctors.notice_drafted", subject=f"notice:{notice.pk}", by=by, at=at, rows=[notice])
    return notice


@transaction.atomic
def publish_notice(*, notice_id: UUID, by: User, at: datetime) -> ConsentNotice:
    """Publish a draft as the second person; a change of substance makes earlier consents lapse on its first day.

    Raises: PermissionDenied; NoticeNotPublished for its author, or for one that is no draft. Source: PIPL 14(2).
    """
    notice = _locked_draft(notice_id, by)
    if notice.drafted_by_id == by.pk:
        raise NoticeNotPublished(_("Whoever wrote a notice does not publish it. Ask a colleague."))
    notice.state, notice.published_by, notice.published_at = NoticeState.PUBLISHED, by, at
    notice.valid_from = max(notice.valid_from, localtime(at).date())
    notice.save()
    law.record("doctors.notice_published", subject=f"notice:{notice.pk}", by=by, at=at, rows=[notice])
    return notice


@transaction.atomic
def drop_notice(*, notice_id: UUID, by: User, at: datetime) -> ConsentNotice:
    """Drop a draft; its number is not used again. Raises: PermissionDenied; NoticeNotPublished for no draft."""
    notice = _locked_draft(notice_id, by)
    notice.state = NoticeState.DROPPED
    notice.save()
    law.record("doctors.notice_dropped", subject=f"notice:{notice.pk}", by=by, at=at, rows=[notice])
    return notice


@transaction.atomic
def adopt_shipped_notices(
    *, controller: Controller, valid_from: date, by: User, at: datetime
) -> list[ConsentNotice]:
    """Publish the shipped notice of each purpose that has none yet, with the controller's name in it.

    A purpose for which the company has published anything keeps its words. Safe to run twice.
    Returns: the notices published now.
    Raises: PermissionDenied; NoticeNotPublished where the controller is not named in full.
    """
    if not permissions.can_keep_notices(by):
        raise PermissionDenied
    for field in ("company", "address", "contact"):
        if not getattr(controller, field).strip():
            raise NoticeNotPublished(
                _("The notice has to name the company, its address and whom to reach."), field=field
            )
    published = []
    for shipped in shipped_notices():
        purpose = _purpose_of(shipped, by=by, at=at)
        if purpose.notices.filter(state=NoticeState.PUBLISHED).exists():
            continue
        text_zh, text_en = _whole(filled(shipped.text_zh, controller), filled(shipped.text_en, controller))
        notice = _next_version(
            purpose, text_zh, text_en, valid_from=valid_from, published_by=by, published_at=at
        )
        law.record("doctors.notice_published", subject=f"notice:{notice.pk}", by=by, at=at, rows=[notice])
        published.append(notice)
    return published


def _whole(text_zh: str, text_en: str) -> tuple[str, str]:
    """Return both texts trimmed. Raises: NoticeNotPublished where a language is missing or a gap is left."""
    text_zh, text_en = text_zh.strip(), text_en.strip()
    if not text_zh or not text_en:
        raise NoticeNotPublished(_("A notice needs its words in Chinese and in English."), field="text_zh")
    open_gaps = gaps_in(text_zh + text_en)
    if open_gaps:
        raise NoticeNotPublished(
            _("Fill in %(gaps)s before anybody reads it.") % {"gaps": ", ".join(open_gaps)}, field="text_zh"
        )
    return text_zh, text_en


def _next_version(purpose: ConsentPurpose, text_zh: str, text_en: str, **fields: Any) -> ConsentNotice:
    latest = purpose.notices.order_by("-version").first()
    return ConsentNotice.objects.create(
        purpose=purpose,
        version=latest.version + 1 if latest else 1,
        text_zh=text_zh,
        text_en=text_en,
        sha256=fingerprint(text_zh, text_en),
        **fields,
    )


def _locked_draft(notice_id: UUID, by: User) -> ConsentNotice:
    if not permissions.can_keep_notices(by):
        raise PermissionDenied
    notice = ConsentNotice.objects.select_for_update(of=("self",)).get(pk=notice_id)
    if notice.state != NoticeState.DRAFT:
        raise NoticeNotPublished(_("This version is no draft any more."))
    return notice


def _purpose_of(shipped: ShippedNotice, *, by: User, at: datetime) -> ConsentPurpose:
    purpose, is_new = ConsentPurpose.objects.select_for_update().get_or_create(
        code=shipped.code,
        defaults={
            "name_zh": shipped.name_zh,
            "name_en": shipped.name_en,
            "legal_basis": shipped.legal_basis,
            "clause": shipped.clause,
        },
    )
    if is_new:
        law.record("doctors.purpose_added", subject=f"purpose:{purpose.pk}", by=by, at=at, rows=[purpose])
    return purpose
