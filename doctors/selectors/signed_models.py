"""What the signature under a scoring model stands under, and whether it still holds."""

from __future__ import annotations

import hashlib
import json

from compliance.selectors import is_valid
from doctors.models import SegmentationModel


def model_fingerprint(model: SegmentationModel) -> str:
    """Return the SHA-256 of what is signed: the version, every figure of its specification, and its assessment."""
    said = {
        "model": str(model.pk),
        "version": model.version,
        "specification": model.spec.digest,
        "impact_assessment": model.impact_assessment,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def signature_holds(model: SegmentationModel) -> bool:
    """Return whether a model says what was signed. Versions put in force before signatures were taken carry none."""
    return model.signature is None or is_valid(model.signature, model_fingerprint(model))
