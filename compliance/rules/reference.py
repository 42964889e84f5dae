"""The clause-level reference as a rule may cite it: its rows, and how each instrument counts its clauses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Instrument:
    """One law or code: how its clauses are written, how many articles it has (0: not known), and its last day."""

    clause: re.Pattern[str]
    articles: int = 0
    until: str = ""  # first ISO day on which it no longer held

    def has(self, clause: str) -> bool:
        """Return whether a clause can be one of this instrument's."""
        if not self.clause.fullmatch(clause):
            return False
        numbers = NUMBER.findall(clause.partition("条")[0].partition("（")[0].partition(".")[0])
        return not self.articles or all(1 <= int(number) <= self.articles for number in numbers)


@dataclass(frozen=True)
class Reference:
    """What a rule is checked against beside the facts: rows of the reference, and instruments by name."""

    rows: frozenset[str]
    own: frozenset[str]  # prefixes of rules that stand in no table
    instruments: Mapping[str, Instrument]

    def has_row(self, rule_id: str) -> bool:
        """Return whether a rule's id, without the letter that sets two rules of one row apart, is a row's."""
        return (
            rule_id.rstrip("abcdefghijklmnopqrstuvwxyz") in self.rows or rule_id.partition("-")[0] in self.own
        )


def row_ids(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the ids of every table of the reference, by prefix."""
    return {
        prefix: [f"{prefix}-{number:02}" for number in range(table["first"], table["last"] + 1)]
        + list(table.get("also", []))
        for prefix, table in rows.items()
    }


def read_reference(coverage: str, instruments: str) -> Reference:
    """Return the reference from the texts of coverage.yaml and instruments.yaml."""
    tables = yaml.safe_load(coverage)
    rows = {row for ids in row_ids(tables["rows"]).values() for row in ids}
    known = yaml.safe_load(instruments)
    shapes = known["shapes"]
    return Reference(
        frozenset(rows),
        frozenset(tables["own"]),
        {
            name: Instrument(
                re.compile(shapes[given["clause"]]), given.get("articles", 0), str(given.get("until", ""))
            )
            for name, given in known["instruments"].items()
        },
    )
