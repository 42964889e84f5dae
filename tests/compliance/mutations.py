"""What people sign, and every small change of it or of the signature: each has to make the signature invalid. P5."""

from __future__ import annotations

import ast
import hashlib
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from compliance.actions import monitoring, publishing, reviews
from compliance.actions.approvals import content_fingerprint
from compliance.actions.cases import case_fingerprint
from compliance.actions.commitments import letter_fingerprint
from compliance.actions.holds import hold_fingerprint
from compliance.actions.letters import letter_fingerprint as case_letter_fingerprint
from compliance.actions.parameters import content_of_parameter
from compliance.actions.rule_signing import content_of_rule
from compliance.models import Hold, LetterText, Parameter, RuleVersion, Signature
from compliance.selectors.retention import plan_fingerprint
from compliance.selectors.signatures import is_valid, mac_of
from doctors.actions.erasure_requests import erasure_fingerprint
from doctors.models import PrivacyRequest, SegmentationModel
from doctors.selectors.signed_models import model_fingerprint
from pharmacrm.api.actions import client_fingerprint
from pharmacrm.common.ids import uuid7
from tests.compliance.doors import APPS, ROOT, calls_of

SIGNED_AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
COLUMNS = (
    "id", "subject", "content_sha256", "meaning", "signer_id", "printed_name", "job_title", "signed_at", "time_zone",
    "method", "mac",
)  # fmt: skip
Content = dict[str, Any]


class Rows(list[Any]):
    """Rows of a record as the fingerprints read them."""

    def order_by(self, *names: str) -> Rows:
        return self

    def values_list(self, *names: str) -> list[tuple[Any, ...]]:
        return [tuple(getattr(row, name) for name in names) for row in self]


def read(content: Content) -> Any:
    """Return content as a record: a list of fields is rows that refer to it."""
    rows = {name: Rows(SimpleNamespace(**row) for row in value)
            for name, value in content.items() if isinstance(value, list) and value and isinstance(value[0], dict)}  # fmt: skip
    return SimpleNamespace(**{**content, **rows})


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
    "case": (
        {
            "pk": uuid7(), "kind": "detector", "subject": "event:1", "title": "重复照片", "cause_words": "旧照片",
            "correction_words": "重新培训",
            "findings": [{"pk": uuid7(), "conclusion": "confirmed", "concluded_words": "属实"}],
            "measures": [{"pk": uuid7(), "state": "done", "text": "抽查"}],
            "reports": [{"authority": "市监局", "reference": "A-1"}],
        },
        lambda of: case_fingerprint(read(of)),
    ),
    "monitoring": (
        {
            "pk": uuid7(), "seed": "ab" * 16,
            "items": [{"subject": "visit:1", "number": 1, "result": "fine", "remark": "照片清楚"}],
        },
        lambda of: monitoring.plan_fingerprint(read(of)),
    ),
    "audit-trail review": (
        {
            "first_day": date(2026, 10, 1), "last_day": date(2026, 10, 31), "seed": "ab" * 16,
            "items": [{"number": 7, "mark": "fine", "note": "属实"}], "conclusion": "无异常",
        },
        lambda of: reviews.review_fingerprint(read(of)),
    ),
    "course": (
        {
            "content": {"chapters": ["一"], "questions": [{"key": "q1", "right": [1]}]}, "course_id": uuid7(), "number": 2,
            "drawn": 5, "pass_mark": 80, "attempts": 3, "cool_down_hours": 24, "months_valid": 12, "is_material": 1,
            "product_codes": ["P1"], "files": [{"pk": uuid7(), "stored__sha256": "ab" * 32}],
        },
        lambda of: publishing.version_fingerprint(read(of)),
    ),
    "letter of a case": (
        {"pk": uuid7(), "audience": "authority", "title": "情况说明", "body": "经核查，未见违规。"},
        lambda of: case_letter_fingerprint(SimpleNamespace(**of)),
    ),
    "letter of commitment": (
        {"number": 3, "text_zh": "本人承诺", "text_en": "I undertake"},
        lambda of: letter_fingerprint(LetterText(**of)),
    ),
    "erasure": (
        {"pk": uuid7(), "number": "PR-2026-00001", "kind": "erase", "doctor_id": uuid7()},
        lambda of: erasure_fingerprint(PrivacyRequest(**of)),
    ),
    "application": (
        {
            "client_id": "erp", "name": "ERP", "user_id": uuid7(), "redirect_uris": "https://erp.example/back",
            "reason": "接口",
        },
        lambda of: client_fingerprint(read(of), of["reason"]),
    ),
}  # fmt: skip
# Where each kind is signed: the function that calls `sign`, or that tells the approval engine what is signed.
SIGNED_IN: dict[str, set[str]] = {
    "material file": {"content/actions/reviews.py review_signed"},
    "approval": {"compliance/actions/approvals.py _signed"},
    "hold": {"compliance/actions/holds.py lift_hold"},
    "figure": {"compliance/actions/parameters.py figure_signed"},
    "rule": {"compliance/actions/rule_signing.py text_signed"},
    "scoring model": {"doctors/actions/model_activation.py activation_signed"},
    "destruction": {
        "compliance/actions/retention.py _ask", "compliance/actions/retention.py retention_signed",
    },
    "case": {"compliance/actions/cases.py close_case"},
    "monitoring": {"compliance/actions/monitoring.py close_monitoring"},
    "audit-trail review": {"compliance/actions/reviews.py sign_review"},
    "course": {"compliance/actions/publishing.py publication_signed"},
    "letter of a case": {"compliance/actions/letters.py letter_signed"},
    "letter of commitment": {
        "compliance/actions/commitments.py letter_text_signed", "compliance/actions/commitments.py sign_commitment",
    },
    "erasure": {
        "doctors/actions/erasure_requests.py decide_erasure", "doctors/actions/erasure_requests.py erasure_signed",
    },
    "application": {"pharmacrm/api/actions.py _sign"},
}  # fmt: skip


def signed_in_the_code() -> set[str]:
    """Return every place of the code that puts a signature under something, by file and function."""
    found: set[str] = set()
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            file = path.relative_to(ROOT).as_posix()
            if "migrations" in path.parts or "demo" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef):
                    found |= {
                        f"{file} {node.name}"
                        for call in calls_of(node, "sign")
                        if _names(call, "content_sha256")
                    }
                    if node.returns is not None and ast.unparse(node.returns) == "Signed":
                        found.add(f"{file} {node.name}")
    return found


def _names(call: ast.Call, keyword: str) -> bool:
    return any(one.arg == keyword for one in call.keywords)


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
