"""Every public action that writes also writes the ledger, in one transaction, and nothing but actions writes. Promise P1.

This reads the code; test_every_endpoint_is_recorded.py asks the doors.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ["compliance", "doctors", "content", "activities", "pharmacrm/accounts", "pharmacrm/imports", "pharmacrm/api", "pharmacrm/portal"]  # fmt: skip
WRITES = {
    "save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "update", "delete",
    "bulk_create_with_history", "bulk_update_with_history", "copy_expert", "execute", "executemany", "_raw_delete",
}  # fmt: skip
RECORDS = {"record", "record_refusal"}
APPS = ["activities", "compliance", "content", "doctors", "pharmacrm"]
READS_ONLY = ("SELECT ", "SET ", "ANALYZE ", "LOCK ", "DECLARE ", "FETCH ")

# Modules that are no action and write all the same. Each line says why.
WRITES_BESIDE_ACTIONS = {
    "activities/management/visits.py": "fills a database for measuring; the owner's, never a company's",
    "doctors/management/load.py": "fills a database for measuring; the owner's, never a company's",
    "pharmacrm/accounts/views/people.py": "a form of the sign-in package that sends a letter and saves no row",
    "pharmacrm/api/idempotency.py": "keeps an answer in the transaction of the effect it belongs to",
    "pharmacrm/common/catalogues.py": "writes the catalogues of words, no database",
    "pharmacrm/common/files.py": "keeps bytes; the record that points at them says who brought them",
    "pharmacrm/common/jobs.py": "says how far a work is; what the work does is recorded by it",
    "pharmacrm/common/notifications.py": "tells somebody what a recorded act did",
    "pharmacrm/common/outbox.py": "asks for the work that follows a recorded act",
    "pharmacrm/imports/staging.py": "stages a file; nothing of record is written before the commit",
    "pharmacrm/imports/tasks.py": "leaves an import where it was, with the reason; nothing of record is written",
}

# The act is recorded elsewhere, or is none. Each line says why.
EXEMPT = {
    "compliance.hear_witness": "keeps what another process signed outside; the signature is its own proof",
    "compliance.anchor_checkpoint": "copies a signed checkpoint outside; the copy is its own proof",
    "compliance.sign": "a part of the act it is called in, whose entry claims the signature",
    "compliance.check_versions": "compares; what it writes is a temporary table that it drops",
    "compliance.guard_tables": "the owner's set-up of the database, before anybody acts",
    "compliance.grant_app_role": "the owner's set-up of the database, before anybody acts",
    "compliance.note_shapes": "the owner's set-up of the database, before anybody acts",
    "accounts.mark_messages_read": "a reader's own mark on a message, no record of the company",
    "content.draw": "draws a page in a process of its own and writes no row",
    "content.main": "draws a page in a process of its own and writes no row",
    "doctors.write_erasures": "writes a list of keys beside the database; each erasure was recorded when it was done",
    "doctors.map_cohorts": "makes a working table of a scoring run, which goes with the session",
    "doctors.undo_additions": "a part of the undoing of an import, whose entry claims what it took back",
    "doctors.copy_all": "writes a batch of an import, whose commit is recorded with every version it wrote",
    "doctors.create_all": "a part of the act it is called in, whose entry claims what it wrote",
    "doctors.update_all": "a part of the act it is called in, whose entry claims what it wrote",
    "doctors.delete_all": "a part of the act it is called in, whose entry claims what it wrote",
    "doctors.forget_pairs": "a part of the undoing of an import, whose entry covers it",
    "compliance.open_case_for": "a part of each act on a case, whose entry covers the key it gives to a case of before",
    "compliance.check_measure_answer": "asked by the engine in the transaction of an answer, whose entry covers it",
    "doctors.delete_plain": "a part of the act it is called in, whose entry claims what it wrote",
    "activities.blank_answers": "a part of a signed run of retention, whose entry counts them",
    "compliance.plain_rows": "a part of a signed run of retention, whose entry counts them",
    "accounts.forget_sign_ins": "a part of a signed run of retention, whose entry counts them",
    "compliance.forget_person": "a part of the erasure of a person, whose entry covers it",
    "imports.forget_person": "a part of the erasure of a person, whose entry covers it",
    "doctors.record_interaction": "a part of the act of the app above that it follows from, whose entry covers it",
    "doctors.touch_doctors": "marks sums that have to be built anew, in the transaction of the act that changed a fact",
    "imports.check_rows": "stages a file; nothing of record is written before the commit, which is recorded",
    "compliance.give_demo_factor": "the demonstration's seed, which no other installation runs",
}


class _Function:
    def __init__(self, node, is_public):
        self.is_public = is_public
        self.writes = self.records = False
        self.is_atomic = "atomic" in ast.unparse(ast.Module(node.decorator_list, [])) or any(
            "atomic" in ast.unparse(item.context_expr)
            for inner in ast.walk(node)
            if isinstance(inner, ast.With)
            for item in inner.items
        )
        self.calls = set()
        for child in ast.walk(node):
            if not isinstance(child, ast.Call):
                continue
            called = child.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            self.calls.add(name)
            self.records |= name in RECORDS
            self.writes |= _is_write(child)


def _is_write(call, tree=None):
    called = call.func
    if not isinstance(called, ast.Attribute) or called.attr not in WRITES or _is_plain(called):
        return False
    if called.attr.startswith("execute"):
        if not isinstance(called.value, ast.Name) or "cursor" not in called.value.id:
            return False
        words = _head(call.args[0], tree) if call.args else ""
        return not words.lstrip().upper().startswith(READS_ONLY)
    return True


def _head(text, tree, depth=6):
    """Return how a statement begins: also one of a constant of its file, formatted, or returned by a function of it."""
    match text:
        case ast.Constant(value=str()):
            return text.value
        case ast.JoinedStr(values=[first, *_]):
            return _head(first, tree)
        case ast.Call(func=ast.Attribute(attr="format", value=template)):
            return _head(template, tree, depth)
        case ast.Call(func=ast.Name(id=name)) if tree and depth:
            made = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and one.name == name]
            given = [one.value for part in made for one in ast.walk(part) if isinstance(one, ast.Return)]
            return _same_head(
                [one.elts[0] if isinstance(one, ast.Tuple) else one for one in given], tree, depth
            )
        case ast.Name(id=name) if tree and depth:
            return _same_head(_assigned(name, tree), tree, depth)
    return ""


def _assigned(name, tree):
    for one in ast.walk(tree):
        if isinstance(one, ast.Assign):
            (target, *_more) = one.targets
            first = target.elts[0] if isinstance(target, ast.Tuple) else target
            if isinstance(first, ast.Name) and first.id == name:
                yield one.value


def _same_head(texts, tree, depth):
    """Return how each of several begins where all only read, else nothing."""
    heads = [_head(one, tree, depth - 1) for one in texts]
    return heads[0] if heads and all(one.lstrip().upper().startswith(READS_ONLY) for one in heads) else ""


def _is_plain(called):
    """A method of a dictionary or set, or of a hash: `found.update(…)`, `digest.update(…)`."""
    owner = called.value
    return called.attr == "update" and isinstance(owner, ast.Name)


@cache
def _functions(package):
    """Return every function of an app's actions by name; one that a module keeps to itself by module and name."""
    place = ROOT / package / "actions"
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    found = {}
    for path in (path for path in files if path.exists()):
        tree = ast.parse(path.read_text("utf-8"))
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        full = {node.name: f"{path}:{node.name}" for node in nodes if node.name.startswith("_")}
        for node in nodes:
            function = _Function(node, node in tree.body)
            function.calls = {full.get(name, name) for name in function.calls}
            found[full.get(node.name, node.name)] = function
    return found


def _reaches(functions, name, wanted, seen=()):
    function = functions.get(name)
    if function is None or name in seen:
        return False
    return getattr(function, wanted) or any(
        _reaches(functions, called, wanted, (*seen, name)) for called in function.calls
    )


def _is_part_of_acts(functions, name, seen=()):
    """Return whether a function is only called by actions that record, and by one at least."""
    callers = [other for other, function in functions.items() if name in function.calls and other != name]
    return bool(callers) and all(
        _reaches(functions, caller, "records")
        or (caller not in seen and _is_part_of_acts(functions, caller, (*seen, name)))
        for caller in callers
    )


def _unrecorded():
    kernel = _functions("compliance")
    everything = {}
    for package in reversed(PACKAGES):
        everything |= _functions(package)
    silent = set()
    for package in PACKAGES:
        functions = kernel | _functions(package)
        own = _functions(package)
        for name in own:
            if ":" in name or not own[name].is_public or not _reaches(own, name, "writes"):
                continue
            if not _reaches(functions, name, "records") and not _is_part_of_acts(everything, name):
                silent.add(f"{package.rpartition('/')[2]}.{name}")
    return silent


def test_every_action_that_writes_is_recorded():
    assert sorted(_unrecorded() - set(EXEMPT)) == []


def test_no_exemption_outlives_its_reason():
    known = {f"{package.rpartition('/')[2]}.{name}" for package in PACKAGES for name in _functions(package)}

    assert sorted(set(EXEMPT) - known) == []


def test_the_walk_sees_the_actions():
    assert {"place_hold", "open_case", "decide"} <= set(_functions("compliance"))
    assert _reaches(_functions("compliance"), "place_hold", "writes")


def test_every_action_that_writes_does_it_in_one_transaction():
    loose = set()
    for package in PACKAGES:
        own = _functions(package)
        everything = _functions("compliance") | own
        for name, function in own.items():
            if ":" in name or not function.is_public or not _reaches(own, name, "writes"):
                continue
            label = f"{package.rpartition('/')[2]}.{name}"
            if label in EXEMPT or _reaches(own, name, "is_atomic") or _is_part_of_acts(everything, name):
                continue
            loose.add(label)

    assert sorted(loose) == []


def test_nothing_but_an_action_writes():
    found = set()
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            if re.search(r"(^|/)(actions|migrations|selectors|runtime)(/|\.py)|evaluate\.py$", place):
                continue
            calls = (
                node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)
            )
            if any(_is_write(call) for call in calls):
                found.add(place)

    assert sorted(found - set(WRITES_BESIDE_ACTIONS)) == []
    assert sorted(set(WRITES_BESIDE_ACTIONS) - found) == []


def test_a_selector_writes_nothing():
    found = set()
    for path in sorted(path for app in APPS for path in (ROOT / app).rglob("selectors/*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        if any(_is_write(call, tree) for call in ast.walk(tree) if isinstance(call, ast.Call)):
            found.add(path.relative_to(ROOT).as_posix())

    assert sorted(found) == []


@pytest.mark.parametrize(("statement", "is_write"), [
    ('"SELECT 1"', False), ("READ.format(x=1)", False), ("made()", False), ('"DELETE FROM x"', True),
    ("WRITE.format(x=1)", True), ("unknown()", True), ("sent", True),
])  # fmt: skip
def test_a_statement_is_known_by_how_it_begins(statement, is_write):
    tree = ast.parse(
        f'READ = "  SELECT {{x}}"\nWRITE = "UPDATE {{x}}"\ndef made():\n    return READ.format(x=2), ()\n'
        f"def ask(cursor, sent):\n    cursor.execute({statement})\n"
    )
    (call,) = [
        one
        for one in ast.walk(tree)
        if isinstance(one, ast.Call) and getattr(one.func, "attr", "") == "execute"
    ]

    assert _is_write(call, tree) is is_write
