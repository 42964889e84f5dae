"""The invented company 恒屿医药: its people, their roles, the territory tree."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from compliance import actions as law
from compliance.actions.demo import give_demo_factor
from pharmacrm.accounts import actions as accounts
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import Territory, User

from .places import REGIONS

PASSWORD = "hengyu-demo-2026"
SINCE = date(2025, 1, 1)

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金贾韦夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严欧莫孔向常单解仇区"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅鹏辉建国文博思远子涵雨桐浩然欣怡梓轩一帆志远晓岚若水宁越瑾安云岫书涵承泽星河予安景行知微望舒清和"

# Login name, name, job title, roles.
OFFICE: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("steward", "顾文澜", "数据专员", (Role.STEWARD,)),
    ("marketing", "苏怡", "产品经理", (Role.MARKETING,)),
    ("medical", "何若水", "医学经理", (Role.MEDICAL,)),
    ("regulatory", "秦越", "法规事务经理", (Role.REGULATORY,)),
    ("compliance", "周正", "合规负责人", (Role.COMPLIANCE,)),
    ("compliance2", "梁慎", "合规专员", (Role.COMPLIANCE,)),
    ("pv", "沈岚", "药物警戒专员", (Role.PV,)),
    ("inspector", "高严", "检查员", (Role.INSPECTOR,)),
    ("loader", "数据接口", "服务账号", (Role.SERVICE,)),
)


@dataclass
class Company:
    """Who is who, once seeded."""

    admin: User
    office: dict[str, User] = field(default_factory=dict)
    managers: dict[str, User] = field(default_factory=dict)  # by district code
    reps: list[tuple[User, Territory, str]] = field(
        default_factory=list
    )  # person, own territory, district code


def invent_name(dice: random.Random) -> str:
    """Return an invented name of two or three characters."""
    return dice.choice(SURNAMES) + "".join(dice.sample(GIVEN, dice.choice((1, 2, 2, 2))))


def seed_people(*, at: datetime, dice: random.Random) -> Company:
    """Appoint the administrator, who then adds everybody and the territory tree by the usual actions."""
    admin = accounts.appoint_first_administrator(
        username="admin", email="admin@hengyu.example", display_name="管理员 方舟", password=PASSWORD, at=at
    )
    company = Company(_ready(admin))
    for username, name, title, roles in OFFICE:
        company.office[username] = _person(company, username, name, title, roles, None, at)
    root = _territory(company, "CN", "全国", None, at)
    number = 0
    for region_code, region_name, districts in REGIONS:
        region = _territory(company, region_code, region_name, root, at)
        head = _person(
            company,
            f"head-{region_code.lower()}",
            invent_name(dice),
            "大区经理",
            (Role.LINE_MANAGER,),
            None,
            at,
        )
        _member(company, region, head, Role.LINE_MANAGER, at)
        for code, name, _cities in districts:
            district = _territory(company, code, name, region, at)
            username = "manager" if code == "HD1" else f"manager-{code.lower()}"
            shown = "林岚" if code == "HD1" else invent_name(dice)
            manager = _person(company, username, shown, "地区经理", (Role.LINE_MANAGER,), head, at)
            _member(company, district, manager, Role.LINE_MANAGER, at)
            company.managers[code] = manager
            for place in range(1, 6):
                number += 1
                own = _territory(
                    company, f"{code}-{place}", f"{name[:2]}{'一二三四五'[place - 1]}区", district, at
                )
                username = "rep" if number == 1 else f"rep{number:02d}"
                shown = "赵一帆" if number == 1 else invent_name(dice)
                rep = _person(company, username, shown, "医药代表", (Role.REP,), manager, at)
                company.reps.append((rep, own, code))
    return company


def _person(
    company: Company,
    username: str,
    name: str,
    title: str,
    roles: tuple[str, ...],
    boss: User | None,
    at: datetime,
) -> User:
    user = accounts.create_user(
        username=username,
        email=f"{username}@hengyu.example",
        display_name=name,
        job_title=title,
        roles=[str(role) for role in roles],
        line_manager_id=boss.pk if boss else None,
        by=company.admin,
        at=at,
    )
    user.password = (
        company.admin.password
    )  # one password for the whole demonstration: hashed once, printed at the start
    with transaction.atomic():
        user.save(update_fields=["password"])
        law.record("accounts.person_changed", subject=f"user:{user.pk}", by=company.admin, at=at, rows=[user])
    return _ready(user)


def _ready(user: User) -> User:
    give_demo_factor(user)
    return user


def _territory(company: Company, code: str, name: str, parent: Territory | None, at: datetime) -> Territory:
    return accounts.add_territory(
        code=code, name=name, parent_id=parent.pk if parent else None, by=company.admin, at=at
    )


def put_to_work(company: Company, *, since: date, at: datetime) -> None:
    """Give every representative their territory, once they are filed, trained and have signed."""
    for rep, own, _district in company.reps:
        _member(company, own, rep, Role.REP, at, since)


def _member(
    company: Company, territory: Territory, user: User, role: str, at: datetime, since: date = SINCE
) -> None:
    accounts.add_member(
        territory_id=territory.pk,
        user_id=user.pk,
        role=str(role),
        valid_from=since,
        valid_until=None,
        by=company.admin,
        at=at,
    )
