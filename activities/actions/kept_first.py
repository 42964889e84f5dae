"""What was heard of harm during a visit that comes over REST: kept before the visit, and whatever becomes of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

import orjson

from activities.choices import OperationKind

from .sync import Operation, Receipt, sync_operation

if TYPE_CHECKING:
    from pharmacrm.accounts.models import User


def keep_safety_answer(*, body: Any, by: User, at: datetime) -> Receipt | None:
    """Keep the safety answer of a visit as its own operation, in its own transaction. None: the body has none.

    Call before the transaction of the visit begins. The operation's key is made of the visit and the words: sent
    again, under the same Idempotency-Key or another, they are found; other words about the visit are another report.
    Source: PV-09; product promise "a safety report is stored first, whatever happens to the record it came with".
    """
    heard = body.get("safety") if isinstance(body, dict) else None
    if not isinstance(heard, dict) or not heard:
        return None
    payload = {
        "aware_at": body.get("ended_at"),
        "doctor_id": body.get("doctor_id"),
        **heard,
        "visit_id": body.get("visit_id"),
    }
    name = orjson.dumps(payload, option=orjson.OPT_SORT_KEYS).decode()
    operation = Operation(
        op_id=uuid5(NAMESPACE_URL, f"safety:{by.pk}:{name}"),
        kind=OperationKind.SAFETY_REPORT,
        payload=payload,
    )
    return sync_operation(operation=operation, by=by, at=at)
