"""Files as people bring them."""

import io

import xlsxwriter
from django.contrib.auth.models import Group

from pharmacrm.imports import actions


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


def make_job(by, at, rows=(("医院名称", "等级"), ("湖滨医院", "三甲")), kind="hospital", name="医院.csv"):
    """Upload a file as a steward would, without asking whether the person may."""
    job = actions.upload_file(kind=kind, file_name=name, chunks=[text_table(rows)], by=_steward(by), at=at)
    job.asked_by = by
    job.save(update_fields=["asked_by"])
    return job


def _steward(person):
    person.groups.add(Group.objects.get_or_create(name="steward")[0])
    person.__dict__.pop("roles", None)
    return person
