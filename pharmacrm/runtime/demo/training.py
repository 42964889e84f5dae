"""Four courses as they are taught, the letter of commitment, checks of bribery; some people due, one overdue."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from compliance import actions as law
from compliance.rules.courses import content_of
from compliance.selectors import courses
from compliance.selectors.training import learnable_versions

from .content import Hand
from .people import Company

COURSES = Path(__file__).parent / "courses"
TRUE_OR_FALSE = ({"zh": "对", "en": "True"}, {"zh": "错", "en": "False"})
LETTER = (
    "我承诺：\n\n- 不承担销售任务，不统方\n- 不给予或者许诺任何财物或者其他利益\n- 只使用已放行的资料，不作超说明书推广\n"
    "- 听到疑似不良反应，24 小时内移交\n- 不收集能够识别患者身份的信息\n\n如有违反，愿意承担相应责任。",
    "I promise:\n\n- to take no sales task and to count no prescriptions\n- to give or promise nothing of value\n"
    "- to use released material only and to promote nothing off label\n- to hand over suspected adverse reactions within 24 hours\n"
    "- to collect nothing by which a patient could be known\n\nI answer for any breach.",
)


def seed_letter(company: Company, *, at: datetime) -> str:
    """Put the letter in force as of `at`. Returns: the fingerprint of its words."""
    author, publisher = company.office["compliance"], company.office["compliance2"]
    text = law.draft_letter_text(
        text_zh=LETTER[0], text_en=LETTER[1], months_valid=24, by=author, at=at - timedelta(minutes=30)
    )
    law.publish_letter_text(text_id=text.pk, by=publisher, at=at, proof=Hand().proof(publisher, at))
    return text.sha256


def seed_training(company: Company, *, at: datetime) -> int:
    """Publish the courses, change one of them ten days ago, and let some people take it again. Returns: duties left open."""
    begun = at - timedelta(days=300)
    hand = Hand()
    for turn, file in enumerate(sorted(COURSES.glob("*.yaml")), 1):
        course = yaml.safe_load(file.read_text("utf-8"))
        _published(company, course, hand, at=begun + timedelta(hours=turn))
    changed = at - timedelta(days=10)
    law.ensure_duties(by=None, at=at - timedelta(days=24))
    base = next(yaml.safe_load(one.read_text("utf-8")) for one in COURSES.glob("base.yaml"))
    _published(company, base, hand, at=changed, what_changed="按 2026 年办法更新红线一章")
    officer = company.office["compliance2"]
    for place, (rep, _territory, _district) in enumerate(company.reps):
        moment = at - timedelta(days=6, minutes=40 * place)
        if place % 3 == 1:
            _taken(rep, "BASE-01", at=moment)
        if place % 4 == 2:
            _failed(rep, "ABR-01", at=moment)
        elif place % 4 != 3 or place == 0:
            _taken(rep, "ABR-01", at=moment + timedelta(minutes=10))
        if place < 6:
            law.check_bribery(
                user_id=rep.pk,
                source="中国裁判文书网、公司名单",
                note="未见记录",
                by=officer,
                at=at - timedelta(days=30, minutes=place),
            )
    law.add_list_entries(
        entries=[
            {"person": "示例甲", "company": "示例医药商贸有限公司", "source": "某中级人民法院刑事判决书（示例）", "published_on": (at - timedelta(days=500)).date(), "detail": "对非国家工作人员行贿罪（虚构示例）"},
            {"person": "", "company": "示例推广服务有限公司", "source": "医药价格和招采信用评价失信结果（示例）", "published_on": (at - timedelta(days=200)).date(), "detail": "给付回扣，评级：严重（虚构示例）"},
        ],
        by=officer,
        at=at - timedelta(days=31),
    )  # fmt: skip
    return law.mind_training(on=at.date(), at=at)


def _published(
    company: Company, course: dict[str, Any], hand: Hand, *, at: datetime, what_changed: str = "首版"
) -> None:
    author, publisher = company.office["medical"], company.office["compliance2"]
    row = courses().get(code=course["code"])
    version = law.draft_version(course_id=row.pk, by=author, at=at - timedelta(minutes=50))
    law.write_content(
        version_id=version.pk, document=_document(course), by=author, at=at - timedelta(minutes=40)
    )
    law.set_terms(
        version_id=version.pk, drawn=course["drawn"], what_changed=what_changed,
        product_codes=course.get("products", []), months_valid=24, by=author, at=at - timedelta(minutes=30),
    )  # fmt: skip
    law.publish_version(version_id=version.pk, by=publisher, at=at, proof=hand.proof(publisher, at))


def _taken(rep: Any, code: str, *, at: datetime) -> None:
    version, attempt = _begun(rep, code, at=at)
    content = content_of(version.content)
    right = {one.key: list(one.right) for one in content.questions}
    answers = {key: right[key] for key in attempt.questions}
    law.submit_quiz(attempt_id=attempt.pk, answers=answers, by=rep, at=at + timedelta(minutes=9))


def _failed(rep: Any, code: str, *, at: datetime) -> None:
    _version, attempt = _begun(rep, code, at=at)
    law.submit_quiz(
        attempt_id=attempt.pk,
        answers={key: [0] for key in attempt.questions},
        by=rep,
        at=at + timedelta(minutes=5),
    )


def _begun(rep: Any, code: str, *, at: datetime) -> tuple[Any, Any]:
    version = learnable_versions().get(course__code=code)
    content = content_of(version.content)
    for chapter in content.chapters:
        law.read_chapter(version_id=version.pk, key=chapter.key, by=rep, at=at - timedelta(minutes=20))
    for exercise in content.exercises:
        law.answer_exercise(version_id=version.pk, key=exercise.key, choice=exercise.right, by=rep, at=at)
    return version, law.begin_quiz(version_id=version.pk, by=rep, at=at)


def _document(course: dict[str, Any]) -> dict[str, Any]:
    """Return a course file as the document of a version: every “zh | en” parted, every right answer marked."""
    return {
        "chapters": [
            {
                "key": f"c{n}",
                "title": _both(one["title"]),
                "text": {"zh": one["zh"].strip(), "en": one["en"].strip()},
            }
            for n, one in enumerate(course["chapters"], 1)
        ],
        "exercises": [
            {
                "key": f"e{n}",
                "scene": _both(one["scene"]),
                "choices": [_both(option.lstrip("* ")) for option in one["options"]],
                "right": next(m for m, option in enumerate(one["options"]) if option.startswith("*")),
                "explanation": _both(one["why"]),
                "rule": one["rule"],
            }
            for n, one in enumerate(course["exercises"], 1)
        ],
        "questions": [_question(f"q{n}", one) for n, one in enumerate(course["questions"], 1)],
    }


def _question(key: str, one: dict[str, Any]) -> dict[str, Any]:
    options = [str(option) for option in one.get("options", [])]
    right = [m for m, option in enumerate(options) if option.startswith("*")]
    if one["kind"] == "boolean":
        right = [0 if one["is_true"] else 1]
    return {
        "key": key,
        "kind": one["kind"],
        "text": _both(one["text"]),
        "options": list(TRUE_OR_FALSE) if one["kind"] == "boolean" else [_both(option.lstrip("* ")) for option in options],
        "right": right,
        "explanation": _both(one["why"]),
        "rule": one.get("rule", ""),
        "clause": one.get("clause", ""),
    }  # fmt: skip


def _both(words: str) -> dict[str, str]:
    zh, _bar, en = words.partition(" | ")
    return {"zh": zh.strip(), "en": (en or zh).strip()}
