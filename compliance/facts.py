"""What the kernel's own acts are judged by: columns and notes that may not exist, people's activation, waivers, the review of the trail."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ColumnFacts:
    """One column of an import, export or custom attribute. Point: column.accept."""

    kind: str = ""  # kind of the import or object
    header: str = ""
    categories: tuple[
        str, ...
    ] = ()  # of compliance.rules.scan_header: prescription_counts, sales, gift, patient_identity, belief, family, location
    released_by: int = 0  # people who released a false alarm
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class NoteFacts:
    """One free text. Point: note.accept, after the act: a hit is kept apart, not lost."""

    place: str = ""  # field, such as visit.note
    in_safety_vault: bool = False
    categories: tuple[str, ...] = ()  # of compliance.rules.scan_text
    released_by: int = 0
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class StaffFacts:
    """Letting a person begin field work. Point: staff.activate."""

    role: str = ""  # rep, line_manager, contractor …
    activate_on: str = ""
    employed: bool = False
    contract: str = "employment"  # employment, authorisation, cso
    filed: bool = False
    filing_fields_missing: tuple[str, ...] = ()
    degree_proven: bool = False  # bachelor of medicine, pharmacy or related, or an intermediate title
    training_missing: tuple[str, ...] = ()
    commitment_signed: bool = False
    bribery_checked: bool = False
    bribery_found: bool = False
    bribery_check_overdue: bool = False
    has_sales_target: bool = False
    filed_by_one_person: bool = False
    contractor_scope_ends_on: str = ""
    is_administrator_too: bool = False
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class IncidentFacts:
    """Closing a personal-data incident. Point: incident.close."""

    kind: str = ""  # leak, altered, lost
    contained: bool = False  # the remedy is written down
    authority_told: bool = False
    persons_told: bool = False
    harm_avoided: bool = False  # decided with a reason
    hours_to_contain: int = 0  # begun hours from the finding
    hours_to_authority: int = 0
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExportFacts:
    """Giving personal data to somebody abroad. Point: export.send."""

    recipient: str = ""
    region: str = ""  # ISO 3166-1
    is_abroad: bool = False
    route: str = "none"  # none, contract, certificate, assessment: only one that holds today
    assessment: str = ""  # number of the impact assessment that holds; "" for none
    persons_this_year: int = 0  # distinct, this export counted, over all recipients abroad
    sensitive_this_year: int = 0
    is_exempt: bool = False  # two people named the ground on which this one export needs no route
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrailPlanFacts:
    """Changing by what the audit trail is reviewed. Point: trail.plan."""

    every_months: int = 1
    least: int = 50  # acts drawn at least, where there are as many
    days: int = 15  # from the drawing to the signature
    reviewer_is_administrator: bool = False
    subjects: tuple[str, ...] = ()
