"""Shapes of input; nothing here decides."""

from .claims import AnchorForm, ClaimFilter, ClaimForm, ReasonForm, ReferenceFilter, ReferenceForm, UploadForm
from .materials import (
    AnnotationForm,
    AnswerForm,
    DecisionForm,
    LibraryFilter,
    MaterialForm,
    ReleaseForm,
)
from .products import LabelForm, ProductForm

__all__ = [
    "AnchorForm",
    "AnnotationForm",
    "AnswerForm",
    "ClaimFilter",
    "ClaimForm",
    "DecisionForm",
    "LabelForm",
    "LibraryFilter",
    "MaterialForm",
    "ProductForm",
    "ReasonForm",
    "ReferenceFilter",
    "ReferenceForm",
    "ReleaseForm",
    "UploadForm",
]
