"""Writes of the customer master: the app's public face."""

from .assignments import DoctorNotAssigned, assign_doctor, end_assignment, reassign_doctor
from .challenges import ChallengeNotTaken, claim_doctor, decide_challenge, decline_doctor
from .changes import ChangeNotTaken, ask_change, decide_change
from .consents import ConsentNotAccepted, record_consent, withdraw_consent
from .contacts import ContactNotAccepted, add_contact, retire_contact, reveal_contact
from .doctors import DoctorNotSaved, create_doctor, rename_doctor, seal_text, update_doctor
from .erasing import ErasureNotDone, erase_doctor, read_frozen
from .hospitals import HospitalNotSaved, add_hospital_alias, create_hospital, update_hospital
from .interactions import record_interaction
from .notices import (
    NoticeNotPublished,
    adopt_shipped_notices,
    draft_notice,
    drop_notice,
    publish_notice,
)
from .outside import note_outside_doctor
from .overrides import OverrideNotMade, ask_override, decide_override, end_overrides
from .playbooks import PlaybookNotSaved, adopt_default_playbooks, change_playbook
from .profile import (
    add_academic_post,
    add_affiliation,
    add_interest,
    end_affiliation,
    set_stakeholder_role,
)
from .realignments import (
    RealignmentNotMoved,
    add_realignment_change,
    ask_realignment,
    carry_out_realignment,
    drop_realignment,
    drop_realignment_change,
    give_back_realignment,
    open_realignment,
    preview_realignment,
    reverse_realignment,
)
from .reminding import warn_of_overdue_requests
from .scoring import (
    RunNotStarted,
    TrialNotStarted,
    open_run,
    open_trial,
    rescore_touched,
    spec_of,
    touch_doctors,
)
from .segmentation import (
    ModelNotMoved,
    ModelNotSaved,
    activate_model,
    assess_model,
    change_model,
    default_spec,
    draft_model,
    retire_model,
    words_of,
)
from .territories import RuleNotKept, add_territory_rule, close_territory, end_territory_rule

__all__ = [
    "ChallengeNotTaken",
    "ChangeNotTaken",
    "ConsentNotAccepted",
    "ContactNotAccepted",
    "DoctorNotAssigned",
    "DoctorNotSaved",
    "ErasureNotDone",
    "HospitalNotSaved",
    "ModelNotMoved",
    "ModelNotSaved",
    "NoticeNotPublished",
    "OverrideNotMade",
    "PlaybookNotSaved",
    "RealignmentNotMoved",
    "RuleNotKept",
    "RunNotStarted",
    "TrialNotStarted",
    "activate_model",
    "add_academic_post",
    "add_affiliation",
    "add_contact",
    "add_hospital_alias",
    "add_interest",
    "add_realignment_change",
    "add_territory_rule",
    "adopt_default_playbooks",
    "adopt_shipped_notices",
    "ask_change",
    "ask_override",
    "ask_realignment",
    "assess_model",
    "assign_doctor",
    "carry_out_realignment",
    "change_model",
    "change_playbook",
    "claim_doctor",
    "close_territory",
    "create_doctor",
    "create_hospital",
    "decide_challenge",
    "decide_change",
    "decide_override",
    "decline_doctor",
    "default_spec",
    "draft_model",
    "draft_notice",
    "drop_notice",
    "drop_realignment",
    "drop_realignment_change",
    "end_affiliation",
    "end_assignment",
    "end_overrides",
    "end_territory_rule",
    "erase_doctor",
    "give_back_realignment",
    "note_outside_doctor",
    "open_realignment",
    "open_run",
    "open_trial",
    "preview_realignment",
    "publish_notice",
    "read_frozen",
    "reassign_doctor",
    "record_consent",
    "record_interaction",
    "rename_doctor",
    "rescore_touched",
    "retire_contact",
    "retire_model",
    "reveal_contact",
    "reverse_realignment",
    "seal_text",
    "set_stakeholder_role",
    "spec_of",
    "touch_doctors",
    "update_doctor",
    "update_hospital",
    "warn_of_overdue_requests",
    "withdraw_consent",
    "words_of",
]
