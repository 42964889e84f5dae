"""What a row of the test of recorded endpoints says. Each app lists its rows in tests/<app>/act_rows.py."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pharmacrm.accounts.models import User


@dataclass(frozen=True)
class Act:
    """One URL and method with which a person of a role really changes something.

    `arrange` is called with that person; it makes what the act needs and returns the URL's arguments and what is
    sent (JSON for addresses under /api/).
    """

    url_name: str
    role: str
    arrange: Callable[[User], tuple[dict[str, Any], Any]]
    method: str = "post"
