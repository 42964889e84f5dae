"""How a person's name is read, ordered and found. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from pypinyin import Style, pinyin
from pypinyin.constants import PHRASES_DICT

# Readings a character has as a surname, where the usual reading is another one.
SURNAMES = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "区": "ou", "盖": "ge", "查": "zha", "任": "ren",
    "朴": "piao", "缪": "miao", "翟": "zhai", "覃": "qin", "华": "hua", "宁": "ning", "冼": "xian", "乜": "nie",
    "员": "yun", "黑": "he", "秘": "bi", "种": "chong", "冯": "feng", "卜": "bu", "燕": "yan", "繁": "po",
    "召": "shao", "折": "she", "尉": "wei", "纪": "ji", "郗": "xi", "逄": "pang", "过": "guo", "句": "gou",
    "重": "chong", "隗": "kui", "訾": "zi", "祭": "zhai", "能": "nai", "令": "ling", "牟": "mu", "弗": "fu",
    "那": "na", "晁": "chao", "洗": "xian", "车": "che", "柏": "bai", "薄": "bo", "臧": "zang", "葛": "ge",
    "阚": "kan", "谌": "chen", "褚": "chu", "佴": "nai", "钭": "tou", "鲍": "bao", "幺": "yao", "么": "yao",
    "教": "jiao", "沈": "shen", "樊": "fan", "石": "shi", "适": "kuo", "都": "du", "氏": "zhi", "乐": "yue",
    "哈": "ha", "邵": "shao", "莘": "shen", "万": "wan", "贾": "jia", "藏": "zang", "叶": "ye", "阿": "a",
}  # fmt: skip
OTHER_READINGS = {"覃": ["tan"], "乐": ["le"], "翟": ["di"], "牟": ["mou"], "尉": ["yu"], "隗": ["wei"],
                  "盖": ["gai"], "谌": ["shen"], "柏": ["bo"], "莘": ["xin"], "燕": ["yan"]}  # fmt: skip
COMPOUND_SURNAMES = {
    "尉迟": ("yu", "chi"), "万俟": ("mo", "qi"), "长孙": ("zhang", "sun"), "单于": ("chan", "yu"),
    "澹台": ("tan", "tai"), "宰父": ("zai", "fu"), "令狐": ("ling", "hu"), "欧阳": ("ou", "yang"),
    "司马": ("si", "ma"), "上官": ("shang", "guan"), "诸葛": ("zhu", "ge"), "东方": ("dong", "fang"),
    "皇甫": ("huang", "fu"), "公孙": ("gong", "sun"), "慕容": ("mu", "rong"), "司徒": ("si", "tu"),
    "司空": ("si", "kong"), "夏侯": ("xia", "hou"), "宇文": ("yu", "wen"), "轩辕": ("xuan", "yuan"),
    "钟离": ("zhong", "li"), "赫连": ("he", "lian"), "淳于": ("chun", "yu"), "太史": ("tai", "shi"),
    "端木": ("duan", "mu"), "独孤": ("du", "gu"), "南宫": ("nan", "gong"), "拓跋": ("tuo", "ba"),
    "呼延": ("hu", "yan"), "百里": ("bai", "li"), "东郭": ("dong", "guo"), "闾丘": ("lv", "qiu"),
    "西门": ("xi", "men"), "申屠": ("shen", "tu"), "子车": ("zi", "ju"), "濮阳": ("pu", "yang"),
}  # fmt: skip
HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff〇]")
MOST_READINGS = 12
MOST_SYLLABLES = 12


@dataclass(frozen=True)
class Reading:
    """A name as it is read: `sort_key` in the usual reading, every reading with syllables apart, look-up keys."""

    sort_key: str
    readings: tuple[str, ...]
    keys: tuple[str, ...]


def clean_name(raw: str) -> str:
    """Return a name with full-width forms folded, one kind of middle dot and no stray spaces."""
    text = unicodedata.normalize("NFKC", raw).strip()
    text = re.sub(r"[·•‧・･∙⋅．]", "·", text)
    text = re.sub(r"\s*·\s*", "·", text)
    text = re.sub(r"\s+", " ", text)
    return re.sub(rf"(?<={HAN.pattern}) (?={HAN.pattern})", "", text)


@lru_cache(maxsize=65536)
def read_name(name: str) -> Reading:
    """Return how a cleaned name is read. A surname is read as a surname, compound ones too."""
    options = _syllables(name)
    usual = " ".join(choices[0] for choices in options)
    readings = [" ".join(one) for one in _bounded_product(options)]
    ordered = tuple(dict.fromkeys([usual, *readings]))
    return Reading(
        sort_key=usual[:160], readings=tuple(text[:160] for text in ordered), keys=_keys(name, ordered)
    )


def grams(text: str) -> tuple[str, ...]:
    """Return every one- and two-character piece of a text, lower case, without spaces."""
    folded = re.sub(r"[\s·]+", "", text.lower())
    singles = list(folded)
    doubles = [folded[i : i + 2] for i in range(len(folded) - 1)]
    return tuple(dict.fromkeys(singles + doubles))


def _keys(name: str, readings: tuple[str, ...]) -> tuple[str, ...]:
    keys = list(grams(name)) if HAN.search(name) else [f"={word[:22]}" for word in readings[0].split()]
    for text in readings:
        initials = "".join(syllable[0] for syllable in text.split() if syllable)[:MOST_SYLLABLES]
        keys += [f"^{initials[:end]}" for end in range(1, len(initials) + 1)]
    return tuple(dict.fromkeys(keys))


def _syllables(name: str) -> list[list[str]]:
    parts: list[list[str]] = []
    chunks = re.findall(rf"(?:{HAN.pattern})+|[^\W_]+", name)
    for place, chunk in enumerate(chunks):
        parts += _han_syllables(chunk, is_first=place == 0) if HAN.match(chunk) else [[_fold(chunk)]]
    return [part for part in parts if part[0]][: MOST_SYLLABLES * 2] or [[_fold(name) or "?"]]


def _han_syllables(chunk: str, *, is_first: bool) -> list[list[str]]:
    head: list[list[str]] = []
    rest = chunk
    if is_first and chunk[:2] in COMPOUND_SURNAMES and len(chunk) > 2:
        head, rest = [[syllable] for syllable in COMPOUND_SURNAMES[chunk[:2]]], chunk[2:]
    elif is_first and chunk[0] in SURNAMES:
        head = [[SURNAMES[chunk[0]], *OTHER_READINGS.get(chunk[0], [])]]
        rest = chunk[1:]
    return head + [list(choices) for choices in _readings_of(rest)]


@lru_cache(maxsize=65536)
def _readings_of(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the readings of each character. Apart from known phrases a character reads by itself, and is kept."""
    is_phrase = any(
        text[start:end] in PHRASES_DICT
        for start in range(len(text) - 1)
        for end in range(start + 2, len(text) + 1)
    )
    if len(text) > 1 and not is_phrase:
        return tuple(choices for character in text for choices in _readings_of(character))
    usual = pinyin(text, style=Style.NORMAL, v_to_u=False) if text else []
    every = pinyin(text, style=Style.NORMAL, heteronym=True, v_to_u=False) if text else []
    return tuple(
        tuple(dict.fromkeys([_fold(one[0]), *(_fold(other) for other in others[:3])]))
        for one, others in zip(usual, every, strict=True)
    )


def _bounded_product(options: list[list[str]]) -> list[tuple[str, ...]]:
    trimmed = list(options)
    while _size(trimmed) > MOST_READINGS:
        longest = max(range(len(trimmed)), key=lambda place: len(trimmed[place]))
        trimmed[longest] = trimmed[longest][:-1]
    return list(product(*trimmed))


def _size(options: list[list[str]]) -> int:
    size = 1
    for choices in options:
        size *= len(choices)
    return size


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower().replace("ü", "v"))
    return "".join(char for char in plain if char.isalnum() and char.isascii())
