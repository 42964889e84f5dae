"""The subset of CEL that rules may use, and what it refuses."""

from dataclasses import dataclass

import cel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.expressions import ExpressionError, ListOf, check


@dataclass(frozen=True)
class Facts:
    kind: str = ""
    cost_fen: int = 0
    is_paid: bool = False
    codes: tuple[str, ...] = ()


ROOTS = {"expense": Facts, "params": {"cap_fen": "int", "kinds": ListOf("string")}}


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ('expense.kind == "meal" && expense.cost_fen > params.cap_fen * 3', "bool"),
        ("expense.codes.exists(c, c in params.kinds) || !expense.is_paid", "bool"),
        ("size(expense.codes.filter(c, c.startsWith('RB'))) >= 2", "bool"),
        ("expense.cost_fen / 60 - 1", "int"),
        ("money(expense.cost_fen) + ' CNY'", "string"),
        ("expense.is_paid ? 'a' : expense.kind", "string"),
        ("expense.codes.map(c, c + c).all(n, n != 'RBRB')", "bool"),
        ("expense.kind in ['meal', 'taxi']", "bool"),
        ("-expense.cost_fen < 0 == false", "bool"),
    ],
)
def test_what_a_rule_may_say(source, kind):
    assert check(source, ROOTS).type == kind
    cel.compile(source)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("expense.price > 3", "no fact expense.price"),
        ("params.cap > 3", "no parameter params.cap"),
        ("visit.kind == 'x'", "'visit' is not known"),
        ("expense.cost_fen > '3'", "wants int"),
        ("expense.cost_fen / expense.cost_fen > 1", "divide by a whole number"),
        ("expense.cost_fen / 0 > 1", "divide by a whole number"),
        ("expense.cost_fen % params.cap_fen == 1", "divide by a whole number"),
        ("expense.cost_fen / 2 * 3", ""),
        ("expense.kind && true", "wants bool"),
        ("expense.codes == ['a']", "cannot be compared"),
        ("expense.kind.matches('a')", "no matches()"),
        ("now() > 3", "no function now()"),
        ("expense.kind ==", "ends too early"),
        ("expense.is_paid expense.is_paid", "not understood"),
        ("expense.codes.exists(expense, true)", "cannot name"),
        ("expense.kind in 'meal'", "stands a list"),
        ("1 == 1 ? 2 : 'x'", "? : wants int"),
        ("[] == []", "members"),
        ("expense", "'.' is expected"),
        ("(" * 40 + "true" + ")" * 40, "too complex"),
        (" && ".join(["expense.is_paid"] * 200), "too complex"),
        (
            "expense.codes.exists(a, expense.codes.exists(b, expense.codes.exists(c, a == b)))",
            "too complex",
        ),
        ("expense.kind == 'a", "not understood"),
        ("1.5 > 1", "not understood"),
    ],
)
def test_what_a_rule_may_not_say(source, words):
    if not words:
        assert check(source, ROOTS).type == "int"
        return
    with pytest.raises(ExpressionError) as refusal:
        check(source, ROOTS)

    assert words in str(refusal.value)


def test_the_facts_an_expression_names_are_told():
    checked = check("expense.cost_fen > params.cap_fen && expense.is_paid", ROOTS)

    assert checked.names == {"expense.cost_fen", "params.cap_fen", "expense.is_paid"}


@given(st.text(alphabet="ab.()[]'\"=&|!<>+-*/%?:, 019_", max_size=40))
def test_any_text_is_checked_or_refused_and_never_crashes(source):
    try:
        check(source, ROOTS)
    except ExpressionError:
        return
    cel.compile(source)
