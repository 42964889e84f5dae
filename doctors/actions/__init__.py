"""Writes of the customer master: the app's public face."""

from .assignments import assign_doctor, end_assignment
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
from .overrides import OverrideNotMade, ask_override, decide_override, end_overrides
from .playbooks import PlaybookNotSaved, adopt_default_playbooks, change_playbook
from .profile import (
    add_academic_post,
    add_affiliation,
    add_interest,
    end_affiliation,
    set_stakeholder_role,
)
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

__all__ = [
    "ChangeNotTaken",
    "ConsentNotAccepted",
    "ContactNotAccepted",
    "DoctorNotSaved",
    "ErasureNotDone",
    "HospitalNotSaved",
    "ModelNotMoved",
    "ModelNotSaved",
    "NoticeNotPublished",
    "OverrideNotMade",
    "PlaybookNotSaved",
    "RunNotStarted",
    "TrialNotStarted",
    "activate_model",
    "add_academic_post",
    "add_affiliation",
    "add_contact",
    "add_hospital_alias",
    "add_interest",
    "adopt_default_playbooks",
    "adopt_shipped_notices",
    "ask_change",
    "ask_override",
    "assess_model",
    "assign_doctor",
    "change_model",
    "change_playbook",
    "create_doctor",
    "create_hospital",
    "decide_change",
    "decide_override",
    "default_spec",
    "draft_model",
    "draft_notice",
    "drop_notice",
    "end_affiliation",
    "end_assignment",
    "end_overrides",
    "erase_doctor",
    "open_run",
    "open_trial",
    "publish_notice",
    "read_frozen",
    "record_consent",
    "record_interaction",
    "rename_doctor",
    "rescore_touched",
    "retire_contact",
    "retire_model",
    "reveal_contact",
    "seal_text",
    "set_stakeholder_role",
    "spec_of",
    "touch_doctors",
    "update_doctor",
    "update_hospital",
    "withdraw_consent",
    "words_of",
]
