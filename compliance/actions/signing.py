"""Electronic signatures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class SignatureProof:
    """What the signer entered again at the moment of signing."""

    password: str
    code: str = ""
    session_key: str = ""


def sign(
    *, subject: str, content_sha256: str, meaning: str, by: Any, at: datetime, proof: SignatureProof
) -> Any:
    """Sign content by its hash. Source: 21 CFR 11.50, 11.70, 11.200; 电子签名法 13."""
    raise NotImplementedError
