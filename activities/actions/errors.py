"""Why an act of field work cannot be carried out. In every case nothing has changed."""

from pharmacrm.common.errors import DomainError


class VisitNotPlanned(DomainError):
    """The visit cannot be planned."""

    code = "visit_not_planned"


class VisitNotMoved(DomainError):
    """The visit is in a state from which this step does not lead."""

    code = "visit_not_moved"


class VisitIncomplete(DomainError):
    """The report lacks something every visit needs."""

    code = "visit_incomplete"


class BookingNotMade(DomainError):
    """The booking cannot be asked for or answered."""

    code = "booking_not_made"


class ConsentNotRegistered(DomainError):
    """The institution's consent lacks what makes it evidence."""

    code = "consent_not_registered"


class PolicyNotSet(DomainError):
    """The hospital's rules cannot be written down like this."""

    code = "policy_not_set"


class SafetyReportNotMoved(DomainError):
    """The safety report is in a state from which this step does not lead."""

    code = "safety_report_not_moved"


class NeedNotKept(DomainError):
    """The need says nothing, or something that may not be kept."""

    code = "need_not_kept"


class InquiryNotMoved(DomainError):
    """The inquiry is in a state from which this step does not lead."""

    code = "inquiry_not_moved"


class CycleNotSet(DomainError):
    """The cycle or goal cannot be set like this."""

    code = "cycle_not_set"


class OperationConflict(DomainError):
    """The same operation key came with other content."""

    code = "operation_conflict"


class OperationNotUnderstood(DomainError):
    """The operation's content has not the shape of its kind."""

    code = "operation_not_understood"
