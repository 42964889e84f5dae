"""What a rule of the pre-check is made of, and the instruments it stands on."""

from __future__ import annotations

import re
from dataclasses import dataclass

AD_LAW = "广告法 (2021)"
DRUG_LAW = "药品管理法 (2019)"
MONITORING = "市场监管总局广告监测违法代码表（药品）"
REP_MEASURE = "医药代表管理办法 (2026)"
RDPAC = "RDPAC 行业行为准则 (2022)"
POLICY = "公司政策（法源待核）"

MUST = "must"
SHOULD = "should"


@dataclass(frozen=True)
class LintSource:
    """Where a rule stands. `confidence` is V-P, V-S or M."""

    instrument: str
    clause: str
    confidence: str


@dataclass(frozen=True)
class LintRule:
    """One kind of finding. `cured_by_citation`: a source beside the words answers it, outside advertisements."""

    id: str
    severity: str
    sources: tuple[LintSource, ...]
    title: dict[str, str]
    fix: dict[str, str]
    pattern: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    cured_by_citation: bool = False
    ignores_negation: bool = False
    samr: tuple[str, ...] = ()


def source(instrument: str, clause: str, confidence: str = "V-P") -> LintSource:
    return LintSource(instrument, clause, confidence)


def any_of(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)
