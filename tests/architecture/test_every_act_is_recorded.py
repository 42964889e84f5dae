"""Every public action that writes also writes the ledger, itself or through a function it calls. Promise P1."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ["compliance", "doctors", "content", "activities", "pharmacrm/accounts", "pharmacrm/imports", "pharmacrm/api", "pharmacrm/portal"]  # fmt: skip
WRITES = {
    "save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "update", "delete",
    "bulk_create_with_history", "bulk_update_with_history", "copy_expert",
}  # fmt: skip
RECORDS = {"record", "record_refusal"}

# The act is recorded elsewhere, or is none. Each line says why.
EXEMPT = {
    "compliance.anchor_checkpoint": "copies a signed checkpoint outside; the copy is its own proof",
    "compliance.sign": "a part of the act it is called in, whose entry claims the signature",
    "compliance.guard_tables": "the owner's set-up of the database, before anybody acts",
    "compliance.note_shapes": "the owner's set-up of the database, before anybody acts",
    "accounts.mark_messages_read": "a reader's own mark on a message, no record of the company",
    "content.draw": "draws a page in a process of its own and writes no row",
    "content.main": "draws a page in a process of its own and writes no row",
    "doctors.copy_all": "writes a batch of an import, whose commit is recorded with every version it wrote",
    "doctors.create_all": "writes a batch of an import, whose commit is recorded with every version it wrote",
    "doctors.record_interaction": "a part of the act of the app above that it follows from, whose entry covers it",
    "doctors.touch_doctors": "marks sums that have to be built anew, in the transaction of the act that changed a fact",
    "imports.check_rows": "stages a file; nothing of record is written before the commit, which is recorded",
    "compliance.give_demo_factor": "the demonstration's seed, which no other installation runs",
}


class _Function:
    def __init__(self, node, is_public):
        self.is_public = is_public
        self.writes = self.records = False
        self.calls = set()
        for child in ast.walk(node):
            if not isinstance(child, ast.Call):
                continue
            called = child.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            self.calls.add(name)
            self.records |= name in RECORDS
            self.writes |= name in WRITES and isinstance(called, ast.Attribute) and not _is_plain(called)


def _is_plain(called):
    """A method of a dictionary or set, or of a hash: `found.update(…)`, `digest.update(…)`."""
    owner = called.value
    return called.attr == "update" and isinstance(owner, ast.Name)


def _functions(package):
    """Return every function of an app's actions by name, nested and private ones too."""
    place = ROOT / package / "actions"
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    found = {}
    for path in (path for path in files if path.exists()):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                found[node.name] = _Function(node, node in tree.body)
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
            if name.startswith("_") or not own[name].is_public or not _reaches(own, name, "writes"):
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
