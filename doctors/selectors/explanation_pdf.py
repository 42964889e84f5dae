"""The explanation of a tier as a PDF that carries its own font: every figure of the page, in the reader's language.

Source: PIPL 24, 48, the right to an explanation of how a decision was reached.
"""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from compliance.selectors.manifest import manifest_of
from compliance.selectors.signature_sheet import signature_block
from doctors.selectors.cards import doctor_card
from doctors.selectors.contests import Since, WayUp, since_last_quarter, ways_to_core
from doctors.selectors.explanations import FeatureLine, TierExplanation, explain_tier
from pharmacrm.common.pdf import FONT, register_font

BODY = ParagraphStyle("body", fontName=FONT, fontSize=9, leading=13, wordWrap="CJK")
HEAD = ParagraphStyle("head", parent=BODY, fontSize=16, leading=22)
SECTION = ParagraphStyle("section", parent=BODY, fontSize=11, leading=16, spaceBefore=8, spaceAfter=3)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=7.5, leading=10, textColor=colors.HexColor("#43515b"))
RIGHT = ParagraphStyle("right", parent=BODY, alignment=2)


def explanation_pdf_of(doctor_id: UUID) -> bytes:
    """Return the explanation of a doctor's tier as it stands now. The caller has checked who may read it.

    Raises: LookupError for no such doctor. Cost: that of the tier page.
    """
    why, card = explain_tier(doctor_id), doctor_card(doctor_id)
    if why is None or card is None:
        raise LookupError(str(doctor_id))
    return explanation_pdf(card.name, why, since_last_quarter(why), ways_to_core(why))


def explanation_pdf(name: str, why: TierExplanation, since: Since | None, ways: tuple[WayUp, ...]) -> bytes:
    """Return the explanation of one doctor's tier in the language that is active. Dates are of the score."""
    register_font()
    out = io.BytesIO()
    title = _("%(name)s: tier and reasons") % {"name": name}
    sheet = SimpleDocTemplate(
        out, pagesize=A4, title=title, author="PharmaCRM", invariant=1,
        leftMargin=18 * mm, rightMargin=18 * mm, topMargin=16 * mm, bottomMargin=16 * mm,
    )  # fmt: skip
    parts: list[Any] = [Paragraph(_plain(title), HEAD), Paragraph(_plain(_tier_words(why)), BODY)]
    if why.is_scored:
        parts += _figures(why)
        parts += _changes(since)
        parts += _ways(why, ways)
    parts += [
        Paragraph(_("What this rests on, and what you can do"), SECTION),
        Paragraph(
            _(
                "Only public academic and institutional facts and our own academic exchange are used; never "
                "prescriptions, sales, payments or anything sensitive. Nobody is chosen as a speaker by tier. You can "
                "contest the tier, and a person decides; you can refuse profiling, without any disadvantage "
                "(Personal Information Protection Law, articles 24 and 48)."
            ),
            BODY,
        ),
    ]
    if why.model_id and (signed := manifest_of(f"segmentation_model:{why.model_id}")):
        parts += signature_block(signed)
    sheet.build(parts)
    return out.getvalue()


def _tier_words(why: TierExplanation) -> str:
    if not why.is_scored:
        return _("Tier") + _(": ") + why.now.label
    words = [_("Tier") + _(": ") + why.now.label]
    if why.now.is_override:
        words.append(_("set by a person; the score gives %(tier)s") % {"tier": why.score_tier_label})
    words.append(_("Score %(score)s of 100 points") % {"score": why.score_text})
    return " · ".join(words)


def _figures(why: TierExplanation) -> list[Any]:
    day = date_format(why.as_of, "DATE_FORMAT") if why.as_of else ""
    rows: list[list[Any]] = [
        [_cell(_("Feature")), *(_cell(one, RIGHT) for one in (
            _("Raw value"), _("Place in the cohort"), _("Level, %"), _("At most"), _("Contribution")))]
    ]  # fmt: skip
    for dimension in why.dimensions:
        rows.append(
            [_cell(dimension.label), "", "", "", "", _cell(_signed(dimension.contribution_bp), RIGHT)]
        )
        rows += [_row(line) for line in dimension.features]
    rows.append([_cell(_("Sum = score")), "", "", "", "", _cell(why.score_text, RIGHT)])
    heads = [1 + sum(1 + len(one.features) for one in why.dimensions[:n]) for n in range(len(why.dimensions))]
    table = Table(rows, colWidths=[56 * mm, 31 * mm, 30 * mm, 17 * mm, 16 * mm, 24 * mm], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.HexColor("#dce2e4")),
                ("LINEABOVE", (0, -1), (-1, -1), 0.8, colors.black),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 1.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
                *[("BACKGROUND", (0, n), (-1, n), colors.HexColor("#f4f6f6")) for n in heads],
            ]
        )
    )
    lines = {
        "core": _points(why.core_line_bp),
        "potential": _points(why.potential_line_bp),
        "cohort": why.cohort,
        "size": why.cohort_size,
        "version": why.model_version,
        "day": day,
    }
    return [
        Paragraph(
            _plain(
                _(
                    "Core from %(core)s points, potential from %(potential)s points. Compared within: %(cohort)s, "
                    "%(size)d doctors. Model %(version)s, data of %(day)s."
                )
                % lines
            ),
            BODY,
        ),
        Spacer(1, 4 * mm),
        table,
        Paragraph(
            _("Contribution = at most × level, rounded towards zero to 0.01 point. Level = place ÷ others."),
            SMALL,
        ),
    ]


def _row(line: FeatureLine) -> list[Any]:
    place = (
        _("above %(below)s of %(others)s") % {"below": line.below, "others": line.others}
        if line.is_ranked
        else _("full from %(cap)s") % {"cap": line.cap}
    )
    return [
        [_cell(line.label), Paragraph(_plain(line.definition), SMALL), Paragraph(_plain(line.source), SMALL)],
        *(_cell(one, RIGHT) for one in (
            line.raw_text, place, line.level_text, line.weight_text, line.contribution_text)),
    ]  # fmt: skip


def _changes(since: Since | None) -> list[Any]:
    if since is None or not since.lines:
        return []
    said = _("Since %(day)s: %(before)s → %(now)s points") % {
        "day": date_format(since.as_of, "DATE_FORMAT"),
        "before": since.score_text,
        "now": _points(since.now_bp),
    }
    rows = [
        f"{one.label}{_(': ')}{one.raw_before} → {one.raw_now} ({one.difference_text})" for one in since.lines
    ]
    return [Paragraph(_plain(said), SECTION), *(Paragraph(_plain(row), BODY) for row in rows)]


def _ways(why: TierExplanation, ways: tuple[WayUp, ...]) -> list[Any]:
    if not ways:
        return []
    rows = [f"{one.label}{_(': ')}{one.raw} → {one.value} ({one.more_text})" for one in ways]
    said = _("What together would reach the core line of %(line)s points") % {
        "line": _points(why.core_line_bp)
    }
    return [Paragraph(_plain(said), SECTION), *(Paragraph(_plain(row), BODY) for row in rows)]


def _cell(words: str, style: ParagraphStyle = BODY) -> Paragraph:
    return Paragraph(_plain(words), style)


def _plain(words: str) -> str:
    """Keep a paragraph from reading words as markup."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _points(bp: int) -> str:
    return f"{bp / 100:.2f}"


def _signed(bp: int) -> str:
    return f"{'+' if bp > 0 else ''}{_points(bp)}"
