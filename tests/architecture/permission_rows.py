"""What a row of the permission table says. Each app lists its rows in tests/<app>/permission_rows.py."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pharmacrm.accounts.choices import Role

ANONYMOUS = "anonymous"
ROLES = [str(role) for role in Role if role != Role.SERVICE]
EVERYBODY = [ANONYMOUS, *ROLES]
LOGIN = 302  # a page sends somebody who is not signed in to the login; the API answers 401


@dataclass(frozen=True)
class Row:
    """One URL and method, and the status each role gets.

    `statuses` gives a status for roles named; `others` the status of every other signed-in role; `anonymous` that
    of somebody not signed in. `kwargs` are the URL's arguments: a dict, or a function called inside the test with
    the requesting user (None for anonymous) that makes the rows it needs and returns the dict. A row with no
    `kwargs` for a URL with arguments gets keys that exist nowhere, so 404 is what may-see answers.
    `data` is sent with the request (JSON for addresses under /api/); a function gets the kwargs.
    """

    url_name: str
    method: str = "get"
    statuses: dict[str, int] = field(default_factory=dict)
    others: int = 403
    anonymous: int = LOGIN
    kwargs: dict[str, Any] | Callable[[Any], dict[str, Any]] | None = None
    data: Any = None

    def status_for(self, who: str) -> int:
        return self.anonymous if who == ANONYMOUS else self.statuses.get(who, self.others)


def for_roles(status: int, *roles: str) -> dict[str, int]:
    """Return {role: status} for several roles."""
    return {str(role): status for role in roles}
