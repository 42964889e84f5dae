"""Courses for tests: a small one that can be passed, written by one person and published by another."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from compliance import actions as law
from compliance.models import Course, CourseVersion
from compliance.rules.courses import content_of

from .compliance import proof_of


def both(words: str) -> dict[str, str]:
    return {"zh": f"{words}（中）", "en": f"{words} (en)"}


def question(key: str, *, kind: str = "single", right: tuple[int, ...] = (1,), options: int = 4) -> dict:
    names = ("对", "错") if kind == "boolean" else tuple(f"{key}-{n}" for n in range(options))
    return {
        "key": key,
        "kind": kind,
        "text": both(f"Question {key}"),
        "options": [both(name) for name in names],
        "right": list(right),
        "explanation": both(f"Because of {key}"),
        "rule": "MR-06",
    }


def document(*, questions: int = 8) -> dict:
    """One chapter, one case, a pool with one multiple and one true-or-false among single answers."""
    pool = [question(f"q{n}") for n in range(1, questions - 1)]
    pool += [question("q98", kind="multiple", right=(0, 2)), question("q99", kind="boolean", right=(0,))]
    return {
        "chapters": [{"key": "c1", "title": both("Chapter"), "text": both("## Head\n\n- one\n- **two**")}],
        "exercises": [
            {
                "key": "e1",
                "scene": both("A doctor asks for counts."),
                "choices": [both("Give them"), both("Decline and report")],
                "right": 1,
                "explanation": both("Counting is forbidden."),
                "rule": "MR-11",
            }
        ],
        "questions": pool,
    }


def drafted(author: Any, *, at: datetime, code: str = "T-01", by: Any = None, **terms: Any) -> CourseVersion:
    """A complete draft; `by` keeps the course where the author may not."""
    course = Course.objects.filter(code=code).first() or law.add_course(
        code=code, title_zh="规范", title_en="Rules", months_valid=12, pass_mark=80, by=by or author, at=at
    )
    version = law.draft_version(course_id=course.pk, by=author, at=at)
    version = law.write_content(version_id=version.pk, document=document(), by=author, at=at)
    return law.set_terms(
        version_id=version.pk, by=author, at=at, **{"drawn": 5, "what_changed": "首版", **terms}
    )


def published(
    author: Any, publisher: Any, *, at: datetime, code: str = "T-01", **terms: Any
) -> CourseVersion:
    version = drafted(author, at=at, code=code, **terms)
    return law.publish_version(
        version_id=version.pk, by=publisher, at=at, proof=proof_of(publisher, at, session_key=code)
    )


def read_all(version: CourseVersion, learner: Any, *, at: datetime) -> None:
    content = content_of(version.content)
    for chapter in content.chapters:
        law.read_chapter(version_id=version.pk, key=chapter.key, by=learner, at=at)
    for exercise in content.exercises:
        law.answer_exercise(version_id=version.pk, key=exercise.key, choice=0, by=learner, at=at)


def right_answers(attempt: Any) -> dict[str, list[int]]:
    content = content_of(attempt.version.content)
    return {key: list(content.question(key).right) for key in attempt.questions}


def passed(version: CourseVersion, learner: Any, *, at: datetime) -> Any:
    """Read, answer and pass; returns the certificate."""
    read_all(version, learner, at=at)
    attempt = law.begin_quiz(version_id=version.pk, by=learner, at=at)
    done = law.submit_quiz(attempt_id=attempt.pk, answers=right_answers(attempt), by=learner, at=at)
    return done.certificate


def failed(version: CourseVersion, learner: Any, *, at: datetime) -> Any:
    read_all(version, learner, at=at)
    attempt = law.begin_quiz(version_id=version.pk, by=learner, at=at)
    wrong = {key: [3] if key not in ("q99",) else [1] for key in attempt.questions}
    return law.submit_quiz(attempt_id=attempt.pk, answers=wrong, by=learner, at=at)
