"""What a person may do for a product on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Qualification:
    """Facts about one person's standing for one product, as the rules read them."""

    employed: bool = False
    filed: bool = False
    filing_number: str = ""
    filing_ends_on: str = ""
    product_in_filing: bool = False
    commitment_signed: bool = False
    training_missing: tuple[str, ...] = ()


def qualified(user_id: UUID, point: str, product_code: str, at: datetime) -> Qualification:
    """Return a person's qualification for a product at a moment."""
    return Qualification()
