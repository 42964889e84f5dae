"""The words doctors read before they consent: the shipped ones, or the company's own, written by one person and
published by another. Source: PIPL 14, 17."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from doctors import permissions
from doctors.choices import NoticeState
from doctors.models import ConsentNotice, ConsentPurpose
from doctors.rules.notices import Controller, ShippedNotice, filled, fingerprint, gaps_in, shipped_notices
from pharmacrm.accounts.models import User

from .notice_publication import FLOW, NoticeNotPublished, put_notice, subject_of


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
    """Draft the company's own words as the next version of a notice; nobody is shown it before a second person agrees.

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
    before = _published_before(wanted, text_zh, text_en, what_changed)
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
    law.record("doctors.notice_drafted", subject=subject_of(notice), by=by, at=at, rows=[notice])
    put_notice(notice, at=at)
    return notice


@transaction.atomic
def change_notice(
    *,
    notice_id: UUID,
    text_zh: str,
    text_en: str,
    valid_from: date,
    by: User,
    at: datetime,
    is_material: bool = True,
    what_changed: str = "",
) -> ConsentNotice:
    """Change one's own draft. What was asked about the words before is void, and the new ones are asked about.

    Raises: PermissionDenied for anybody but its author; NoticeNotPublished as `draft_notice`, or for no draft.
    """
    said = ConsentNotice.objects.get(pk=notice_id)
    if not permissions.can_keep_notices(by) or said.drafted_by_id != by.pk:
        raise PermissionDenied
    law.void_approval(
        flow=FLOW, subject=subject_of(said), reason=_("The words of the draft changed."), by=by, at=at
    )
    notice = ConsentNotice.objects.select_for_update(of=("self",)).get(pk=notice_id)
    if notice.state != NoticeState.DRAFT:
        raise NoticeNotPublished(_("This version is no draft any more."))
    text_zh, text_en = _whole(text_zh, text_en)
    before = _published_before(notice.purpose, text_zh, text_en, what_changed)
    notice.text_zh, notice.text_en, notice.sha256 = text_zh, text_en, fingerprint(text_zh, text_en)
    notice.valid_from, notice.what_changed = valid_from, what_changed.strip()
    notice.is_material = is_material and before is not None
    notice.save()
    law.record("doctors.notice_changed", subject=subject_of(notice), by=by, at=at, rows=[notice])
    put_notice(notice, at=at)
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
        law.record("doctors.notice_published", subject=subject_of(notice), by=by, at=at, rows=[notice])
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


def _published_before(
    purpose: ConsentPurpose, text_zh: str, text_en: str, what_changed: str
) -> ConsentNotice | None:
    """Return the version before. Raises: NoticeNotPublished for its very words, or unsaid what changes."""
    before = purpose.notices.filter(state=NoticeState.PUBLISHED).order_by("-version").first()
    if before is not None and before.sha256 == fingerprint(text_zh, text_en):
        raise NoticeNotPublished(_("These words are published already."), field="text_zh")
    if before is not None and not what_changed.strip():
        raise NoticeNotPublished(_("Say what changes against the version before."), field="what_changed")
    return before


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
