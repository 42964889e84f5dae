"""What stewards, managers and the privacy desk have before them: requests, claims, realignments, lists, likely pairs, contests."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils.timezone import localtime, make_aware

from activities import actions as field
from compliance.doors import recorded_refusals
from doctors import actions as doctors
from doctors import selectors
from doctors.actions.duplicates import carry_out_fit, search
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import Refused
from pharmacrm.imports import actions as imports

from .content import Hand
from .master import load
from .people import Company

# Records of doctors who are on file already, as another list spells them: the number of the first, what differs.
ALIKE = (
    (3, "心血管内科", "副主任医师"),
    (17, "代谢病科", "主任医师"),
    (41, "肾病科", "主治医师"),
    (66, "老年病科", "主治医师"),
)


# What was reported as paid to the first doctors of a territory: which of them, days ago, yuan, what for, how, by whom.
PAID = (
    (0, 212, "2000.00", "讲课", "转账", "明湖会务（受恒宇制药委托）"),
    (0, 131, "1386.50", "差旅", "实报实销", "明湖会务（受恒宇制药委托）"),
    (0, 58, "2000.00", "讲课", "转账", "明湖会务（受恒宇制药委托）"),
    (1, 188, "1500.00", "学术咨询", "转账", "恒宇制药"),
    (1, 96, "980.00", "会议注册", "代付", "明湖会务（受恒宇制药委托）"),
    (2, 164, "1500.00", "讲课", "转账", "明湖会务（受恒宇制药委托）"),
    (3, 143, "743.20", "差旅", "实报实销", "明湖会务（受恒宇制药委托）"),
    (4, 77, "1500.00", "学术咨询", "转账", "恒宇制药"),
)


def seed_desk(company: Company, *, at: datetime) -> int:
    """Leave work of every kind on the desks of stewards and managers. Returns: how many requests of doctors there are."""
    today = localtime(at).date()
    asked = _requests(company, at, today)
    _lists(company, at, today)
    _alignment(company, at, today)
    _contests(company, at, today)
    _alike(company, at, today)
    _refused_file(company, at)
    _transfers(company, at, today)
    return asked


def _own(company: Company, rep: int, today: date) -> list[Any]:
    """Return the doctors of a representative who have a tier, by their number."""
    _person, territory, _district = company.reps[rep]
    rows = selectors.doctors_in_territories([territory.pk], today).filter(profiling_refused=False)
    return list(rows.exclude(tier="").order_by("code"))


def _requests(company: Company, at: datetime, today: date) -> int:
    first, steward = company.office["compliance"], company.office["steward"]
    rep = company.reps[5][0]
    doctor = [row.pk for row in _own(company, 5, today)[-8:]]

    def take(place: int, kind: str, ago: int, words: str, by: User | None = None) -> UUID:
        taken = doctors.take_request(
            doctor_id=doctor[place], kind=kind, source="page" if by is None else "rep", words=words, by=by,
            at=at - timedelta(days=ago),
        )  # fmt: skip
        return taken.pk

    def check(request: UUID, by: User, ago: int) -> None:
        doctors.check_identity(request_id=request, how="call_back", by=by, at=at - timedelta(days=ago))

    def answer(
        request: UUID, by: User, ago: int, *, yes: bool = True, reason: str = "", signs: bool = False
    ) -> None:
        decision = doctors.RequestAnswer(yes, reason)
        when = at - timedelta(days=ago)
        proof = Hand().proof(by, when) if signs else None
        doctors.answer_request(request_id=request, answer=decision, by=by, at=when, proof=proof)

    take(0, "access", 1, "想知道你们保存了我的哪些信息。")
    check(take(1, "correct", 3, "我今年 6 月起任副主任医师，请更正职称。", rep), first, 2)
    erase = take(2, "erase", 6, "已调离临床，请删除我的资料。", rep)
    check(erase, steward, 5)
    answer(erase, steward, 4, signs=True)
    answer(take(3, "copy", 20, ""), first, 16)
    answer(
        take(4, "portability", 18, "请转给另一家公司。"),
        first,
        12,
        yes=False,
        reason="接收方没有说明用途和联系方式，请补充后再提出。",
    )
    take(5, "explain", 24, "为什么把我列为潜力医生？")
    take(6, "restrict", 9, "暂时只接受书面资料。")
    return 7


def _lists(company: Company, at: datetime, today: date) -> None:
    (rep, _territory, district), steward = company.reps[0], company.office["steward"]
    doctors.save_list(
        name="三甲核心专家", kind="filter", filters={"tier": "core"}, by=rep, at=at - timedelta(days=30)
    )
    picks = doctors.save_list(name="肾病专题会邀请", kind="picks", by=rep, at=at - timedelta(days=12))
    chosen = [row.pk for row in _own(company, 0, today)[:8]]
    doctors.carry_out_bulk(
        order=doctors.BulkOrder("add", list_id=picks.pk),
        doctor_ids=chosen,
        by=rep,
        at=at - timedelta(days=12),
    )
    doctors.save_list(
        name="潜力医生走访", kind="filter", filters={"tier": "potential"}, by=company.managers[district],
        at=at - timedelta(days=8),
    )  # fmt: skip
    doctors.save_list(
        name="待核实职称", kind="filter", filters={"tier": "basic"}, by=steward, at=at - timedelta(days=5)
    )


def _alignment(company: Company, at: datetime, today: date) -> None:
    """A claim answered, two that wait; a realignment in draft, and one that waits for another person."""
    (rep, territory, district), steward = company.reps[0], company.office["steward"]
    (other, other_territory, _same) = company.reps[1]
    manager = company.managers[district]
    own, others = _own(company, 0, today), _own(company, 1, today)
    stranger = others[-1]
    doctors.claim_doctor(
        name=selectors.doctor_card(stranger.pk).name, hospital=str(stranger.hospital), territory_id=territory.pk,
        reason="该医生已到本区医院多点执业，本季度两次参加本区科室会。", by=rep, at=at - timedelta(days=2),
    )  # fmt: skip
    doctors.decline_doctor(
        doctor_id=own[-1].pk, reason="已调往外院，不在本区执业。", by=rep, at=at - timedelta(days=1)
    )
    answered = doctors.decline_doctor(
        doctor_id=others[-2].pk, reason="该科室由同事负责多年。", by=other, at=at - timedelta(days=15)
    )
    doctors.decide_challenge(
        challenge_id=answered.pk, accept=False, answer="科室归属按医院划分，本周期不变，下周期再议。", by=manager,
        at=at - timedelta(days=13),
    )  # fmt: skip
    draft = doctors.open_realignment(
        name="明年一季度：两区平衡", reason="一区医生偏多，按医院移交一家。", effective_on=today + timedelta(days=40),
        by=manager, at=at - timedelta(days=4),
    )  # fmt: skip
    doctors.add_realignment_change(
        realignment_id=draft.pk, kind="hospital", hospital_id=own[0].hospital_id,
        from_territory_id=territory.pk, to_territory_id=other_territory.pk, by=manager, at=at - timedelta(days=4),
    )  # fmt: skip
    asked = doctors.open_realignment(
        name="两名医生改归二区", reason="两名医生的主要执业地点已变更。", effective_on=today + timedelta(days=12),
        by=steward, at=at - timedelta(days=3),
    )  # fmt: skip
    for doctor in own[1:3]:
        doctors.add_realignment_change(
            realignment_id=asked.pk, kind="doctor", doctor_id=doctor.pk, to_territory_id=other_territory.pk,
            by=steward, at=at - timedelta(days=3),
        )  # fmt: skip
    for place, doctor in enumerate(own[1:3]):
        _plan_after(rep, doctor.pk, today + timedelta(days=13 + place), at)
    doctors.preview_realignment(realignment_id=asked.pk, by=steward, at=at - timedelta(days=3))
    doctors.ask_realignment(
        realignment_id=asked.pk, approver_id=manager.pk, by=steward, at=at - timedelta(days=2)
    )


def _plan_after(rep: User, doctor: UUID, first: date, at: datetime) -> None:
    """Plan a visit on the first day from `first` on that the hospital's rules allow, so that a realignment touches it."""
    for days in range(10):
        moment = make_aware(datetime.combine(first + timedelta(days=days), time(14, 30)))
        with suppress(Refused):
            field.plan_visit(plan=field.VisitPlan(doctor_id=doctor, planned_at=moment), by=rep, at=at)
            return


def _contests(company: Company, at: datetime, today: date) -> None:
    """One tier contested by the doctor and one by a colleague wait for a person; a third was decided."""
    rep, steward = company.reps[0][0], company.office["steward"]
    own = _own(company, 0, today)
    link = doctors.make_link(doctor_id=own[4].pk, by=rep, at=at - timedelta(days=4))
    doctors.contest_tier_by_link(
        link_id=link.pk, words="本人今年起任省医学会分会委员，记录未更新。", at=at - timedelta(days=3)
    )
    doctors.contest_tier(
        doctor_id=own[5].pk, words="去年主编的指南没有计入。", by=steward, at=at - timedelta(days=2)
    )
    decided = doctors.contest_tier(
        doctor_id=own[6].pk, words="近半年很少参加学术活动，分层偏高。", by=rep, at=at - timedelta(days=20)
    )
    doctors.decide_contest(
        contest_id=decided.pk, tier="", answer="按近两年的记录核对无误，下次全量评分再看。",
        by=company.office["medical"], at=at - timedelta(days=14),
    )  # fmt: skip


def _alike(company: Company, at: datetime, today: date) -> None:
    """Import a second list that spells four doctors otherwise, fit the weights, and search."""
    steward = company.office["steward"]
    own = _own(company, 2, today)
    rows = []
    for number, (place, ward, title) in enumerate(ALIKE):
        row = own[place % len(own)]
        card = selectors.doctor_card(row.pk)
        rows.append((f"X{number:05d}", card.name, title, "", card.specialty, card.hospital, ward))
    load(
        "doctor", "会务公司名单.csv", ("医生编码", "姓名", "职称", "职务", "专业", "医院", "科室"), rows,
        by=steward, at=at - timedelta(days=7),
    )  # fmt: skip
    model = doctors.ask_fit(by=steward, at=at - timedelta(days=6))
    carry_out_fit(model_id=model.pk, clock=lambda: at - timedelta(days=6))
    doctors.use_weights(model_id=model.pk, by=steward, at=at - timedelta(days=6))
    search(model_id=None, clock=lambda: at - timedelta(days=6))


def _refused_file(company: Company, at: datetime) -> None:
    """A file with a column that may not exist is refused, and kept apart in a case."""
    steward, when = company.office["steward"], at - timedelta(hours=8)
    text = "医生编码,姓名,医院,科室,月处方量(支)\nD000001,示例,示例医院,心内科,120\n"
    try:
        with recorded_refusals(by=steward, at=when):
            imports.upload_file(
                kind="doctor", file_name="外部名单.csv", chunks=[text.encode()], by=steward, at=when
            )
    except Refused:
        return
    raise RuntimeError("The guard let a column of prescriptions through.")


def _transfers(company: Company, at: datetime, today: date) -> None:
    """What finance reported as paid to doctors, as a file of compliance."""
    codes = [row.code for row in _own(company, 0, today)[:5]]
    rows = [
        (codes[place], f"FK-{today - timedelta(days=ago):%Y%m%d}-{number:02}", payer, yuan, today - timedelta(days=ago), what, how)
        for number, (place, ago, yuan, what, how, payer) in enumerate(PAID, start=1)
    ]  # fmt: skip
    head = ("医生编码", "记录编号", "支付方", "人民币金额", "支付日期", "性质", "形式")
    load(
        "transfer", "财务付款明细.csv", head, rows, by=company.office["compliance"], at=at - timedelta(days=4)
    )
