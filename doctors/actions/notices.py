"""Publish the words doctors read before they consent: the shipped ones, or the company's own. Source: PIPL 17."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from compliance import actions as law
from doctors import permissions
from doctors.models import ConsentNotice, ConsentPurpose
from doctors.rules.notices import Controller, ShippedNotice, filled, fingerprint, gaps_in, shipped_notices
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError


class NoticeNotPublished(DomainError):
    """The notice was not published; the one in force still holds."""

    code = "notice_not_published"


@transaction.atomic
def publish_notice(
    *, purpose: str, text_zh: str, text_en: str, valid_from: date, by: User, at: datetime
) -> ConsentNotice:
    """Publish the next version of a notice: the company's own words replace whatever was shown before.

    Raises: PermissionDenied; NoticeNotPublished for an unknown purpose, a missing language, a gap left open or
    the very words that are published already.
    """
    if not permissions.can_publish_notice(by):
        raise PermissionDenied
    wanted = ConsentPurpose.objects.select_for_update().filter(code=purpose).first()
    if wanted is None:
        raise NoticeNotPublished(_("This purpose is not known."), field="purpose")
    text_zh, text_en = text_zh.strip(), text_en.strip()
    if not text_zh or not text_en:
        raise NoticeNotPublished(_("A notice needs its words in Chinese and in English."), field="text_zh")
    open_gaps = gaps_in(text_zh + text_en)
    if open_gaps:
        raise NoticeNotPublished(
            _("Fill in %(gaps)s before anybody reads it.") % {"gaps": ", ".join(open_gaps)}, field="text_zh"
        )
    latest = wanted.notices.order_by("-version").first()
    sha256 = fingerprint(text_zh, text_en)
    if latest and latest.sha256 == sha256:
        raise NoticeNotPublished(_("These words are published already."), field="text_zh")
    notice = ConsentNotice.objects.create(
        purpose=wanted,
        version=latest.version + 1 if latest else 1,
        text_zh=text_zh,
        text_en=text_en,
        sha256=sha256,
        valid_from=valid_from,
    )
    law.record("doctors.notice_published", subject=f"notice:{notice.pk}", by=by, at=at, rows=[notice])
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
    if not permissions.can_publish_notice(by):
        raise PermissionDenied
    for field in ("company", "address", "contact"):
        if not getattr(controller, field).strip():
            raise NoticeNotPublished(
                _("The notice has to name the company, its address and whom to reach."), field=field
            )
    published = []
    for shipped in shipped_notices():
        purpose = _purpose_of(shipped, by=by, at=at)
        if purpose.notices.exists():
            continue
        published.append(
            publish_notice(
                purpose=shipped.code,
                text_zh=filled(shipped.text_zh, controller),
                text_en=filled(shipped.text_en, controller),
                valid_from=valid_from,
                by=by,
                at=at,
            )
        )
    return published


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
