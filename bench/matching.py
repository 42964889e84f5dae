"""J1: which records are one person, told without labels and checked against the answers afterwards.

Every part is fitted without labels. English files are judged at even odds (0 bits); the Chinese pairs at the line that
is best on one half of the persons, and the figure is that of the other half. Splink, where it is installed, is run on
the same records as the yardstick.
"""

from __future__ import annotations

import csv
import logging
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from bench.measure import Figure, Measure, NotMeasured, data_folder
from doctors.rules.weights import MISSING, Weights, fit
from doctors.selectors.matching import shipped_pairs, shipped_weights

Record = dict[str, str]
Pair = tuple[int, int]
Level = Callable[[Record, Record], int]
COMMON_KEY = 100


@dataclass(frozen=True)
class Task:
    """Two lists to link: records with their true `key`, keys to block by, and features to compare."""

    left: list[Record]
    right: list[Record]
    keys: Callable[[Record], Iterable[str]]
    features: tuple[tuple[str, int, Level], ...]

    def truth(self) -> set[Pair]:
        places: dict[str, list[int]] = defaultdict(list)
        for place, record in enumerate(self.right):
            places[record["key"]].append(place)
        return {(one, other) for one, record in enumerate(self.left) for other in places[record["key"]]}

    def candidates(self) -> set[Pair]:
        places: dict[str, list[int]] = defaultdict(list)
        for place, record in enumerate(self.right):
            for key in set(self.keys(record)):
                places[key].append(place)
        return {
            (one, other)
            for one, record in enumerate(self.left)
            for key in set(self.keys(record))
            if len(places[key]) <= COMMON_KEY
            for other in places[key]
        }

    def judged(self) -> tuple[float, float, float, int, Weights]:
        """Return precision, recall, F1 at even odds, the number of true pairs, and the fitted weights."""
        levels = {
            pair: tuple(
                level(self.left[pair[0]], self.right[pair[1]]) for _name, _count, level in self.features
            )
            for pair in self.candidates()
        }
        weights = fit(
            [name for name, _count, _level in self.features],
            [count for _name, count, _level in self.features],
            Counter(levels.values()),
        )
        called = {pair for pair, found in levels.items() if weights.score(found) >= 0}
        truth = self.truth()
        right = len(called & truth)
        return (
            right / max(len(called), 1),
            right / len(truth),
            2 * right / (len(called) + len(truth)),
            len(truth),
            weights,
        )


def febrl() -> dict[str, Figure]:
    """Synthetic Australian people, 5,000 against 5,000 with typing errors."""
    task = _febrl()
    precision, recall, f1, count, _weights = task.judged()
    note = f"P {precision:.4f} R {recall:.4f}, unsupervised, at even odds"
    return {"FEBRL 4, F1": Figure(f1, "F1", count, holds=f1 >= 0.98, note=note)}


def splink_febrl() -> Figure:
    """The yardstick on the same records."""
    return Figure(_splink_febrl(_febrl()), "F1", 5000, note="Splink with DuckDB, unsupervised, at even odds")


def registries() -> dict[str, Figure]:
    """Real practising clinicians in two public registries, their number hidden."""
    task = _registries()
    precision, recall, f1, count, _weights = task.judged()
    truth = task.truth()
    exact = _named(task, lambda one: (one["last"], one["first"]))
    place = _named(task, lambda one: (one["last"], one["first"], one["zip"]))
    note = f"P {precision:.4f} R {recall:.4f}; exact name {_f1(exact, truth):.4f}, name + ZIP {_f1(place, truth):.4f}"
    return {"NPPES x CMS, F1": Figure(f1, "F1", count, floor=_f1(exact, truth), holds=f1 >= 0.99, note=note)}


def chinese() -> dict[str, Figure]:
    """Invented Chinese doctors with namesakes, homophones and moves; needs no measuring data."""
    weights = shipped_weights()
    line = shipped_pairs(weights, part="fit").best().line
    known = shipped_pairs(weights, part="test")
    found = known.judge(line)
    lower, upper = shipped_pairs(weights, part="fit").suggested()
    bands = known.bands(lower, upper)
    count = len(known.same) + len(known.other)
    note = f"P {found.precision:.4f} R {found.recall:.4f} at {line / 100:.2f} bits, chosen on the other half"
    alone = bands.alone_same + bands.alone_other
    return {
        "Chinese pairs, F1": Figure(found.f1, "F1", count, holds=found.f1 >= 0.97, note=note),
        "Chinese pairs, precision above the upper line": Figure(
            bands.alone_same / max(alone, 1),
            "",
            alone,
            note=f"{bands.ask_same + bands.ask_other} pairs would be asked",
        ),
    }


def _rows(path: Path) -> Iterator[Record]:
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.reader(handle)
        head = [name.strip() for name in next(reader)]
        for row in reader:
            yield dict(zip(head, (cell.strip() for cell in row), strict=True))


def _text(name: str) -> tuple[str, int, Level]:
    def level(one: Record, other: Record) -> int:
        a, b = one[name], other[name]
        if not a or not b:
            return MISSING
        likeness = JaroWinkler.similarity(a, b)
        return 3 if a == b else 2 if likeness >= 0.92 else 1 if likeness >= 0.8 else 0

    return name, 4, level


def _digits(name: str) -> tuple[str, int, Level]:
    def level(one: Record, other: Record) -> int:
        a, b = one[name], other[name]
        if not a or not b:
            return MISSING
        return 2 if a == b else 1 if OSA.distance(a, b, score_cutoff=1) <= 1 else 0

    return name, 3, level


def _febrl() -> Task:
    folder = data_folder("09_entity_resolution", "febrl")
    left, right = (list(_rows(folder / f"dataset4{side}.csv")) for side in "ab")
    for record in left + right:
        record["key"] = record["rec_id"].split("-")[1]
        if record["surname"] < record["given_name"]:  # the two are often swapped
            record["first"], record["second"] = record["surname"], record["given_name"]
        else:
            record["first"], record["second"] = record["given_name"], record["surname"]

    def keys(one: Record) -> Iterator[str]:
        given, surname, post = one["given_name"], one["surname"], one["postcode"]
        for kind, parts in (
            ("number", (one["soc_sec_id"],)),
            ("born", (one["date_of_birth"],)),
            ("names", (one["first"], one["second"])),
            ("house", (post, one["street_number"])),
            ("street", (one["address_1"],)),
            ("surname", (surname[:4], post)),
            ("given", (given[:4], post)),
        ):
            if all(parts):
                yield "|".join((kind, *parts))

    features = (
        _text("given_name"), _text("surname"), _digits("street_number"), _text("address_1"), _text("suburb"),
        _digits("postcode"), _digits("date_of_birth"), _digits("soc_sec_id"),
    )  # fmt: skip
    return Task(left, right, keys, features)


NPPES = {
    "key": "NPI", "last": "Provider Last Name (Legal Name)", "first": "Provider First Name",
    "middle": "Provider Middle Name", "former": "Provider Other Last Name", "called": "Provider Other First Name",
    "credential": "Provider Credential Text", "city": "Provider Business Practice Location Address City Name",
    "state": "Provider Business Practice Location Address State Name",
    "zip": "Provider Business Practice Location Address Postal Code", "sex": "Provider Sex Code",
    "specialty": "Healthcare Provider Taxonomy Code_1", "address": "Full Street Address",
}  # fmt: skip
CMS = {
    "key": "NPI", "last": "Provider Last Name", "first": "Provider First Name", "middle": "Provider Middle Name",
    "credential": "Cred", "city": "City/Town", "state": "State", "zip": "ZIP Code", "sex": "gndr",
    "specialty": "pri_spec", "address": "Full Street Address",
}  # fmt: skip


def _registries() -> Task:
    folder = data_folder("02_doctors_hcp")

    def read(name: str, columns: dict[str, str]) -> list[Record]:
        return [
            {"former": "", "called": ""}
            | {to: re.sub(r"[^A-Z0-9 ]", " ", row[of].upper()).strip() for to, of in columns.items()}
            for row in _rows(folder / name)
        ]

    left, right = read("nppes_open.csv", NPPES), read("cms_clinicians_open.csv", CMS)
    for record in left + right:
        record["zip"] = record["zip"][:5]

    def keys(one: Record) -> Iterator[str]:
        lasts = {
            part for text in (one["last"], one["former"]) for part in (*text.split(), text.replace(" ", ""))
        }
        firsts = {part for text in (one["first"], one["called"]) for part in text.split()}
        for last in lasts - {""}:
            yield f"last|{last}|{one['zip']}"
            for first in firsts:
                yield f"name|{last}|{first}"
                yield f"near|{last[:4]}|{first[:1]}|{one['zip'][:3]}"
        for first in firsts:
            yield f"first|{first}|{one['zip']}|{one['sex']}"
        yield f"work|{one['specialty'][:6]}|{one['zip']}|{one['middle'][:1]}"

    return Task(left, right, keys, REGISTRY_FEATURES)


def _part(a: str, b: str) -> int:
    if not a or not b:
        return MISSING
    if a == b:
        return 3
    if set(a.split()) & set(b.split()) or a.replace(" ", "") == b.replace(" ", ""):
        return 2
    return 1 if JaroWinkler.similarity(a, b) >= 0.9 else 0


def _middle(one: Record, other: Record) -> int:
    a, b = one["middle"], other["middle"]
    if not a or not b:
        return MISSING
    return 2 if a == b and len(a) > 1 else 1 if a[0] == b[0] else 0


def _likeness(name: str) -> Level:
    def level(one: Record, other: Record) -> int:
        if not one[name] or not other[name]:
            return MISSING
        ratio = fuzz.token_set_ratio(one[name], other[name])
        return 2 if ratio >= 90 else 1 if ratio >= 60 else 0

    return level


def _credential(one: Record, other: Record) -> int:
    a, b = (record["credential"].replace(" ", "") for record in (one, other))
    if not a or not b:
        return MISSING
    return 1 if a in b or b in a else 0


def _place(one: Record, other: Record) -> int:
    if one["zip"] and one["zip"] == other["zip"]:
        return 4
    if one["state"] != other["state"]:
        return 0
    return 3 if one["city"] == other["city"] else 2 if one["zip"][:3] == other["zip"][:3] else 1


def _same_sex(one: Record, other: Record) -> int:
    return MISSING if not one["sex"] or not other["sex"] else int(one["sex"] == other["sex"])


REGISTRY_FEATURES: tuple[tuple[str, int, Level], ...] = (
    ("last", 4, lambda a, b: max(_part(a["last"], b["last"]), _part(a["former"], b["last"]))),
    ("first", 4, lambda a, b: max(
        _part(a["first"], b["first"]), _part(a["called"], b["first"]),
        int(_part(a["middle"], b["first"]) >= 2 or _part(a["first"], b["middle"]) >= 2),
    )),
    ("middle", 3, _middle),
    ("sex", 2, _same_sex),
    ("credential", 2, _credential),
    ("specialty", 3, _likeness("specialty")),
    ("place", 5, _place),
    ("address", 3, _likeness("address")),
)  # fmt: skip


def _named(task: Task, key: Callable[[Record], tuple[str, ...]]) -> set[Pair]:
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, record in enumerate(task.right):
        places[key(record)].append(place)
    return {(one, other) for one, record in enumerate(task.left) for other in places[key(record)]}


def _f1(called: set[Pair], truth: set[Pair]) -> float:
    return 2 * len(called & truth) / (len(called) + len(truth))


def _splink_febrl(task: Task) -> float:
    try:
        import duckdb
        import splink.comparison_library as compare
        from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    except ImportError as missing:
        raise NotMeasured("install the extra `yardstick` (splink) to run Splink beside it") from missing
    logging.getLogger("splink").setLevel(logging.ERROR)
    columns = [
        "given_name",
        "surname",
        "street_number",
        "address_1",
        "suburb",
        "postcode",
        "date_of_birth",
        "soc_sec_id",
    ]
    base = duckdb.connect()
    api = DuckDBAPI(connection=base)
    tables = []
    for name, records in (("left_list", task.left), ("right_list", task.right)):
        base.execute(
            f"CREATE TABLE {name}_rows (unique_id INTEGER, {', '.join(f'{one} VARCHAR' for one in columns)})"
        )
        base.executemany(
            f"INSERT INTO {name}_rows VALUES ({', '.join('?' * (len(columns) + 1))})",
            [[place, *(record[one] or None for one in columns)] for place, record in enumerate(records)],
        )
        tables.append(api.register(f"{name}_rows"))
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            *(compare.JaroWinklerAtThresholds(one, [0.92, 0.8]) for one in ("given_name", "surname", "address_1", "suburb")),
            *(compare.DamerauLevenshteinAtThresholds(one, 1) for one in ("street_number", "postcode", "date_of_birth", "soc_sec_id")),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("soc_sec_id"), block_on("date_of_birth"), block_on("given_name", "surname"),
            block_on("postcode", "street_number"), block_on("address_1"), block_on("substr(surname, 1, 4)", "postcode"),
            block_on("substr(given_name, 1, 4)", "postcode"),
        ],
    )  # fmt: skip
    linker = Linker(tables, settings)
    linker.training.estimate_probability_two_random_records_match([block_on("soc_sec_id")], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("date_of_birth"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("postcode"))
    found = linker.inference.predict(threshold_match_probability=0.5).as_record_list()
    called = {(row["unique_id_l"], row["unique_id_r"]) for row in found}
    return _f1(called, task.truth())


MEASURES = [
    Measure("J1", "English people, synthetic", febrl),
    Measure("J1", "FEBRL 4, F1 of Splink (yardstick)", splink_febrl),
    Measure("J1", "English clinicians, real", registries),
    Measure("J1", "Chinese doctors, invented", chinese),
]
