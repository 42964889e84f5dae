"""The signatures under one subject as a page of PDF: name, meaning, moment with its zone, digest. Source: 21 CFR 11.50(b)."""

from __future__ import annotations

import io
import json
from typing import Any
from xml.sax.saxutils import escape

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from pypdf import PdfWriter
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

from compliance.selectors.manifest import Signed, manifest_of
from compliance.subjects import title_of
from compliance.templatetags.ledger_words import meaning_words
from pharmacrm.common.pdf import FONT, register_font

BODY = ParagraphStyle("signature", fontName=FONT, fontSize=9, leading=13, wordWrap="CJK")
HEAD = ParagraphStyle("signature-head", parent=BODY, fontSize=15, leading=21)
SECTION = ParagraphStyle(
    "signature-section", parent=BODY, fontSize=11, leading=16, spaceBefore=8, spaceAfter=3
)
SMALL = ParagraphStyle(
    "signature-small", parent=BODY, fontSize=7.5, leading=10, textColor=colors.HexColor("#43515b")
)


def signature_sheet(subject: str) -> bytes:
    """Return the manifest of a subject in the language that is active. The caller has checked who may read it."""
    register_font()
    stamps = manifest_of(subject)
    out = io.BytesIO()
    title = _("Signatures: %(what)s") % {"what": title_of(subject)}
    sheet = SimpleDocTemplate(
        out, pagesize=A4, title=title, author="PharmaCRM", invariant=1,
        leftMargin=18 * mm, rightMargin=18 * mm, topMargin=16 * mm, bottomMargin=16 * mm,
    )  # fmt: skip
    sheet.build(
        [
            Paragraph(escape(title), HEAD),
            Paragraph(escape(subject), SMALL),
            *signature_block(stamps),
        ]
    )
    return _with_receipts(out, stamps)


def _with_receipts(sheet: io.BytesIO, stamps: list[Signed]) -> bytes:
    """Attach to the sheet the receipt of each signature that is sealed, as files inside the PDF. Source: ISO 32000-1, 7.11.4."""
    receipts = {f"receipt-{one.id}.json": one.receipt for one in stamps if one.receipt}
    if not receipts:
        return sheet.getvalue()
    writer = PdfWriter(clone_from=sheet)
    for name, receipt in receipts.items():
        writer.add_attachment(name, json.dumps(receipt, ensure_ascii=False, indent=1).encode())
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def signature_block(stamps: list[Signed]) -> list[Any]:
    """Return a section of a PDF that lists signatures, or says that there is none."""
    register_font()
    if not stamps:
        return [Paragraph(_("Signatures"), SECTION), Paragraph(_("Nobody has signed."), BODY)]
    rows = [
        [
            Paragraph(words, SMALL)
            for words in (_("Signed by"), _("Meaning"), _("Moment"), _("Content and act"))
        ]
    ]
    rows += [_row(one) for one in stamps]
    table = Table(rows, colWidths=[36 * mm, 36 * mm, 38 * mm, 64 * mm], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.HexColor("#dce2e4")),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return [Paragraph(_("Signatures"), SECTION), table]


def _row(one: Signed) -> list[Paragraph]:
    who = escape(one.printed_name) + (f"<br/>{escape(one.job_title)}" if one.job_title else "")
    act = _("ledger entry %(entry)s") % {"entry": one.entry} if one.entry else ""
    leaf = _("leaf %(leaf)s") % {"leaf": one.leaf} if one.leaf is not None else ""
    kept = _said(one)
    below = "<br/>".join(
        escape(words) for words in (f"sha256 {one.content_sha256}", act, leaf, kept) if words
    )
    moment = f"{escape(one.signed_at)}<br/>{escape(one.time_zone)}"
    words = (who, escape(str(meaning_words(one.meaning))), moment)
    return [*(Paragraph(part, BODY) for part in words), Paragraph(below, SMALL)]


def _said(one: Signed) -> str:
    if not one.is_untouched:
        return _("This row was changed after it was signed.")
    if one.erased_at is None:
        return ""
    return _("Words of what was signed were erased on %(day)s by a decision: %(decision)s.") % {
        "day": date_format(localtime(one.erased_at), "DATE_FORMAT"),
        "decision": one.erased_by,
    }
