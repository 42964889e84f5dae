"""What shows each promise about proof: by which measure, how often, over what, and what fails when a later thing lacks a row.

docs/drills.md is written from this table: `python -m tests.drills.promises > docs/drills.md`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from bench.measure import Measure, collect


@dataclass(frozen=True)
class Row:
    """One measure of a promise. `title` is the measure's own; `command` is make's; `full` says how it runs at full number."""

    id: str
    title: str
    command: str
    usual: str
    full: str
    over: str
    registry: str  # where a later door or object comes from, or takes its row
    fails: str  # the test that fails without it


FULL = "`PHARMACRM_DRILL_SIZE=full`"
TABLES = "every history table, ledger entries, verdicts and signatures, each column in turn"
EVERY_TABLE = "`tests/compliance/every_table.py`: read from the models, no row to write"
EVERY_TABLE_TEST = "`compliance/test_every_table.py`"
DOORS = "`tests/same_verdict.py`, `tests/{desk,event,people}_verdicts.py`; doors are read from the code by `tests/compliance/doors.py`"
DOORS_TEST = "`architecture/test_same_verdict_at_every_door.py`"
PHONE = "`tests/compliance/phone.py`: every declared point"
ROWS = (
    Row("P1", "every change is in the ledger", "drill", "all", "the same", "every action that writes, every address × changing method, each also with a ledger that cannot be written", "`tests/<app>/act_rows.py`; actions are read from the code", "`architecture/test_every_act_is_recorded.py`, `architecture/test_every_endpoint_is_recorded.py`"),
    Row("P2", "tampering is found and named", "drill", "10,000 bytes, 100 of each other attack, every table emptied", "the same; `LEDGER_ATTACKS=` sets it", TABLES + "; leaves, tiles and checkpoints; a log cut, rewritten with the key, put back from a backup", EVERY_TABLE, EVERY_TABLE_TEST),
    Row("P3", "published vectors", "drill", "all", "the same", "RFC 6962 and C2SP vectors, where `PHARMACRM_DATA` is set", "the folder of vectors", "no test can: they are published elsewhere; a folder of another kind stops the drill"),
    Row("P3", "another implementation agrees", "drill", "10,000 trees", "the same", "roots and paths against pymerkle", "one tree and one kind of proof serve every record", "no test can: nothing joins by a row"),
    Row("P4", "what the application's role may not do", "drill", "all", "the same", "every protected table × UPDATE, DELETE, TRUNCATE, ALTER, DROP, DISABLE TRIGGER, OWNER, GRANT, each trigger", "`protected_tables()`: read from the models", EVERY_TABLE_TEST + ", `compliance/test_database_role.py`"),
    Row("P5", "signed and changed", "drill", "1,000 changes", "the same", "every kind of content that is signed anywhere in the code, every column of a signature", "`KINDS` and `SIGNED_IN` of `tests/compliance/mutations.py`; what is signed is read from the code", "`compliance/test_mutations.py`"),
    Row("P5", "races release no unsigned bytes", "drill", "20 races", FULL + ": 1,000", "release, new file, last signature, second release, in every order", "`RACED` of `tests/content/test_races.py`: what writes files, seats, rounds and releases is read from the code", "`content/test_races.py`"),
    Row("P6", "Same verdict at every door", "drill", "100 cases", FULL + ": 500", "page, REST, sync, sync over REST, inbox, inbox over REST, the doctor's own page, import command, job, at the points of `DOORS`; the phone's engine over the same facts", DOORS, DOORS_TEST),
    Row("P6", "no door without its row", "drill", "all", "the same", "every decision point and every kind of door that the code has; what has one kind of door alone is proven so; no page keeps a refusal to itself", DOORS, DOORS_TEST),
    Row("P7", "Stored verdicts judged again", "drill", "10,000", FULL + ": 100,000", "examples of every rule, with changed figures and holds, stored and read back", "examples of the rule book", "`compliance/test_book.py`"),
    Row("P7", "Replay of stored verdicts", "bench", "20,000", "the same", "the stored form alone", "examples of the rule book", "`compliance/test_book.py`"),
    Row("P8", "every rule whole, on both engines", "drill", "all", "the same", "every rule: source, dates, grade, languages, 3 + 3 examples, each on the server and on the phone's engine", "`compliance/rulebook/`; " + PHONE, "`compliance/test_book.py`, `compliance/test_phone_engine.py`"),
    Row("P9", "erased doctors", "drill", "20 doctors", FULL + ": 100 doctors", "every table of the database as pg_dump writes it, every stored file", "columns of words are read from the models; what is not masked has its row in `tests/doctors/word_columns.py`", "`doctors/test_word_columns.py`"),
    Row("P10", "inspector's pack, made and verified", "bench", "200,000 entries, 300 acts", "`--national`: 1,000,000 entries", "a doctor, an event, a material, a staff member, a period; checked by `python -I verify.py` with an empty environment", "`scopes` of `bench/packs.py`; kinds of subject are read from the code", "`compliance/test_pack_kinds.py`"),
    Row("C8", "disguises of what may not be stored", "drill", "all", "the same", "over 360 disguised columns and notes, over 300 innocent ones", "`tests/compliance/guard/*.txt`", "`compliance/test_guard.py`, `compliance/test_disguises.py`"),
    Row("N4", "every task run twice", "drill", "all", "the same", "every registered task", "`tests/<app>/task_rows.py`", "`architecture/test_tasks_twice.py`"),
    Row("N6", "an import killed on its way", "drill", "10 kills", FULL + ": 100", "the web server in an upload, the worker in a check, a commit or an undoing; three imports on their way at a time, each looked at all the while", "the steps of an import: `STEPS` of `tests/drills/imports.py`", "no test can: a kill comes at any moment, whatever the step is called"),
    Row("S11", "Judge one act", "bench", "1,000 at each point with 20 rules and more, twice", "the same", "nothing proven, and an example's facts", "points and rules are read from the book", "no test can: a later rule or point is read, it has no row"),
    Row("S11", "Dry run of one rule", "bench", "1,000,000 stored acts", "the same; `RULE_FACTS=` sets it", "the meal cap before and after", "one rule stands for all: what a dry run reads does not depend on it", "no test can: nothing joins by a row"),
    Row("S12", "a large ledger is sealed and verified", "bench", "200,000 entries, scaled", "`--national`: 1,000,000", "the whole check, not the tree alone", "an entry of any later act is an entry", "no test can: nothing joins by a row"),
)  # fmt: skip
PROMISED = {"P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10", "C8", "N4", "N6", "S11", "S12"}
HEAD = """# Drills of proof

Which measure shows each promise about proof, how often, over which objects, and which test fails when a later door or object lacks its
row. Written from `tests/drills/promises.py`; what the other promises are shown by stands in [validation.md](validation.md).

`make drill ARGS="P2 P6"` runs ids, `make drill ARGS="P6 PHARMACRM_DRILL_SIZE=full"` at full number, `make bench ARGS="S12 --national"` likewise.
Each prints a table and keeps its figures in `var/drill/latest.json` or `var/bench/latest.json`. P2 needs a superuser of the database, which
these commands have in their own.

| id | measure | run by | usually | in full | over | a later one comes from | without it fails |
|---|---|---|---|---|---|---|---|
"""


def known() -> list[Measure]:
    """Return every measure of the drills and the bench."""
    import bench
    from tests import drills

    return [*collect(drills, "DRILLS"), *collect(bench, "MEASURES")]


def as_text() -> str:
    """Return the document."""
    lines = [
        f"| {row.id} | {row.title} | `make {row.command} ARGS={row.id}` | {row.usual} | {row.full} | {row.over} | {row.registry} | {row.fails} |"
        for row in ROWS
    ]
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(as_text())
