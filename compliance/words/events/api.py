"""Words for events of programs that speak to us."""

from django.utils.translation import gettext_lazy as _

EVENTS = {
    "api.client_created": _("Client created"),
    "api.client_disabled": _("Client disabled"),
    "api.secret_renewed": _("Secret of a client renewed"),
}
