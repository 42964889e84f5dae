"""Labelled pairs of invented Chinese doctors: which two records are one person is known, because they were made so. Pure.

Names are drawn by the real shares of surnames and characters, so namesakes arise as they do in life; most of the
pairs of two persons are hard: namesakes in one large hospital, homophones and siblings' names in one department.
The same seed gives the same pairs. Half of the persons are for fitting and choosing thresholds, the other half only
for the figures.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, pairwise

from doctors.rules.comparing import DOCTOR_LADDERS, Person, Workplace
from doctors.rules.name_shares import shipped_shares
from doctors.rules.names import COMPOUND_SURNAMES
from doctors.rules.same_names import PAIRS, readings_of, split_name

SEED = 20_260_401
SAME_PAIRS = 3000
OTHER_PAIRS = 3600
LADDER = DOCTOR_LADDERS[0]
TITLE_SHARES = (2, 20, 36, 27, 15)
CITIES = (
    ("北京", "110100"), ("上海", "310100"), ("天津", "120100"), ("重庆", "500100"), ("杭州", "330100"), ("宁波", "330200"),
    ("温州", "330300"), ("南京", "320100"), ("苏州", "320500"), ("徐州", "320300"), ("广州", "440100"), ("深圳", "440300"),
    ("佛山", "440600"), ("武汉", "420100"), ("宜昌", "420500"), ("成都", "510100"), ("绵阳", "510700"), ("济南", "370100"),
    ("青岛", "370200"), ("临沂", "371300"), ("郑州", "410100"), ("洛阳", "410300"), ("长沙", "430100"), ("衡阳", "430400"),
    ("西安", "610100"), ("宝鸡", "610300"), ("沈阳", "210100"), ("大连", "210200"), ("合肥", "340100"), ("福州", "350100"),
)  # fmt: skip
DEPARTMENTS = ("03.01", "03.02", "03.03", "03.04", "03.05", "03.06", "03.07", "03.08", "04.01", "04.02", "04.03", "04.04",
               "04.05", "04.06", "05", "07.01", "10", "11", "12", "13", "16", "19", "21", "32.01")  # fmt: skip
BY_MODERN = {
    PAIRS[place + 1]: PAIRS[place] for place in range(0, len(PAIRS), 2) if PAIRS[place] != PAIRS[place + 1]
}
MINORITY = (
    "阿依古丽·买买提",
    "艾力·吐尔逊",
    "迪丽努尔·阿不都拉",
    "才让·扎西",
    "买买提·艾山",
    "古丽娜·木拉提",
    "卓玛·次仁",
    "努尔兰·哈布德",
)


@dataclass(frozen=True)
class LabelledPair:
    """Two records, whether they are one person, how the pair came about, and which part it belongs to."""

    one: Person
    other: Person
    same: bool
    kind: str
    part: str  # fit, test


@dataclass(frozen=True)
class _Hospital:
    key: str
    city: str
    division: str
    names: tuple[str, ...]  # official, then what people say


@lru_cache(maxsize=4)
def labelled_pairs(
    seed: int = SEED, same: int = SAME_PAIRS, other: int = OTHER_PAIRS
) -> tuple[LabelledPair, ...]:
    """Return the pairs in a fixed order."""
    return _Maker(seed).pairs(same, other)


class _Maker:
    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - the same pairs each time
        shares = shipped_shares()
        self.surnames, self.surname_steps = list(shares.surnames), list(accumulate(shares.surnames.values()))
        self.characters, self.character_steps = (
            list(shares.characters),
            list(accumulate(shares.characters.values())),
        )
        self.hospitals = self._hospitals()
        self.homophones = self._homophones()
        self.numbers = 0

    def pairs(self, same: int, other: int) -> tuple[LabelledPair, ...]:
        namesakes = self._namesakes(other)
        made: list[LabelledPair] = []
        for number in range(same):
            one = self._person(self._name())
            second, kind = self._again(one)
            made.append(self._pair(one, second, True, kind, number))
        for number, name in enumerate(namesakes):
            one, second, kind = self._strangers(name)
            made.append(self._pair(one, second, False, kind, number))
        return tuple(made)

    def _pair(self, one: Person, other: Person, same: bool, kind: str, number: int) -> LabelledPair:
        if self.chance.random() < 0.5:
            one, other = other, one
        return LabelledPair(one, other, same, kind, "fit" if number % 2 else "test")

    def _hospitals(self) -> list[_Hospital]:
        made = []
        for city, division in CITIES:
            names = [
                (f"{city}大学附属第一医院", f"{city}大一院", f"{city}大学第一附属医院"),
                (f"{city}大学附属第二医院", f"{city}大二院", f"{city}大学第二附属医院"),
                (f"{city}市第一人民医院", f"{city}市一院", f"{city}一院"),
                (f"{city}市中心医院", f"{city}中心医院", f"{city}市第四人民医院"),
                (f"{city}市中医院", f"{city}中医医院"),
                (f"{city}市妇幼保健院", f"{city}市妇产医院"),
            ]
            made += [
                _Hospital(f"{division}-{place}", city, division, forms) for place, forms in enumerate(names)
            ]
        return made

    def _homophones(self) -> dict[str, list[str]]:
        by_reading: dict[str, list[str]] = {}
        for character in self.characters:
            for reading in sorted(readings_of("王" + character)):
                by_reading.setdefault(reading, []).append(character)
        return {
            one: [other for other in group if other != one]
            for group in by_reading.values()
            for one in group
            if len(group) > 1
        }

    def _name(self) -> str:
        dice = self.chance.random()
        if dice < 0.015:
            return self.chance.choice(MINORITY)
        surname = (
            self.chance.choice(sorted(COMPOUND_SURNAMES)[:30])
            if dice < 0.03
            else self.chance.choices(self.surnames, cum_weights=self.surname_steps)[0]
        )
        count = 1 if self.chance.random() < 0.16 else 2
        given = self.chance.choices(self.characters, cum_weights=self.character_steps, k=count)
        return surname + "".join(given)

    def _namesakes(self, count: int) -> list[str]:
        """Names that two people out of many really share, the common ones oftener: as colleagues do."""
        drawn = sorted(self._name() for _one in range(60_000))
        shared = [one for one, after in pairwise(drawn) if one == after and "·" not in one]
        return [self.chance.choice(shared) for _one in range(count)]

    def _number(self) -> str:
        self.numbers += 1
        return f"n{self.numbers}"

    def _place(self, hospital: _Hospital, *, loose: bool = False) -> Workplace:
        """How a record names its hospital; a loose one was entered under another name and hangs on no master row."""
        if not loose:
            return Workplace(hospital.key, "", frozenset(hospital.names), hospital.division)
        said = self.chance.choice(hospital.names)
        campus = self.chance.choice(("", "", "（东院区）", "(总院)", "（新院区）"))
        return Workplace(f"{hospital.key}-{said}{campus}", "", frozenset({said + campus}), hospital.division)

    def _person(self, name: str, hospital: _Hospital | None = None, department: str = "") -> Person:
        known, where = self.chance.random(), department or self.chance.choice(DEPARTMENTS)
        return Person(
            name=name,
            workplaces=(self._place(hospital or self.chance.choice(self.hospitals)),),
            department=where,
            specialty=f"{where}/{self.chance.randrange(6)}" if self.chance.random() < 0.6 else "",
            title=self.chance.choices(LADDER, weights=TITLE_SHARES)[0],
            phones=frozenset() if known < 0.3 else frozenset({self._number()}),
        )

    def _hospital_of(self, person: Person) -> _Hospital:
        return next(one for one in self.hospitals if one.key == person.workplaces[0].key)

    def _again(self, person: Person) -> tuple[Person, str]:
        """The same person as another source has them."""
        kind = self.chance.choices(
            (
                "entered_twice",
                "name_slip",
                "promoted",
                "moved",
                "second_practice",
                "department_loose",
                "old_characters",
            ),
            weights=(34, 16, 16, 10, 8, 10, 6),
        )[0]
        second = replace(
            person,
            workplaces=(self._place(self._hospital_of(person), loose=self.chance.random() < 0.35),),
            phones=self._phones_again(person.phones),
            title=person.title if self.chance.random() < 0.92 else "unknown",
            department=person.department if self.chance.random() < 0.93 else "",
            specialty=self._specialty_again(person),
        )
        if kind == "name_slip":
            second = replace(second, name=self._slip(person.name))
        elif kind == "old_characters":
            second = replace(second, name="".join(BY_MODERN.get(one, one) for one in person.name))
        elif kind == "promoted":
            step = min(LADDER.index(person.title) + 1, len(LADDER) - 1)
            second = replace(second, title=LADDER[step])
        elif kind == "department_loose":
            second = replace(second, department=person.department.split(".")[0])
        elif kind in ("moved", "second_practice"):
            second = self._elsewhere(person, second, keeps=kind == "second_practice")
        return second, kind

    def _elsewhere(self, person: Person, second: Person, *, keeps: bool) -> Person:
        home = self._hospital_of(person)
        near = [one for one in self.hospitals if one.city == home.city and one.key != home.key]
        there = self.chance.choice(near if self.chance.random() < 0.7 else self.hospitals)
        places = (self._place(there), self._place(home)) if keeps else (self._place(there),)
        phones = person.phones if self.chance.random() < 0.85 else second.phones
        return replace(second, workplaces=places, phones=phones, department=person.department)

    def _specialty_again(self, person: Person) -> str:
        dice = self.chance.random()
        if dice < 0.35:
            return ""
        return (
            f"{person.department}/{self.chance.randrange(6)}"
            if dice < 0.45 or not person.specialty
            else person.specialty
        )

    def _phones_again(self, phones: frozenset[str]) -> frozenset[str]:
        if not phones:
            return frozenset() if self.chance.random() < 0.5 else frozenset({self._number()})
        dice = self.chance.random()
        if dice < 0.22:
            return frozenset()
        if dice < 0.32:
            return frozenset({self._number()})
        return phones if dice < 0.9 else phones | {self._number()}

    def _slip(self, name: str) -> str:
        """One character typed as another: a homophone mostly, else one that looks like nothing in particular."""
        surname, given = split_name(name)
        if "·" in name or not given:
            return name.replace("·", self.chance.choice(("•", " ", ".", "")))
        place = self.chance.randrange(len(given))
        alike = self.homophones.get(given[place])
        fresh = self.chance.choice(alike) if alike and self.chance.random() < 0.8 else ""
        if not fresh:
            if len(given) == 1:
                return name
            fresh = self.chance.choice(self.characters)
        return surname + given[:place] + fresh + given[place + 1 :]

    def _strangers(self, name: str) -> tuple[Person, Person, str]:
        kind = self.chance.choices(
            (
                "namesake_colleague",
                "namesake_in_city",
                "namesake_elsewhere",
                "homophone_colleague",
                "sibling_name",
            ),
            weights=(34, 16, 18, 16, 16),
        )[0]
        one = self._person(name)
        home = self._hospital_of(one)
        if kind == "namesake_colleague":
            second = self._person(name, home, one.department if self.chance.random() < 0.04 else "")
        elif kind == "namesake_in_city":
            second = self._person(
                name,
                self.chance.choice([hospital for hospital in self.hospitals if hospital.city == home.city]),
            )
        elif kind == "namesake_elsewhere":
            second = self._person(name)
        elif kind == "homophone_colleague":
            second = self._person(
                self._slip(name), home, one.department if self.chance.random() < 0.08 else ""
            )
        else:
            surname, given = split_name(name)
            fresh = surname + given[:-1] + self.chance.choice(self.characters)
            second = self._person(fresh, home, one.department if self.chance.random() < 0.3 else "")
        if self.chance.random() < 0.25:
            second = replace(second, workplaces=(self._place(self._hospital_of(second), loose=True),))
        return one, second, kind
