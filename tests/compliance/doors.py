"""Which doors each decision point has, read from the code: from the call that judges up to whoever lets people in. P6."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
APPS = ("compliance", "doctors", "content", "activities", "pharmacrm")
DOORS = {
    "views": "page",
    "api": "REST",
    "tasks": "job",
    "management": "command",
    "portal": "doctor's page",
    "clients.py": "page",  # of pharmacrm/api, whose other files are REST
}
SYNC = "activities/actions/sync.py"  # one door of its own: it carries out what a phone did
INBOX = frozenset({"inbox", "inbox over REST"})  # of whatever is put to the approval engine
KEEPS = {"Refused", "Exception", "BaseException"}
FLOWS = ("on_decided", "on_progress", "check")  # what the engine calls of the app that asked


@cache
def doors_of_points() -> dict[str, frozenset[str]]:
    """Return the kinds of door by decision point: page, REST, job, command, sync, inbox, import, the doctor's page."""
    functions = _functions()
    files = {file: frozenset(_names(tree)) for file, tree in _trees() if file == SYNC or _kind(file)}
    found: dict[str, set[str]] = defaultdict(set)
    actions = {place: names for place, (names, _points) in functions.items() if _is_action(place[0])}
    flows, answering, imports = _flows(), _answering(), _imported()
    for point in {point for _names, points in functions.values() for point in points}:
        found[point] = set()
        reached = {place for place, (_names, points) in functions.items() if point in points}
        while more := {
            place
            for place, names in actions.items()
            if place not in reached and _calls(place[0], names, reached)
        } | {
            place
            for flow, names in flows.items()
            for place in answering.get(flow, set()) - reached
            if _calls("", names, reached)
        }:
            reached |= more
        if any(_calls("", names, reached) for names in flows.values()):
            found[point] |= INBOX
        if _calls("", imports, reached):
            found[point].add("import")
        for file, names in files.items():
            if _calls(file, names, reached):
                found[point].add("sync" if file == SYNC else _kind(file))
    return {point: frozenset(kinds) for point, kinds in found.items()}


def pages_that_swallow(pages: Iterable[tuple[str, str]] = ()) -> list[str]:
    """Return where a page catches a refusal of the law and keeps it, so that nobody records it and shows the verdict.

    A refusal is left to the wrapper at the door. `pages` are read in place of the code's own.
    """
    trees = [(file, ast.parse(text)) for file, text in pages] or [
        (file, tree) for file, tree in _trees() if _kind(file) in ("page", "doctor's page")
    ]
    return sorted(
        f"{file}:{node.lineno}"
        for file, tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Try)
        and any(
            KEEPS & set(_names(one.type) if one.type else {"Exception"})
            and not any(isinstance(inner, ast.Raise) for inner in ast.walk(one))
            for one in node.handlers
        )
    )


def _calls(file: str, names: frozenset[str], reached: set[tuple[str, str]]) -> bool:
    """Return whether a file's names name what was reached: a private one in its own file only."""
    return any(name in names and (not name.startswith("_") or place == file) for place, name in reached)


def _is_action(file: str) -> bool:
    return ("/actions" in file and file != SYNC) or file == "pharmacrm/imports/guard.py"


def _kind(file: str) -> str:
    if _is_action(file):
        return ""
    *folders, name = file.split("/")
    if (kind := DOORS.get(name)) and "api" in folders:
        return kind
    parts = [*folders[1:], name.removesuffix(".py")]
    return next((kind for part, kind in DOORS.items() if part in parts), "")


@cache
def _flows() -> dict[tuple[str, str], frozenset[str]]:
    """Return what the engine calls by flow: the module and the name under which the flow is known."""
    found = {}
    for app in APPS:
        for path in sorted((ROOT / app).rglob("apps.py")):
            tree = ast.parse(path.read_text("utf-8"))
            for call in calls_of(tree, "register"):
                if call.args and any(one.arg in FLOWS for one in call.keywords):
                    called = {name for one in call.keywords if one.arg in FLOWS for name in _names(one.value)}
                    found[_flow(call.args[0], tree)] = frozenset(called)
    return found


@cache
def _answering() -> dict[tuple[str, str], set[tuple[str, str]]]:
    """Return the actions by flow that answer its open request from the object's own page."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for file, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and _is_action(file):
                for call in calls_of(node, "answer_approval"):
                    flow = next((one.value for one in call.keywords if one.arg == "flow"), None)
                    if isinstance(flow, ast.Name | ast.Attribute):
                        found[_flow(flow, tree, file)].add((file, node.name))
    return found


@cache
def _imported() -> frozenset[str]:
    """Return what a kind of import hands to the engine of imports."""
    return frozenset(
        name
        for file, tree in _trees()
        if _is_action(file)
        for call in calls_of(tree, "register")
        if isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "imports"
        for name in _names(call)
    )


def _flow(node: ast.expr, tree: ast.Module, file: str = "") -> tuple[str, str]:
    """Return the module and the name of a flow: `reviews.FLOW`, `FLOW` of this file or of the one it comes from."""
    if isinstance(node, ast.Attribute):
        return getattr(node.value, "id", ""), node.attr
    name = getattr(node, "id", "")
    for one in ast.walk(tree):
        if isinstance(one, ast.ImportFrom) and name in {alias.name for alias in one.names}:
            return (one.module or "").rpartition(".")[2], name
    return Path(file).stem, name


def calls_of(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """Yield the calls of a name within a tree, whatever it is called on."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called == name:
                yield node


@cache
def _trees() -> list[tuple[str, ast.Module]]:
    files = [
        (path.relative_to(ROOT).as_posix(), path)
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
    ]
    return [
        (file, ast.parse(path.read_text("utf-8")))
        for file, path in files
        if _is_action(file) or _kind(file) or file == SYNC
    ]


@cache
def _functions() -> dict[tuple[str, str], tuple[frozenset[str], frozenset[str]]]:
    return {
        (file, node.name): (frozenset(_names(node)), frozenset(_points(node)))
        for file, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }


def _names(node: ast.AST) -> Iterator[str]:
    for child in ast.walk(node):
        if isinstance(child, ast.Name):
            yield child.id
        elif isinstance(child, ast.Attribute) and not _is_pattern(child.value):
            yield child.attr


def _is_pattern(node: ast.expr) -> bool:
    """Return whether an attribute is read from a regular expression, whose search and match are no actions."""
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name == "re" or name.isupper()


def _points(node: ast.AST) -> Iterator[str]:
    for child in ast.walk(node):
        if isinstance(child, ast.Call) and child.args and isinstance(child.args[0], ast.Constant):
            called = (
                child.func.attr if isinstance(child.func, ast.Attribute) else getattr(child.func, "id", "")
            )
            if called == "judge" and isinstance(child.args[0].value, str):
                yield child.args[0].value
