"""Province, city and county out of an address. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

SUFFIXES = ("特别行政区", "自治区", "自治州", "自治县", "自治旗", "林区", "特区", "矿区", "新区", "地区",
            "省", "市", "盟", "州", "区", "县", "旗")  # fmt: skip
PEOPLES = re.compile(
    r"(满族|回族|蒙古族|蒙古|藏族|维吾尔|苗族|彝族|壮族|布依族|朝鲜族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族?|傣族|黎族|"
    r"傈僳族|佤族|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|"
    r"锡伯|塔吉克|怒族|普米族|裕固族|保安族|独龙族|鄂温克族|鄂伦春|各族|回族)+"
)
ROAD = re.compile(
    r"^[东西南北中一二三四五六七八九十大新]{0,2}(路|街|道|大道|大街|巷|桥|门|广场|大厦|花园|小区|城$)"
)
ABBREVIATIONS = {"达尔罕茂明安联合旗": "达茂旗", "莫力达瓦达斡尔族自治旗": "莫旗", "科尔沁左翼中旗": "科左中旗",
                 "科尔沁左翼后旗": "科左后旗", "科尔沁右翼前旗": "科右前旗", "科尔沁右翼中旗": "科右中旗",
                 "察哈尔右翼前旗": "察右前旗", "察哈尔右翼中旗": "察右中旗", "察哈尔右翼后旗": "察右后旗",
                 "新巴尔虎左旗": "新左旗", "新巴尔虎右旗": "新右旗"}  # fmt: skip
NEVER_SHORT = {
    "市辖区",
    "县",
    "城区",
    "郊区",
    "市区",
    "矿区",
    "新区",
    "市中区",
    "东区",
    "西区",
    "南区",
    "北区",
}
LONGEST = 15


@dataclass(frozen=True)
class Place:
    """Six-digit codes found, empty where the text does not tell."""

    province: str = ""
    city: str = ""
    county: str = ""

    @property
    def code(self) -> str:
        return self.county or self.city or self.province


@dataclass
class Gazetteer:
    """Names of divisions, full and short, ready to be looked up. `current` holds the codes in force."""

    names: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    current: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, divisions: Iterable[tuple[str, str, bool]]) -> Gazetteer:
        """Build from (code, name, is_current); former names serve old addresses."""
        book = cls()
        for code, name, is_current in divisions:
            if is_current:
                book.current.add(code)
            for text, weight in _spellings(name, is_province=code.endswith("0000")):
                book.names.setdefault(text, []).append((code, weight + (1 if is_current else 0)))
        return book

    def find(self, address: str, *hints: str) -> Place:
        """Return the place an address speaks of. `hints` are weaker texts of the same row, such as the name.

        The chain province – city – county that most of the mentions support wins; names of roads count little.
        """
        support: dict[str, float] = {}
        for rank, text in enumerate((address, *hints)):
            self._collect(_plain(text), 1.0 if rank == 0 else 0.55, support)
        if not support:
            return Place()
        return self._best(support)

    def _collect(self, text: str, share: float, support: dict[str, float]) -> None:
        start = frontier = 0
        here: dict[str, float] = {}
        while start < len(text):
            found = self._longest(text, start)
            if found is None:
                start += 1
                continue
            name, entries = found
            end = start + len(name)
            is_road = bool(ROAD.match(text[end:]))
            leads = start <= frontier + 1
            for code, weight in entries:
                worth = weight * share * (1.6 if leads else 1.0) * (0.15 if is_road else 1.0)
                here[code] = max(here.get(code, 0.0), worth)
            if not is_road:
                frontier = end
            start = end
        for code, worth in here.items():
            support[code] = support.get(code, 0.0) + worth

    def _longest(self, text: str, start: int) -> tuple[str, list[tuple[str, int]]] | None:
        for length in range(min(LONGEST, len(text) - start), 1, -1):
            name = text[start : start + length]
            entries = self.names.get(name)
            if entries:
                return name, entries
        return None

    def _best(self, support: dict[str, float]) -> Place:
        def of(code: str) -> float:
            return support.get(code, 0.0)

        best, best_worth = "", -1.0
        for code in sorted(support):
            province, city = f"{code[:2]}0000", f"{code[:4]}00"
            chain = {province, city, code}
            worth = sum(of(link) for link in chain)
            if code.endswith("00") and not code.endswith("0000"):
                worth += 0.2
            if worth > best_worth + 1e-9 or (
                abs(worth - best_worth) <= 1e-9 and self._rank(code) > self._rank(best)
            ):
                best, best_worth = code, worth
        return self._place(best)

    def _rank(self, code: str) -> tuple[bool, bool, bool]:
        return (code in self.current, code.endswith("00"), code.endswith("0000"))

    def _place(self, code: str) -> Place:
        if not code:
            return Place()
        province = f"{code[:2]}0000"
        city = "" if code.endswith("0000") else f"{code[:4]}00"
        if city and city[2:4] == "90":
            return Place(province, code, code)
        if code[:2] in {"11", "12", "31", "50"}:
            return Place(province, f"{code[:2]}0100", "" if code.endswith("00") else code)
        return Place(province, city, "" if code.endswith("00") else code)


def _spellings(name: str, *, is_province: bool) -> list[tuple[str, int]]:
    full = _plain(name)
    if full in {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}:
        return []
    spellings = [(full, 6)]
    if full in ABBREVIATIONS:
        spellings.append((ABBREVIATIONS[full], 5))
    stem = next((full[: -len(suffix)] for suffix in SUFFIXES if full.endswith(suffix)), full)
    bare = PEOPLES.sub("", stem)
    for short in dict.fromkeys([stem, bare]):
        if len(short) < 2 or short == full or full in NEVER_SHORT:
            continue
        spellings.append((short, 4 if is_province else 3))
        for suffix in ("州", "县", "区", "市"):
            if full.endswith(suffix) and short + suffix != full:
                spellings.append((short + suffix, 5))
    return list(dict(reversed(spellings)).items())


def _plain(text: str) -> str:
    return re.sub(r"[\s,，.。、;；:：\-—()（）]+", "", unicodedata.normalize("NFKC", text))
