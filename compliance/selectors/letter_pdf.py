"""Letters as pages of PDF: a case's letter, and a person's letter of commitment, with the signatures under them.

Source: 21 CFR 11.50(b), the printed form shows name, time and meaning of each signature.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any
from uuid import UUID
from xml.sax.saxutils import escape

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

from compliance.choices import LetterState
from compliance.models import CaseLetter, Commitment
from compliance.selectors.manifest import Signed, manifest_of
from compliance.selectors.signature_sheet import BODY, HEAD, SMALL, signature_block
from pharmacrm.common.pdf import register_font


def letter_pdf(letter: CaseLetter, fingerprint: str) -> bytes:
    """Return a case's letter as it stands; `fingerprint` is its digest now, so that a void signature is called one.

    A letter that is not approved yet says so in its first line. The caller has checked who may read it.
    """
    signed = manifest_of(f"letter:{letter.pk}")
    head = [f"{letter.get_audience_display()} · {letter.case.number}"]
    if letter.state in (LetterState.DRAFT, LetterState.ASKED):
        head.append(_("Draft: nobody may send it yet."))
    if any(one.content_sha256 != fingerprint for one in signed):
        head.append(_("A signature below was given under other words and is void for these."))
    foot = [f"sha256 {fingerprint}"]
    if letter.sent_at:
        said = {
            "day": date_format(localtime(letter.sent_at), "DATETIME_FORMAT"),
            "by": letter.sent_by,
            "how": letter.sent_how,
        }
        foot.append(_("Sent on %(day)s by %(by)s: %(how)s") % said)
    return _pages(letter.title, head, letter.body, foot, signed)


def commitment_pdf(row: Commitment) -> bytes:
    """Return the letter a person signed, in the reader's language, with their signature. The caller has checked who may."""
    text = row.text
    if text is None:  # kept from paper: only its digest is known
        words = _("The text was signed on paper; its fingerprint is kept here.")
    else:
        words = text.text_en if (get_language() or "").startswith("en") else text.text_zh
    until = date_format(row.valid_until, "DATE_FORMAT") if row.valid_until else "—"
    head = [str(row.user), f"{date_format(row.valid_from, 'DATE_FORMAT')} – {until}"]
    if text is not None:
        head.append(_("Text %(number)s") % {"number": text.number})
    signed = _only(manifest_of(f"user:{row.user_id}"), row.signature_id)
    return _pages(_("Letter of commitment"), head, words, [f"sha256 {row.text_sha256}"], signed)


def _only(signed: Iterable[Signed], key: UUID | None) -> list[Signed]:
    return [one for one in signed if one.id == key]


def _pages(title: str, head: list[str], body: str, foot: list[str], signed: list[Signed]) -> bytes:
    register_font()
    out = io.BytesIO()
    sheet = SimpleDocTemplate(
        out, pagesize=A4, title=title, author="PharmaCRM", invariant=1,
        leftMargin=22 * mm, rightMargin=22 * mm, topMargin=20 * mm, bottomMargin=20 * mm,
    )  # fmt: skip
    parts: list[Any] = [Paragraph(escape(title), HEAD), *(Paragraph(escape(line), SMALL) for line in head)]
    parts.append(Spacer(1, 6 * mm))
    for line in body.splitlines():
        parts.append(Paragraph(escape(line), BODY) if line.strip() else Spacer(1, 3 * mm))
    parts += [Spacer(1, 8 * mm), *(Paragraph(escape(line), SMALL) for line in foot), *signature_block(signed)]
    sheet.build(parts)
    return out.getvalue()
