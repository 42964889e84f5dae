"""Input about people: shape only."""

from .people import FilterPeople, PersonForm, ReasonForm, RolesForm, SettingsForm
from .territories import EndMemberForm, MemberForm, NameForm, TerritoryForm

__all__ = [
    "EndMemberForm",
    "FilterPeople",
    "MemberForm",
    "NameForm",
    "PersonForm",
    "ReasonForm",
    "RolesForm",
    "SettingsForm",
    "TerritoryForm",
]
