"""What people sign, and every small change of it or of the signature: each has to make the signature invalid. P5."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from compliance.actions.approvals import content_fingerprint
from compliance.actions.holds import hold_fingerprint
from compliance.actions.parameters import content_of_parameter
from compliance.actions.rule_signing import content_of_rule
from compliance.models import Hold, Parameter, RuleVersion, Signature
from compliance.selectors.retention import plan_fingerprint
from compliance.selectors.signatures import is_valid, mac_of
from doctors.models import SegmentationModel
from doctors.selectors.signed_models import model_fingerprint
from pharmacrm.common.ids import uuid7

SIGNED_AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
COLUMNS = (
    "id", "subject", "content_sha256", "meaning", "signer_id", "printed_name", "job_title", "signed_at", "time_zone",
    "method", "mac",
)  # fmt: skip
Content = dict[str, Any]

# What is signed, as fields of which each may be changed, and the fingerprint a signature stands under.
KINDS: dict[str, tuple[Content, Callable[[Content], str]]] = {
    "material file": (
        {"bytes": "说明书第一页 " * 40},
        lambda of: hashlib.sha256(of["bytes"].encode()).hexdigest(),
    ),
    "approval": (
        {
            "subject": "event:1",
            "payload": {"title": "城市会", "people": 30, "fen": 120_000, "list": ["甲", "乙"]},
        },
        lambda of: content_fingerprint(of["subject"], of["payload"]),
    ),
    "hold": (
        {"pk": uuid7(), "reason": "说明书更新", "subjects": ["material:1", "material:2"]},
        lambda of: hold_fingerprint(Hold(pk=of["pk"], reason=of["reason"]), of["subjects"]),
    ),
    "figure": (
        {
            "rule": "RD-01",
            "name": "cap_fen",
            "value": 20_000,
            "valid_from": date(2027, 1, 1),
            "reason": "从严",
        },
        lambda of: content_of_parameter(Parameter(**of)),
    ),
    "rule": (
        {"rule": "RD-01", "version": 2, "sha256": "ab" * 32, "reason": "措辞"},
        lambda of: content_of_rule(RuleVersion(**of)),
    ),
    "scoring model": (
        {
            "pk": uuid7(),
            "version": "2027.1",
            "impact_assessment": "PIA-2026-003",
            "influence_bp": 4000,
            "cut": "share",
            "features": [
                {"key": "journal_posts", "weight_bp": 9000},
                {"key": "title_grade", "weight_bp": 1000},
            ],
        },
        lambda of: model_fingerprint(SegmentationModel(landmark_on=date(2025, 1, 1), **of)),
    ),
    "destruction": (
        {
            "on": date(2026, 11, 23),
            "plan": {"visit_evidence": {"due": 3, "held": 1, "keys_sha256": "cd" * 32}},
        },
        lambda of: plan_fingerprint(of["on"], of["plan"]),
    ),
}


def signature_under(sha256: str, subject: str = "drill:1") -> Signature:
    """Return an unsaved signature with its seal, as `sign` makes it."""
    signature = Signature(
        pk=uuid7(), subject=subject, content_sha256=sha256, meaning="approved", signer_id=uuid7(),
        printed_name="何若水", job_title="医学经理", signed_at=SIGNED_AT, time_zone="Asia/Shanghai", method="password_code",
    )  # fmt: skip
    signature.mac = mac_of(signature)
    return signature


def survivors(count: int, seed: int) -> list[str]:
    """Make `count` mutations, half of them of what was signed, half of the signature. Returns: those it stayed valid under."""
    chance, stayed = random.Random(seed), []
    for number in range(count):
        name, (content, fingerprint) = list(KINDS.items())[number % len(KINDS)]
        signature = signature_under(fingerprint(content))
        assert is_valid(signature, fingerprint(content))
        if number % 2:
            column = chance.choice(COLUMNS)
            setattr(signature, column, mutated(getattr(signature, column), chance))
            valid = is_valid(signature, fingerprint(content))
            what = f"signature.{column}"
        else:
            field = chance.choice(list(content))
            valid = is_valid(signature, fingerprint({**content, field: mutated(content[field], chance)}))
            what = f"{name}.{field}"
        if valid:
            stayed.append(what)
    return stayed


def mutated(value: Any, chance: random.Random) -> Any:
    """Return the value with one small thing changed: a bit of a character, one more, a deeper one."""
    match value:
        case str() if value:
            place = chance.randrange(len(value))
            other = chr(ord(value[place]) ^ 1)
            return value[:place] + other + value[place + 1 :]
        case str():
            return "x"
        case int():
            return value + chance.choice([-1, 1])
        case UUID():
            return UUID(int=value.int ^ (1 << chance.randrange(128)))
        case datetime():
            return value + timedelta(microseconds=chance.choice([-1, 1]))
        case date():
            return value + timedelta(days=chance.choice([-1, 1]))
        case dict():
            key = chance.choice(list(value))
            return {**value, key: mutated(value[key], chance)}
        case list():
            return [mutated(value[0], chance), *value[1:]]
        case _:
            raise TypeError(type(value))
