"""One way to list: filters in the address, pages by position, Excel as seen.

A list page in full:

    class MaterialFilter(FilterForm):
        status = forms.ChoiceField(label=_("State"), choices=any_of(MaterialStatus))
        q = forms.CharField(label=_("Title"))

    def material_list(request):
        form = MaterialFilter(request.GET)
        rows = selectors.materials_visible_to(request.user, **form.chosen())
        if request.GET.get("export") == "xlsx":
            return excel("materials", COLUMNS, rows, seen_by=request.user, at=timezone.now(), person=None, filters=form.in_words())
        page = page_of(rows, request, order=("-created_at", "-pk"))
        return render(request, "content/material_list.html", {"form": form, "page": page, "export": export_url(request)})

    COLUMNS = (Column(_("Code"), "code"), Column(_("State"), lambda row: row.get_status_display()))

and in the template `{% include "components/filter_bar.html" with form=form export=export reset=request.path only %}`,
the table over `page.rows`, `{% include "components/pages.html" with page=page only %}`.
"""

from __future__ import annotations

import base64
import binascii
import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django import forms
from django.core.exceptions import FieldError, ValidationError
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .errors import DomainError
from .leaving import Door, count_leaving

PAGE_SIZE = 50
MOST_ROWS = 200_000
CELL_LIMIT = 32_767
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Page:
    """One page of a list. `total` is None where counting would cost more than it tells."""

    rows: list[Any]
    first_url: str = ""
    next_url: str = ""
    total: int | None = None


@dataclass(frozen=True)
class Column:
    """One column of an export: its heading, and an attribute, key or function that gives the value."""

    title: Any
    value: str | Callable[[Any], Any]

    def of(self, row: Any) -> Any:
        if callable(self.value):
            return self.value(row)
        return row.get(self.value) if isinstance(row, dict) else getattr(row, self.value)


class TooManyRows(DomainError):
    """The export would be larger than a person can use; nothing was written."""

    code = "too_many_rows"


class FilterForm(forms.Form):
    """Filters of a list, read from the address. No field is required; nonsense filters nothing and says so."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "filter_%s")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False

    def chosen(self) -> dict[str, Any]:
        """Return the filters that are set, as values."""
        self.is_valid()
        return {
            name: value for name, value in self.cleaned_data.items() if value not in (None, "", [], False)
        }

    def in_words(self) -> list[tuple[str, str]]:
        """Return (label, value) of the filters that are set, for the second sheet of an export."""
        return [(str(self[name].label), str(value)) for name, value in self.chosen().items()]


def any_of(choices: Any) -> list[tuple[str, Any]]:
    """Return a TextChoices' pairs with "all" in front, for a filter."""
    return [("", gettext_lazy("all")), *choices.choices]


def page_of(
    rows: QuerySet[Any] | Callable[[list[Any] | None, int], list[Any]],
    request: HttpRequest,
    *,
    order: Sequence[str],
    size: int = PAGE_SIZE,
    total: int | None = None,
) -> Page:
    """Return the page that follows `?after=`, by position in the order.

    `order` names columns that are never null and together unique ("-created_at", "-pk"); the address carries the
    last row's values. A position nobody gave out starts from the top. `rows` may be a function of position (None: the
    top) and number that reads them in this order. Cost: one query, the same for every page.
    """
    read = _reader(rows, order) if isinstance(rows, QuerySet) else rows
    after = request.GET.get("after", "")
    position = _decoded(after, len(order)) if after else None
    try:
        found = read(position, size + 1)
    except (FieldError, ValidationError, ValueError):
        if position is None:
            raise
        position = None
        found = read(None, size + 1)
    following = ""
    if len(found) > size:
        found = found[:size]
        following = _address(request, after=_encoded(order, found[-1]))
    first = _address(request, after="") if position is not None else ""
    return Page(found, first_url=first, next_url=following, total=total)


def _reader(rows: QuerySet[Any], order: Sequence[str]) -> Callable[[list[Any] | None, int], list[Any]]:
    def read(position: list[Any] | None, count: int) -> list[Any]:
        ordered = rows.order_by(*order)
        return list((ordered if position is None else ordered.filter(beyond(order, position)))[:count])

    return read


def answer_list(
    request: HttpRequest,
    template: str,
    *,
    name: str,
    columns: Sequence[Column],
    form: FilterForm,
    rows: QuerySet[Any],
    **more: Any,
) -> HttpResponse | FileResponse:
    """Answer a list of things, not of persons, newest first: one page of it, or with `?export=xlsx` all of it as Excel.

    The template gets `form`, `page`, `export` and what else is given. Raises: TooManyRows.
    """
    if request.GET.get("export") == "xlsx":
        return excel(
            name,
            columns,
            rows.order_by("-pk"),
            seen_by=request.user,
            at=timezone.now(),  # noqa: TID251 - the shared end of many doors
            person=None,
            filters=form.in_words(),
        )
    page = page_of(rows, request, order=("-pk",))
    return render(request, template, {"form": form, "page": page, "export": export_url(request), **more})


def export_url(request: HttpRequest) -> str:
    """Return the address of the Excel of what is seen now: same filters, all pages."""
    query = request.GET.copy()
    query.pop("after", None)
    query["export"] = "xlsx"
    return f"{request.path}?{query.urlencode()}"


def excel(
    name: str,
    columns: Sequence[Column],
    rows: QuerySet[Any] | Iterable[Any],
    *,
    seen_by: Any,
    at: datetime,
    person: str | Callable[[Any], Any] | None,
    filters: Sequence[tuple[str, str]] = (),
    most: int = MOST_ROWS,
) -> FileResponse:
    """Answer with an Excel file that holds values only: whatever a cell says, it is never a formula or a link.

    `person` gives the key of whom a row is about, None where rows are about nobody outside; those are counted before
    the file leaves.
    Raises: TooManyRows; whatever the counter of exports refuses. Cost: one pass, constant memory. Source: OWASP CSV injection; ASVS 5.0 1.2.10.
    """
    place = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - FileResponse closes it
    book = xlsxwriter.Workbook(
        place,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    heading = book.add_format({"bold": True, "bottom": 1})
    sheet = book.add_worksheet(str(_("Rows")))
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, max(len(columns) - 1, 0), 18)
    for across, column in enumerate(columns):
        sheet.write_string(0, across, str(column.title), heading)
    down = 0
    about_whom: set[Any] = set()
    whom = Column("", person) if person is not None else None
    stream = rows.iterator(chunk_size=2000) if isinstance(rows, QuerySet) else iter(rows)
    for down, row in enumerate(stream, start=1):
        if down > most:
            book.close()
            place.close()
            raise TooManyRows(_("More than %(most)d rows. Narrow the filters first.") % {"most": most})
        for across, column in enumerate(columns):
            _write(sheet, down, across, column.of(row))
        if whom is not None and (key := whom.of(row)):
            about_whom.add(key)
    if whom is not None:
        try:
            count_leaving(Door.XLSX, name=name, persons=about_whom, by=seen_by, at=at)
        except Exception:
            book.close()
            place.close()
            raise
    about = book.add_worksheet(str(_("About")))
    about.set_column(0, 1, 28)
    facts = [
        (str(_("Exported at")), _text(at)),
        (str(_("Exported by")), str(seen_by)),
        (str(_("Rows")), str(down)),
        *filters,
    ]
    for line, (key, value) in enumerate(facts):
        about.write_string(line, 0, key, heading)
        about.write_string(line, 1, value[:CELL_LIMIT])
    book.close()
    place.seek(0)
    day = timezone.localtime(at).strftime("%Y%m%d-%H%M")
    return FileResponse(place, as_attachment=True, filename=f"{name}-{day}.xlsx", content_type=XLSX)


def _write(sheet: Any, down: int, across: int, value: Any) -> None:
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        sheet.write_number(down, across, value)
    elif value is not None and value != "":
        sheet.write_string(down, across, _text(value)[:CELL_LIMIT])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, datetime):
        moment = timezone.localtime(value) if timezone.is_aware(value) else value
        return moment.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return ", ".join(_text(one) for one in value)
    return str(value)


def beyond(order: Sequence[str], position: Sequence[Any]) -> Q:
    """Return what rows have to fulfil to follow a position in an order."""
    condition = Q()
    same: dict[str, Any] = {}
    for column, value in zip(order, position, strict=True):
        name = column.removeprefix("-")
        later = Q(**same, **{f"{name}__{'lt' if column.startswith('-') else 'gt'}": value})
        condition |= later
        same[name] = value
    first = order[0].removeprefix("-")
    bound = Q(**{f"{first}__{'lte' if order[0].startswith('-') else 'gte'}": position[0]})
    return bound & condition  # the bound on the first column lets one index range serve the whole condition


def _encoded(order: Sequence[str], row: Any) -> str:
    values = []
    for column in order:
        value = _value_of(row, column.removeprefix("-"))
        values.append(
            value.isoformat()
            if isinstance(value, (date, datetime))
            else value
            if isinstance(value, (int, str))
            else str(value)
        )
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _value_of(row: Any, name: str) -> Any:
    if isinstance(row, dict):
        return row[name]
    for part in name.split("__"):
        row = getattr(row, part)
    return row


def _decoded(text: str, wanted: int) -> list[Any] | None:
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        return None
    is_plain = isinstance(values, list) and all(isinstance(value, (str, int)) for value in values)
    return values if is_plain and len(values) == wanted else None


def _address(request: HttpRequest, *, after: str) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    if after:
        query["after"] = after
    return f"{request.path}?{query.urlencode()}" if query else request.path
