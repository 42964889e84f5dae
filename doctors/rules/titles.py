"""Titles and posts as people write them, brought to GB/T 8561. Pure."""

from __future__ import annotations

import re
import unicodedata

# Order matters: 副主任医师 holds 主任医师, 主治 and 医师 stand in longer words.
TITLES = [
    (
        "associate_chief_physician",
        r"副主任(中|西)?医(师|生)|副高.*医|associate chief (physician|doctor)|associate professor",
    ),
    ("chief_physician", r"主任(中|西)?医(师|生)|正高.*医|chief physician|chief doctor|^主任$"),
    ("attending_physician", r"主治(中)?医(师|生)|主管医师|^主治$|attending"),
    ("assistant_physician", r"助理医师|执业助理|医士|assistant physician"),
    ("resident_physician", r"住院医(师|生)|^(执业|中|西)?医(师|生)$|resident"),
    ("associate_chief_pharmacist", r"副主任(中)?药师|associate chief pharmacist"),
    ("chief_pharmacist", r"主任(中)?药师|chief pharmacist"),
    ("pharmacist_in_charge", r"主管(中)?药师|pharmacist in charge"),
    ("pharmacist", r"药师|药士|pharmacist"),
    ("associate_chief_nurse", r"副主任护师|associate chief nurse"),
    ("chief_nurse", r"主任护师|chief nurse"),
    ("nurse_in_charge", r"主管护师|nurse in charge"),
    ("nurse", r"护师|护士|\bnurse\b"),
    ("associate_chief_technician", r"副主任(技|检验)师|associate chief technician"),
    ("chief_technician", r"主任(技|检验)师|chief technician"),
    ("technician_in_charge", r"主管(技|检验)师|technician in charge"),
    ("technician", r"技师|技士|检验师|检验士|technician"),
]
POSTS = [
    ("vice_president", r"副院长|vice president"),
    ("president", r"院长|hospital president|^president$"),
    ("deputy_head", r"(科室?|病区|中心|教研室)?副主任(?!医|药|护|技)|副科长|deputy head|vice director"),
    ("discipline_leader", r"学科(带头|负责)人|学术带头人|discipline leader"),
    ("head_nurse", r"护士长|head nurse"),
    (
        "department_head",
        r"(科室?|病区|中心|教研室|行政)?主任(?!医|药|护|技)|科长|head of department|department head|^director$",
    ),
]
NOBODY = {"", "无", "none", "-", "—", "/"}


def read_title(raw: str) -> str | None:
    """Return the title for a written form, `unknown` for an empty one, None when it is on no list.

    Source: GB/T 8561-2001, 23 to 26.
    """
    text = _plain(raw)
    if text in NOBODY:
        return "unknown"
    return _first(TITLES, text)


def read_post(raw: str) -> str | None:
    """Return the post for a written form, `none` for an empty one, None when it is on no list."""
    text = _plain(raw)
    if text in NOBODY:
        return "none"
    return _first(POSTS, text)


def _plain(raw: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", raw)).strip().lower()


def _first(patterns: list[tuple[str, str]], text: str) -> str | None:
    return next((value for value, pattern in patterns if re.search(pattern, text)), None)
