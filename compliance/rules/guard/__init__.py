"""What may not be stored: prescription counts, sales, gifts, patients' identity, beliefs, relatives, whereabouts.

Text is read in three ways, so that disguises do not help: folded (full width, case, accents and look-alike letters
gone), squeezed (nothing between Chinese characters), and as one string of pinyin for terms of three syllables and
more. A header is read bare too: nothing but letters and digits, with digits that stand for letters read as them.
Source: regulations reference §11, never-store list; 九不准 (2013) no. 6; 医药代表管理办法 (2026).
"""

from .cells import CellScan
from .reading import folded
from .scanning import Finding, categories_of, scan_header, scan_text
from .terms import RULE_OF

__all__ = ["RULE_OF", "CellScan", "Finding", "categories_of", "folded", "scan_header", "scan_text"]
