"""What a course is made of, how its quiz is drawn and graded, and when it may be tried again. Knows no database.

A version's content is one document, so that a signature stands under all of it:
chapters, exercises (a scene, a choice, the explanation) and the pool of questions, each text in zh and en.
"""

from __future__ import annotations

import calendar
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from compliance.log.sampling import drawn_places

from .words import gettext_noop as _

KINDS = ("single", "multiple", "boolean")
LONGEST = 8000  # characters of one text
MOST_OPTIONS = 8


@dataclass(frozen=True)
class Text:
    """Words in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Chapter:
    """One chapter: words in a small safe markup, a PDF of the version, a record's subject such as a material."""

    key: str
    title: Text
    text: Text
    file: str = ""
    link: str = ""


@dataclass(frozen=True)
class Exercise:
    """A case: a scene, what could be done, which is right, and why by which rule and clause. It is not graded."""

    key: str
    scene: Text
    choices: tuple[Text, ...]
    right: int
    explanation: Text
    rule: str = ""
    clause: str = ""


@dataclass(frozen=True)
class Question:
    """One question of the pool."""

    key: str
    kind: str
    text: Text
    options: tuple[Text, ...]
    right: tuple[int, ...]
    explanation: Text
    rule: str = ""
    clause: str = ""


@dataclass(frozen=True)
class Content:
    """All of a version."""

    chapters: tuple[Chapter, ...] = ()
    exercises: tuple[Exercise, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def rules(self) -> tuple[str, ...]:
        """Return the rules that exercises and questions name, in order, each once."""
        named = [*(one.rule for one in self.exercises), *(one.rule for one in self.questions)]
        return tuple(dict.fromkeys(rule for rule in named if rule))

    def question(self, key: str) -> Question | None:
        return next((question for question in self.questions if question.key == key), None)


@dataclass(frozen=True)
class Gap:
    """What a version still lacks: words with values, and the part they belong to."""

    words: str
    values: Mapping[str, Any]
    key: str = ""


def content_of(document: Mapping[str, Any]) -> Content:
    """Return a stored document as content. What is absent is empty; nothing is judged here."""
    return Content(
        chapters=tuple(
            Chapter(
                key=str(one["key"]),
                title=_text(one.get("title")),
                text=_text(one.get("text")),
                file=str(one.get("file", "")),
                link=str(one.get("link", "")),
            )
            for one in document.get("chapters", [])
        ),
        exercises=tuple(
            Exercise(
                key=str(one["key"]),
                scene=_text(one.get("scene")),
                choices=tuple(_text(choice) for choice in one.get("choices", [])),
                right=int(one.get("right", 0)),
                explanation=_text(one.get("explanation")),
                rule=str(one.get("rule", "")),
                clause=str(one.get("clause", "")),
            )
            for one in document.get("exercises", [])
        ),
        questions=tuple(
            Question(
                key=str(one["key"]),
                kind=str(one.get("kind", "single")),
                text=_text(one.get("text")),
                options=tuple(_text(option) for option in one.get("options", [])),
                right=tuple(sorted({int(place) for place in one.get("right", [])})),
                explanation=_text(one.get("explanation")),
                rule=str(one.get("rule", "")),
                clause=str(one.get("clause", "")),
            )
            for one in document.get("questions", [])
        ),
    )


def gaps_of(content: Content, *, drawn: int) -> list[Gap]:
    """Return what keeps a version from being published, in the order of the document."""
    found = []
    if not content.chapters:
        found.append(Gap(_("There is no chapter."), {}))
    for chapter in content.chapters:
        found += _lacking(chapter.key, {"title": chapter.title, "text": chapter.text})
    for exercise in content.exercises:
        found += _lacking(exercise.key, {"scene": exercise.scene, "explanation": exercise.explanation})
        found += _options(exercise.key, exercise.choices, (exercise.right,), single=True)
        if not exercise.rule:
            found.append(Gap(_("An exercise names the rule it teaches."), {}, exercise.key))
    for question in content.questions:
        found += _lacking(question.key, {"text": question.text, "explanation": question.explanation})
        found += _options(question.key, question.options, question.right, single=question.kind != "multiple")
        if question.kind not in KINDS:
            found.append(Gap(_("The kind of question is not known."), {}, question.key))
        if not (question.rule or question.clause):
            found.append(Gap(_("A question names the rule or the clause it asks about."), {}, question.key))
    if len(content.questions) < max(drawn, 1):
        found.append(
            Gap(
                _("The pool has %(have)s questions and %(drawn)s are drawn."),
                {"have": len(content.questions), "drawn": drawn},
            )
        )
    keys = [one.key for one in content.chapters]
    keys += [*(one.key for one in content.exercises), *(one.key for one in content.questions)]
    if len(set(keys)) != len(keys):
        found.append(Gap(_("Two parts have the same key."), {}))
    return found


def fingerprint(document: Mapping[str, Any], *terms: object) -> str:
    """Return the SHA-256 that a signature stands under: the document and the terms of the examination."""
    said = json.dumps([document, *terms], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def seed_of(root: str, *parts: object) -> str:
    """Return the seed of a quiz: nobody chooses it, since the root is the log's and the rest is who tries what, how often."""
    return hashlib.sha256(":".join([root, *(str(part) for part in parts)]).encode()).hexdigest()


def drawn_keys(seed: str, keys: Sequence[str], wanted: int) -> list[str]:
    """Return the drawn questions' keys in the order asked; each once, and the same for the same seed and pool."""
    pool = sorted(keys)
    return [pool[place] for place in drawn_places(seed, len(pool), wanted)]


def option_order(seed: str, question: Question) -> list[int]:
    """Return the order in which a question's options stand on the page; true and false keep theirs."""
    if question.kind == "boolean":
        return list(range(len(question.options)))
    return drawn_places(f"{seed}:{question.key}", len(question.options), len(question.options))


def is_right(question: Question, chosen: Sequence[int]) -> bool:
    """Return whether exactly the right options were chosen."""
    return tuple(sorted(set(chosen))) == question.right


def points_of(right: int, asked: int) -> int:
    """Return points out of 100, rounded down: a pass is never given by rounding."""
    return right * 100 // asked if asked else 0


def next_try(failed: Sequence[datetime], *, attempts: int, cool_down: timedelta) -> datetime | None:
    """Return from when the quiz may be tried again, or None for at once: after each `attempts` failures comes a pause."""
    if not failed or len(failed) % max(attempts, 1):
        return None
    return max(failed) + cool_down


def months_later(day: date, months: int) -> date:
    """Return the same day some months later, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _text(words: Any) -> Text:
    given = words if isinstance(words, Mapping) else {}
    return Text(zh=str(given.get("zh", "")), en=str(given.get("en", "")))


def _lacking(key: str, texts: Mapping[str, Text]) -> list[Gap]:
    found = []
    for text in texts.values():
        if not text.zh.strip() or not text.en.strip():
            found.append(Gap(_("Its words are not there in both languages."), {}, key))
        if max(len(text.zh), len(text.en)) > LONGEST:
            found.append(Gap(_("A text is longer than %(most)s characters."), {"most": LONGEST}, key))
    return found[:1]


def _options(key: str, options: Sequence[Text], right: Sequence[int], *, single: bool) -> list[Gap]:
    if not 2 <= len(options) <= MOST_OPTIONS:
        return [Gap(_("Two to %(most)s options are needed."), {"most": MOST_OPTIONS}, key)]
    if any(not option.zh.strip() or not option.en.strip() for option in options):
        return [Gap(_("Its words are not there in both languages."), {}, key)]
    if not right or any(not 0 <= place < len(options) for place in right):
        return [Gap(_("The right answer is not marked."), {}, key)]
    if single and len(right) != 1:
        return [Gap(_("Only one answer can be right here."), {}, key)]
    return []
