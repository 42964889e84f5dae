"""The part of CEL a rule may use, parsed and type-checked before a rule is let in.

The engines run the text itself (`common-expression-language` here, `@bufbuild/cel` on the phone). This parser only
says whether the text keeps to the subset that both read alike, which facts it names, and of what type it is.
Source: google/cel-spec, doc/langdef.md.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from functools import lru_cache
from typing import Any

from .words import gettext_noop as _

MAX_NODES = 160
MAX_DEPTH = 24
MAX_LOOPS = 2
MAX_INT = 2**63 - 1

TOKEN = re.compile(
    r"""\s*(?:
      (?P<int>\d+)(?![\w.])
    | (?P<string>"(?:[^"\\\n]|\\["\\nt])*"|'(?:[^'\\\n]|\\['\\nt])*')
    | (?P<name>[A-Za-z_]\w*)
    | (?P<op>&&|\|\||==|!=|<=|>=|[<>!+\-*/%?:.,()\[\]])
    )""",
    re.VERBOSE,
)
LEVELS = {
    "||": 1, "&&": 2, "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "in": 3,
    "+": 4, "-": 4, "*": 5, "/": 5, "%": 5,
}  # fmt: skip
LOOPS = {"exists", "all", "exists_one", "filter", "map"}
FUNCTIONS = {
    "size": ("any", "int"),
    "money": ("int", "string"),
    "percent": ("int", "string"),
    "string": ("any", "string"),
}
TEXT_METHODS = {"contains", "startsWith", "endsWith"}


class ExpressionError(ValueError):
    """An expression outside the subset, of the wrong type, or naming a fact nobody declares. `at` is a column."""

    def __init__(self, words: str, at: int = 0, **values: Any) -> None:
        super().__init__(words % values if values else words)
        self.words, self.at, self.values = words, at, values


@dataclass(frozen=True)
class ListOf:
    """A list of one type of member."""

    member: Any

    def __str__(self) -> str:
        return f"list({self.member})"


@dataclass(frozen=True)
class Checked:
    """What the check found: the type, and each fact as `root.field`."""

    type: Any
    names: frozenset[str]


def type_of(kind: Any) -> Any:
    """Return a Python annotation as a type of the subset: int, bool, string, a ListOf, or the dataclass itself."""
    simple = {str: "string", int: "int", bool: "bool"}
    if kind in simple:
        return simple[kind]
    if typing.get_origin(kind) in {tuple, list}:
        return ListOf(type_of(typing.get_args(kind)[0]))
    if is_dataclass(kind):
        return kind
    raise ExpressionError(_("%(kind)s is no type a fact may have"), kind=repr(kind))


def type_of_value(value: Any) -> Any:
    """Return the type of a parameter's value. Raises: ExpressionError for anything but int, bool, text or lists of one."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list) and value:
        members = {str(type_of_value(member)) for member in value}
        if len(members) == 1:
            return ListOf(type_of_value(value[0]))
    raise ExpressionError(
        _("a parameter is a whole number, yes or no, text, or a list of one of these, not %(value)s"),
        value=repr(value),
    )


def check(source: str, roots: Mapping[str, Any]) -> Checked:
    """Parse and type-check one expression. `roots` gives each name its type: a dataclass, or a mapping of parameters.

    Raises: ExpressionError, with the column.
    """
    parser = _Parser(source, roots)
    kind = parser.whole()
    return Checked(kind, frozenset(parser.names))


@lru_cache(maxsize=256)
def fields_of(kind: type) -> dict[str, Any]:
    return {name: type_of(hint) for name, hint in typing.get_type_hints(kind).items()}


class _Parser:
    def __init__(self, source: str, roots: Mapping[str, Any]) -> None:
        self.tokens = list(_tokens(source))
        self.position = 0
        self.scope: dict[str, Any] = dict(roots)
        self.names: set[str] = set()
        self.nodes = 0
        self.depth = 0
        self.loops = 0

    # --- tokens
    def peek(self) -> tuple[str, str, int]:
        return self.tokens[self.position]

    def take(self, text: str | None = None) -> tuple[str, str, int]:
        kind, found, at = self.tokens[self.position]
        if text is not None and found != text:
            raise self.unexpected(text, found, at)
        self.position += 1
        return kind, found, at

    def fail(self, words: str, **values: Any) -> ExpressionError:
        return ExpressionError(words, self.tokens[max(self.position - 1, 0)][2], **values)

    def unexpected(self, wanted: str, found: str, at: int) -> ExpressionError:
        if not found:
            return ExpressionError(
                _("%(wanted)s is expected here, and the condition ends"), at, wanted=repr(wanted)
            )
        return ExpressionError(
            _("%(wanted)s is expected here, not %(found)s"), at, wanted=repr(wanted), found=repr(found)
        )

    def puzzling(self, found: str, at: int) -> ExpressionError:
        if not found:
            return ExpressionError(_("the condition ends too early"), at)
        return ExpressionError(_("%(found)s is not understood here"), at, found=repr(found))

    # --- grammar
    def whole(self) -> Any:
        kind = self.expression()
        if self.peek()[0] != "end":
            raise self.puzzling(self.peek()[1], self.peek()[2])
        return kind

    def expression(self) -> Any:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fail(_("too complex: nested deeper than %(most)s"), most=MAX_DEPTH)
        kind = self.binary(1)
        if self.peek()[1] == "?":
            self.take()
            self.need(kind, "bool", "? :")
            yes = self.expression()
            self.take(":")
            no = self.expression()
            self.need(no, yes, "? :")
            kind = yes
        self.depth -= 1
        return kind

    def binary(self, level: int) -> Any:
        left = self.unary()
        while True:
            operator, at = self.peek()[1:]
            if LEVELS.get(operator, 0) < level:
                return left
            self.take()
            starts = self.position
            right = self.binary(LEVELS[operator] + 1)
            left = self.apply(operator, left, right, at, starts)

    def apply(self, operator: str, left: Any, right: Any, at: int, starts: int) -> Any:
        self.count()
        if operator in {"&&", "||"}:
            self.need(left, "bool", operator)
            self.need(right, "bool", operator)
            return "bool"
        if operator == "in":
            if not isinstance(right, ListOf):
                raise ExpressionError(_("after `in` stands a list"), at)
            self.need(left, right.member, "in")
            return "bool"
        if operator in {"==", "!=", "<", "<=", ">", ">="}:
            if isinstance(left, ListOf) or _is_facts(left) or (operator[0] in "<>" and left == "bool"):
                raise ExpressionError(
                    _("%(kind)s cannot be compared by %(operator)s"), at, kind=_named(left), operator=operator
                )
            self.need(right, left, operator)
            return "bool"
        if operator == "+" and left == "string":
            self.need(right, "string", "+")
            return "string"
        self.need(left, "int", operator)
        self.need(right, "int", operator)
        if operator in {"/", "%"}:
            kind, text = self.tokens[starts][:2]
            if kind != "int" or int(text) == 0 or self.position != starts + 1:
                raise ExpressionError(
                    _("divide by a whole number other than 0 only; multiply the other side instead"), at
                )
        return "int"

    def unary(self) -> Any:
        text = self.peek()[1]
        if text in {"!", "-"}:
            self.take()
            self.count()
            kind = self.unary()
            self.need(kind, "bool" if text == "!" else "int", text)
            return kind
        return self.member(self.primary())

    def primary(self) -> Any:
        kind, text, at = self.take()
        self.count()
        if kind == "int":
            if int(text) > MAX_INT:
                raise ExpressionError(_("this number is too large"), at)
            return "int"
        if kind == "string":
            return "string"
        if text == "(":
            inner = self.expression()
            self.take(")")
            return inner
        if text == "[":
            return self.list()
        if kind == "name" and text in {"true", "false"}:
            return "bool"
        if kind == "name" and self.peek()[1] == "(":
            return self.function(text, at)
        if kind == "name":
            if text not in self.scope:
                raise ExpressionError(
                    _("%(name)s is not known here; known are %(known)s"),
                    at,
                    name=repr(text),
                    known=", ".join(sorted(self.scope)),
                )
            return self.field(text, self.scope[text], at)
        raise self.puzzling(text, at)

    def field(self, name: str, kind: Any, at: int) -> Any:
        """After a root comes one of its fields."""
        while _is_facts(kind) or isinstance(kind, Mapping):
            fields = kind if isinstance(kind, Mapping) else fields_of(kind)  # type: ignore[arg-type]
            self.take(".")
            field, at = self.take()[1:]
            if field not in fields:
                unknown = (
                    _("there is no parameter %(name)s")
                    if isinstance(kind, Mapping)
                    else _("there is no fact %(name)s")
                )
                raise ExpressionError(unknown, at, name=f"{name}.{field}")
            name, kind = f"{name}.{field}", fields[field]
            self.names.add(name)
        return kind

    def member(self, kind: Any) -> Any:
        while self.peek()[1] == ".":
            self.take()
            name, at = self.take()[1:]
            self.count()
            self.take("(")
            if name == "size" and isinstance(kind, ListOf):
                kind = "int"
            elif name in LOOPS and isinstance(kind, ListOf):
                kind = self.loop(name, kind)
            elif name in TEXT_METHODS and kind == "string":
                self.need(self.expression(), "string", name)
                kind = "bool"
            else:
                raise ExpressionError(_("%(kind)s has no %(name)s()"), at, kind=_named(kind), name=name)
            self.take(")")
        return kind

    def loop(self, name: str, kind: ListOf) -> Any:
        self.loops += 1
        if self.loops > MAX_LOOPS:
            raise self.fail(
                _("too complex: more than %(most)s lists walked inside each other"), most=MAX_LOOPS
            )
        sort, variable, at = self.take()
        if sort != "name" or variable in self.scope:
            raise ExpressionError(_("%(name)s cannot name a member of the list"), at, name=repr(variable))
        self.take(",")
        self.scope[variable] = kind.member
        body = self.expression()
        del self.scope[variable]
        self.loops -= 1
        if name == "map":
            return ListOf(body)
        self.need(body, "bool", name)
        return kind if name == "filter" else "bool"

    def function(self, name: str, at: int) -> Any:
        if name not in FUNCTIONS:
            raise ExpressionError(_("there is no function %(name)s()"), at, name=name)
        wants, gives = FUNCTIONS[name]
        self.take("(")
        kind = self.expression()
        self.take(")")
        if name == "size" and not isinstance(kind, ListOf):
            raise ExpressionError(
                _("size() wants a list: the engines count the letters of a text differently"), at
            )
        if name == "string" and isinstance(kind, ListOf):
            raise ExpressionError(_("string() wants a single value"), at)
        if wants != "any":
            self.need(kind, wants, f"{name}()")
        return gives

    def list(self) -> ListOf:
        kinds = []
        while self.peek()[1] != "]":
            kinds.append(self.expression())
            if self.peek()[1] != "]":
                self.take(",")
        self.take("]")
        if not kinds or any(kind != kinds[0] for kind in kinds):
            raise self.fail(_("a list has members, all of one type"))
        return ListOf(kinds[0])

    # --- limits
    def count(self) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.fail(_("too complex: more than %(most)s parts"), most=MAX_NODES)

    def need(self, found: Any, wanted: Any, where: str) -> None:
        if found != wanted:
            raise self.fail(
                _("%(where)s wants %(wanted)s, and this is %(found)s"),
                where=where,
                wanted=_named(wanted),
                found=_named(found),
            )


def _is_facts(kind: Any) -> bool:
    return isinstance(kind, type) and is_dataclass(kind)


def _named(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)


def _tokens(source: str) -> typing.Iterator[tuple[str, str, int]]:
    at = 0
    text = source.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None or match.end() == at:
            raise ExpressionError(
                _("%(found)s is not understood here"), at, found=repr(text[at:].strip()[:1])
            )
        kind = match.lastgroup or ""
        found = match.group(kind)
        if kind == "name" and found == "in":
            kind = "op"
        yield kind, found, match.start(kind)
        at = match.end()
    yield "end", "", len(text)
