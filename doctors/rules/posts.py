"""Academic posts as one line of text, taken apart. Pure."""

from __future__ import annotations

import re
import unicodedata

# Order matters: 副主任委员 holds 主任委员, 常务委员 and 青年委员 hold 委员.
ROLES = [
    ("chair_elect", r"候任主(任)?委(员)?|候任会长"),
    ("vice_chair", r"副主(任)?委(员)?|副会长|副理事长"),
    ("chair", r"主(任)?委(员)?|会长|理事长"),
    ("standing_member", r"常(务)?委(员)?|常务理事"),
    ("youth_member", r"青年委员|青委"),
    ("editor", r"主编|副主编|编委"),
    ("guideline_author", r"指南.*(执笔|作者|专家)|共识.*(执笔|作者|专家)"),
    ("member", r"委员|理事|会员"),
]
INTERNATIONAL = re.compile(r"国际|世界|亚洲|亚太|international|world|european|american", re.IGNORECASE)
NATIONAL = re.compile(r"^(中国|中华|全国|国家|海峡)")
CITY = re.compile(r"^[\u4e00-\u9fff]{2,6}市")
MUNICIPALITY = re.compile(r"^(北京|上海|天津|重庆)市?")


def read_academic_posts(raw: str) -> tuple[tuple[str, str, str], ...]:
    """Return (organisation, role, level) for each post in a text; posts are parted by ； ; 、 or a new line."""
    text = unicodedata.normalize("NFKC", raw)
    found = [_one(part.strip()) for part in re.split(r"[;\n、|]+", text) if part.strip()]
    return tuple(dict.fromkeys(found))


def _one(part: str) -> tuple[str, str, str]:
    for role, pattern in ROLES:
        match = re.search(f"({pattern})$", part)
        if match and match.start() > 0:
            organisation = part[: match.start()].rstrip(" -—第一二三四五六七八九十届")
            return organisation or part, role, _level(part)
    return part, "other", _level(part)


def _level(text: str) -> str:
    if INTERNATIONAL.search(text):
        return "international"
    if NATIONAL.search(text):
        return "national"
    if CITY.search(text) and not MUNICIPALITY.search(text):
        return "city"
    return "provincial"
