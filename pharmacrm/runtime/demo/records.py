"""Papers and guidelines of doctors, two files with something to say about their rows, and exceptions that were asked for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.timezone import localtime

from compliance import actions as law
from doctors import actions as doctors
from doctors import selectors

from .master import load
from .people import Company

# Title, journal, years ago, authors in all; then which doctors of the first representatives wrote it, by their place.
PAPERS = (
    ("门诊 2 型糖尿病患者血糖管理的多中心观察", "明湖内科学杂志", 1, 9, ((0, 0, 1), (0, 1, 4), (1, 0, 9))),
    ("糖尿病肾病早期筛查路径的真实世界研究", "明湖内科学杂志", 2, 7, ((0, 0, 1), (0, 2, 2))),
    ("基层高血压随访质量的影响因素", "江南心血管病学", 1, 6, ((0, 1, 1), (1, 1, 3))),
    ("心力衰竭出院患者再入院的预测模型", "江南心血管病学", 3, 11, ((1, 0, 2), (1, 2, 11))),
    ("老年共病患者多重用药的药学干预", "明湖老年医学", 2, 5, ((0, 3, 1),)),
    ("慢性肾脏病患者自我管理教育的效果", "明湖内科学杂志", 4, 8, ((1, 1, 1), (0, 2, 5))),
)
GUIDELINES = (
    (0, 0, "明湖省 2 型糖尿病基层管理规范", "明湖省医学会内分泌学分会", 1, "lead_author", "provincial"),
    (1, 0, "明湖市高血压分级诊疗路径", "明湖市医学会", 2, "chair", "city"),
    (0, 1, "心力衰竭随访管理专家建议", "明湖省医学会心血管病学分会", 1, "reviewer", "provincial"),
)
MEMBERS = (
    ("湖滨新区人民医院", "县级", "综合医院"),
    ("青石县第二人民医院", "省级重点", "综合医院"),
    ("云台山康复医院", "区域医疗中心", "专科医院"),
    ("白鹭洲镇中心卫生院", "省级重点", "综合医院"),
    ("柳溪县中医院", "二级甲等", "中医医院"),
)


def seed_papers(company: Company, *, at: datetime) -> int:
    """Keep what doctors wrote, as the steward found it. Returns: how many papers."""
    steward, today = company.office["steward"], localtime(at).date()
    own = {rep: _own(company, rep, today) for rep in (0, 1)}
    for number, (title, journal, years, authors, written_by) in enumerate(PAPERS, start=1):
        paper = doctors.Paper(
            title=title,
            journal=journal,
            published_on=date(today.year - years, 1 + number, 15),
            doi=f"10.5555/demo.{number:03d}",
            authors_total=authors,
        )
        kept = doctors.keep_publication(paper=paper, by=steward, at=at)
        for rep, place, position in written_by:
            doctors.attach_author(
                publication_id=kept.pk, doctor_id=own[rep][place], position=position, by=steward, at=at,
                ground="作者单位、科室与姓名均与档案一致。", is_corresponding=position == authors,
            )  # fmt: skip
    for rep, place, title, issuer, years, role, level in GUIDELINES:
        work = doctors.Guideline(title, issuer, today.year - years, role, level)
        doctors.add_guideline_work(doctor_id=own[rep][place], work=work, by=steward, at=at)
    doctors.import_publications(content=_by_line(own[1]).encode(), name="检索结果.ris", by=steward, at=at)
    return len(PAPERS) + 1


def seed_files(company: Company, *, at: datetime) -> None:
    """Leave a list whose rows say what was not taken over, and one with levels that nobody knows yet."""
    steward, today = company.office["steward"], localtime(at).date()
    mine = [selectors.doctor_card(key) for key in _own(company, 3, today)[:4]]
    theirs = selectors.doctor_card(_own(company, 9, today)[0])
    moved, renamed, reached, namesake = mine
    load(
        "doctor",
        "年会参会回执.csv",
        ("医生编码", "姓名", "职称", "医院", "科室", "手机"),
        (
            (moved.code, moved.name, "", theirs.hospital, "", ""),
            (renamed.code, f"{renamed.name[:1]}晓", "", "", "", ""),
            (reached.code, reached.name, "", "", "", f"138{20_000_000 + today.toordinal():08d}"),
            ("", namesake.name, "主任医师", namesake.hospital, _another(namesake.department), ""),
        ),
        by=steward,
        at=at - timedelta(days=3),
    )
    load(
        "hospital",
        "医联体成员单位.csv",
        ("医院名称", "等级", "类型"),
        MEMBERS,
        by=steward,
        at=at - timedelta(hours=5),
        stays=True,
    )


def seed_exceptions(company: Company, *, at: datetime) -> None:
    """Ask for exceptions from rules: one is granted, one refused, one waits."""
    officer, today = company.office["compliance"], localtime(at).date()
    rep, other = company.reps[4][0], company.reps[7][0]
    asked = [
        (rep, _own(company, 5, today)[0], "同事外派三周，其间代为跟进该医生已提出的学术问题。", 16),
        (other, _own(company, 8, today)[0], "该医生近期将到本片区医院多点执业，想提前拜访。", 9),
        (rep, _own(company, 5, today)[1], "联合病例讨论会由两片区共同筹备，需当面确认议程。", 0),
    ]
    made = []
    for person, doctor, reason, ago in asked:
        when = at - timedelta(days=ago, hours=3)
        first = localtime(when).date()
        made.append(
            law.request_waiver(
                rule="CP-01", subject=f"doctor:{doctor}", reason=reason, valid_from=first,
                valid_until=first + timedelta(days=21), by=person, at=when,
            )
        )  # fmt: skip
    for waiver, grant, answer in (
        (made[0], True, "期限明确，仅限已提出的问题；到期自动失效。"),
        (made[1], False, "备案变更前不属于本片区，请先办理辖区调整。"),
    ):
        when = waiver.requested_at + timedelta(hours=6)
        law.decide_waiver(waiver_id=waiver.pk, grant=grant, reason=answer, by=officer, at=when)


def _by_line(keys: list[Any]) -> str:
    """Return a paper as a search service exports it: its authors are proposed, and wait for the steward."""
    cards = [selectors.doctor_card(key) for key in keys[3:6]]
    lines = [
        "TY  - JOUR",
        "TI  - 社区高血压与糖尿病共管模式的实施评价",
        "JO  - 明湖老年医学",
        "PY  - 2026/03/10",
    ]
    for card in cards:
        lines += [f"AU  - {card.name}", f"AD  - {card.hospital}{card.department}"]
    return "\n".join([*lines, "DO  - 10.5555/demo.101", "ER  - ", ""])


def _own(company: Company, rep: int, today: date) -> list[Any]:
    _person, territory, _district = company.reps[rep]
    rows = selectors.doctors_in_territories([territory.pk], today).order_by("code")
    return list(rows.values_list("pk", flat=True)[:6])


def _another(department: str) -> str:
    return "心内科" if department != "心内科" else "肾内科"
