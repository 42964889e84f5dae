"""Words for the ledger's names: events, kinds of findings, acts in a case, meanings of signatures, differences."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from compliance.choices import Authority, CaseRisk, CaseState, Conclusion, EvidenceKind, LetterAudience

register = template.Library()

EVENTS = {
    "accounts.first_administrator_appointed": _("First administrator appointed"),
    "accounts.language_chosen": _("Language chosen"),
    "accounts.member_added": _("Member added"),
    "accounts.member_ended": _("Member ended"),
    "accounts.other_sessions_ended": _("Other sessions ended"),
    "accounts.person_changed": _("Person changed"),
    "accounts.roles_set": _("Roles set"),
    "accounts.settings_changed": _("Settings changed"),
    "accounts.territory_added": _("Territory added"),
    "accounts.territory_changed": _("Territory changed"),
    "accounts.territory_renamed": _("Territory renamed"),
    "accounts.password_link_sent": _("Link to set a password sent"),
    "accounts.user_created": _("User created"),
    "accounts.user_deactivated": _("User deactivated"),
    "accounts.user_reactivated": _("User reactivated"),
    "activities.booking_requested": _("Booking requested"),
    "activities.cycle_closed": _("Cycle closed"),
    "activities.cycle_opened": _("Cycle opened"),
    "activities.doctor_signed_in": _("Doctor signed in"),
    "activities.doctors_invited": _("Doctors invited"),
    "activities.event_approved": _("Event approved"),
    "activities.event_cancelled": _("Event cancelled"),
    "activities.event_changed": _("Event changed"),
    "activities.event_closed": _("Event closed"),
    "activities.event_ended": _("Event ended"),
    "activities.event_planned": _("Event planned"),
    "activities.event_requested": _("Event requested"),
    "activities.event_returned": _("Event returned"),
    "activities.event_started": _("Event started"),
    "activities.expense_submitted": _("Expense submitted"),
    "activities.follow_up_added": _("Follow up added"),
    "activities.follow_up_finished": _("Follow up finished"),
    "activities.hospital_policy_set": _("Hospital policy set"),
    "activities.inquiry_answered": _("Inquiry answered"),
    "activities.inquiry_asked": _("Inquiry asked"),
    "activities.inquiry_closed": _("Inquiry closed"),
    "activities.inquiry_taken": _("Inquiry taken"),
    "activities.institution_consent_registered": _("Institution consent registered"),
    "activities.institution_consent_withdrawn": _("Institution consent withdrawn"),
    "activities.material_shown": _("Material shown"),
    "activities.need_captured": _("Need captured"),
    "activities.need_closed": _("Need closed"),
    "activities.pages_viewed": _("Pages viewed"),
    "activities.proof_added": _("Proof added"),
    "activities.safety_completed": _("Safety completed"),
    "activities.safety_handed_over": _("Safety handed over"),
    "activities.safety_reported": _("Safety reported"),
    "activities.safety_submitted": _("Safety submitted"),
    "activities.time_off_taken": _("Time off taken"),
    "activities.visit_amended": _("Visit amended"),
    "activities.visit_cancelled": _("Visit cancelled"),
    "activities.visit_planned": _("Visit planned"),
    "activities.visit_saved": _("Visit saved"),
    "activities.visit_started": _("Visit started"),
    "activities.visit_submitted": _("Visit submitted"),
    "api.client_created": _("Client created"),
    "compliance.approval_agreed": _("Approval: agreed"),
    "compliance.approval_copied": _("Approval: copied"),
    "compliance.approval_opened": _("Approval: opened"),
    "compliance.approval_passed_on": _("Approval: passed on"),
    "compliance.approval_refused_by_approver": _("Approval: refused by approver"),
    "compliance.approval_returned": _("Approval: returned"),
    "compliance.approval_signer_added": _("Approval: signer added"),
    "compliance.approval_urged": _("Approval: urged"),
    "compliance.approval_withdrawn": _("Approval: withdrawn"),
    "compliance.book_adopted": _("Book adopted"),
    "compliance.case_assigned": _("Case assigned"),
    "compliance.case_closed": _("Case closed"),
    "compliance.case_commented": _("Case commented"),
    "compliance.case_held": _("Case held"),
    "compliance.case_moved": _("Case moved"),
    "compliance.case_opened": _("Case opened"),
    "compliance.case_triaged": _("Case triaged"),
    "compliance.case_planned": _("Case planned"),
    "compliance.case_member_added": _("Case member added"),
    "compliance.case_member_removed": _("Case member removed"),
    "compliance.case_finding_added": _("Finding added to a case"),
    "compliance.case_finding_concluded": _("Finding concluded"),
    "compliance.evidence_added": _("Evidence added"),
    "compliance.measure_added": _("Measure asked for"),
    "compliance.measure_done": _("Measure reported done"),
    "compliance.measure_checked": _("Measure checked"),
    "compliance.report_decided": _("Report to an authority decided"),
    "compliance.report_made": _("Reported to an authority"),
    "compliance.letter_drafted": _("Letter drafted"),
    "compliance.letter_asked": _("Letter put to approval"),
    "compliance.letter_decided": _("Letter decided"),
    "compliance.letter_sent": _("Letter sent"),
    "compliance.concern_reported": _("Hotline report received"),
    "compliance.reporter_answered": _("Reporter answered"),
    "compliance.reporter_wrote": _("Reporter wrote again"),
    "compliance.finding_opened": _("Finding opened"),
    "compliance.finding_settled": _("Finding settled"),
    "compliance.hold_lifted": _("Hold lifted"),
    "compliance.hold_placed": _("Hold placed"),
    "compliance.monitoring_planned": _("Monitoring planned"),
    "compliance.monitoring_published": _("Monitoring published"),
    "compliance.sample_drawn": _("Sample drawn"),
    "compliance.item_reviewed": _("Sampled item reviewed"),
    "compliance.monitoring_closed": _("Monitoring closed"),
    "compliance.ledger_verified": _("Ledger verified"),
    "compliance.book_imported": _("Rule book taken over as drafts"),
    "compliance.dry_run_done": _("Dry run done"),
    "compliance.rule_changed": _("Rule changed"),
    "compliance.rule_drafted": _("Rule drafted"),
    "compliance.rule_end_drafted": _("End of a rule drafted"),
    "compliance.rule_ended": _("End of a rule decided"),
    "compliance.rule_refused": _("Draft of a rule refused"),
    "compliance.rule_signed": _("Draft of a rule signed"),
    "compliance.parameter_changed": _("Parameter changed"),
    "compliance.parameter_drafted": _("Parameter drafted"),
    "compliance.parameter_refused": _("Parameter refused"),
    "compliance.representative_filed": _("Representative filed"),
    "compliance.signing_failed": _("Signing failed"),
    "compliance.unaccounted_change": _("Unaccounted change"),
    "compliance.verification_asked": _("Verification asked"),
    "compliance.waiver_revoked": _("Waiver revoked"),
    "content.anchor_added": _("Anchor added"),
    "content.claim_approved": _("Claim approved"),
    "content.claim_changed": _("Claim changed"),
    "content.claim_linked": _("Claim linked"),
    "content.claim_reopened": _("Claim reopened"),
    "content.claim_retired": _("Claim retired"),
    "content.claim_returned": _("Claim returned"),
    "content.claim_submitted": _("Claim submitted"),
    "content.claim_unlinked": _("Claim unlinked"),
    "content.claim_written": _("Claim written"),
    "content.claims_used": _("Claims used"),
    "content.file_attached": _("File attached"),
    "content.file_prechecked": _("File prechecked"),
    "content.finding_answered": _("Finding answered"),
    "content.label_activated": _("Label activated"),
    "content.label_drafted": _("Label drafted"),
    "content.labels_renewed": _("Labels renewed"),
    "content.material_changed": _("Material changed"),
    "content.material_created": _("Material created"),
    "content.material_released": _("Material released"),
    "content.product_changed": _("Product changed"),
    "content.product_created": _("Product created"),
    "content.reference_created": _("Reference created"),
    "content.reference_imported": _("Reference imported"),
    "content.reference_standing_changed": _("Reference standing changed"),
    "content.version_drafted": _("Version drafted"),
    "doctors.academic_post_added": _("Academic post added"),
    "doctors.affiliation_added": _("Affiliation added"),
    "doctors.affiliation_ended": _("Affiliation ended"),
    "doctors.assignment_ended": _("Assignment ended"),
    "doctors.contact_added": _("Contact added"),
    "doctors.contact_retired": _("Contact retired"),
    "doctors.contact_revealed": _("Contact revealed"),
    "doctors.departments_import_undone": _("Departments import undone"),
    "doctors.departments_imported": _("Departments imported"),
    "doctors.divisions_import_undone": _("Divisions import undone"),
    "doctors.divisions_imported": _("Divisions imported"),
    "doctors.doctor_assigned": _("Doctor assigned"),
    "doctors.doctor_changed": _("Doctor changed"),
    "doctors.doctor_created": _("Doctor created"),
    "doctors.doctor_renamed": _("Doctor renamed"),
    "doctors.doctors_import_undone": _("Doctors import undone"),
    "doctors.doctors_imported": _("Doctors imported"),
    "doctors.hospital_alias_added": _("Hospital alias added"),
    "doctors.hospital_changed": _("Hospital changed"),
    "doctors.hospital_created": _("Hospital created"),
    "doctors.hospitals_import_undone": _("Hospitals import undone"),
    "doctors.hospitals_imported": _("Hospitals imported"),
    "doctors.interest_added": _("Interest added"),
    "doctors.model_activated": _("Model activated"),
    "doctors.model_assessed": _("Model assessed"),
    "doctors.model_changed": _("Model changed"),
    "doctors.model_drafted": _("Model drafted"),
    "doctors.model_retired": _("Model retired"),
    "doctors.notice_published": _("Notice published"),
    "doctors.override_asked": _("Override asked"),
    "doctors.override_ended": _("Override ended"),
    "doctors.scores_forgotten": _("Old scores dropped"),
    "doctors.scoring_running": _("Scoring started"),
    "doctors.scoring_cancelled": _("Scoring cancelled"),
    "doctors.scoring_failed": _("Scoring failed"),
    "doctors.scoring_asked": _("Scoring asked"),
    "doctors.scoring_settled": _("Scoring settled"),
    "doctors.stakeholder_role_set": _("Stakeholder role set"),
    "doctors.tiers_settled": _("Tiers settled"),
    "doctors.tiers_updated": _("Tiers updated"),
    "imports.cell_corrected": _("Import: cell corrected"),
    "imports.commit_asked": _("Import: commit asked"),
    "imports.committed": _("Import: committed"),
    "imports.file_uploaded": _("Import: file uploaded"),
    "imports.mapping_set": _("Import: mapping set"),
    "imports.undo_asked": _("Import: undo asked"),
    "imports.undone": _("Import: undone"),
    "accounts.signed_in": _("Signed in"),
    "compliance.course_added": _("Course added"),
    "compliance.course_assigned": _("Course assigned"),
    "compliance.parameter_signed": _("Parameter signed"),
    "compliance.waiver_requested": _("Waiver requested"),
    "content.annotation_added": _("Annotation added"),
    "content.annotation_answered": _("Annotation answered"),
    "content.annotation_reopened": _("Annotation reopened"),
    "content.annotation_resolved": _("Annotation resolved"),
    "content.file_found_altered": _("File found altered"),
    "content.leases_issued": _("Leases issued"),
    "content.material_submitted": _("Material submitted"),
    "content.material_taken_back": _("Material taken back"),
    "content.page_seen": _("Page seen"),
    "content.review_handed_over": _("Review handed over"),
    "content.review_urged": _("Review urged"),
    "doctors.playbook_changed": _("Playbook changed"),
    "doctors.playbooks_adopted": _("Playbooks adopted"),
}
POINTS = {
    "accounts.grant_role": _("granting a role"),
    "claim.approve": _("approving a claim"),
    "column.accept": _("accepting a column"),
    "consent.record": _("recording a consent"),
    "contact.reveal": _("revealing a contact"),
    "doctor.score": _("scoring a doctor"),
    "engagement.pay": _("paying an engagement"),
    "event.approve": _("approving a meeting"),
    "event.close": _("closing a meeting"),
    "event.invite": _("inviting to an event"),
    "event.request": _("requesting a meeting"),
    "event.start": _("starting a meeting"),
    "expense.submit": _("submitting an expense"),
    "material.approve": _("approving a material"),
    "material.release": _("releasing a material"),
    "material.show": _("showing a material"),
    "material.submit": _("submitting a material"),
    "message.send": _("sending a message"),
    "note.accept": _("keeping a note"),
    "override.tier": _("overriding a tier"),
    "safety.handoff": _("handing over a safety report"),
    "speaker.invite": _("inviting a speaker"),
    "sponsorship.request": _("requesting a sponsorship"),
    "staff.activate": _("activating a person"),
    "visit.plan": _("planning a visit"),
    "visit.start": _("starting a visit"),
    "visit.submit": _("submitting a visit"),
}
KINDS = {
    "hotline": _("Hotline report"),
    "investigation": _("Finding of the investigation"),
    "officer": _("Opened by an officer"),
    "duplicate_proof": _("Proof used twice"),
    "sampled": _("Objected to in a sample"),
    "frequency": _("Frequency beyond the cap"),
    "impossible_travel": _("Impossible travel"),
    "reused_proof": _("Same photo or sheet"),
    "signin_burst": _("Sign-ins by one hand"),
    "round_amounts": _("Round amounts"),
    "split_bills": _("Split bills"),
    "late_burst": _("Late bursts"),
    "copied_notes": _("Copy-pasted notes"),
    "signing_locked": _("Signing locked"),
    "unaccounted_change": _("Change round the actions"),
    "ledger_differs": _("The ledger differs from its checkpoint"),
    "record_differs": _("The record differs from the ledger"),
    "visit_in_breach": _("Visit in breach"),
    "visit": _("Visit"),
    "never_store": _("Data that must not be stored"),
    "safety_late": _("Adverse event overdue"),
    "event_in_breach": _("Meeting in breach"),
    "expense_in_breach": _("Expense in breach"),
    "material": _("Material"),
}
SUBJECT_KINDS = {
    "hotline": _("Hotline report"),
    "investigation": _("Finding of the investigation"),
    "officer": _("Opened by an officer"),
    "duplicate_proof": _("Proof used twice"),
    "sampled": _("Objected to in a sample"),
    "frequency": _("Frequency beyond the cap"),
    "impossible_travel": _("Impossible travel"),
    "reused_proof": _("Same photo or sheet"),
    "signin_burst": _("Sign-ins by one hand"),
    "round_amounts": _("Round amounts"),
    "split_bills": _("Split bills"),
    "late_burst": _("Late bursts"),
    "copied_notes": _("Copy-pasted notes"),
    "visit": _("Planned visits"),
    "event": _("Open events"),
    "material_version": _("Materials in review or released"),
}
CASE_ACTS = {
    "assigned": _("Handed over"),
    "comment": _("Comment"),
    "triaged": _("Triaged"),
    "planned": _("Investigation plan written"),
    "member_added": _("Joined the team"),
    "member_removed": _("Left the team"),
    "found": _("Finding added"),
    "concluded": _("Finding concluded"),
    "evidence": _("Evidence added"),
    "measure_added": _("Measure asked for"),
    "measure_done": _("Measure reported done"),
    "measure_verified": _("Measure verified"),
    "measure_open": _("Measure sent back"),
    "measure_dropped": _("Measure dropped"),
    "report_decided": _("Report to an authority decided"),
    "reported": _("Reported to an authority"),
    "letter_drafted": _("Letter drafted"),
    "letter_asked": _("Letter put to approval"),
    "letter_approved": _("Letter approved"),
    "letter_draft": _("Letter returned"),
    "letter_sent": _("Letter sent"),
    "reporter_answered": _("Reporter answered"),
    "reporter_wrote": _("Reporter wrote again"),
    "held": _("Stopped"),
    "moved": _("Moved on"),
    "closed": _("Closed"),
}
NOTE_CHOICES: dict[str, Any] = {
    "moved": CaseState,
    "triaged": CaseRisk,
    "concluded": Conclusion,
    "evidence": EvidenceKind,
    "report_decided": Authority,
    "reported": Authority,
    "letter_drafted": LetterAudience,
    "letter_asked": LetterAudience,
    "letter_approved": LetterAudience,
    "letter_draft": LetterAudience,
    "letter_sent": LetterAudience,
}
MEANINGS = {
    "case_closed": _("Investigated, corrected, and closed"),
    "hold_lifted": _("It may go on everywhere"),
    "monitoring_reviewed": _("Every drawn item was reviewed"),
}
DIFFERENCES = {
    "changed": _("changed"),
    "deleted": _("deleted"),
    "inserted": _("inserted"),
    "rewritten": _("rewritten"),
    "truncated": _("cut off"),
    "key": _("key exchanged"),
    "outside": _("outside checkpoint unreadable"),
}
ROLES = {
    "rep": _("Medical representative"),
    "line_manager": _("Line manager"),
    "marketing": _("Marketing"),
    "medical": _("Medical"),
    "regulatory": _("Regulatory"),
    "compliance": _("Compliance officer"),
    "pv": _("Pharmacovigilance officer"),
    "steward": _("Data steward"),
    "administrator": _("Administrator"),
    "inspector": _("Inspector"),
    "service": _("Service account"),
}


@register.filter
def event_words(event: str) -> Any:
    """Return words for a ledger event; a refusal names what was refused, an event nobody has worded its own name."""
    if event in EVENTS:
        return EVENTS[event]
    if event.endswith("_refused"):
        point = event.removesuffix("_refused")
        return _("Refused: %(act)s") % {"act": POINTS.get(point, point)}
    return event


@register.filter
def kind_words(kind: str) -> Any:
    """Return words for the kind of a finding or case; a title stays as it is."""
    return KINDS.get(kind, kind)


@register.filter
def point_words(point: str) -> Any:
    """Return words for an act by its decision point."""
    return POINTS.get(point, point)


@register.filter
def subject_kind_words(kind: str) -> Any:
    """Return what several subjects of one kind are called."""
    return SUBJECT_KINDS.get(kind, kind)


@register.filter
def act_words(kind: str) -> Any:
    return CASE_ACTS.get(kind, kind)


@register.filter
def case_note_words(note: Any) -> Any:
    """Return what a note in a case says; a stored value stands there in words."""
    known = NOTE_CHOICES.get(note.kind)
    return dict(known.choices).get(note.text, note.text) if known else note.words


@register.filter
def meaning_words(meaning: str) -> Any:
    return MEANINGS.get(meaning, meaning)


@register.filter
def difference_words(kind: str) -> Any:
    return DIFFERENCES.get(kind, kind)


@register.filter
def role_words(roles: list[str]) -> str:
    return " · ".join(str(ROLES.get(role, role)) for role in roles)
