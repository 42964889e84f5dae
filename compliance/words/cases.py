"""Words for what happens in a case, and the choices its notes keep."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from compliance.choices import Authority, CaseRisk, CaseState, Conclusion, EvidenceKind, LetterAudience

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
    "came_again": _("The same file was sent again"),
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
    "incident_contained": _("Measures written down"),
    "incident_sized": _("Data and number corrected"),
    "incident_authority_told": _("Authority told"),
    "incident_persons_told": _("Persons told"),
    "incident_persons_spared": _("Persons spared the notice"),
    "incident_closed": _("Incident closed"),
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
