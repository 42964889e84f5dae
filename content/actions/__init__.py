"""Writes of content: the public face."""

from pharmacrm.common.citation_files import FileNotRead

from .annotations import (
    AnnotationNotSaved,
    Region,
    annotate,
    reopen_annotation,
    reply_to_annotation,
    resolve_annotation,
)
from .claim_approval import ClaimNotApproved, ClaimNotSaved, approve_claim, return_claim, take_back_claim
from .claims import change_claim, link_claim, retire_claim, submit_claim, unlink_claim, write_claim
from .endings import MaterialNotEnded, expire_versions, recall_version, withdraw_version
from .materials import (
    MaterialNotSaved,
    attach_file,
    change_material,
    create_material,
    draft_version,
    renew_labels,
    use_claims,
)
from .pages import FileNotTaken, words_of_pdf
from .phone_pages import released_page
from .precheck import FindingNotAnswered, answer_finding, context_of, precheck_version
from .products import (
    LabelNotSaved,
    ProductNotSaved,
    activate_label,
    change_product,
    create_product,
    draft_label,
)
from .references import (
    ImportLine,
    ReferenceNotSaved,
    add_anchor,
    create_reference,
    import_references,
    mark_standing,
)
from .releases import MaterialNotReleased, SignedLease, issue_leases, lease_is_good, release_version
from .reviews import (
    NotReviewed,
    decide_review,
    hand_over_seat,
    see_page,
    take_back_version,
    urge_reviewers,
    why_not_agree,
)
from .submitting import NotSubmitted, submit_version
from .telling import tell_of_ending
from .viewing import bytes_of, picture_of, report_altered_file

__all__ = [
    "AnnotationNotSaved",
    "ClaimNotApproved",
    "ClaimNotSaved",
    "FileNotRead",
    "FileNotTaken",
    "FindingNotAnswered",
    "ImportLine",
    "LabelNotSaved",
    "MaterialNotEnded",
    "MaterialNotReleased",
    "MaterialNotSaved",
    "NotReviewed",
    "NotSubmitted",
    "ProductNotSaved",
    "ReferenceNotSaved",
    "Region",
    "SignedLease",
    "activate_label",
    "add_anchor",
    "annotate",
    "answer_finding",
    "approve_claim",
    "attach_file",
    "bytes_of",
    "change_claim",
    "change_material",
    "change_product",
    "context_of",
    "create_material",
    "create_product",
    "create_reference",
    "decide_review",
    "draft_label",
    "draft_version",
    "expire_versions",
    "hand_over_seat",
    "import_references",
    "issue_leases",
    "lease_is_good",
    "link_claim",
    "mark_standing",
    "picture_of",
    "precheck_version",
    "recall_version",
    "release_version",
    "released_page",
    "renew_labels",
    "reopen_annotation",
    "reply_to_annotation",
    "report_altered_file",
    "resolve_annotation",
    "retire_claim",
    "return_claim",
    "see_page",
    "submit_claim",
    "submit_version",
    "take_back_claim",
    "take_back_version",
    "tell_of_ending",
    "unlink_claim",
    "urge_reviewers",
    "use_claims",
    "why_not_agree",
    "withdraw_version",
    "words_of_pdf",
    "write_claim",
]
