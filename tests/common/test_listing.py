"""Lists: filters in the address, pages by position, exports without formulas."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.test import RequestFactory
from python_calamine import load_workbook

from pharmacrm.common.choices import JobState
from pharmacrm.common.listing import Column, FilterForm, TooManyRows, any_of, excel, export_url, page_of
from pharmacrm.common.models import Job

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
ORDER = ("-started_at", "pk")
PAYLOADS = [
    "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "=HYPERLINK(\"http://x\")",
    "=IMPORTXML(\"http://x\",\"//a\")", "=WEBSERVICE(\"http://x\")", "=DDE(\"cmd\",\"/c calc\",\"x\")", "=1+1;cmd", "{=1+1}",
    "=@SUM(1)", "=_xlfn.WEBSERVICE(1)", "=-1+1", "=+1+1", "=\"a\"&\"b\"", "=INDIRECT(\"A1\")", "＝1+1", "＋1", "－1", "＠SUM(1)",
    "http://x/?=1", "internal:Sheet1!A1", "external:c:\\x.xlsx", "mailto:a@b.c", "=IFERROR(1,2)",
]  # fmt: skip


@pytest.fixture
def jobs(db):
    made = []
    for number in range(7):
        made.append(
            Job.objects.create(
                kind="k", title=f"job {number}", started_at=AT + timedelta(minutes=number // 2)
            )
        )
    return made


def request(address):
    return RequestFactory().get(address)


def test_pages_follow_each_other_and_show_every_row_once(jobs):
    seen, address = [], "/jobs/?state=waiting"
    while address:
        page = page_of(Job.objects.all(), request(address), order=ORDER, size=2)
        seen += [row.pk for row in page.rows]
        address = page.next_url

    expected = [row.pk for row in Job.objects.order_by(*ORDER)]
    assert seen == expected


def test_a_later_page_keeps_the_filters_and_leads_back_to_the_first(jobs):
    first = page_of(Job.objects.all(), request("/jobs/?state=waiting"), order=ORDER, size=3)
    second = page_of(Job.objects.all(), request(first.next_url), order=ORDER, size=3)

    assert "state=waiting" in first.next_url
    assert first.first_url == ""
    assert second.first_url == "/jobs/?state=waiting"


@pytest.mark.parametrize("after", ["nonsense", "e30", "WzFd", "WyJ4IiwgInkiXQ"])
def test_a_position_nobody_gave_out_starts_from_the_top(jobs, after):
    page = page_of(Job.objects.all(), request(f"/jobs/?after={after}"), order=ORDER, size=3)

    assert [row.pk for row in page.rows] == [row.pk for row in Job.objects.order_by(*ORDER)[:3]]


def test_every_page_costs_one_query(jobs, django_assert_num_queries):
    first = page_of(Job.objects.all(), request("/jobs/"), order=ORDER, size=2)

    with django_assert_num_queries(1):
        page_of(Job.objects.all(), request(first.next_url), order=ORDER, size=2)


def test_rows_of_values_can_be_paged_too(jobs):
    page = page_of(Job.objects.values("pk", "started_at"), request("/jobs/"), order=ORDER, size=2)

    assert page.next_url


def test_an_export_holds_no_formula_and_no_link_whatever_the_cells_say():
    rows = [{"text": payload} for payload in PAYLOADS]

    answer = excel(
        "x", [Column("=1+1", "text")], rows, seen_by="=1+1", at=AT, person=None, filters=[("=1+1", "=1+1")]
    )

    body = bytes_of(answer)
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/")]
        names = parts.namelist()
    assert len(PAYLOADS) == 30
    assert all(b"<f>" not in sheet and b"<f " not in sheet and b"<hyperlink" not in sheet for sheet in sheets)
    assert not any("externalLink" in name for name in names)
    cells = [row[0] for row in load_workbook(io.BytesIO(body)).get_sheet_by_index(0).to_python()]
    assert [cell.strip() for cell in cells[1:]] == [payload.strip() for payload in PAYLOADS]


def test_an_export_writes_numbers_as_numbers_and_moments_in_shanghai():
    rows = [{"n": 12, "at": AT, "yes": True, "none": None}]

    answer = excel(
        "x",
        [Column("n", "n"), Column("at", "at"), Column("y", "yes"), Column("-", "none")],
        rows,
        seen_by="林岚",
        at=AT,
        person=None,
    )

    sheet = load_workbook(io.BytesIO(bytes_of(answer))).get_sheet_by_index(0).to_python()
    assert sheet[1][:2] == [12, "2026-11-23 14:00"]


def test_an_export_that_nobody_can_use_is_refused():
    with pytest.raises(TooManyRows):
        excel("x", [Column("n", "n")], [{"n": 1}, {"n": 2}], seen_by="", at=AT, person=None, most=1)


class JobFilter(FilterForm):
    state = forms.ChoiceField(choices=any_of(JobState))
    q = forms.CharField(label="Title")


def test_filters_that_are_not_set_filter_nothing():
    assert JobFilter({"state": "", "q": "x"}).chosen() == {"q": "x"}


def test_nonsense_in_a_filter_is_left_out_and_said():
    form = JobFilter({"state": "gone"})

    assert form.chosen() == {}
    assert form.errors


def test_an_export_keeps_the_filters_and_leaves_the_page():
    assert export_url(request("/jobs/?q=a&after=zz")) == "/jobs/?q=a&export=xlsx"


def bytes_of(answer):
    try:
        return b"".join(answer.streaming_content)
    finally:
        answer.file_to_stream.close()
