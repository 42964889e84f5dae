"""Words for meanings of signatures, differences of the ledger, and roles."""

from django.utils.translation import gettext_lazy as _

MEANINGS = {
    "api.client_created": _("It may call the API"),
    "api.client_disabled": _("It may no longer call the API"),
    "api.secret_renewed": _("It calls the API with another secret"),
    "letter_published": _("This text may be signed by everybody"),
    "letter_approved": _("The letter may be sent as it stands"),
    "commitment_signed": _("I commit myself to this letter"),
    "course_published": _("The content is right and complete"),
    "trail_reviewed": _("The drawn acts were reviewed"),
    "approved": _("Read and agreed to"),
    "refused": _("Read and refused"),
    "returned": _("Read and sent back"),
    "compliance.figure_approved": _("The figure may hold from its day"),
    "compliance.rule_approved": _("The text may hold from its day"),
    "doctors.model_activated": _("The model may score doctors"),
    "doctors.erasure_decided": _("To be erased"),
    "doctors.erasure_agreed": _("To be erased"),
    "case_closed": _("Investigated, corrected, and closed"),
    "hold_lifted": _("It may go on everywhere"),
    "retention_asked": _("To be destroyed"),
    "retention_approved": _("To be destroyed"),
    "retention_refused": _("Not to be destroyed"),
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
