"""Writes about people and territories, one function a verb."""

from .people import (
    PersonNotChanged,
    appoint_first_administrator,
    change_person,
    create_user,
    deactivate_user,
    end_other_sessions,
    end_sessions_of,
    note_account_event,
    note_password_link,
    note_sign_in,
    reactivate_user,
    set_roles,
)
from .settings import UnknownChoice, choose_language, mark_messages_read, update_own_settings
from .territories import TerritoryNotChanged, add_member, add_territory, end_member, rename_territory
from .tree import carry_out_moves, close_territory, drop_move, move_territory

__all__ = [
    "PersonNotChanged",
    "TerritoryNotChanged",
    "UnknownChoice",
    "add_member",
    "add_territory",
    "appoint_first_administrator",
    "carry_out_moves",
    "change_person",
    "choose_language",
    "close_territory",
    "create_user",
    "deactivate_user",
    "drop_move",
    "end_member",
    "end_other_sessions",
    "end_sessions_of",
    "mark_messages_read",
    "move_territory",
    "note_account_event",
    "note_password_link",
    "note_sign_in",
    "reactivate_user",
    "rename_territory",
    "set_roles",
    "update_own_settings",
]
