"""Invented doctors, hospitals and contacts in any number, for measuring. Nobody in them exists."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import accumulate

from doctors.rules.contacts import mask_contact, tail_of
from doctors.rules.names import read_name
from pharmacrm.common.crypto import blind_index, new_wrapped_key, seal, unwrap_key
from pharmacrm.common.ids import uuid7

PROVINCES = {
    "110000": "北京市", "120000": "天津市", "130000": "河北省", "140000": "山西省", "150000": "内蒙古自治区",
    "210000": "辽宁省", "220000": "吉林省", "230000": "黑龙江省", "310000": "上海市", "320000": "江苏省",
    "330000": "浙江省", "340000": "安徽省", "350000": "福建省", "360000": "江西省", "370000": "山东省",
    "410000": "河南省", "420000": "湖北省", "430000": "湖南省", "440000": "广东省", "450000": "广西壮族自治区",
    "460000": "海南省", "500000": "重庆市", "510000": "四川省", "520000": "贵州省", "530000": "云南省",
    "540000": "西藏自治区", "610000": "陕西省", "620000": "甘肃省", "630000": "青海省", "640000": "宁夏回族自治区",
    "650000": "新疆维吾尔自治区",
}  # fmt: skip
# Share of the commonest surnames in ten thousand, after the Ministry of Public Security's yearly name report.
SURNAMES = {
    "王": 710, "李": 700, "张": 670, "刘": 520, "陈": 450, "杨": 300, "黄": 220, "赵": 210, "吴": 200, "周": 190,
    "徐": 145, "孙": 140, "马": 130, "朱": 125, "胡": 120, "郭": 115, "何": 110, "林": 107, "高": 100, "罗": 95,
    "郑": 90, "梁": 85, "谢": 75, "宋": 70, "唐": 68, "许": 66, "韩": 65, "邓": 62, "冯": 60, "曹": 58, "彭": 57,
    "曾": 56, "肖": 55, "田": 53, "董": 52, "潘": 50, "袁": 49, "蔡": 47, "蒋": 46, "余": 45, "于": 44, "杜": 43,
    "叶": 42, "程": 41, "魏": 40, "苏": 39, "吕": 38, "丁": 37, "任": 36, "卢": 35, "姚": 34, "沈": 33, "钟": 32,
    "姜": 31, "崔": 30, "谭": 29, "陆": 28, "范": 27, "汪": 26, "廖": 25, "石": 24, "金": 23, "韦": 22, "贾": 21,
    "夏": 20, "付": 19, "方": 18, "邹": 17, "熊": 16, "白": 15, "孟": 15, "秦": 14, "邱": 14, "侯": 13, "江": 13,
    "尹": 12, "薛": 12, "闫": 11, "段": 11, "雷": 10, "龙": 10, "史": 10, "陶": 9, "贺": 9, "毛": 9, "郝": 8,
    "顾": 8, "龚": 8, "邵": 8, "万": 8, "覃": 7, "武": 7, "钱": 7, "戴": 7, "严": 6, "莫": 6, "孔": 6, "向": 6,
    "单": 3, "仇": 2, "区": 2, "解": 2, "查": 2, "盖": 1, "翟": 4, "欧阳": 3, "上官": 1, "诸葛": 1, "司马": 1,
}  # fmt: skip
GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂红梅建国华志文婷玉兰海燕春晓东峰辉云龙飞雪琳琴波斌鹏宇浩凯健俊帆"
    "倩颖洁莹欣怡佳慧雅晨曦子涵梓轩思远博文天翔宏新民安康宁泽瑞祥福贵荣昌庆阳光立群学智仁德义礼信忠孝友善诚正清"
)
SPECIALTIES = (
    ("03.01", "呼吸内科专业"), ("03.02", "消化内科专业"), ("03.03", "神经内科专业"), ("03.04", "心血管内科专业"),
    ("03.05", "血液内科专业"), ("03.06", "肾病学专业"), ("03.07", "内分泌专业"), ("03.08", "免疫学专业"),
    ("03.10", "老年病专业"), ("04.01", "普通外科专业"), ("04.02", "神经外科专业"), ("04.03", "骨科专业"),
    ("04.04", "泌尿外科专业"), ("04.05", "胸外科专业"), ("04.06", "心脏大血管外科专业"), ("05.01", "妇科专业"),
    ("05.02", "产科专业"), ("07.01", "新生儿专业"), ("07.03", "小儿呼吸专业"), ("10.00", "眼科"),
    ("11.01", "耳科专业"), ("13.01", "皮肤病专业"), ("15.00", "精神科"), ("16.00", "传染科"), ("19.00", "肿瘤科"),
    ("20.00", "急诊医学科"), ("21.00", "康复医学科"), ("26.00", "麻醉科"), ("28.00", "重症医学科"), ("50.00", "中医科"),
)  # fmt: skip
LEVELS = (
    ("3a", 12),
    ("3b", 6),
    ("3", 3),
    ("2a", 25),
    ("2b", 8),
    ("2", 6),
    ("1a", 12),
    ("1", 8),
    ("ungraded", 20),
)
TITLES = (
    ("chief_physician", 15), ("associate_chief_physician", 25), ("attending_physician", 38), ("resident_physician", 22),
)  # fmt: skip
POSTS = (
    ("none", 90),
    ("department_head", 4),
    ("deputy_head", 4),
    ("discipline_leader", 1),
    ("vice_president", 1),
)
KINDS = (
    ("visit", "visit", 100, 48), ("remote_visit", "online", 50, 8), ("material_read", "online", 100, 14),
    ("message_opened", "wecom", 50, 10), ("event_attended", "event", 100, 9), ("question_asked", "visit", 100, 3),
    ("need_told", "visit", 100, 3), ("survey_answered", "online", 50, 2), ("event_spoken", "event", 200, 1),
    ("invite_unanswered", "wecom", 100, 2),
)  # fmt: skip
AREAS = (
    "高血压",
    "2型糖尿病",
    "心力衰竭",
    "慢性肾脏病",
    "肺癌",
    "乳腺癌",
    "哮喘",
    "慢阻肺",
    "类风湿关节炎",
    "脑卒中",
    "胃食管反流病",
    "骨质疏松",
)
ROLES = (("member", "provincial", 50), ("member", "city", 25), ("standing_member", "provincial", 12),
         ("guideline_author", "national", 4), ("vice_chair", "provincial", 4), ("editor", "national", 3),
         ("chair", "city", 2))  # fmt: skip
NICKNAMES = {"人民医院": "人医", "中心医院": "中心", "中医医院": "中医", "第一医院": "一院", "第二人民医院": "二院",
             "妇幼保健院": "妇幼", "附属医院": "附院", "协和医院": "协和"}  # fmt: skip
BLOCK = 50_000


def names(count: int, dice: random.Random) -> list[str]:
    """Return believable Chinese names; as in life, many doctors share the commonest."""
    surnames, weights = list(SURNAMES), list(accumulate(SURNAMES.values()))
    found = []
    for surname in dice.choices(surnames, cum_weights=weights, k=count):
        given = dice.choice(GIVEN) + (dice.choice(GIVEN) if dice.random() < 0.82 else "")
        found.append(surname + given)
    return found


def hospital_rows(
    count: int, now: str, dice: random.Random
) -> tuple[list[tuple[str, str, str]], Iterator[str]]:
    """Return (key, level, division) of each hospital, and the lines of their table."""
    levels = dice.choices([level for level, _n in LEVELS], weights=[n for _level, n in LEVELS], k=count)
    divisions = dice.choices(list(PROVINCES), k=count)
    keys = [(str(uuid7()), level, division) for level, division in zip(levels, divisions, strict=True)]
    kinds = tuple(NICKNAMES)
    seats = {"3": (900, 3200), "2": (250, 900), "1": (40, 200)}

    def lines() -> Iterator[str]:
        for number, (key, level, division) in enumerate(keys):
            low, high = seats.get(level[0], (0, 80))
            beds = dice.randint(low, high)
            parent = (
                keys[dice.randrange(count // 20 + 1)][0]
                if number > count // 20 and dice.random() < 0.3
                else "\\N"
            )
            place = PROVINCES[division][:2] + dice.choice(GIVEN) + dice.choice("州城安阳江山川河") + "市"
            name = f"{place}{dice.choice(kinds)}"
            yield (
                f"{now}\t{now}\t{key}\tS{number:07d}\t{name}\t{level}\t\tgeneral\tpublic\tactive\t{beds}\t"
                f"{beds * dice.randint(300, 900)}\t\t\t{division}\t{parent}\n"
            )

    return keys, lines()


HOSPITAL_COLUMNS = (
    "created_at, updated_at, id, code, name, level, level_as_given, kind, ownership, status, beds, outpatient_volume,"
    " address, phone, division_id, parent_id"
)
DOCTOR_COLUMNS = (
    "created_at, updated_at, id, code, title, post, specialty, status, tier, department_name, hospital_level,"
    " division_code, profiling_refused, department_id, hospital_id"
)
IDENTITY_COLUMNS = "created_at, updated_at, doctor_id, name, sort_key, readings, keys, wrapped_key"
ALIAS_COLUMNS = "created_at, updated_at, id, name, kind, hospital_id"
CONTACT_COLUMNS = "created_at, updated_at, id, kind, sealed, masked, whole_index, tail_index, is_preferred, is_active, doctor_id"
AFFILIATION_COLUMNS = "created_at, updated_at, id, department_name, title, post, is_primary, valid_from, doctor_id, hospital_id, department_id"
ASSIGNMENT_COLUMNS = "created_at, updated_at, id, line, source, valid_from, doctor_id, territory_id"
POST_COLUMNS = "created_at, updated_at, id, organisation, role, level, source_url, valid_from, doctor_id"
INTEREST_COLUMNS = "created_at, updated_at, id, kind, name, source, is_active, doctor_id"
INTERACTION_COLUMNS = "doctor_id, at, kind, channel, weight, subject"


def alias_lines(hospitals: Iterable[tuple[str, str]], now: str) -> Iterator[str]:
    """Yield what people call the hospitals (key, name): 浙江德州市第一医院 is 德州一院."""
    for key, name in hospitals:
        town, kind = name[2:].split("市", 1)
        yield f"{now}\t{now}\t{uuid7()}\t{town}{NICKNAMES[kind]}\tshort\t{key}\n"


def doctor_lines(
    ids: list[str],
    hospitals: list[tuple[str, str, str]],
    departments: list[tuple[str, str]],
    territories: list[str],
    since: date,
    now: str,
    dice: random.Random,
) -> Iterator[dict[str, list[str]]]:
    """Yield blocks of lines for every table that tells of a doctor."""
    pool = names(min(len(ids), 200_000), dice)
    titles, title_weights = zip(*TITLES, strict=True)
    posts, post_weights = zip(*POSTS, strict=True)
    # Large hospitals have more doctors.
    pull = list(accumulate({"3": 12, "2": 4}.get(level[0], 1) for _key, level, _division in hospitals))
    roles = [role for *role, _n in ROLES]
    role_weights = [n for *_role, n in ROLES]
    for start in range(0, len(ids), BLOCK):
        block = ids[start : start + BLOCK]
        rows: dict[str, list[str]] = {
            name: []
            for name in (
                "doctor",
                "doctoridentity",
                "contactpoint",
                "affiliation",
                "assignment",
                "academicpost",
                "interest",
            )
        }
        chosen = dice.choices(range(len(hospitals)), cum_weights=pull, k=len(block))
        drawn = zip(
            block,
            chosen,
            dice.choices(titles, title_weights, k=len(block)),
            dice.choices(posts, post_weights, k=len(block)),
            dice.choices(departments, k=len(block)),
            strict=True,
        )
        for number, (pk, seat, title, post, (department, specialty)) in enumerate(drawn, start):
            hospital, level, division = hospitals[seat]
            refused = "t" if dice.random() < 0.002 else "f"
            rows["doctor"].append(
                f"{now}\t{now}\t{pk}\tS{number:08d}\t{title}\t{post}\t{specialty}\tactive\t\t{specialty}\t{level}\t"
                f"{division}\t{refused}\t{department}\t{hospital}\n"
            )
            name = pool[number] if number < len(pool) else dice.choice(pool)
            wrapped = new_wrapped_key()
            rows["doctoridentity"].append(f"{now}\t{now}\t{pk}\t{_identity(name)}\\\\x{wrapped.hex()}\n")
            rows["contactpoint"].append(_mobile(pk, wrapped, now, dice))
            rows["affiliation"].append(
                f"{now}\t{now}\t{uuid7()}\t{specialty}\t{title}\t{post}\tt\t{since}\t{pk}\t{hospital}\t{department}\n"
            )
            territory = territories[seat % len(territories)]
            rows["assignment"].append(f"{now}\t{now}\t{uuid7()}\t\timport\t{since}\t{pk}\t{territory}\n")
            if dice.random() < (0.25 if title.endswith("chief_physician") else 0.02):
                role, reach = dice.choices(roles, role_weights)[0]
                rows["academicpost"].append(
                    f"{now}\t{now}\t{uuid7()}\t{specialty}学会\t{role}\t{reach}\t\t{since}\t{pk}\n"
                )
            if dice.random() < 0.3:
                for area in dice.sample(AREAS, dice.randint(1, 3)):
                    rows["interest"].append(
                        f"{now}\t{now}\t{uuid7()}\tdisease_area\t{area}\tself_stated\tt\t{pk}\n"
                    )
        yield rows


def _mobile(doctor: str, wrapped: bytes, now: str, dice: random.Random) -> str:
    number = f"1{dice.randrange(3, 10)}{dice.randrange(10**9):09d}"
    sealed = seal(number.encode(), key=unwrap_key(wrapped), context=doctor.encode())
    tail = blind_index(tail_of("mobile", number), purpose="phone-tail")
    return (
        f"{now}\t{now}\t{uuid7()}\tmobile\t\\\\x{sealed.hex()}\t{mask_contact('mobile', number)}\t"
        f"{blind_index(number, purpose='contact')}\t{tail}\tt\tt\t{doctor}\n"
    )


_read: dict[str, str] = {}


def _identity(name: str) -> str:
    known = _read.get(name)
    if known is None:
        read = read_name(name)
        known = f"{name}\t{read.sort_key}\t{_array(read.readings)}\t{_array(read.keys)}\t"
        _read[name] = known
    return known


def _array(words: tuple[str, ...]) -> str:
    return "{" + ",".join(f'"{word}"' for word in words) + "}"


def interaction_lines(
    ids: list[str], count: int, last: datetime, dice: random.Random, *, days: int = 700
) -> Iterator[str]:
    """Yield blocks of contacts: a few doctors have many, many have few (Zipf), more of them lately."""
    shuffled = list(ids)
    dice.shuffle(shuffled)
    pull = list(accumulate(1 / (rank + 20) ** 0.85 for rank in range(len(shuffled))))
    moments = [
        (last - timedelta(minutes=int((i / 40_000) ** 1.3 * days * 1440))).strftime("%Y-%m-%d %H:%M:%S+00")
        for i in range(40_000)
    ]
    kinds = [
        f"{kind}\t{channel}\t{weight}\tscale:0\n" for kind, channel, weight, n in KINDS for _i in range(n)
    ]
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        yield "".join(
            map(
                "\t".join,
                zip(
                    dice.choices(shuffled, cum_weights=pull, k=size),
                    dice.choices(moments, k=size),
                    dice.choices(kinds, k=size),
                    strict=True,
                ),
            )
        )
