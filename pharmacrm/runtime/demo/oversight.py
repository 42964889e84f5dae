"""What Compliance has on its desk: a hold, cases in several states, hotline reports, a data incident, a sampling plan."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import localtime

from activities.actions.monitoring import scan_for_signals
from activities.selectors import events as meetings
from compliance import actions as law

from .people import Company
from .signals import seed_signals


def seed_oversight(company: Company, *, at: datetime) -> int:
    """Let the detectors search, and leave the officers work of every kind. Returns: signals found."""
    first, second = company.office["compliance"], company.office["compliance2"]
    seed_signals(company, at=at)
    signals = scan_for_signals(at=at)
    _hotline(first, at)
    _case_of_an_event(company, first, second, at)
    _incident(company, second, at)
    _rule_book(company, second, at)
    day = localtime(at).date()
    law.plan_monitoring(
        name=f"{day:%Y} 年 {day.month} 月拜访抽查",
        population="visits",
        since=day - timedelta(days=30),
        until=day,
        size=12,
        due_on=day + timedelta(days=14),
        by=first,
        at=at - timedelta(hours=1),
    )
    return signals


def _hotline(officer: Any, at: datetime) -> None:
    report, code = law.report_concern(
        concern="records",
        words="10 月下旬科室会的签到表是会后补的，有两位医生当天不在医院。我在现场。",
        at=at - timedelta(days=3),
    )
    law.triage_case(
        case_id=report.case_id,
        risk="high",
        words="有具体时间和人数，可核对排班与签到。五个工作日内完成初查。",
        by=officer,
        at=at - timedelta(days=2),
        due_at=at + timedelta(days=3),
    )
    law.answer_reporter(
        case_id=report.case_id,
        words="谢谢。请告诉我们是哪个科室，签到表由谁保管？您仍可匿名。",
        by=officer,
        at=at - timedelta(days=2),
    )
    law.write_again(code=code, words="心内科，签到表在组织者那里。", at=at - timedelta(days=1))
    law.report_concern(
        concern="promotion",
        words="有人在患者群里转发产品图片，图片没有审批编号。",
        at=at - timedelta(hours=5),
    )


def _case_of_an_event(company: Company, officer: Any, second: Any, at: datetime) -> None:
    event = (
        meetings.events_visible_to(officer, localtime(at).date())
        .filter(state="closed")
        .order_by("starts_at")
        .last()
    )
    if event is None:
        return
    since = at - timedelta(days=6)
    case = law.open_case(
        kind="officer", subject=f"event:{event.pk}", title="签到照片疑似重复使用", by=officer, at=since,
        due_at=at + timedelta(days=2),
    )  # fmt: skip
    keys: dict[str, Any] = {"case_id": case.pk, "by": officer}
    law.triage_case(**keys, risk="medium", words="两场活动照片构图一致，金额不大，影响费用真实性。", at=since)
    law.assign_case(**keys, owner=officer, at=since)
    law.add_member(**keys, person=company.office["medical"], at=since)
    law.plan_case(**keys, words="1. 比对原图时间\n2. 询问组织者\n3. 核对供应商发票", at=since)
    law.hold_case(**keys, reason="核查照片期间暂停该活动的费用", at=since + timedelta(hours=1))
    law.move_case(**keys, state="investigating", at=since + timedelta(hours=2))
    law.add_statement(
        **keys, title="组织者陈述", words="组织者称手机相册误选，原图仍在。", at=since + timedelta(days=1)
    )
    finding = law.add_case_finding(
        **keys,
        words="原图拍摄时间为前一场活动当日。",
        grade="避免",
        rule="SP-12b",
        at=since + timedelta(days=2),
    )
    law.conclude_finding(
        **keys, finding_id=finding.pk, conclusion="confirmed", words="比对原图元数据，确认重复。",
        at=since + timedelta(days=3),
    )  # fmt: skip
    law.add_measure(
        **keys, kind="corrective", text="补交当场活动的现场照片，或写明无法补交的原因。", owner=event.organiser,
        due_on=localtime(at).date() + timedelta(days=2), at=since + timedelta(days=4),
    )  # fmt: skip
    law.add_measure(
        **keys, kind="preventive", text="季度培训加入照片留存要求和案例。", owner=second,
        due_on=localtime(at).date() + timedelta(days=20), at=since + timedelta(days=4),
    )  # fmt: skip
    law.decide_report(**keys, authority="samr", basis="SG-11 主动整改与报告", at=since + timedelta(days=4))
    law.draft_letter(
        **keys, audience="doctor", title="关于活动照片的说明", at=since + timedelta(days=5),
        body="您好：我们在例行核查中发现活动照片使用有误，正在更正，您的信息未受影响。",
    )  # fmt: skip


def _incident(company: Company, officer: Any, at: datetime) -> None:
    incident = law.report_incident(
        report=law.IncidentReport(
            kind="leak",
            data_kinds=["identity", "affiliation"],
            persons_affected=46,
            detected_at=at - timedelta(hours=5),
            occurred_at=at - timedelta(hours=7),
            cause="参会名单误发至外部会务邮箱。",
            harm="可能收到推销电话。",
            contact="隐私办公室 privacy@hengyu.example",
        ),
        by=company.office["marketing"],
        at=at - timedelta(hours=5),
    )
    law.triage_case(
        case_id=incident.case_id, risk="medium", words="人数有限，不含联系方式。", by=officer,
        at=at - timedelta(hours=4, minutes=40),
    )  # fmt: skip
    law.contain_incident(
        incident_id=incident.pk,
        measures="已要求收件方删除并书面确认；停用该邮件组。",
        advice="留意以会务名义打来的电话。",
        by=officer,
        at=at - timedelta(hours=4, minutes=20),
    )


def _rule_book(company: Company, officer: Any, at: datetime) -> None:
    """Leave a change of the law to sign, and a false alarm of the guard to decide."""
    law.draft_parameter(
        rule="RD-01",
        name="cap_fen",
        value=25_000,
        valid_from=localtime(at).date() + timedelta(days=9),
        reason="按年度合规评估，下月起人均餐费上限由 300 元降为 250 元。",
        by=officer,
        at=at - timedelta(hours=6),
    )
    law.report_false_alarm(
        place="column",
        kind="doctors",
        text="处方量规范培训（次）",
        claim="这一列是参加规范培训的次数，不是处方数量。",
        by=company.office["steward"],
        at=at - timedelta(hours=2),
    )
