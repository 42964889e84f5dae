"""Keys that came from outside and point at nothing: found before the transaction ends, said in words."""

from __future__ import annotations

from django.db import IntegrityError, connection
from django.utils.translation import gettext as _

from .errors import DomainError

FOREIGN_KEY_VIOLATION = "23503"


class UnknownReference(DomainError):
    """A key in the request belongs to no record; nothing has changed."""

    code = "unknown_reference"


def check_references() -> None:
    """Check every deferred constraint now. Call last inside an act that took keys from outside.

    Raises: UnknownReference, and the running block has to be rolled back. Cost: two round trips.
    """
    try:
        connection.check_constraints()
    except IntegrityError as error:
        if getattr(error.__cause__, "pgcode", "") != FOREIGN_KEY_VIOLATION:
            raise
        raise UnknownReference(
            _("A key in this request belongs to no record. Check the keys and send it again.")
        ) from error
