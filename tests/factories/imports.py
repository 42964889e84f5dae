"""Files as people bring them."""

import io

import xlsxwriter


def workbook(rows, *, merges=(), sheet="Sheet1", formulas=()):
    """Make an .xlsx: rows of cells, merges as (first row, first column, last row, last column, text)."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet(sheet)
        for number, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                if cell not in (None, ""):
                    page.write(number, place, cell)
        for first_row, first_column, last_row, last_column, text in merges:
            page.merge_range(first_row, first_column, last_row, last_column, text)
        for row, column, formula, value in formulas:
            page.write_formula(row, column, formula, None, value)
    return buffer.getvalue()


def text_table(rows, *, encoding="utf-8", mark=","):
    """Make a .csv in an encoding."""
    lines = [mark.join(f'"{cell}"' if mark in str(cell) else str(cell) for cell in cells) for cells in rows]
    return ("\r\n".join(lines) + "\r\n").encode(encoding)
