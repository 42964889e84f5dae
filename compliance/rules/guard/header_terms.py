"""What a header says: it says less than a text, so it is read more strictly."""

from __future__ import annotations

import re

# a header says less, so it is read more strictly
HEADERS: dict[str, tuple[str, ...]] = {
    "prescription_counts": (
        r"^(?:总?用量|支数|盒数|瓶数|针数|片数|开方|开药|处方|处方情况|上量|放量|产出|产量|量级|月量|日量|医生量|科室量|单产|病人数|患者数|在用患者|用药患者|用药人数|新患|新增患者|rx|scripts?|volume|usage|uptake|units)(?:$|[\(（/_\-]|\d)",
        r"(?:支|盒|瓶|针|人次)(?:数)?/(?:月|周|天|人|医生|科)|(?:月|周|日|季)均?(?:支|盒|瓶|针|方|开方|开药|用药|消耗)(?:数|量)?|(?:用药|在用)(?:患者|病人)(?:数|量)",
        r"(?:医生|科室|主任|个人|专家)(?:门诊)?(?:处方|用药|开药|产出|贡献|潜力量|份额|人次)",
        r"(?:竞品|本品|我司|产品)(?:份额|占比|用量|使用|患者)",
        r"(?:doctor|dept|department|hcp|physician)[ _]?(?:rx|usage|volume|share|units|scripts)",
        r"^(?:total|actual|predicted)[ _]?(?:patients|claims|scripts)$|^prescriptions?$|claims?[ _]?(?:count|volume)",
        r"^开单(?:数|量)|^(?:月|周|日)均用量|处方药(?:总?量|数量?|支|盒)",
        r"^(?:每|各|按)?(?:医生|医师|专家|主任|大夫|人均)?的?(?:月|周|日)?均?(?:支|盒|瓶|针|贴)数?$",
        r"(?:支|盒|瓶|针|张)数?[/每÷](?:每)?(?:个|位|名)?(?:医生|医师|专家|主任|大夫|人)|(?:医生|医师|专家|大夫)(?:月|周|年)?的?(?:支|盒|瓶|针)数",
    ),
    "sales": (
        r"^(?:任务|指标|业绩|目标额|完成率|达成率|达成|金额|销售|回款|提成|奖金|单价|进货|库存|订单|货款|发票|出货|sales|quota|target_amt|revenue|invoice|bonus|commission|stock|order)(?:$|[\(（/_\-]|\d)",
        r"(?:q[1-4]|\d{1,2}月|本月|季度|年度)(?:任务|指标|销售|业绩|回款|达成)",
        r"(?:处方|用药|开药|开方|药品)金额|金额[/每](?:医生|医师|专家|主任|大夫)|(?:医生|医师|主任|大夫)(?:月|年)?金额",
    ),
    "gift": (r"^(?:礼品|礼物|福利|赠品|卡券|gift|perk)(?:$|[\(（/_\-]|\d)",),
    "patient_identity": (
        r"^(?:患者|病人|姓名\(患者\)|患者信息|patient|patient_?id|pt_?name)(?:$|[\(（/_\-])|身份证|床号|病历|住院号|病案",
    ),
    "belief": (r"^(?:民族信仰|宗教|党员|政治面貌|religion|party)(?:$|[\(（/_\-])",),
    "family": (r"^(?:家庭情况|家庭|家属|子女|爱人|配偶|爱好及家庭|spouse|children|family)(?:$|[\(（/_\-])",),
    "location": (r"^(?:轨迹|定位|经纬度|gps|lat_?lng|track)(?:$|[\(（/_\-]|\d)",),
}

# a header with nothing left but letters and digits: rx_count, rxCount, r.x. cnt and ＲＸ-ＣＮＴ all read rxcnt or rxcount
COUNTS = r"(?:cnts?|counts?|nums?|numbers?|qty|quantity|vol|volumes?|totals?|sum|amt|amount|share|rank|ranking|decile|tally|written|writes|issued|filled|dispensed|per(?:month|week|year|doctor|dr|hcp|physician)|pm|monthly|weekly)"
SCRIPTS = r"(?:rxs?|(?<!tran)(?<!manu)(?<!post)(?<!java)scripts?|scrips?|prescriptions?|prescribed|presc|prescr|prescrip)"
BARE: dict[str, tuple[str, ...]] = {
    "prescription_counts": (
        rf"{SCRIPTS}{COUNTS}(?!ry)",
        r"(?:cnt|count|num|number|qty|quantity|vol|volume|total|sum|avg|average|monthly|weekly|mthly|annual|doctor|physician|hcp)(?:no|number)?(?:of)?(?:all)?(?:rxs?|scripts|prescriptions)(?!drug|medicine|product|only|item|right|pad)",
        r"(?:^|[^a-z])(?:tong|t)f(?:ang)?(?:数据|数量?|量|表|值|明细|data|list|cnt|count|num|qty)?\d*$|^tongfang(?:shuju|shu|liang|biao)?$",
        r"(?<!he)(?<!gong)tongfang(?!an|xiang)",
        r"chufang(?:liang|shu|zongliang|fene|zhanbi|paiming)|(?:yong|kai)yaoliang|kaifang(?:liang|shu)|yueyongliang|keshiyongliang",
        r"(?:boxes|vials|packs|units)(?:per|by|each)(?:doctor|dr|hcp|physician|month|week)|(?:doctor|dr|hcp|physician)(?:boxes|vials|packs|units)",
    ),
    "sales": (r"xiaoshou(?:e|liang|renwu|zhibiao)|chufangjine|salesamt|salesvol",),
    "gift": (r"daijinxiaoshou|^daijin$|hongbao|huikou|kickbacks?",),
}
# short for something, and only as a word of its own: TF, CFL_2024, drCfl
TOKENS: dict[str, frozenset[str]] = {
    "prescription_counts": frozenset(
        ["tf", "cfl", "cfs", "cfsl", "kfl", "yyl", "kyl", "trx", "nrx", "nbrx", "trxs", "nrxs", "tfsj"]
    ),
    "sales": frozenset(["cfje", "xse", "hkje"]),
}
# what a digit or a sign stands for where letters were meant; "1" is read both ways, and no digit at all is tone marks
READINGS: tuple[dict[str, str], ...] = (
    {},
    dict(zip("013457890@$!", "oieastbgoasi", strict=True)),
    dict(zip("013457890@$!", "oleastbgoasl", strict=True)),
    dict.fromkeys("0123456789", ""),
)

# said of ordinary things: taken out of a header before it is read, so that what stands beside them is still seen
INNOCENT_HEADER = re.compile(
    r"年门诊|门急诊|总门诊|医院[^处方用药开]*人次|床位|用法用量|处方药(?!总?量|数|支|盒)|otc|^rx[_-]?(?:flag|only)$|处方集|处方权|处方点评|审方|库存单位|学会任务|指标体系|随访率"
)
