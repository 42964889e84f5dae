"""The pre-check: read text, return findings. Pure, and the same while typing and on an uploaded file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from content.choices import ControlledClass

from . import lexicon
from .label import off_label_spans
from .lexicon import LEXICAL, MUST, RULES, SHOULD, LintRule
from .wrapping import unwrapped

EDITION = "2026.11.2"

_SENTENCE_ENDS = re.compile(r"[。！？!?]|\n+|\.(?=\s+[A-Z])")
_CLAUSE_ENDS = re.compile(r"[，,、：:（）()“”\"《》—]")
_NEGATION = re.compile(
    r"不得|不可(?!替代|或缺|思议|超越|复制)|不能(?!不)|不应|不宜|不要|不会|不是|不存在|不代表|不意味|不构成|不作|不做|不用|不属于|不包括|不含|不支持|"
    r"不建议|不推荐|不主张|不等于|不保证|不承诺|不提供|不接受|不承担|不涉及|不赠送|不收取|不参与|不统计|不收集|并非|绝非|并不|而非|尚无|尚未|未能|未见|未|没有|无法|无证据|禁止|严禁|避免|"
    r"切勿|请勿|勿|拒绝|杜绝|难以|谨防|警惕|非(?=.{0,2}$)|不(?=$)|\b(?:not|no|never|cannot|without)\b"
)
_NOT_NEGATION = re.compile(
    r"不仅|不但|不只|不止|不断|不同|不管|不论|无论|不愧|不一般|未来|不少|不再|绝不|永不"
)
_PROHIBITION = re.compile(
    r"不得|禁止|严禁|违反|违规|违法|不允许|不可(?:出现|使用|宣称|含有)|不应(?:出现|使用|宣称|含有)|虚假宣传|举报|反对|红线"
)
_CITED = re.compile(
    r"[\[［【]\s*\d{1,3}(?:\s*[,，\-–~、]\s*\d{1,3})*\s*[\]］】]|[¹²³⁴⁵⁶⁷⁸⁹⁰]+|参考文献|(?:来源|出处|引自|摘自|数据来自)\s*[:：]?|"
    r"et al\b|等\s*[.．,，]\s*\d{4}|PMID|\bdoi\b|说明书|（[^）]*\d{4}[^）]*）|\([^)]*\d{4}[^)]*\)|《[^》]{4,}》[^。]{0,6}(?:\d{4}|（)|[A-Z]{2,}[A-Za-z]*-?\d{2,4}\s*(?:研究|试验)"
)
_SAYS_SOURCE = re.compile(
    r"^\s*[（(【\[]?(?:注\s*[:：]|\*|†|数据)?\s*(?:数据)?(?:来源|出处|参考文献|引自|摘自|Source)"
)
_SAYS_N = re.compile(r"[Nn]\s*[=＝:：]\s*\d|\d[\d,，]*\s*(?:例|名|位|人)(?!均)|样本量|共纳入|入组")
_FIGURE = re.compile(
    r"(?:降低|下降|减少|减轻|增加|升高|提高|改善|缩短|延长|达到?|仅?为|高达|超过|不足|约|占|风险比|[−\-–])(?:了|约|[A-Za-z0-9\u4e00-\u9fff ]{0,8}?(?<![0-9]))\s*\d+(?:\.\d+)?\s*(?:[%％]|个?百分点|倍|mmHg|mmol/L|公斤|千克|毫米汞柱|kg(?!\s*[/·]))"
    r"|(?:降低|下降|减少|增加|升高|提高|改善|缩短|延长|减轻)(?:了|约|近)?(?:百分之[一二三四五六七八九十百]+|[一二三四五六七八九两]成|一半|数倍|[两三四五]倍)"
    r"|\d+(?:\.\d+)?\s*[%％]\s*(?:的)?(?:患者|受试者|病例|人群|医生|受访者)"
    r"|(?:\bHR|\bOR|\bRR|风险比|\bhazard ratio)\s*[=＝:：为]?\s*\d|\b[Pp]\s*[<＜=]\s*0?\.\d+|\d+(?:\.\d+)?\s*倍(?!量|剂)"
)
_NO_STATISTIC = re.compile(
    r"氯化钠|葡萄糖(?:注射液|溶液)|溶液|乳膏|凝胶|软膏|湿度|规格|纯度|含量|浓度|乙醇|酒精|稀释|起始剂量|剂量(?:的|应|需|减|增|调|为)|减量|增量|报销|医保|"
    r"(?:禁用|慎用|停药|停用|监测|复查|调整)|≥|≤|>=|<=|大于|小于|低于\s*\d|高于\s*\d|目标|达标值|定义|发生率?\s*[:：]?$|上限|ULN|正常值|界值|把握度|检验水准|置信水平|显著性水平"
)
_ADVERSE = re.compile(r"不良反应|不良事件|发生率|常见|感染|头痛|恶心|腹泻")
_NOTICE_RX = re.compile(r"仅供\s*(?:医学|医药|医疗)[^。\n]{0,12}?专业(?:人士|人员)")
_NOTICE_OTC = re.compile(r"请按药品说明书或者?在?药师指导下购买和使用")
_DATE = re.compile(
    r"(?:制作|编制|资料|印制|更新|生产|版本|审批|制定|准备)(?:的)?(?:日期|时间)?\s*[:：]?\s*(?:\d{4}\s*[年./-]\s*\d{1,2}|\d{4}年)|(?:日期|版本)\s*[:：]\s*[^\n]{0,12}\d{4}"
)
_NMPA_NUMBER = re.compile(r"国药准字\s*[HZSJBTF][A-Z]?\s*\d{8}")
_AD_NUMBER = re.compile(r"药广审[(（]?[文视声]?[)）]?\s*第?\s*[\d\-]+")
_OTC_MARK = re.compile(r"\bOTC\b|非处方药|甲类|乙类")


@dataclass(frozen=True)
class LintContext:
    """What the pre-check has to know beside the text. Empty words are not looked for."""

    is_advertisement: bool = False
    is_prescription: bool = True
    audience: str = "hcp"  # hcp, patient, public
    controlled_class: str = "none"
    indications: str = ""
    brands: tuple[str, ...] = ()
    generics: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    is_document: bool = False  # a whole material: what must stand on it is asked
    sources_elsewhere: bool = False  # a claim: its links are its sources


@dataclass(frozen=True)
class LintPage:
    """One page: its text, and paragraphs with the height of a line as a share of the page, where known."""

    number: int
    text: str
    line_heights: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Finding:
    """One hit. `page` 0 is the whole document; `start` and `end` are places in the page's text."""

    rule: str
    severity: str
    page: int
    start: int
    end: int
    quote: str
    words: str = field(default="", compare=False)


def context_of_claim(indications: str) -> LintContext:
    """Return the context in which a single claim is read: its sources are its links."""
    return LintContext(indications=indications, sources_elsewhere=True)


def lint_text(text: str, context: LintContext, *, page: int = 1) -> list[Finding]:
    """Return the findings in one text, by place; each place once per rule."""
    found: list[Finding] = []
    sentences = list(_sentences(text))
    for place, (start, sentence) in enumerate(sentences):
        after = sentences[place + 1][1] if place + 1 < len(sentences) else ""
        cited = is_cited(sentence, after)
        found += _lexical(sentence, start, page, cited, context)
        found += _figures(sentence, start, page, cited, after, context)
        found += _off_label(sentence, start, page, context)
    found += _named_products(text, page, context)
    return sorted(_once(found), key=lambda finding: (finding.start, finding.rule))


def lint_document(pages: Sequence[LintPage], context: LintContext) -> list[Finding]:
    """Return the findings of a whole material: page by page, then what is missing as page 0."""
    found = [finding for page in pages for finding in _page(page, context)]
    return found + (_missing(pages, context) if context.is_document else [])


def _page(page: LintPage, context: LintContext) -> Iterator[Finding]:
    text, places = unwrapped(page.text, (paragraph for paragraph, _height in page.line_heights))
    for finding in lint_text(text, context, page=page.number):
        yield replace(finding, start=places[finding.start], end=places[finding.end - 1] + 1)


def must_fix(findings: Sequence[Finding]) -> int:
    """Return how many findings must be fixed or answered."""
    return sum(finding.severity == MUST for finding in findings)


def is_cited(sentence: str, after: str = "") -> bool:
    """Return whether a source stands in the sentence, or is the whole point of the next one."""
    return bool(_CITED.search(sentence) or _SAYS_SOURCE.match(after))


def _lexical(sentence: str, offset: int, page: int, cited: bool, context: LintContext) -> Iterator[Finding]:
    for rule in LEXICAL:
        if rule.pattern is None or (rule.cured_by_citation and cited and not context.is_advertisement):
            continue
        if rule.cured_by_citation and context.sources_elsewhere and not context.is_advertisement:
            continue
        for match in rule.pattern.finditer(sentence):
            if _is_taken_back(rule, sentence, match.start(), match.end()):
                continue
            if rule.id in _ON_LABEL and _stands_in(context.indications, sentence, match):
                continue
            yield _finding(rule, page, offset + match.start(), offset + match.end(), match.group())
    if not context.is_prescription and context.audience == "public":
        pattern = lexicon.OTC_JARGON.pattern
        for match in pattern.finditer(sentence) if pattern else ():
            yield _finding(
                lexicon.OTC_JARGON, page, offset + match.start(), offset + match.end(), match.group()
            )


def _stands_in(indications: str, sentence: str, match: re.Match[str]) -> bool:
    """Return whether the label itself says these words, with those around them."""
    around = sentence[max(0, match.start() - 2) : match.end() + 4].strip()
    return bool(indications) and around in indications


_ON_LABEL = frozenset({"OFF_LABEL_WORDS", "SEXUAL", "PERFORMANCE", "CURE_ALL"})


def _is_taken_back(rule: LintRule, sentence: str, start: int, end: int) -> bool:
    if rule.unless is not None:
        for exception in rule.unless.finditer(sentence):
            if exception.start() < end and exception.end() > start:
                return True
    if rule.ignores_negation:
        return False
    before = sentence[:start]
    if _PROHIBITION.search(before):
        return True
    clause = _NOT_NEGATION.sub("□□", _CLAUSE_ENDS.split(before)[-1])[-10:]
    if _NEGATION.search(clause):
        return True
    quoted = before.rstrip().endswith(("“", "‘", "「", '"')) and bool(
        _NEGATION.search(_NOT_NEGATION.sub("□□", before)[-16:])
    )
    return quoted or bool(
        re.match(
            r"[^，。；]{0,6}(?:的说法|等用语|字样)?(?:是|属于)?(?:违规|违法|不允许|禁止|不得)", sentence[end:]
        )
    )


def _figures(
    sentence: str, offset: int, page: int, cited: bool, after: str, context: LintContext
) -> Iterator[Finding]:
    if context.sources_elsewhere:
        return
    match = _FIGURE.search(sentence)
    if match is None or _NO_STATISTIC.search(sentence):
        return
    where = (page, offset + match.start(), offset + match.end(), match.group())
    if not cited:
        yield _finding(lexicon.NUMBER_WITHOUT_SOURCE, *where)
    elif not (
        _SAYS_N.search(sentence) or _SAYS_N.search(after) or "说明书" in sentence or _ADVERSE.search(sentence)
    ):
        yield _finding(lexicon.NUMBER_WITHOUT_N, *where)


def _off_label(sentence: str, offset: int, page: int, context: LintContext) -> Iterator[Finding]:
    if not context.indications:
        return
    for span in off_label_spans(sentence, context.indications):
        rule = lexicon.OFF_LABEL_DISEASE if span.standing == "outside" else lexicon.OFF_LABEL_UNSURE
        yield _finding(rule, page, offset + span.start, offset + span.end, span.words)


def _named_products(text: str, page: int, context: LintContext) -> Iterator[Finding]:
    names = [re.escape(name) for name in (*context.brands, *context.generics) if len(name) > 1]
    if not names:
        return
    joined = "|".join(names)
    if context.is_prescription:
        event = re.compile(
            rf"[“\"《]?(?:{joined})[®”\"》]?(?:杯|论坛|讲堂|学院|之夜|行动|计划|大会|高峰会|峰会|训练营|公益行|万里行|健康行|沙龙|挑战赛|大赛|奖学金|基金)|冠名[^。\n]{{0,10}}(?:{joined})|(?:{joined})[^。\n]{{0,6}}冠名"
        )
        for match in event.finditer(text):
            yield _finding(lexicon.BRAND_EVENT, page, match.start(), match.end(), match.group())
    if context.audience == "patient":
        for match in re.finditer(joined, text):
            yield _finding(lexicon.PRODUCT_IN_EDUCATION, page, match.start(), match.end(), match.group())


_PUBLIC = frozenset({"web", "wechat_open", "moments", "video_channel", "mass_media", "sms"})


def _missing(pages: Sequence[LintPage], context: LintContext) -> list[Finding]:
    text = "\n".join(page.text for page in pages)
    flat = re.sub(r"\s+", "", text)
    is_missing = {
        "CONTROLLED": context.controlled_class != ControlledClass.NONE,
        "OPEN_CHANNEL": context.is_prescription and not _PUBLIC.isdisjoint(context.channels),
        "DATE_MISSING": not _DATE.search(text),
    }
    if context.audience != "patient":
        is_missing |= _notices_missing(pages, flat, context) | _summary_missing(flat, context)
    return [_finding(RULES[rule_id], 0, 0, 0, "") for rule_id, missing in is_missing.items() if missing]


def _notices_missing(pages: Sequence[LintPage], flat: str, context: LintContext) -> dict[str, bool]:
    notice = _NOTICE_RX if context.is_prescription else _NOTICE_OTC
    stands = bool(notice.search(flat))
    return {
        "NOTICE_MISSING": not stands,
        "NOTICE_TOO_SMALL": stands and _is_too_small(pages, notice),
        "APPROVAL_MISSING": context.is_advertisement
        and not (_NMPA_NUMBER.search(flat) and _AD_NUMBER.search(flat)),
        "OTC_MARK_MISSING": not context.is_prescription and not _OTC_MARK.search(flat),
    }


def _summary_missing(flat: str, context: LintContext) -> dict[str, bool]:
    return {
        "WARNINGS_MISSING": not ("禁忌" in flat and "不良反应" in flat),
        "SUMMARY_MISSING": not (
            re.search(r"适应症|功能主治", flat) and re.search(r"用法用量|用法与用量", flat)
        ),
        "GENERIC_MISSING": bool(context.generics) and not any(name in flat for name in context.generics),
        "COMPANY_MISSING": bool(context.companies) and not any(name in flat for name in context.companies),
    }


def _is_too_small(pages: Sequence[LintPage], notice: re.Pattern[str]) -> bool:
    """Less than half the usual line of the document, where heights are known."""
    heights = sorted(height for page in pages for _text, height in page.line_heights if height > 0)
    notices = [
        height
        for page in pages
        for text, height in page.line_heights
        if height > 0 and notice.search(re.sub(r"\s+", "", text))
    ]
    return bool(heights and notices and max(notices) < heights[len(heights) // 2] / 2)


def _finding(rule: LintRule, page: int, start: int, end: int, quote: str) -> Finding:
    return Finding(rule.id, rule.severity, page, start, end, quote[:400])


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for end in _SENTENCE_ENDS.finditer(text):
        if text[start : end.start()].strip():
            yield start, text[start : end.end()]
        start = end.end()
    if text[start:].strip():
        yield start, text[start:]


def _once(findings: list[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda one: (one.rule, one.page, one.start, -one.end)):
        last = kept[-1] if kept else None
        if last and last.rule == finding.rule and last.page == finding.page and finding.start < last.end:
            continue
        kept.append(finding)
    return kept


__all__ = [
    "EDITION",
    "MUST",
    "SHOULD",
    "Finding",
    "LintContext",
    "LintPage",
    "context_of_claim",
    "is_cited",
    "lint_document",
    "lint_text",
    "must_fix",
]
