"""Who may do what in field work, needs, inquiries and safety."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pharmacrm.accounts.choices import Role

if TYPE_CHECKING:
    from activities.models import Booking, Event, FollowUp, Inquiry, SafetyReport, Visit
    from pharmacrm.accounts.models import User

# Nobody of these may read a safety report after its hand-off, or what medical answered (C9).
SALES_ROLES = (Role.REP, Role.LINE_MANAGER, Role.MARKETING)
SPEAKER_VERIFIERS = (Role.MEDICAL, Role.COMPLIANCE)

EVENT_READERS = (
    Role.REP,
    Role.LINE_MANAGER,
    Role.MARKETING,
    Role.MEDICAL,
    Role.COMPLIANCE,
    Role.INSPECTOR,
    Role.ADMINISTRATOR,
)


def can_import_transfers(user: User) -> bool:
    """Return whether the person takes in reported transfers of value: compliance, stewards, and interfaces."""
    return user.has_role(Role.COMPLIANCE, Role.STEWARD, Role.SERVICE)


def can_see_reported_transfers(user: User) -> bool:
    """Return whether the person reads what others reported to have given a doctor: those who oversee and keep the data.

    What the own company paid at events stands on the event. Who sells learns from neither what another company gave.
    """
    is_outside = not user.has_role(*SALES_ROLES)
    return is_outside and user.has_role(Role.COMPLIANCE, Role.STEWARD, Role.INSPECTOR, Role.SERVICE)


def can_do_field_work(user: User) -> bool:
    """Return whether the person visits doctors at all."""
    return user.has_role(Role.REP)


def can_write_visit(user: User, visit: Visit) -> bool:
    """Return whether the visit is the person's own, and they visit doctors."""
    return can_do_field_work(user) and visit.rep_id == user.pk


def can_see_visits(user: User) -> bool:
    """Return whether the person may open visit lists at all."""
    return user.has_role(
        Role.REP,
        Role.LINE_MANAGER,
        Role.MARKETING,
        Role.MEDICAL,
        Role.COMPLIANCE,
        Role.INSPECTOR,
        Role.ADMINISTRATOR,
        Role.SERVICE,
    )


def can_plan_cycle(user: User) -> bool:
    """Return whether the person may set the goals of a cycle."""
    return user.has_role(Role.LINE_MANAGER, Role.MARKETING)


def can_see_plans(user: User) -> bool:
    """Return whether the person may read goals and attainment."""
    return user.has_role(
        Role.REP, Role.LINE_MANAGER, Role.MARKETING, Role.COMPLIANCE, Role.INSPECTOR, Role.SERVICE
    )


def can_set_hospital_policy(user: User) -> bool:
    """Return whether the person may write down how a hospital receives representatives."""
    return user.has_role(Role.COMPLIANCE, Role.STEWARD)


def can_see_hospital_doors(user: User) -> bool:
    """Return whether the person may read policies, consents and bookings."""
    return user.has_role(Role.REP, Role.LINE_MANAGER, Role.COMPLIANCE, Role.STEWARD, Role.INSPECTOR)


def can_register_institution_consent(user: User) -> bool:
    """Return whether the person may register an institution's consent with its evidence."""
    return user.has_role(Role.COMPLIANCE, Role.STEWARD, Role.LINE_MANAGER)


def can_change_booking(user: User, booking: Booking) -> bool:
    """Return whether the person may enter the hospital's answer to a booking."""
    return (can_do_field_work(user) and booking.rep_id == user.pk) or user.has_role(Role.COMPLIANCE)


def can_report_safety_event(user: User) -> bool:
    """Everybody of the company may and has to report what they heard (PV-09)."""
    return user.is_active


def can_work_on_safety(user: User) -> bool:
    """Return whether the person works in pharmacovigilance."""
    return user.has_role(Role.PV)


def can_read_safety_vault(user: User, report: SafetyReport) -> bool:
    """Return whether the person may read what stands in the vault of one report.

    Pharmacovigilance always; who captured it only until it is handed over.
    """
    if can_work_on_safety(user):
        return True
    return report.captured_by_id == user.pk and report.handed_over_at is None


def can_complete_safety_report(user: User, report: SafetyReport) -> bool:
    """Return whether the person may add to a report: whoever may still read it."""
    return can_read_safety_vault(user, report)


def can_capture_need(user: User) -> bool:
    """Return whether the person hears clinical needs."""
    return user.has_role(Role.REP, Role.MEDICAL)


def can_see_needs(user: User) -> bool:
    """Return whether the person may read clinical needs."""
    return user.has_role(
        Role.REP, Role.LINE_MANAGER, Role.MARKETING, Role.MEDICAL, Role.COMPLIANCE, Role.INSPECTOR
    )


def can_close_need(user: User) -> bool:
    """Return whether the person may say what became of a need."""
    return user.has_role(Role.MEDICAL)


def can_ask_medical(user: User) -> bool:
    """Return whether the person may hand a doctor's question over to medical."""
    return user.has_role(Role.REP, Role.MEDICAL)


def can_answer_inquiry(user: User) -> bool:
    """Return whether the person answers medical questions; no sales role ever does."""
    return user.has_role(Role.MEDICAL) and not user.has_role(*SALES_ROLES)


def can_see_inquiries(user: User) -> bool:
    """Return whether the person may open the list of inquiries; what they see there is their own or all."""
    return user.has_role(Role.REP, Role.MEDICAL, Role.COMPLIANCE, Role.INSPECTOR)


def can_read_inquiry_answer(user: User, inquiry: Inquiry) -> bool:
    """Return whether the person may read what medical answered: behind the wall only (C9)."""
    return user.has_role(Role.MEDICAL, Role.COMPLIANCE, Role.INSPECTOR) and not user.has_role(*SALES_ROLES)


def can_finish_follow_up(user: User, follow_up: FollowUp) -> bool:
    """Return whether the promise is the person's own."""
    return follow_up.rep_id == user.pk


def can_see_events(user: User) -> bool:
    """Return whether the person may open the list of academic events."""
    return user.has_role(*EVENT_READERS)


def can_read_sealed_proof(user: User) -> bool:
    """Return whether the person may open a file that names an erased doctor, with a reason. Source: PIPL 47."""
    return user.has_role(Role.COMPLIANCE, Role.INSPECTOR)


def can_plan_event(user: User) -> bool:
    """Return whether the person may plan academic events."""
    return user.has_role(Role.REP, Role.LINE_MANAGER, Role.MARKETING, Role.MEDICAL)


def can_verify_speaker(user: User, event: Event) -> bool:
    """Return whether the person checks the choice of a speaker: medical or compliance, never sales, never their own."""
    is_outside = user.has_role(*SPEAKER_VERIFIERS) and not user.has_role(*SALES_ROLES)
    return is_outside and event.organiser_id != user.pk


def can_run_event(user: User, event: Event) -> bool:
    """Return whether the event is the person's own, and they plan events at all."""
    return can_plan_event(user) and event.organiser_id == user.pk
