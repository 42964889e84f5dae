"""What an action may raise when it says no. In every case nothing has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from compliance.evaluate import Verdict


class DomainError(Exception):
    """A request that cannot be carried out, with a message fit for the person who asked.

    `code` is a stable lower_snake word for machines; `field` names the input it belongs to, if one.
    """

    code = "domain_error"

    def __init__(self, message: str = "", *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Refused(Exception):
    """The law refuses the act. Carries the verdict that every door shows the same way.

    It is no DomainError, so that a page that puts what it is told on its form never swallows a refusal: the one
    wrapper at the door records it and shows the verdict.
    """

    code = "refused"

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(str(verdict))
        self.verdict = verdict
        self.is_recorded = (
            False  # the refusal stands in the ledger already, in the transaction of what followed from it
        )
        self.asked_url = ""  # of the request by which somebody may allow it once
        self.case_number = ""  # of the case that keeps what was refused, where one was opened
