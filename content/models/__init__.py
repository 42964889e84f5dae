"""Rows of what may be shown."""

from .claims import Claim, ClaimLink
from .evidence import Anchor, Reference
from .materials import (
    ClaimUse,
    LabelUse,
    Material,
    MaterialFile,
    MaterialPage,
    MaterialProduct,
    MaterialVersion,
)
from .products import Label, LabelSection, Product
from .releases import Lease, Release
from .reviews import Annotation, AnnotationReply, PrecheckFinding, ReviewRound, ReviewSeat

__all__ = [
    "Anchor",
    "Annotation",
    "AnnotationReply",
    "Claim",
    "ClaimLink",
    "ClaimUse",
    "Label",
    "LabelSection",
    "LabelUse",
    "Lease",
    "Material",
    "MaterialFile",
    "MaterialPage",
    "MaterialProduct",
    "MaterialVersion",
    "PrecheckFinding",
    "Product",
    "Reference",
    "Release",
    "ReviewRound",
    "ReviewSeat",
]
