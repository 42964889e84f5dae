"""Import of transfers of value: money read exactly, each record kept once. Source: the columns of CMS Open Payments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from activities import permissions
from activities.choices import TransferCategory, TransferSource
from activities.models import TransferOfValue
from compliance import actions as law
from doctors.actions.bulk import create_all, delete_all, draft, update_all
from doctors.selectors.naming import doctors_by_code
from pharmacrm import imports
from pharmacrm.common.ids import uuid7
from pharmacrm.imports.choices import Outcome
from pharmacrm.imports.faults import register_words
from pharmacrm.imports.registry import CellFault, Column, Row, Written

WORDS = {
    "unknown_doctor": _("No doctor has the code “%(value)s”. Import the doctors first, or correct the code."),
    "not_money": _("“%(value)s” is no amount. Write it as 1234.50."),
    "not_a_day": _("“%(value)s” is no day. Write it as 2024-03-15, or 03/15/2024."),
    "no_amount": _("The row holds no amount, in yuan or in dollars."),
}
# Record numbers look like numbers of patients, and gifts, travel with relatives and sales are lawful natures abroad.
LAWFUL = re.compile(r"(?!prescription_counts:).*", re.DOTALL)
COLUMNS = (
    Column("doctor_code", _("Doctor code"), ("医生编码", "医生代码", "Physician_Profile_ID", "Covered_Recipient_Profile_ID",
           "doctor code"), required=True, example="D000123", innocent=LAWFUL),
    Column("record_number", _("Record number"), ("记录编号", "流水号", "Record_ID", "record number"), required=True, example="9863701", innocent=LAWFUL),
    Column("payer", _("Payer"), ("支付方", "付款单位", "Applicable_Manufacturer_or_Applicable_GPO_Making_Payment_Name", "payer"),
           required=True, example="恒宇制药", innocent=LAWFUL),
    Column("amount", _("Amount in yuan"), ("人民币金额", "支付金额", "给付金额", "amount"), example="1500.00", is_text=False),
    Column("amount_usd", _("Amount in US dollars"), ("Total_Amount_of_Payment_USDollars",), example="624.24", is_text=False),
    Column("paid_on", _("Day of payment"), ("支付日期", "日期", "Date_of_Payment", "date"), required=True, example="2024-03-15", is_text=False),
    Column("nature", _("Nature"), ("性质", "用途", "Nature_of_Payment_or_Transfer_of_Value", "nature"), example="讲课", innocent=LAWFUL),
    Column("form", _("Form"), ("形式", "Form_of_Payment_or_Transfer_of_Value", "form"), example="转账", innocent=LAWFUL),
    Column("product", _("Product"), ("产品", "Name_of_Associated_Covered_Drug_or_Biological1", "product"), innocent=LAWFUL),
    Column("study", _("Study"), ("研究名称", "Name_of_Study", "study"), innocent=LAWFUL),
)  # fmt: skip
FIELDS = (
    "doctor_id",
    "category",
    "payer",
    "amount_minor",
    "currency",
    "paid_on",
    "nature",
    "form",
    "product",
    "study",
)
SOURCES = {"USD": TransferSource.CMS_OPEN_PAYMENTS, "CNY": TransferSource.COMPANY}
LARGEST = Decimal(10) ** 13


def money(raw: str) -> int:
    """Return an amount in whole hundredths; nothing is rounded, a third decimal is a fault."""
    text = re.sub(r"[\s,，$¥￥]|元$", "", raw.strip())
    if not re.fullmatch(r"\d{1,13}(\.\d{1,2}0*)?", text):
        raise CellFault("not_money", value=raw[:40])
    return int(Decimal(text) * 100)


def day(raw: str) -> str:
    """Return a day as ISO text from 2024-03-15, 2024/3/15, 2024年3月15日 or the American 03/15/2024."""
    text = raw.strip()[:10] if re.match(r"\d{4}-\d{2}-\d{2} ", raw.strip()) else raw.strip()
    numbers = [int(one) for one in re.findall(r"\d+", text)]
    shapes: tuple[tuple[str, tuple[int, int, int]], ...] = (
        (r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?", (0, 1, 2)),
        (r"\d{1,2}/\d{1,2}/\d{4}", (2, 0, 1)),
    )
    for shape, (year, month, of_month) in shapes:
        if re.fullmatch(shape, text):
            try:
                return date(numbers[year], numbers[month], numbers[of_month]).isoformat()
            except ValueError:
                break
    raise CellFault("not_a_day", value=raw[:40])


def plain(limit: int) -> Callable[[str], str]:
    """Return a reader of one line of text up to a length."""

    def read(raw: str) -> str:
        text = " ".join(raw.split())
        if len(text) > limit:
            raise CellFault("too_long", limit=limit)
        return text

    return read


@dataclass
class Known:
    """Doctors found so far by code; None for a code nobody has."""

    doctors: dict[str, UUID | None] = field(default_factory=dict)


class TransferImport:
    """Transfers of value of any source. Source: RD-10; 42 CFR 403.904 for the columns of Open Payments."""

    def may_import(self, user: Any) -> bool:
        return permissions.can_import_transfers(user)

    def prepare(self, at: datetime) -> Known:
        return Known()

    def take_note(self, values: Iterable[dict[str, Any]], known: Known) -> None:
        """No row of this kind rests on another row of its file."""

    def check(self, rows: Sequence[Row], known: Known) -> None:
        """The doctor is on record, and the row holds an amount in one currency."""
        codes = {str(row.values["doctor_code"]) for row in rows if "doctor_code" in row.values}
        fresh = codes - known.doctors.keys()
        found = doctors_by_code(fresh)
        known.doctors |= {code: found.get(code) for code in fresh}
        for row in rows:
            code = row.values.get("doctor_code")
            if code is not None and known.doctors.get(str(code)) is None:
                row.fault("doctor_code", "unknown_doctor", value=str(code)[:40])
            faulty = {one["column"] for one in row.faults}
            if not ({"amount", "amount_usd"} & (row.values.keys() | faulty)):
                row.fault("", "no_amount")

    def key_of(self, row: Row) -> tuple[str, str] | None:
        return ("record_number", row.values["record_number"]) if "record_number" in row.values else None

    def write(
        self, rows: Sequence[Row], known: Known, *, by: Any, at: datetime, subject: str
    ) -> list[Written]:
        wanted = {row.number: _facts(row, known) for row in rows}
        keys = {(one["source"], one["record_number"]) for one in wanted.values()}
        old = {
            (row.source, row.record_number): row
            for row in TransferOfValue.objects.select_for_update()
            .filter(record_number__in={number for _source, number in keys})
            .order_by("pk")
        }
        written, fresh, changed = [], [], []
        for number, facts in wanted.items():
            standing = old.get((facts["source"], facts["record_number"]))
            if standing is None:
                fresh.append(draft(TransferOfValue, id=uuid7(), **facts))
                written.append(Written(number, f"transfer:{fresh[-1]['id']}", Outcome.CREATED))
                continue
            before = {
                name: str(getattr(standing, name))
                for name in FIELDS
                if getattr(standing, name) != facts[name]
            }
            for name in before:
                setattr(standing, name, facts[name])
            if before:
                changed.append(standing)
            outcome = Outcome.UPDATED if before else Outcome.UNCHANGED
            written.append(Written(number, f"transfer:{standing.pk}", outcome, before))
        create_all(TransferOfValue, fresh, by=by, at=at)
        update_all(TransferOfValue, changed, [name.removesuffix("_id") for name in FIELDS], by=by, at=at)
        law.record("activities.transfers_imported", subject=subject, by=by, at=at, rows=changed)
        return written

    def undo(self, written: Sequence[Written], *, by: Any, at: datetime, subject: str) -> None:
        keys = {one.subject.partition(":")[2]: one for one in written}
        rows = {str(row.pk): row for row in TransferOfValue.objects.filter(pk__in=list(keys))}
        changed = [rows[key] for key, one in keys.items() if one.outcome == Outcome.UPDATED and key in rows]
        for row in changed:
            for name, value in keys[str(row.pk)].before.items():
                kept: Any = TransferOfValue._meta.get_field(name.removesuffix("_id"))
                setattr(row, name, kept.to_python(value))
        update_all(TransferOfValue, changed, [name.removesuffix("_id") for name in FIELDS], by=by, at=at)
        created = [rows[key] for key, one in keys.items() if one.outcome == Outcome.CREATED and key in rows]
        delete_all(TransferOfValue, created, by=by, at=at)
        law.record("activities.transfers_import_undone", subject=subject, by=by, at=at, rows=changed)


def _facts(row: Row, known: Known) -> dict[str, Any]:
    values = row.values
    currency = "USD" if "amount_usd" in values else "CNY"
    return {
        "doctor_id": known.doctors[str(values["doctor_code"])],
        "source": SOURCES[currency],
        "record_number": values["record_number"],
        "category": TransferCategory.RESEARCH if "study" in row.raw else TransferCategory.GENERAL,
        "payer": values["payer"],
        "amount_minor": values["amount_usd"] if currency == "USD" else values["amount"],
        "currency": currency,
        "paid_on": date.fromisoformat(values["paid_on"]),
        **{name: values.get(name, "") for name in ("nature", "form", "product", "study")},
    }


def register_transfers() -> None:
    """Tell the import engine how transfers of value are taken in. Called once when Django starts."""
    register_words(WORDS)
    imports.register(
        "transfer",
        COLUMNS,
        {
            "doctor_code": plain(32),
            "record_number": plain(40),
            "payer": plain(200),
            "amount": money,
            "amount_usd": money,
            "paid_on": day,
            "nature": plain(200),
            "form": plain(120),
            "product": plain(200),
            "study": plain(500),
        },
        TransferImport(),
        title=_("Transfers of value"),
    )
