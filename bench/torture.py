"""J4: dialect and encoding of real CSV files; and every file of the torture folder has a named outcome."""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Figure, Measure, data_folder
from pharmacrm.imports.reading import FileNotReadable, open_table, rows_of

MARKS = {"comma": ",", "semicolon": ";", "tab": "\t", "space": " ", "vslash": "|", "colon": ":"}
PROMISED = {"pollock": 97.0, "w3c": 95.0}
LONGEST_SECONDS = 30.0


def dialects() -> dict[str, Figure]:
    """The delimiter and the encoding found, against those people wrote down."""
    folder = data_folder("08_import_torture", "csv_dialect")
    figures = {}
    for name, least in PROMISED.items():
        right = total = 0
        wrong: Counter[str] = Counter()
        for row in _truth(folder / f"ground_truth_{name}_open.txt"):
            path = folder / name / row["file_name"]
            if not path.exists():
                continue
            total += 1
            found = _dialect(path)
            if _fits(row, found):
                right += 1
            else:
                wrong[f"{row['file_name']}: {found[0]!r}"] += 1
        share = 100 * right / max(total, 1)
        note = "; ".join(sorted(wrong)[:6])
        figures[f"{name}, delimiter and encoding"] = Figure(
            share, "%", total, holds=share >= least, note=note
        )
    return figures


def outcomes() -> dict[str, Figure]:
    """Each file is read as a table or refused by name, within half a minute, and nothing else happens."""
    folder = data_folder("08_import_torture")
    named: Counter[str] = Counter()
    unnamed, slowest = 0, 0.0
    for path in sorted(one for one in folder.rglob("*") if one.is_file() and one.name != "SOURCE.md"):
        began = time.perf_counter()
        try:
            outcome = _outcome(path)
        except Exception as problem:  # noqa: BLE001 - an answer that is no named refusal is what is counted
            outcome = f"unnamed {type(problem).__name__} ({path.name})"
            unnamed += 1
        slowest = max(slowest, time.perf_counter() - began)
        named[outcome] += 1
    told = ", ".join(f"{outcome} {count}" for outcome, count in named.most_common())
    return {
        "torture files with a named outcome": Figure(
            named.total() - unnamed, "files", named.total(), holds=unnamed == 0, note=told
        ),
        "slowest torture file": Figure(slowest, "s", named.total(), holds=slowest <= LONGEST_SECONDS),
    }


def _truth(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle, delimiter="|")


def _dialect(path: Path) -> tuple[str, str]:
    try:
        table = open_table(path, name=path.name)
    except FileNotReadable as refusal:
        return f"refused: {refusal.code}", ""
    return table.delimiter, table.encoding


def _fits(row: dict[str, str], found: tuple[str, str]) -> bool:
    delimiter, encoding = found
    said = row["encoding"].lower().replace("-", "").replace("_", "")
    plain = encoding.lower().replace("-", "").replace("_", "")
    same = plain.startswith("utf8") if said in ("ascii", "utf8") else plain.startswith(said[:4])
    return delimiter == MARKS.get(row["fields_delimiter"], row["fields_delimiter"]) and same


def _outcome(path: Path) -> str:
    try:
        table = open_table(path, name=path.name)
        rows = sum(1 for _row in rows_of(table))
    except FileNotReadable as refusal:
        return f"refused: {refusal.code}"
    return "read as a table" if rows else "empty"


MEASURES = [
    Measure("J4", "CSV dialect and encoding", dialects),
    Measure("J4", "every torture file", outcomes),
]
