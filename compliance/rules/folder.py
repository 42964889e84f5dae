"""The whole book as a folder: one YAML file a text, a folder a scene, and book.yaml with figures and ends."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import yaml

from .book import Book, DatedParameter, PointShape, Rule
from .expressions import ExpressionError, type_of_value
from .faults import BookError, Fault
from .reading import overlaps, read_rule
from .reference import Reference
from .words import gettext_noop as _
from .yaml_text import read_yaml

INDEX = "book.yaml"
NAME = re.compile(r"^[a-z]+/[a-z0-9-]+\.yaml$")
MOST_FILES = 2000
MOST_BYTES = 100_000  # of one file
STAMP = (1980, 1, 1, 0, 0, 0)  # a zip of the same book is the same bytes


def read_folder(
    folder: Path, points: Mapping[str, PointShape], reference: Reference | None = None
) -> tuple[Rule, ...]:
    """Read every rule of a folder, by id. Raises: BookError with every fault of every file."""
    files = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.glob("*/*.yaml"))
    }
    return read_files(files, points, reference)


def read_files(
    files: Mapping[str, str], points: Mapping[str, PointShape], reference: Reference | None = None
) -> tuple[Rule, ...]:
    """Read every rule of a book given as texts by name, by id. Raises: BookError with every fault of every file."""
    rules: list[Rule] = []
    faults: list[Fault] = []
    for name, text in files.items():
        try:
            rules.append(read_rule(text, points, file=name, reference=reference))
        except BookError as error:
            faults.extend(error.faults)
    faults.extend(overlaps(rules))
    if faults:
        raise BookError(faults)
    return tuple(sorted(rules, key=lambda rule: (rule.id, rule.valid_from)))


def files_of(book: Book) -> dict[str, str]:
    """Return a book as texts by file name. An end that a text does not say itself stands in book.yaml."""
    files: dict[str, str] = {}
    ends: dict[str, str] = {}
    for rule in book.rules:
        name = f"{rule.scene}/{rule.id.lower()}-{rule.valid_from}.yaml"
        files[name] = rule.body
        if rule.valid_until and _own_end(rule.body) != rule.valid_until:
            ends[name] = rule.valid_until
    index = {"pack": book.key, "ends": ends, "figures": [asdict(figure) for figure in book.parameters]}
    files[INDEX] = yaml.safe_dump(index, allow_unicode=True, sort_keys=True)
    return dict(sorted(files.items()))


def book_of_files(files: Mapping[str, str], points: Mapping[str, PointShape]) -> Book:
    """Return the book of a folder. Raises: BookError with every fault of every file."""
    faults: list[Fault] = []
    rules: list[Rule] = []
    index = _index(files.get(INDEX, ""), faults)
    for name, text in files.items():
        if name == INDEX:
            continue
        try:
            rule = read_rule(text, points, file=name)
        except BookError as error:
            faults.extend(error.faults)
            continue
        end = index["ends"].get(name, "")
        rules.append(replace(rule, valid_until=end) if end else rule)
    faults.extend(overlaps(rules))
    if not rules and not faults:
        faults.append(Fault("", 1, _("there is no rule in it")))
    if faults:
        raise BookError(faults)
    rules.sort(key=lambda rule: (rule.id, rule.valid_from))
    return Book(str(index["pack"]), tuple(rules), tuple(index["figures"]))


def read_folder_texts(folder: Path) -> dict[str, str]:
    """Return the texts of a folder on disk by file name."""
    paths = [*folder.glob("*/*.yaml"), *folder.glob(INDEX)]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in sorted(paths)}


def zip_of(files: Mapping[str, str]) -> bytes:
    """Return a folder as one zip file: the same bytes for the same book."""
    place = io.BytesIO()
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in files.items():
            package.writestr(zipfile.ZipInfo(name, STAMP), text.encode(), zipfile.ZIP_DEFLATED)
    return place.getvalue()


def files_of_zip(content: bytes) -> dict[str, str]:
    """Return the texts of a zipped folder. Raises: BookError for what is no such zip, too large, or oddly named."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            members = [member for member in package.infolist() if not member.is_dir()]
            if len(members) > MOST_FILES:
                raise BookError([Fault("", 1, _("a book has at most %(most)s files"), {"most": MOST_FILES})])
            return {member.filename: _text(package, member) for member in members}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as broken:
        raise BookError([Fault("", 1, _("this is no zip file, or it is cut short"))]) from broken


def _text(package: zipfile.ZipFile, member: zipfile.ZipInfo) -> str:
    name = member.filename
    if name != INDEX and not NAME.match(name):
        raise BookError([Fault(name, 1, _("a book has folders of scenes with one YAML file a text"))])
    if member.file_size > MOST_BYTES * (10 if name == INDEX else 1):
        raise BookError([Fault(name, 1, _("this file is too large"))])
    try:
        return package.read(member).decode()
    except UnicodeDecodeError as wrong:
        raise BookError([Fault(name, 1, _("this file is not UTF-8"))]) from wrong


def _own_end(body: str) -> str:
    end = read_yaml(body).content.get("valid_until")
    return end.isoformat() if isinstance(end, date) else ""


def _index(text: str, faults: list[Fault]) -> dict:  # type: ignore[type-arg]
    """Return pack, ends and figures of book.yaml; a folder without one has no figures."""
    empty = {"pack": "folder", "ends": {}, "figures": []}
    if not text:
        return empty
    try:
        said = yaml.safe_load(text)
        ends = {str(name): date.fromisoformat(str(day)).isoformat() for name, day in said["ends"].items()}
        figures = [_figure(one) for one in said["figures"]]
        return {"pack": str(said["pack"])[:40], "ends": ends, "figures": figures}
    except (yaml.YAMLError, ExpressionError, AttributeError, KeyError, TypeError, ValueError, RecursionError):
        faults.append(Fault(INDEX, 1, _("book.yaml names the pack, ends by file, and dated figures")))
        return empty


def _figure(given: Mapping[str, object]) -> DatedParameter:
    figure = DatedParameter(**given)  # type: ignore[arg-type]
    type_of_value(figure.value)
    for day in filter(None, (figure.valid_from, figure.valid_until)):
        date.fromisoformat(day)
    return figure
