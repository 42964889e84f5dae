"""Words for events of people, their roles and territories."""

from django.utils.translation import gettext_lazy as _

EVENTS = {
    "accounts.first_administrator_appointed": _("First administrator appointed"),
    "accounts.language_chosen": _("Language chosen"),
    "accounts.member_added": _("Member added"),
    "accounts.put_to_work": _("Put to work"),
    "accounts.member_ended": _("Member ended"),
    "accounts.other_sessions_ended": _("Other sessions ended"),
    "accounts.password_link_sent": _("Link to set a password sent"),
    "accounts.person_changed": _("Person changed"),
    "accounts.roles_set": _("Roles set"),
    "accounts.settings_changed": _("Settings changed"),
    "accounts.signed_in": _("Signed in"),
    "accounts.territory_added": _("Territory added"),
    "accounts.territory_changed": _("Territory changed"),
    "accounts.territory_closed": _("Territory closed"),
    "accounts.territory_move_dropped": _("Move of a territory dropped"),
    "accounts.territory_move_planned": _("Move of a territory planned"),
    "accounts.territory_moved": _("Territory moved"),
    "accounts.territory_renamed": _("Territory renamed"),
    "accounts.user_created": _("User created"),
    "accounts.user_deactivated": _("User deactivated"),
    "accounts.user_reactivated": _("User reactivated"),
}
