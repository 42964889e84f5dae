"""A rule is let in only when it is whole: source, dates, grade, both languages, examples, known facts."""

from pathlib import Path

import pytest
import yaml

from compliance.evaluate import RULEBOOK, evaluate, example_fails, point_shapes, reference, shipped_book
from compliance.rules.faults import BookError
from compliance.rules.folder import read_folder
from compliance.rules.reading import KEYS, overlaps, read_rule

MEAL = (RULEBOOK / "hospitality" / "rd-02-entertainment.yaml").read_text(encoding="utf-8")


def read(text):
    return read_rule(text, point_shapes(), file="x.yaml")


def faults_of(text):
    with pytest.raises(BookError) as refusal:
        read(text)
    return [str(fault) for fault in refusal.value.faults]


def without(key):
    content = yaml.safe_load(MEAL)
    content.pop(key)
    return yaml.safe_dump(content, allow_unicode=True)


@pytest.mark.parametrize("rule", shipped_book().rules, ids=lambda rule: rule.id)
def test_every_example_of_a_rule_comes_out_as_it_says(rule):
    wrong = [f"{n}: {words}" for n in range(len(rule.examples)) if (words := example_fails(rule, n))]

    assert wrong == []


def test_the_shipped_book_is_large_enough_and_speaks_both_languages():
    rules = shipped_book().rules

    assert len(rules) >= 100
    for rule in rules:
        for words in (rule.title, rule.text, rule.message, rule.instead):
            assert set(words) == {"zh", "en"}
            assert "!" not in words["en"] + words["zh"]
        assert sum(example.refused for example in rule.examples) >= 3
        assert sum(not example.refused for example in rule.examples) >= 3


def test_no_policy_quotes_a_clause_and_every_law_has_been_read():
    for rule in shipped_book().rules:
        assert not (rule.is_policy and any(source.clause for source in rule.sources))
        assert rule.is_policy or rule.confidence in {"V-P", "V-S"}


@pytest.mark.parametrize(
    "key",
    [
        "id",
        "scene",
        "grade",
        "at",
        "title",
        "text",
        "sources",
        "valid_from",
        "breach_when",
        "message",
        "instead",
        "examples",
    ],
)
def test_a_rule_lacking_a_part_is_refused(key):
    assert faults_of(without(key)) == [f"x.yaml:1: {key} is missing"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("grade: 禁止", "grade: 严禁", "x.yaml:3: grade is one of"),
        ("scene: hospitality", "scene: sales", "x.yaml:2: scene is one of"),
        ("id: RD-02", "id: rule 2", "x.yaml:1: 'rule 2' is no id"),
        ("event.entertainment\n", "event.fun\n", "there is no fact event.fun"),
        (
            "event.entertainment\n",
            "event.meal_fen_per_head\n",
            "a condition is true or false, and this is int",
        ),
        ("event.entertainment\n", "event.entertainment &&\n", "ends too early"),
        ("confidence: V-S", "confidence: sure", "confidence is one of"),
        ('clause: "7", ', "", ""),
        ("in_force: 2023-04-01, ", "", "since when it is in force"),
        ("valid_from: 2023-04-01", "valid_from: soon", "valid_from is a day"),
        (
            "valid_from: 2023-04-01",
            "valid_from: 2023-04-01\nvalid_until: 2020-01-01",
            "valid_until lies after",
        ),
        ("valid_from: 2023-04-01", "valid_from: 2023-04-01\nseverity: 3", "severity is no part of a rule"),
        ("valid_from: 2023-04-01", "valid_from: 2023-04-01\nwaiver: ceo", "only a rule of grade 避免"),
        ("valid_from: 2023-04-01", "valid_from: 2023-04-01\nvalid_from: 2024-01-01", "stands here twice"),
        ("event.close, ", "event.dream, ", "no app declares the decision point event.dream"),
        ("{event: {entertainment: false}}", "{event: {entertainment: 3}}", "entertainment is bool, not 3"),
        ("{event: {entertainment: false}}", "{event: {joy: false}}", "there is no fact joy"),
        ("{event: {entertainment: false}}", "{visit: {}}", "gives the facts of one of"),
        ("kinds: [entertainment", "kinds: [1.5", "a parameter is a whole number"),
        ("scene: hospitality", "scene: [hospitality", "x.yaml:"),
    ],
)
def test_a_faulty_rule_is_refused_with_file_and_line(old, new, fault):
    assert old in MEAL or not fault
    text = MEAL.replace(old, new, 1)
    if not fault:
        assert read(text).id == "RD-02"
        return

    assert any(fault in one for one in faults_of(text)), faults_of(text)


def test_a_message_may_only_use_what_is_shown():
    zh = read(MEAL).message["zh"]

    faults = faults_of(MEAL.replace(zh, "'{people} 人，{total} 元'", 1))

    assert [fault.split(": ", 1)[1] for fault in faults] == [
        "{people} is not among what show gives",
        "{total} is not among what show gives",
    ]


def test_two_examples_are_too_few():
    lines = MEAL.rstrip().splitlines()

    assert "at least 3 examples are refused" in faults_of("\n".join(lines[:-1]))[0]


def test_a_policy_that_quotes_an_article_is_refused():
    assert "quotes no clause" in faults_of(MEAL.replace("confidence: V-S", "confidence: M", 1))[0]


def test_two_versions_may_not_hold_on_one_day():
    rule = read(MEAL)

    assert len(list(overlaps([rule, rule]))) == 1


def test_a_folder_tells_every_fault_of_every_file(tmp_path: Path):
    scene = tmp_path / "hospitality"
    scene.mkdir()
    (scene / "a.yaml").write_text(MEAL.replace("grade: 禁止", "grade: x"), encoding="utf-8")
    (scene / "b.yaml").write_text("- 1", encoding="utf-8")

    with pytest.raises(BookError) as refusal:
        read_folder(tmp_path, point_shapes())

    assert [fault.file for fault in refusal.value.faults] == ["hospitality/a.yaml", "hospitality/b.yaml"]


def cited(text):
    with pytest.raises(BookError) as refusal:
        read_rule(text, point_shapes(), file="x.yaml", reference=reference())
    return [str(fault) for fault in refusal.value.faults]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("id: RD-02", "id: RD-92", "x.yaml:1: the reference has no row RD-92"),
        ("valid_from: 2023-04-01", "valid_from: 2023-04-01\ncovers: [ZZ-01]", "the reference has no row ZZ-01"),
        ('clause: "7（餐饮）"', 'clause: "14"', "RDPAC 行业行为准则 (2022) has no clause 14"),
        ('clause: "7（餐饮）"', 'clause: 第7条', "has no clause 第7条"),
        ('clause: "7（餐饮）"', 'clause: 7.10', "a clause is text"),
        ("RDPAC 行业行为准则 (2022)", "医药代表管理办法 (2026)", "has no clause 7"),
        (
            'RDPAC 行业行为准则 (2022), clause: "7（餐饮）"',
            "医药代表备案管理办法(试行) (2020年第105号), clause: 第13条(1)",
            "ended on 2026-08-01, and the rule goes on",
        ),
    ],
)  # fmt: skip
def test_a_rule_cites_only_what_its_source_can_have(old, new, fault):
    text = (RULEBOOK / "hospitality" / "rd-02-entertainment.yaml").read_text(encoding="utf-8")
    first = next(line for line in text.splitlines() if "instrument: RDPAC" in line)
    clean = '  - {instrument: RDPAC 行业行为准则 (2022), clause: "7（餐饮）", in_force: 2023-04-01, confidence: V-S}'
    text = text.replace(first, clean, 1)

    assert old in text
    assert any(fault in one for one in cited(text.replace(old, new))), cited(text.replace(old, new))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: &a [1]\nb: *a", "x.yaml:1: a rule's text does not refer to itself"),
        ("a: &loop {b: *loop}", "does not refer to itself"),
        ("a: " + "[" * 3000, "nested too deeply"),
        ("a: " + "x" * 30_000, "at most 20000 characters"),
        ("- a", "a rule is a YAML mapping"),
        ("", "a rule is a YAML mapping"),
        ("a: !!python/object/apply:os.system [ls]", "this is not YAML"),
        ("? [a, b]\n: c", "this is not YAML"),
        ("id: RD-02\nvalid_from: 2026-02-30", "x.yaml:2: there is no day 2026-02-30"),
        ("a: \x00", "this is not YAML"),
        ("a: b: c", "x.yaml:1: this is not YAML"),
    ],
)
def test_a_text_that_tricks_the_reader_is_refused(text, fault):
    assert any(fault in one for one in faults_of(text)), faults_of(text)


@pytest.mark.parametrize("key", sorted(KEYS))
@pytest.mark.parametrize(
    "value", ["3", "[]", "{}", "[[1]]", "{a: {b: [1]}}", "text", "null", "true", "2026-01-01"]
)
def test_a_part_of_another_kind_is_a_fault_and_never_a_crash(key, value):
    content = yaml.safe_load(MEAL) | {key: yaml.safe_load(value)}

    faults = ()
    try:
        read(yaml.safe_dump(content, allow_unicode=True))
    except BookError as refusal:
        faults = refusal.faults

    assert all(fault.line >= 1 and fault.message for fault in faults)


def test_a_condition_of_several_lines_is_faulted_at_its_own_line():
    text = MEAL.replace(
        "event: event.entertainment", "event: |\n    event.entertainment\n    && event.fun", 1
    )
    line = next(number for number, one in enumerate(text.splitlines(), start=1) if "event.fun" in one)

    assert any(one.startswith(f"x.yaml:{line}: there is no fact event.fun") for one in faults_of(text))


def test_two_texts_of_one_rule_may_not_hold_on_one_day(tmp_path):
    (tmp_path / "a").mkdir()
    for name, dates in (
        ("one", "valid_from: 2023-04-01\nvalid_until: 2024-01-02"),
        ("two", "valid_from: 2024-01-01"),
    ):
        text = MEAL.replace("valid_from: 2023-04-01", dates, 1)
        (tmp_path / "a" / f"{name}.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(BookError, match="overlaps in time"):
        read_folder(tmp_path, point_shapes())


def test_the_law_of_2020_judges_the_acts_of_its_day():
    texts = [rule for rule in shipped_book().rules if rule.id == "MR-08"]
    ended = [rule for rule in shipped_book().rules if rule.valid_until == "2026-08-01"]

    before = evaluate("visit.plan", {}, on="2026-07-31").refusals
    after = evaluate("visit.plan", {}, on="2026-08-01").refusals

    def cites(refusals):
        return {source.instrument for one in refusals if one.rule == "MR-08" for source in one.sources}

    assert [(rule.valid_from, rule.valid_until) for rule in texts] == [
        ("2020-12-01", "2026-08-01"),
        ("2026-08-01", ""),
    ]
    assert cites(before) == {"医药代表备案管理办法(试行) (2020年第105号)"}
    assert cites(after) == {"医药代表管理办法 (2026)"}
    assert len(ended) == 13
