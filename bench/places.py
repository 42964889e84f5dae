"""J2: levels and addresses as people write them, against the answers that stand in the same rows."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator

from bench.measure import Figure, Measure, data_folder
from doctors.rules.addresses import Gazetteer, Place
from doctors.rules.levels import UNGRADED, UNKNOWN, read_level

MUNICIPALITIES = {"11", "12", "31", "50"}
NO_LEVEL = {
    "省级",
    "社区卫生服务中心",
}  # written where a level should stand, and none: these go to the steward


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (data_folder("01_hospitals_divisions_cn") / name).open(encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle)


def levels() -> Figure:
    """Every written level reads as the level a person would read; what is no level is left to the steward."""
    right = total = 0
    for row in _rows("hospitals/level_values_seen_open.csv"):
        text, count = row["raw_level"], int(row["count"])
        total += count
        right += count if _is_right(text, read_level(text)) else 0
    return Figure(
        100 * right / total, "%", total, holds=right == total, note="rows of the list, 47 spellings"
    )


def addresses() -> dict[str, Figure]:
    """Province, city and county out of province + city + address as published, hospital name as a hint."""
    names, codes = _divisions()
    gazetteer = Gazetteer.of(names)
    asked: dict[str, Callable[[dict[str, str]], tuple[str, ...]]] = {
        "whole": lambda row: (_prefix(row) + row["address"], row["name"]),
        "bare": lambda row: (row["address"], row["name"]),
    }
    figures: dict[str, Figure] = {}
    for form, texts in asked.items():
        right, total = Counter[str](), Counter[str]()
        for row in _rows("hospitals/fever_clinics_2020_open.csv"):
            if row["address"]:
                _count(row, gazetteer.find(*texts(row)), codes, right, total)
        for step, least in (("province", 99.5), ("city", 95.0), ("county", 90.0)):
            share = 100 * right[step] / total[step]
            promised = form == "whole"
            note = "with province and city before it" if promised else "street address alone, not promised"
            figures[f"{step}, {form}"] = Figure(
                share, "%", total[step], holds=share >= least if promised else None, note=note
            )
    return figures


def _is_right(text: str, level: str | None) -> bool:
    plain = text.replace("級", "级").replace("极", "级").strip()
    if plain in NO_LEVEL:
        return level is None
    if not plain:
        return level == UNKNOWN
    if plain in {"无", "未定级"} or plain.startswith("未定级"):
        return level == UNGRADED
    grade = next((number for word, number in (("三", "3"), ("二", "2"), ("一", "1")) if word in plain), None)
    letter = next((mark for word, mark in (("甲", "a"), ("乙", "b"), ("丙", "c")) if word in plain), "")
    return grade is not None and level == grade + letter


def _prefix(row: dict[str, str]) -> str:
    return row["province"] + ("" if row["city"] == row["province"] else row["city"])


def _divisions() -> tuple[list[tuple[str, str, bool]], dict[str, set[str]]]:
    known: dict[tuple[str, str], bool] = {}
    for name in ("gb2260_revisions_open", "gb2260_latest_pkg"):
        for row in _rows(f"divisions/{name}.csv"):
            known.setdefault((row["code"], row["name"]), False)
    for name in ("provinces", "cities", "areas"):
        for row in _rows(f"divisions/{name}.csv"):
            known[(row["code"].ljust(6, "0"), row["name"])] = True
    codes: dict[str, set[str]] = {}
    for code, name in known:
        codes.setdefault(code, set()).add(name)
    return [(code, name, current) for (code, name), current in known.items()], codes


def _count(
    row: dict[str, str], place: Place, codes: dict[str, set[str]], right: Counter[str], total: Counter[str]
) -> None:
    total["province"] += 1
    right["province"] += place.province == row["province_code"]
    total["city"] += 1
    right["city"] += row["city_code"] in (place.city, place.county)
    county = row["county"].strip(" .").replace(" ", "")
    fitting = [
        code
        for code, names in codes.items()
        if county
        and not code.endswith("00")
        and code[:2] == row["province_code"][:2]
        and (code[:4] == row["city_code"][:4] or code[:2] in MUNICIPALITIES)
        and any(county in (name, name[:-1]) for name in names)
    ]
    if fitting:
        total["county"] += 1
        right["county"] += place.county in fitting


MEASURES = [
    Measure("J2", "hospital levels as written", levels),
    Measure("J2", "province, city and county out of an address", addresses),
]
