"""Reads about content: the public face for everything above."""

from content.facts import AudienceFacts, ShowFacts

from .delivery import (
    MaterialCard,
    audience_mismatches,
    material_card,
    material_cards,
    released_materials_for,
    show_facts,
    withdrawn_since,
)
from .dependencies import materials_rest_on, subjects_of
from .leases import live_leases
from .products import label_in_force, product_of, products
from .ranking import RankedMaterial, rank_materials
from .titles import SUBJECTS

__all__ = [
    "SUBJECTS",
    "AudienceFacts",
    "MaterialCard",
    "RankedMaterial",
    "ShowFacts",
    "audience_mismatches",
    "label_in_force",
    "live_leases",
    "material_card",
    "material_cards",
    "materials_rest_on",
    "product_of",
    "products",
    "rank_materials",
    "released_materials_for",
    "show_facts",
    "subjects_of",
    "withdrawn_since",
]
