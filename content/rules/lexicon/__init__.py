"""The words the pre-check looks for: one rule a row, with its sources, what it says and what to do instead.

A rule hits where `pattern` matches and neither `unless` (the match with its surroundings) nor the sentence takes it
back (negation, prohibition) nor, for rules that a source cures, a citation stands beside it.
Sources marked M are company policy until somebody has read the article; they are shown without an article number.
`samr` names the rows of SAMR's advertising monitoring code table (药品广告, YP) that a rule stands for.
"""

from .base import MUST, SHOULD, LintRule, LintSource
from .conduct import CONDUCT
from .document import (
    BRAND_EVENT,
    DOCUMENT,
    NUMBER_WITHOUT_N,
    NUMBER_WITHOUT_SOURCE,
    OFF_LABEL_DISEASE,
    OFF_LABEL_UNSURE,
    OTC_JARGON,
    PRODUCT_IN_EDUCATION,
)
from .effect import EFFECT

LEXICAL: tuple[LintRule, ...] = (*EFFECT, *CONDUCT)
ALL_RULES: tuple[LintRule, ...] = (
    *LEXICAL,
    NUMBER_WITHOUT_SOURCE,
    NUMBER_WITHOUT_N,
    OFF_LABEL_DISEASE,
    OFF_LABEL_UNSURE,
    BRAND_EVENT,
    PRODUCT_IN_EDUCATION,
    OTC_JARGON,
    *DOCUMENT,
)
NUMBERS: dict[str, str] = {
    "ABSOLUTE": "AD-17",
    "EFFICACY_GUARANTEE": "AD-07",
    "SAFETY_GUARANTEE": "AD-07",
    "RATE": "AD-07",
    "COMPARISON": "AD-07",
    "ENDORSEMENT": "AD-08",
    "GUIDELINE_WITHOUT_SOURCE": "AD-18",
    "DISPARAGEMENT": "AD-20",
    "OFF_LABEL_WORDS": "AD-09",
    "OFF_LABEL_DISEASE": "AD-09",
    "OFF_LABEL_UNSURE": "AD-09",
    "NUMBER_WITHOUT_SOURCE": "AD-18",
    "NUMBER_WITHOUT_N": "AD-18",
    "GIFT": "RD-03",
    "PRESCRIPTION_COUNTS": "MR-11",
    "SALES": "MR-10",
    "PATIENT_IDENTITY": "PI-04",
    "BUY_LINK": "AD-05",
    "LINK": "AD-16",
    "BRAND_EVENT": "AD-14",
    "PRODUCT_IN_EDUCATION": "AD-21",
    "NOTICE_MISSING": "AD-11",
    "NOTICE_TOO_SMALL": "AD-11",
    "WARNINGS_MISSING": "AD-11",
    "SUMMARY_MISSING": "RD-18",
    "GENERIC_MISSING": "RD-18",
    "COMPANY_MISSING": "RD-16",
    "DATE_MISSING": "RD-18",
    "APPROVAL_MISSING": "AD-12",
    "CONTROLLED": "AD-01",
    "OPEN_CHANNEL": "AD-02",
}
"""The rule of the rule book a finding belongs to, where one stands; others are named by their monitoring code."""

RULES: dict[str, LintRule] = {rule.id: rule for rule in ALL_RULES}

__all__ = [
    "ALL_RULES",
    "BRAND_EVENT",
    "DOCUMENT",
    "LEXICAL",
    "MUST",
    "NUMBERS",
    "NUMBER_WITHOUT_N",
    "NUMBER_WITHOUT_SOURCE",
    "OFF_LABEL_DISEASE",
    "OFF_LABEL_UNSURE",
    "OTC_JARGON",
    "PRODUCT_IN_EDUCATION",
    "RULES",
    "SHOULD",
    "LintRule",
    "LintSource",
]
