"""The font that every PDF carries: a reader without a Chinese font sees its words all the same."""

from __future__ import annotations

from importlib.resources import as_file, files

from reportlab.lib import textsplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import paragraph

FONT = "wqy-microhei"
# Chinese marks that reportlab would let begin a line.
NEVER_FIRST = "，；：！？）”’》"
FONT_PACKAGE, FONT_PATH = "paperang_p2_fonts_cjk", "fonts/wqy-microhei.ttc"


def register_font() -> None:
    """Let reportlab draw with the font. Safe to run twice."""
    if FONT not in pdfmetrics.getRegisteredFontNames():
        with as_file(files(FONT_PACKAGE) / FONT_PATH) as font:
            pdfmetrics.registerFont(TTFont(FONT, font, subfontIndex=0))
        for place in (textsplit, paragraph):
            place.ALL_CANNOT_START += NEVER_FIRST
