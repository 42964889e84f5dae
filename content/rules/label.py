"""Whether a disease or population named in a text lies inside a label's indications. What is unclear is said so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

INSIDE, OUTSIDE, UNSURE = "inside", "outside", "unsure"

_USE = re.compile(
    r"(?:适用于|可用于|用于|用以|主治|适应症(?:为|包括|[:：])|治疗|预防|防治|(?:控制|缓解|改善)(?!不|欠|良|率|组|目标|情况|稳定|饮食|不达标))(?:治疗|预防|控制|缓解|改善)?\s*"
    r"(?P<what>[^。；;，,！!？?\n（(）)]{2,60})"
)
_DISEASE = re.compile(
    r"[一-龥A-Za-z0-9Ⅰ-Ⅻ型级期\-·/]{0,18}?(?:综合征|综合症|高血压|低血压|衰竭|心衰|房颤|感染|溃疡|疼痛|偏头痛|头痛|功能不全|障碍|血症|骨折|卒中|"
    r"梗死|梗塞|哮喘|贫血|肥胖|失眠|抑郁|焦虑|疱疹|皮炎|湿疹|荨麻疹|慢阻肺|COPD|骨质疏松|不孕|痴呆|癫痫|肿瘤|结石|增生|出血|血栓|栓塞|"
    r"心绞痛|动脉硬化|硬化|水肿|息肉|肌瘤|狼疮|糖尿病(?:肾病|足|视网膜病变|神经病变)?|肾病|肾脏病|心脏病|冠心病|近视|白血病|淋巴瘤|骨髓瘤|"
    r"[一-龥]炎|[一-龥]癌|[一-龥]瘤|[一-龥]病|[一-龥]疹|[一-龥]症)"
)
_SPLIT = re.compile(r"[、/]|以及|及其|或者|和|与|及|或|并(?=[一-龥]{2})|合并|伴有|伴")
_TRIM = re.compile(
    r"^(?:成人|成年|老年|中老年|儿童|青少年|妇女|女性|男性|患者|新诊断|新发|初治|复发|难治性?|晚期|早期|局部|转移性|轻度|中度|重度|中重度|轻中度|轻至中度|中至重度|急性|慢性|"
    r"稳定期|急性期|各种|各类|所有|任何|原发性?|继发性?|特发性|先天性|遗传性|先天|活动性|既往|由|因|引起的?|所致的?|导致的?|相关|的|对|在|有|之|为|其他|多种|部分|某些|常见|敏感菌|"
    r"敏感细菌|一线|二线|三线|单药|联合|经|治疗|未|不耐受|下列|以下|缓解|预防|改善)+"
)
_SYNONYMS = (
    ("心衰", "心力衰竭"),
    ("慢阻肺", "慢性阻塞性肺疾病"),
    ("COPD", "慢性阻塞性肺疾病"),
    ("房颤", "心房颤动"),
    ("中风", "卒中"),
    ("脑卒中", "卒中"),
    ("脑梗", "脑梗死"),
    ("梗塞", "梗死"),
    ("T2DM", "2型糖尿病"),
    ("T1DM", "1型糖尿病"),
    ("Ⅱ型", "2型"),
    ("II型", "2型"),
    ("二型", "2型"),
    ("Ⅰ型", "1型"),
    ("I型", "1型"),
    ("一型", "1型"),
    ("CKD", "慢性肾脏病"),
    ("慢性肾病", "慢性肾脏病"),
    ("慢性肾脏疾病", "慢性肾脏病"),
    ("NSCLC", "非小细胞肺癌"),
    ("SLE", "系统性红斑狼疮"),
    ("RA", "类风湿关节炎"),
    ("类风湿性关节炎", "类风湿关节炎"),
    ("高脂血症", "血脂异常"),
    ("高血脂", "血脂异常"),
    ("乙肝", "乙型肝炎"),
    ("丙肝", "丙型肝炎"),
    ("综合症", "综合征"),
    ("骨质疏松症", "骨质疏松"),
    ("抑郁障碍", "抑郁"),
    ("抑郁症", "抑郁"),
    ("心肌梗塞", "心肌梗死"),
    ("心梗", "心肌梗死"),
    ("恶性肿瘤", "癌"),
    ("癌症", "癌"),
    ("肿瘤", "癌"),
    ("缺血性卒中", "缺血性卒中（脑梗死）"),
)
_OPPOSITES = (
    ("1型", "2型"),
    ("非小细胞", "小细胞"),
    ("儿童", "成人"),
    ("小儿", "成人"),
    ("青少年", "成人"),
    ("乙型", "丙型"),
    ("射血分数保留", "射血分数降低"),
    ("绝经前", "绝经后"),
)
_NEGATED = re.compile(r"(?:不|未|非|禁止|避免|勿|尚无|不得|不能|没有|无)[一-龥]{0,6}$")
_WHAT_IT_IS_NOT_FOR = re.compile(
    r"[^。；;\n]*(?:不建议|不适用|不推荐|不用于|不应用于|禁用|不得用于|尚未确立)[^。；;\n]*"
)
_ANY_DISEASE = frozenset({"疾病", "本病", "该病", "此病", "症", "病", "原发病", "适应症", "慢性病"})
_TOO_GENERAL = frozenset({"基础病", "基础疾病", "其他疾病", "并发症", "后遗症", "炎症"})
_SIDE = re.compile(
    r"不良反应|不良事件|禁忌|慎用|禁用|监测|既往|病史|风险|排除|注意|合用|联用|相互作用|流行病学|患病率|诊断|筛查|定义|发病率"
)


@dataclass(frozen=True)
class LabelSpan:
    """A disease named as a use, its place, and how it stands to the label."""

    start: int
    end: int
    words: str
    standing: str


def off_label_spans(sentence: str, indications: str) -> Iterator[LabelSpan]:
    """Yield the uses a sentence names that are outside the label or unclear; those inside are not named."""
    if _SIDE.search(sentence):
        return
    for use in _USE.finditer(sentence):
        if _NEGATED.search(sentence[max(0, use.start() - 8) : use.start()]):
            continue
        for disease in _DISEASE.finditer(use.group("what")):
            standing = standing_of(disease.group(), indications, said_with=use.group("what"))
            if standing != INSIDE:
                start = use.start("what") + disease.start()
                yield LabelSpan(start, start + len(disease.group()), disease.group(), standing)


def standing_of(disease: str, indications: str, *, said_with: str = "") -> str:
    """Return whether a disease lies `inside` or `outside` the indications, or `unsure`.

    Inside: the label says it in these or equal words. Outside: nothing of it stands there, or the label names the
    opposite kind (type 1 for type 2, children for adults). Unsure: part of it stands there.
    """
    label = _plain(_WHAT_IT_IS_NOT_FOR.sub("", indications))
    parts = [part for part in (_core(piece) for piece in _SPLIT.split(disease)) if part]
    if not label or not parts or not _DISEASE.search(label):
        return UNSURE
    standings = [_one(part, label, _plain(said_with or disease)) for part in parts]
    if OUTSIDE in standings:
        return OUTSIDE
    return UNSURE if UNSURE in standings else INSIDE


def _one(part: str, label: str, said_with: str) -> str:
    for one, other in _OPPOSITES:
        for mine, theirs in ((one, other), (other, one)):
            if _says(said_with, mine) and not _says(label, mine) and _says(label, theirs):
                return OUTSIDE
    if part in _ANY_DISEASE:
        return INSIDE
    if part in _TOO_GENERAL:
        return UNSURE
    if part in label:
        return INSIDE if re.search(f"(?<!型){re.escape(part)}", label) else UNSURE
    shared = _longest_shared(part, label)
    if shared >= max(3, round(len(part) * 0.75)):
        return UNSURE
    return OUTSIDE if shared < max(2, len(part) / 2) or len(part) <= 3 else UNSURE


def _says(text: str, word: str) -> bool:
    if word == "小细胞":
        return "小细胞" in text.replace("非小细胞", "")
    return word in text


def _longest_shared(part: str, label: str) -> int:
    for size in range(len(part), 1, -1):
        for start in range(len(part) - size + 1):
            if part[start : start + size] in label:
                return size
    return 0


def _core(words: str) -> str:
    return _TRIM.sub("", _plain(words)).removesuffix("患者")


def _plain(words: str) -> str:
    words = re.sub(r"\s+", "", words)
    for short, full in _SYNONYMS:
        if full not in words or short not in full:
            words = words.replace(short, full)
    return words
