"""The invented materials show their pages on a machine without any Chinese font."""

from datetime import date

from reportlab.pdfbase import pdfmetrics

from pharmacrm.runtime.demo import content
from pharmacrm.runtime.demo.library import CLAIMS, MATERIALS, PRODUCTS

ON = date(2026, 11, 1)


def every_page() -> list[list[str]]:
    known = {product.code: product for product in PRODUCTS}
    return [
        page
        for code, kind, title, _topics in MATERIALS
        for page in content.material_pages(known[code], kind, title, list(CLAIMS[code]), ON)
    ]


def test_the_font_that_the_materials_carry_has_every_letter_of_them():
    letters = {letter for page in every_page() for line in page for letter in line}

    content.pdf([[""]])  # makes the font known
    known = pdfmetrics.getFont(content.FONT).face.charToGlyph

    assert sorted(letter for letter in letters if ord(letter) not in known) == []


def test_the_font_is_inside_the_file():
    made = content.pdf([["舒泽安"]])

    assert b"/FontFile2" in made
    assert b"STSong" not in made
