"""Hospital levels and kinds as people write them, brought to the national ones. Pure."""

from __future__ import annotations

import re
import unicodedata

GRADES = {"三": "3", "3": "3", "Ⅲ": "3", "叁": "3", "二": "2", "2": "2", "Ⅱ": "2", "贰": "2",
          "一": "1", "1": "1", "Ⅰ": "1", "壹": "1"}  # fmt: skip
CLASSES = {"特": "s", "甲": "a", "a": "a", "乙": "b", "b": "b", "丙": "c", "c": "c"}
UNGRADED = "ungraded"
UNKNOWN = "unknown"
# What a decided spelling is written as: each is read back as the level it stands for.
WRITTEN = {
    "3s": "三级特等", "3a": "三级甲等", "3b": "三级乙等", "3c": "三级丙等", "3": "三级", "2a": "二级甲等", "2b": "二级乙等",
    "2c": "二级丙等", "2": "二级", "1a": "一级甲等", "1b": "一级乙等", "1c": "一级丙等", "1": "一级", UNGRADED: "未定级",
    UNKNOWN: "不是等级",
}  # fmt: skip
NOT_GRADED = re.compile(r"(未定级|未评级|未评定|未评审|无等级|无级别|不定级|未分级|无级)")
NATIONAL = re.compile(r"^(0[1-9]|1[0-4])$")
NATIONAL_CODES = dict(
    zip(
        ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14"],
        ["3s", "3a", "3b", "3c", "2a", "2b", "2c", "1a", "1b", "1c", UNGRADED, "3", "2", "1"],
        strict=True,
    )
)
KINDS = [
    ("disease_control", r"疾病预防控制|疾控中心"),
    ("maternity", r"妇幼保健|妇女儿童|妇儿|妇产"),
    ("integrated", r"中西医结合"),
    ("tcm", r"中医|藏医|蒙医|维吾尔医|苗医|傣医|壮医|民族医"),
    ("community", r"社区卫生|社区医院|服务站"),
    ("township", r"卫生院|乡镇医院|镇医院"),
    ("clinic", r"诊所|门诊部|卫生室|医务室|卫生所"),
    (
        "specialised",
        r"专科|肿瘤|眼科|口腔|传染病|精神|胸科|骨科|儿童|心血管|康复|皮肤病|肛肠|肝胆|结核|职业病|整形|脑科|"
        r"耳鼻喉|胸部|感染病|公共卫生临床",
    ),
]
MILITARY = re.compile(r"解放军|武警|军区|海军|空军|火箭军|联勤|陆军|战区")


def read_level(raw: str) -> str | None:
    """Return the level for a written form, `ungraded` when the text says so, None when it says no level at all.

    None is for the steward: 省级 or 社区卫生服务中心 is no level of the national system.
    Source: 医院分级管理办法（试行草案）1989; national insurance code table hosp_lv.
    """
    text = unicodedata.normalize("NFKC", raw).strip().lower()
    text = (
        re.sub(r"[\s./\\,，。、·\-_()]+", "", text)
        .replace("級", "级")
        .replace("极", "级")
        .replace("醫", "医")
    )
    if not text or text == WRITTEN[UNKNOWN]:
        return UNKNOWN
    if NATIONAL.match(text):
        return NATIONAL_CODES[text]
    if text in {"无", "未定", "没有", "none", "不详"} or (NOT_GRADED.match(text) and "等" not in text[:3]):
        return UNGRADED
    return _graded(text)


def _graded(text: str) -> str | None:
    grade = re.search(r"([三二一叁贰壹Ⅲ]|[123])(?=级|等|甲|乙|丙|特|[abc]|综合|专科)", text)
    if grade is None:
        return None
    number = GRADES[grade.group(1)]
    rest = text[grade.end() :]
    letter = re.search(r"([特甲乙丙]|(?<![a-z])[abc](?![a-z]))", rest)
    return number + (CLASSES[letter.group(1)] if letter else "")


def read_kind(raw: str, name: str = "") -> str:
    """Return the kind of a hospital from a written kind or, failing that, from its name."""
    for text in (raw, name):
        for kind, pattern in KINDS:
            if text and re.search(pattern, text):
                return kind
    if "综合" in raw or not name or re.search(r"医院|中心", name):
        return "general"
    return "other"


def read_ownership(raw: str, name: str = "") -> str:
    """Return who owns a hospital from a written form or, for military ones, from the name."""
    if MILITARY.search(name) or MILITARY.search(raw):
        return "military"
    if re.search(r"民营|私立|私营|社会办|营利|外资|合资|private", raw, re.IGNORECASE) and "非营利" not in raw:
        return "private"
    if re.search(r"公立|国有|政府|事业|全民|集体|非营利|public", raw, re.IGNORECASE):
        return "public"
    return "unknown"


def read_hospital_name(raw: str) -> tuple[str, tuple[str, ...]]:
    """Return a hospital's name and the other names written with it: in brackets or after a dividing mark."""
    text = unicodedata.normalize("NFKC", raw).strip()
    text = re.sub(r"\s+", "" if re.search(r"[\u4e00-\u9fff]", text) else " ", text)
    others: list[str] = []
    for inside in re.findall(r"\(([^()]+)\)", text):
        parts = [part.strip() for part in re.split(r"[、,;/]", inside)]
        if parts and all(
            re.search(r"(医院|中心|保健院|卫生院|[一二三四五六七八九十]院|大学|医科|分院)$", part)
            for part in parts
        ):
            others += parts
            text = text.replace(f"({inside})", "", 1)
    if "、" in text and all(part.endswith(("医院", "中心", "保健院", "卫生院")) for part in text.split("、")):
        text, *more = text.split("、")
        others += more
    return text.strip(), tuple(dict.fromkeys(other for other in others if other and other != text))
