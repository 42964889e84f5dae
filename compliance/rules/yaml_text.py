"""YAML as a rule is written in it: no tricks, and every part knows its line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml

from .faults import BookError, Fault
from .words import gettext_noop as _

LONGEST = 20_000  # characters
DEEPEST = 8
TIMESTAMP = "tag:yaml.org,2002:timestamp"
SAFE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same safe loader, in C where it is built
Path = tuple[str | int, ...]


class Loader(SAFE):
    """YAML 1.2's idea of yes and no: only true and false, so that `on` and `no` stay words."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in SAFE.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


@dataclass
class YamlText:
    """A mapping read from text. `lines` gives each part its line; `blocks` are texts that begin on the next one."""

    content: dict[str, Any] = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)
    blocks: set[Path] = field(default_factory=set)

    def line_of(self, path: Path) -> int:
        """Return the line of a part, or of the nearest part around it that stands in the text."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(text: str, *, file: str = "") -> YamlText:
    """Read one mapping. Raises: BookError for what is no YAML, endless, a repeated name or a day that does not exist."""
    _refuse_tricks(text, file)
    read = YamlText()
    try:
        node = yaml.compose(text, Loader=Loader)
        if not isinstance(node, yaml.MappingNode):
            raise BookError([Fault(file, 1, _("a rule is a YAML mapping"))])
        faults: list[Fault] = []
        _note(node, (), read, faults, file)
        if faults:
            raise BookError(faults)
        read.content = yaml.load(text, Loader=Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise BookError([_not_yaml(error, file)]) from error
    return read


def _refuse_tricks(text: str, file: str) -> None:
    """Refuse what makes a short text large or endless: its size, depth, anchors and aliases."""
    if len(text) > LONGEST:
        raise BookError([Fault(file, 1, _("a rule has at most %(most)s characters"), {"most": LONGEST})])
    depth = 0
    try:
        for event in yaml.parse(text, Loader=Loader):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise BookError([Fault(file, line, _("a rule's text does not refer to itself (& and *)"))])
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                raise BookError([Fault(file, line, _("this is nested too deeply"))])
    except yaml.YAMLError as error:
        raise BookError([_not_yaml(error, file)]) from error


def _not_yaml(error: yaml.YAMLError, file: str) -> Fault:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or error)
    return Fault(file, mark.line + 1 if mark else 1, _("this is not YAML: %(problem)s"), {"problem": problem})


def _note(node: yaml.Node, path: Path, read: YamlText, faults: list[Fault], file: str) -> None:
    line = node.start_mark.line + 1
    read.lines[path] = line
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            at = key.start_mark.line + 1
            if name in seen:
                faults.append(Fault(file, at, _("%(key)s stands here twice"), {"key": name}, name))
            seen.add(name)
            _note(value, (*path, name), read, faults, file)
            read.lines[*path, name] = at
            if isinstance(value, yaml.ScalarNode) and value.style == "|":
                read.blocks.add((*path, name))
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            _note(value, (*path, number), read, faults, file)
    elif node.tag == TIMESTAMP and not _is_day(node.value):
        part = str(path[0]) if path else ""
        faults.append(Fault(file, line, _("there is no day %(day)s"), {"day": node.value}, part))


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
