"""Which doors each decision point has, read from the code: from the call that judges up to whoever lets people in. P6."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
APPS = ("compliance", "doctors", "content", "activities", "pharmacrm")
DOORS = {"views": "page", "api": "REST", "tasks": "job", "management": "command"}
SYNC = "activities/actions/sync.py"  # one door of its own: it carries out what a phone did


@cache
def doors_of_points() -> dict[str, frozenset[str]]:
    """Return the kinds of door by decision point: page, REST, job, command, sync."""
    functions = dict(_functions())
    files = {file: frozenset(_names(tree)) for file, tree in _trees() if file == SYNC or _kind(file)}
    found: dict[str, set[str]] = defaultdict(set)
    actions = {place: names for place, (names, _points) in functions.items() if _is_action(place[0])}
    for point in {point for _names, points in functions.values() for point in points}:
        reached = {place for place, (_names, points) in functions.items() if point in points}
        while more := {
            place
            for place, names in actions.items()
            if place not in reached and _calls(place[0], names, reached)
        }:
            reached |= more
        for file, names in files.items():
            if _calls(file, names, reached):
                found[point].add("sync" if file == SYNC else _kind(file))
    return {point: frozenset(kinds) for point, kinds in found.items()}


def _calls(file: str, names: frozenset[str], reached: set[tuple[str, str]]) -> bool:
    """Return whether a file's names name what was reached: a private one in its own file only."""
    return any(name in names and (not name.startswith("_") or place == file) for place, name in reached)


def _is_action(file: str) -> bool:
    return ("/actions" in file and file != SYNC) or file == "pharmacrm/imports/guard.py"


def _kind(file: str) -> str:
    parts = file.removesuffix(".py").split("/")
    return next((kind for name, kind in DOORS.items() if name in parts[1:]), "")


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


def _functions() -> Iterator[tuple[tuple[str, str], tuple[frozenset[str], frozenset[str]]]]:
    for file, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                yield (file, node.name), (frozenset(_names(node)), frozenset(_points(node)))


def _names(node: ast.AST) -> Iterator[str]:
    for child in ast.walk(node):
        if isinstance(child, ast.Name):
            yield child.id
        elif isinstance(child, ast.Attribute):
            yield child.attr


def _points(node: ast.AST) -> Iterator[str]:
    for child in ast.walk(node):
        if isinstance(child, ast.Call) and child.args and isinstance(child.args[0], ast.Constant):
            called = (
                child.func.attr if isinstance(child.func, ast.Attribute) else getattr(child.func, "id", "")
            )
            if called == "judge" and isinstance(child.args[0].value, str):
                yield child.args[0].value
