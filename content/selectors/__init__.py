"""Reads about content: the public face for everything above."""

from content.facts import AudienceFacts, ShowFacts

from .delivery import (
    MaterialCard,
    audience_mismatches,
    bytes_match,
    count_versions,
    material_card,
    material_cards,
    released_cards,
    released_choices,
    released_materials_for,
    show_facts,
    showable_on,
    withdrawn_since,
)
from .dependencies import (
    materials_rest_on,
    names_of_product,
    resting_on,
    subjects_of,
    subjects_of_version_ids,
)
from .desk import reviews_waiting, version_of, versions_visible_to
from .leases import live_leases
from .products import label_in_force, prescription_names, product_of, products
from .ranking import RankedMaterial, rank_materials
from .titles import SUBJECTS

__all__ = [
    "SUBJECTS",
    "AudienceFacts",
    "MaterialCard",
    "RankedMaterial",
    "ShowFacts",
    "audience_mismatches",
    "bytes_match",
    "count_versions",
    "label_in_force",
    "live_leases",
    "material_card",
    "material_cards",
    "materials_rest_on",
    "names_of_product",
    "prescription_names",
    "product_of",
    "products",
    "rank_materials",
    "released_cards",
    "released_choices",
    "released_materials_for",
    "resting_on",
    "reviews_waiting",
    "show_facts",
    "showable_on",
    "subjects_of",
    "subjects_of_version_ids",
    "version_of",
    "versions_visible_to",
    "withdrawn_since",
]
