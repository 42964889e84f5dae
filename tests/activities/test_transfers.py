"""Transfers of value are imported to the cent, each record once, and taken back whole."""

from datetime import date
from io import BytesIO

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from python_calamine import CalamineWorkbook

from activities.actions.transfers import day, money
from activities.models import TransferOfValue
from activities.selectors.transfers import totals_by_doctor
from compliance.models import LedgerEntry
from pharmacrm.imports import actions
from pharmacrm.imports.faults import words_of
from pharmacrm.imports.models import ImportRow
from pharmacrm.imports.registry import CellFault
from tests.conftest import AT
from tests.factories.activities import make_transfer
from tests.factories.doctors import make_doctor
from tests.factories.imports import text_table

pytestmark = pytest.mark.django_db
GENERAL = (
    "Physician_Profile_ID", "Applicable_Manufacturer_or_Applicable_GPO_Making_Payment_Name",
    "Total_Amount_of_Payment_USDollars", "Date_of_Payment", "Record_ID",
    "Nature_of_Payment_or_Transfer_of_Value",
)  # fmt: skip
RESEARCH = (*GENERAL[:5], "Name_of_Study")
ROWS = (
    GENERAL,
    ("11", "Acme, Inc.", "624.24", "09/05/2013", "1", "Travel"),
    ("11", "Acme", "0.1", "9/6/2013", "2", "Food"),
)


@pytest.fixture
def doctor():
    return make_doctor("John Smith", code="11")


def checked(by, rows, name="a.csv"):
    job = actions.upload_file(kind="transfer", file_name=name, chunks=[text_table(rows)], by=by, at=AT)
    actions.set_mapping(import_id=job.pk, mapping=job.mapping, by=by, at=AT)
    return actions.check_rows(import_id=job.pk, at=AT)


def written(by, rows, name="a.csv"):
    job = checked(by, rows, name)
    actions.commit_import(import_id=job.pk, by=by, at=AT, only_good=False)
    return actions.write_rows(import_id=job.pk, at=AT)


def test_sums_and_counts_are_exact_and_research_stands_apart(officer, doctor):
    written(officer, ROWS)
    written(officer, (RESEARCH, ("11", "Acme", "18,750.00", "10/11/2013", "3", "A study")), "b.csv")

    found = [
        (one.doctor_code, one.category, one.amount_minor, one.count)
        for one in totals_by_doctor("cms_open_payments")
    ]
    assert found == [("11", "general", 62434, 2), ("11", "research", 1875000, 1)]
    first = TransferOfValue.objects.get(record_number="1")
    assert (first.paid_on, first.payer, first.currency) == (date(2013, 9, 5), "Acme, Inc.", "USD")
    assert first.history.count() == 1
    assert LedgerEntry.objects.filter(event="activities.transfers_imported").count() == 2


def test_a_record_sent_again_is_kept_once_and_a_corrected_one_is_changed(officer, doctor):
    written(officer, ROWS)

    again = written(officer, ROWS)
    corrected = written(officer, (GENERAL, ("11", "Acme, Inc.", "600.00", "09/05/2013", "1", "Travel")))

    assert again.outcomes == {"unchanged": 2}
    assert corrected.outcomes == {"updated": 1}
    assert TransferOfValue.objects.get(record_number="1").amount_minor == 60000
    actions.undo_import(import_id=corrected.pk, by=officer, at=AT)
    actions.undo_rows(import_id=corrected.pk, at=AT)
    assert TransferOfValue.objects.get(record_number="1").amount_minor == 62424


def test_an_import_is_taken_back_whole(officer, doctor):
    job = written(officer, ROWS)

    actions.undo_import(import_id=job.pk, by=officer, at=AT)
    actions.undo_rows(import_id=job.pk, at=AT)

    assert not TransferOfValue.objects.exists()
    assert LedgerEntry.objects.filter(event="activities.transfers_import_undone").count() == 1


def test_what_cannot_be_read_exactly_waits_for_a_person(officer, doctor):
    job = checked(
        officer,
        (
            GENERAL,
            ("12", "Acme", "1.00", "09/05/2013", "1", ""),
            ("11", "Acme", "1.005", "09/05/2013", "2", ""),
            ("11", "Acme", "1.00", "13/05/2013", "3", ""),
            ("11", "Acme", "", "09/05/2013", "4", ""),
            ("11", "Acme", "-5", "09/05/2013", "5", ""),
        ),
    )

    faults = dict(ImportRow.objects.filter(job=job).values_list("raw__record_number", "faults"))
    assert {number: [one["code"] for one in found] for number, found in faults.items()} == {
        "1": ["unknown_doctor"], "2": ["not_money"], "3": ["not_a_day"], "4": ["no_amount"], "5": ["not_money"],
    }  # fmt: skip
    with pytest.raises(actions.ImportNotCommitted):
        actions.commit_import(import_id=job.pk, by=officer, at=AT, only_good=True)
    assert not TransferOfValue.objects.exists()


def test_a_cell_that_counts_prescriptions_is_a_fault_wherever_it_stands(officer, doctor):
    fine = [("11", "Acme", "1.00", "09/05/2013", str(number), "Food") for number in range(1, 80)]
    job = checked(officer, (GENERAL, *fine, ("11", "Acme", "1.00", "09/05/2013", "80", "张主任每月开30盒")))

    (row,) = ImportRow.objects.filter(job=job, state="bad")
    (fault,) = row.faults
    assert (fault["code"], row.raw["record_number"]) == ("never_prescription_counts", "80")
    assert "不得保存" in words_of(fault)


def test_a_representative_imports_no_transfers(rep, doctor):
    with pytest.raises(PermissionDenied):
        checked(rep, ROWS)


@pytest.mark.parametrize(
    ("raw", "cents"), [("0.29", 29), ("1,234.5", 123450), ("￥12", 1200), ("7元", 700), ("1.10", 110)]
)
def test_money_is_read_exactly(raw, cents):
    assert money(raw) == cents


@pytest.mark.parametrize("raw", ["2013-09-05", "2013/9/5", "2013年9月5日", "09/05/2013", "2013-09-05 00:00"])
def test_a_day_is_read_in_every_form(raw):
    assert day(raw) == "2013-09-05"


@pytest.mark.parametrize("raw", ["05.09.2013", "2013-02-30", "5", "31/12/2013"])
def test_a_day_that_is_none_is_a_fault(raw):
    with pytest.raises(CellFault):
        day(raw)


def test_a_transfer_is_shown_beside_the_row_of_the_file_it_came_from(officer, doctor, client):
    written(officer, ROWS, "2013.csv")
    found = TransferOfValue.objects.get(record_number="2")
    client.force_login(officer)

    page = client.get(reverse("activities:transfer-detail", args=[found.pk]))

    source = page.context["source"]
    assert (source.file_name, source.number) == ("2013.csv", 3)
    assert ("Total_Amount_of_Payment_USDollars", "0.1") in source.cells
    assert "US$0.10" in page.content.decode()


def test_a_transfer_whose_file_is_gone_is_shown_all_the_same(officer, doctor, client):
    found = make_transfer(doctor)
    client.force_login(officer)

    page = client.get(reverse("activities:transfer-detail", args=[found.pk]))

    assert page.status_code == 200
    assert page.context["source"] is None


FILTERED = [
    ({}, ["3", "2", "1"]),
    ({"source": "company"}, ["3"]),
    ({"category": "research"}, ["2"]),
    ({"payer": "acme"}, ["2", "1"]),
    ({"number": "1"}, ["1"]),
    ({"since": "2020-01-01"}, ["3", "2"]),
    ({"until": "2019-12-31"}, ["1"]),
    ({"doctor": "11"}, ["2", "1"]),
    ({"doctor": "陆敏"}, ["3"]),
    ({"doctor": "nobody"}, []),
]


@pytest.fixture
def reported(doctor):
    usd = {"source": "cms_open_payments", "currency": "USD", "payer": "Acme, Inc."}
    make_transfer(doctor, "1", paid_on=date(2019, 5, 1), **usd)
    make_transfer(doctor, "2", paid_on=date(2020, 5, 1), category="research", **usd)
    make_transfer(make_doctor("陆敏", code="12"), "3", paid_on=date(2026, 5, 1))


@pytest.mark.parametrize(("query", "numbers"), FILTERED)
def test_the_list_the_export_and_rest_narrow_alike(officer, reported, client, query, numbers):
    client.force_login(officer)

    page = client.get(reverse("activities:transfer-list"), query)
    sheet = client.get(reverse("activities:transfer-list"), {**query, "export": "xlsx"})
    rest = client.get(reverse("api:activities-api:transfer-list"), query)

    assert [row.record_number for row in page.context["page"].rows] == numbers
    assert [row["record_number"] for row in rest.json()["results"]] == numbers
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(sheet.streaming_content)))
    assert [row[-1] for row in book.get_sheet_by_index(0).to_python()[1:]] == numbers


def test_a_day_that_is_none_is_told_over_rest(officer, client):
    client.force_login(officer)

    answer = client.get(reverse("api:activities-api:transfer-list"), {"since": "2026-02-30"})

    assert answer.status_code == 400
    assert "since" in str(answer.json())


@pytest.mark.parametrize("role", ["rep", "line_manager", "marketing"])
def test_a_sales_role_beside_another_takes_the_sight_away(person, reported, client, role):
    both = person("both", "compliance")
    both.groups.add(Group.objects.get_or_create(name=role)[0])
    client.force_login(both)

    assert client.get(reverse("activities:transfer-list")).status_code == 403
    assert client.get(reverse("api:activities-api:transfer-list")).status_code == 403


@pytest.mark.parametrize("wrong", [{"amount_minor": -1}, {"payer": ""}, {"record_number": "1"}])
def test_the_database_holds_each_record_once_with_payer_and_no_debt(doctor, wrong):
    row = {
        "doctor": doctor,
        "source": "x",
        "payer": "Acme",
        "amount_minor": 1,
        "currency": "CNY",
        "paid_on": AT.date(),
    }
    TransferOfValue.objects.create(**row, record_number="1", category="general")

    with pytest.raises(IntegrityError), transaction.atomic():
        TransferOfValue.objects.create(**{**row, "record_number": "2", "category": "general", **wrong})
