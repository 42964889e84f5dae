"""What a filing still lacks, what has to be filed by when, and the card a hospital reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from compliance.choices import ApprovalState
from compliance.models import ApprovalRequest, Employment, RepFiling
from compliance.subjects import title_of

from .figures import figure

CHANGE_DAYS = 30
CHECK = "compliance.filing_check"  # the flow of actions/filing_checks.py
SOON = timedelta(days=30)

# Every field of a filing with its words. Source: MR-05.
FIELDS: tuple[tuple[str, Any], ...] = (
    ("mah_name", _("Marketing authorisation holder")),
    ("mah_code", _("Unified social credit code")),
    ("name", _("Name as filed")),
    ("sex", _("Sex")),
    ("photo_sha256", _("Photo")),
    ("identity_kind", _("Kind of identity document")),
    ("identity_sealed", _("Identity number")),
    ("major", _("Major")),
    ("degree", _("Degree")),
    ("contract_from", _("Term of the contract or authorisation")),
    ("drug_category", _("Drug category")),
    ("therapeutic_area", _("Therapeutic area")),
    ("truth_stated", _("The holder's statement of truth is signed")),
    ("evidence_sha256", _("Proof from the filing platform")),
)
OVERSEAS: tuple[tuple[str, Any], ...] = (
    ("domestic_name", _("Entity in China acting for the holder")),
    ("domestic_code", _("Its unified social credit code")),
)


@dataclass(frozen=True)
class FilingDuty:
    """Something to be filed for a person: since when, by when, what; `filing` where one has to be removed."""

    person: Any
    cause: str  # change, leave
    what: str
    since: date
    due_on: date
    filing: RepFiling | None = None

    def is_late(self, on: date) -> bool:
        return self.due_on < on


def missing_of_filing(filing: RepFiling) -> list[str]:
    """Return the names of the fields a filing still lacks; an identity number counts by its ciphertext. Source: MR-05."""
    asked = (*FIELDS, *(OVERSEAS if filing.is_overseas_mah else ()))
    return [name for name, _words in asked if not getattr(filing, name)]


def fields_of_filing(filing: RepFiling) -> list[tuple[Any, str, bool]]:
    """Return each field of a filing with its words and its value; files and the identity number say only that they are kept."""
    asked = (*FIELDS, *(OVERSEAS if filing.is_overseas_mah else ()))
    return [(words, _value(filing, name), not getattr(filing, name)) for name, words in asked]


def filing_days(at: datetime) -> int:
    """Return within how many days a change or a departure is filed. Cost: one query."""
    return int(figure("MR-07", "days", at, default=CHANGE_DAYS))


def filing_duties(at: datetime, *, user_id: UUID | None = None) -> list[FilingDuty]:
    """Return what has to be filed, soonest first: changes that were not, and filings of people who left.

    A change is done with its proof; a departure with the withdrawn filing and its proof. Cost: three queries.
    Source: MR-07.
    """
    on, days = localtime(at).date(), timedelta(days=filing_days(at))
    of = {"user": user_id} if user_id else {}
    changed = (
        Employment.objects.filter(changed_on__isnull=False, **of).select_related("user").order_by("user_id")
    )
    found = {
        row.user_id: FilingDuty(row.user, "change", row.changed_what, row.changed_on, row.changed_on + days)
        for row in changed
        if row.changed_on is not None
    }
    left = [_left(filing, on, days) for filing in _to_remove(on).filter(**of)]
    return sorted([*found.values(), *filter(None, left)], key=lambda duty: (duty.due_on, str(duty.person)))


def filings_ending(at: datetime) -> QuerySet[RepFiling]:
    """Return filings in force that end within thirty days, of people who still work here. Cost: one query."""
    on = localtime(at).date()
    return RepFiling.objects.filter(
        withdrawn_on__isnull=True, valid_from__lte=on, valid_until__gt=on, valid_until__lte=on + SOON,
        user__is_active=True,
    ).select_related("user").order_by("valid_until", "pk")  # fmt: skip


def card_words(filing: RepFiling) -> str:
    """Return what the code on a person's card says, to be read without this server and compared with the public register."""
    codes = list(filing.products.order_by("product_code").values_list("product_code", flat=True))
    products = "、".join(title_of(f"product:{code}").removeprefix("product:") for code in codes)
    lines = [
        f"医药代表 {filing.name}",
        f"备案号 {filing.number}",
        f"持有人 {filing.mah_name} {filing.mah_code}",
        f"药品 {products} {filing.therapeutic_area}".rstrip(),
        f"有效期 {filing.valid_from} – {filing.valid_until or '—'}",
    ]
    return "\n".join(lines)


def _to_remove(on: date) -> QuerySet[RepFiling]:
    """Return filings that are not removed with proof though nobody is employed under them any more."""
    employed = Employment.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=on), valid_from__lte=on
    ).values("user_id")
    stands = Q(withdrawn_on__isnull=True, valid_until__isnull=True) | Q(
        withdrawn_on__isnull=True, valid_until__gt=on
    )
    unproven = Q(withdrawn_on__isnull=False, withdrawal_proof__isnull=True)
    return (
        RepFiling.objects.filter(stands | unproven)
        .exclude(user_id__in=employed)
        .select_related("user")
        .order_by("pk")
    )


def _left(filing: RepFiling, on: date, days: timedelta) -> FilingDuty | None:
    ended = (
        Employment.objects.filter(user_id=filing.user_id, valid_until__lte=on)
        .order_by(F("valid_until").desc())
        .values_list("valid_until", flat=True)
        .first()
    )
    if ended is None:
        return None
    return FilingDuty(filing.user, "leave", filing.number, ended, ended + days, filing)


def _value(filing: RepFiling, name: str) -> str:
    value = getattr(filing, name)
    if name == "sex":
        return str({"male": _("Male"), "female": _("Female")}.get(value, value))
    if name == "identity_kind":
        return str(dict(IDENTITY_KINDS).get(value, value))
    if name == "contract_from":
        if value and not filing.contract_until:
            return str(_("from %(day)s, without an end") % {"day": _day(value)})
        return f"{_day(value)} – {_day(filing.contract_until)}" if value else ""
    if isinstance(value, bool):
        return str(_("yes")) if value else ""
    if isinstance(value, bytes | memoryview):
        return str(_("kept")) if value else ""
    return f"{value[:16]}…" if name.endswith("sha256") and value else str(value or "")


def _day(on: date | None) -> str:
    return date_format(on, "DATE_FORMAT") if on else "—"


IDENTITY_KINDS = (
    ("resident", _("Resident identity card")),
    ("passport", _("Passport")),
    ("permit", _("Permit for residents of Hong Kong, Macao or Taiwan")),
)
SEXES = (("male", _("Male")), ("female", _("Female")))


def open_request(filing: RepFiling) -> ApprovalRequest | None:
    """Return what is asked about the second check of a filing, or None. Cost: one query."""
    rows = ApprovalRequest.objects.filter(flow=CHECK, subject=f"filing:{filing.pk}", state=ApprovalState.OPEN)
    return rows.first()
