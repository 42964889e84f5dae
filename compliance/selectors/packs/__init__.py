"""What goes into an inspector's pack, and how it is written so that Python alone checks it."""

from .asked import pack_visible_to, packs_visible_to
from .scope import Scope, TooMuchForAPack, evidence_in, persons_in
from .writing import Written, write_pack

__all__ = [
    "Scope",
    "TooMuchForAPack",
    "Written",
    "evidence_in",
    "pack_visible_to",
    "packs_visible_to",
    "persons_in",
    "write_pack",
]
