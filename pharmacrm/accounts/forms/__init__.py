"""Input about people: shape only."""

from .people import FilterPeople, PersonForm, ReasonForm, RolesForm, SettingsForm
from .territories import EndMemberForm, MemberForm, MoveForm, NameForm, TerritoryForm

__all__ = [
    "EndMemberForm",
    "FilterPeople",
    "MemberForm",
    "MoveForm",
    "NameForm",
    "PersonForm",
    "ReasonForm",
    "RolesForm",
    "SettingsForm",
    "TerritoryForm",
]
