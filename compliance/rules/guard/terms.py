"""Words that say what may not be stored, for free text and for headers alike."""

from __future__ import annotations

import re

RULE_OF = {
    "prescription_counts": "MR-11",
    "sales": "MR-10",
    "gift": "RD-03",
    "patient_identity": "PI-23",
    "belief": "PI-04b",
    "family": "MR-14b",
    "location": "PI-04",
}

APART = r"[ ._*·•|~\-]{0,2}"


def _drawn_apart(word: str) -> str:
    """Return a pattern for a word with signs between its letters, or digits for them."""
    letters = [
        {"o": "[o0]", "a": "[a4@]", "i": "[i1!]", "g": "[g9]", "e": "[e3]"}.get(one, one) for one in word
    ]
    return rf"(?<![a-z])(?<!\bhe[ ._-])(?<!\bgong[ ._-]){APART.join(letters)}(?![a-z])"


HAN = r"\u3400-\u9fff"
NUMBER = r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十百千半几数多]{1,4}|若干|n|x{1,2})"
PACK = r"(?:支|盒|瓶|针|片|粒|板|件|箱|套|张(?:处方|方子|方|单子)?|(?:个|位|名)?(?:病人|患者|人次)|例|box(?:es)?|vials?|packs?|units?|bottles?)"
WHO = r"(?:主任|医生|医师|教授|大夫|老师|院长|护士长|专家|科室|本科|全科|[内外儿妇骨眼]科|他|她|这位|该医生|组里|病区|dr\.?)"
WHEN = r"(?:每(?:个)?(?:月|周|天|日|季|年)|一(?:个月|周|天)|(?:本|上|这个?|下|当|近|全|半)(?:月|周|季度?|年)|月均|日均|周均|年均|\d+月(?:份)?|月底|/(?:月|周|天|月份)|每诊|季度)"
USES = r"(?:开|用|写|出|走|消耗|消化|领|处方|使用|贡献|放|做|上)"
DOSING = re.compile(
    r"说明书|用法|口服|餐[前后]|一日|每日\d*次|每次|疗程|剂量|mg|毫克|滴注|静脉|给药|入组|纳入|随访|试验|研究|文献|指南|推荐|样本|队列|不良反应"
)

# read on squeezed text: nothing stands between Chinese characters
SQUEEZED: dict[str, tuple[str, ...]] = {
    "prescription_counts": (
        r"(?<![系传])统方|[系传]统方(?![法案面式剂药])|统个方|tong方|统fang|t方数",
        r"(?:处|開|开)(?:方|药)(?:的?)(?:数量|总量|张数|份数|份额|量|数|额|占比|排名|排行|频次|top\d*)",
        r"rx(?:量|数|数量|张数|占比|排名)",
        r"(?:用药|使用|消耗|领药|发药|取药|耗用)(?:数量|总量|量)(?!表)",
        r"(?:月|周|日|季|年|科室|个人|人均|医生|主任|科|患者|病人|药品|产品|我们|竞品|近期|目前|现在|单)(?:的)?用量",
        r"用量(?:稳定|上升|下降|增加|减少|不错|还行|排名|top|统计|明细|最大|多少|翻倍|上来|下来|起来|提升|下滑)",
        r"(?<!商)(?<!质)(?:快速|尽快|帮忙|开始|持续|明显|可以|能|要|再|已经|已|在)上量|上量(?:快|慢|明显|潜力|计划|目标|医生|困难)|放量(?:医生|潜力|明显)",
        rf"(?:开|用)了?多少(?:{PACK}|药)",
        r"(?:处方|用药)(?:潜力|贡献|价值)(?:\d|高|大|分|等级)",
        r"(?:主动|首)?处方(?:率|意愿分)\d",
    ),
    "sales": (
        r"销售(?:额|量|任务|指标|目标|业绩|数据|收入|达成|完成|提成|排名|金额|奖金|增长|预测)",
        r"(?:销量|纯销|回款|压货|备货量|铺货|冲量|串货|窜货|流向数据|流向表|进货量|进货价|底价|供货价|采购量|采购金额|订货量|订单量|订单号|库存量|库存数|库存金额|应收(?:账款|款)?|欠款|开票|发票号|发票金额|票据|货款)",
        r"(?:任务|指标|业绩|目标)(?:量|额)?(?:完成率?|达成率?|缺口|分解|考核|没完成|还差)",
        r"(?:季度|月度|年度|本月|本季|个人|全年)(?:任务|指标|业绩)",
        r"(?:提成|佣金|奖金系数|绩效奖金|返利)",
        r"(?:催|收|追)(?:款|账|货款)|结款|打款进度",
    ),
    "gift": (
        r"带金销售|(?<!携)带金(?!属|额)",
        r"红包|礼品|礼物|礼金|购物卡|礼品卡|加油卡|超市卡|京东卡|提货券|代金券|消费卡|储值卡|油卡",
        r"回扣|好处费|返点|辛苦费|感谢费|茶水费|意思一下|信封|返现|塞了?(?:钱|卡)|给了?(?:钱|现金|卡)",
        r"茅台(?!镇|路|医院|卫生院)|五粮液(?!医院)|烟酒|名酒|月饼|粽子礼|大闸蟹|土特产|海鲜礼|燕窝|茶叶礼",
        r"送(?:了|去|给[^，。]{0,6})?(?:一|两|几|\d)?(?:箱|瓶|盒|条|张|份|套|部|台)(?:红|白)?(?:酒|烟|茶|卡|水果|手机|化妆品|香水|虾|蟹)",
        r"现金(?:给|送|支付|转)|转账给(?:他|她|主任|医生)|微信转(?:了|账)|请(?:主任|医生|他|她)?(?:ktv|唱歌|按摩|足疗|洗浴|打高尔夫|旅游)",
    ),
    "patient_identity": (
        r"(?<!\d)\d{17}[\dx](?![\da-z])|(?<!\d)\d{6}(?:19|20)\d{2}\*{4,}\d{0,4}",
        r"(?:身份证|病历|住院|门诊|病案|就诊卡?|医保卡?|社保卡|床位|影像|检查)(?:号|号码|卡号|编号|no\.?)(?:码)?(?:是|为|[:：])?[a-z]{0,3}\d{2,}",
        r"(?:身份证号?码?|病历号|住院号|病案号|门诊号|就诊卡号|医保卡?号|社保号)",
        r"\d{1,3}床(?:的)?(?:病人|患者)?(?:[赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严金魏陶姜谢邹章苏潘葛范彭韦马方俞任袁柳鲍史唐薛雷贺倪汤罗毕郝安常傅康伍余顾孟黄萧尹姚邵汪毛狄戴宋庞熊纪舒屈项祝董梁杜阮席季贾江颜郭梅林钟徐邱骆高夏蔡田胡凌霍万柯卢莫房干解应丁邓洪包左石崔吉龚程邢裴陆翁曾][\u4e00-\u9fff]{1,2})",
        r"(?:患者|病人|患儿)(?:姓名|名字|叫|名|是|为|[:：])*(?!某)(?:欧阳|上官|司马|诸葛|[赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严魏陶姜谢邹苏潘葛范彭韦马俞任袁柳鲍史唐薛雷贺倪汤罗毕郝傅康伍余顾孟黄萧尹姚邵汪毛狄戴宋庞熊纪舒屈项祝董梁杜阮席季贾江颜郭梅林钟徐邱骆高夏蔡田胡凌霍万柯卢莫房丁邓洪左石崔龚程邢裴陆翁曾])[\u4e00-\u9fff]{1,2}(?=[，,。、（(]|男|女|先生|女士|今年|\d|的?电话|手机|住|$)",
        r"(?:患者|病人|患儿|家属)(?:的)?(?:电话|手机|微信|联系方式|住址|家庭住址)(?:号?码?)?(?:是|为|[:：])?(?:1\d{10}|[a-z0-9_]{6,}|[\u4e00-\u9fff]{2,}(?:路|小区|村|号))",
        r"(?:患者|病人)(?:姓名|电话|手机|住址|身份证|名单)",
    ),
    "belief": (
        r"宗教|信仰|信(?:佛|教|基督|天主|伊斯兰)|佛教徒|基督徒|穆斯林|天主教|政治面貌|党派|政治立场|政治倾向|民主党派",
    ),
    "family": (
        r"(?:主任|医生|医师|教授|大夫|老师|院长|他|她|其|专家)(?:的|家)?(?:女儿|儿子|爱人|妻子|丈夫|孩子|小孩|配偶|老婆|老公|岳父|岳母|父母|父亲|母亲|弟弟|妹妹|哥哥|姐姐|亲戚|侄子|外甥)",
        r"配偶|子女(?:姓名|学校|情况|上学|入学)|家庭成员|亲属(?:姓名|关系|信息)",
    ),
    "location": (
        r"(?:实时|连续|全天|持续|历史)(?:定位|位置|轨迹)|行踪|行动轨迹|gps轨迹|轨迹点|位置轨迹|经纬度(?:序列|列表)",
    ),
}

# read on folded text, where words have edges
FOLDED: dict[str, tuple[str, ...]] = {
    "prescription_counts": (
        r"\b(?:prescri(?:ption|bing)|rx|script)s?[ _.\-/]*(?:volumes?|vol|counts?|numbers?|share|qty|quantity|frequency|potential|data|per[ _](?:month|week|day|doctor)|/(?:mo|month|wk|week))\b",
        r"\b(?:no\.?|number|num|count|volume)[ _]of[ _](?:rx|scripts|prescriptions)\b|\b[tn]rxs?\b",
        r"\b(?:writes?|wrote|prescrib(?:es|ed|ing)|uses?|used|using|does)\b[^.;\n]{0,24}?\b\d+\s*(?:boxes|box|vials?|packs?|units?|bottles?|scripts?|rx|patients?)\b(?![^.;\n]{0,30}\b(?:trial|study|arm|cohort)\b)",
        r"\b(?:dr|doctor|department|dept|physician|hcp|ward)(?:'s|s)?[ _](?:[a-z]+[ _]){0,2}(?:usage|consumption|uptake|volume)\b",
        r"\b(?:monthly|weekly|quarterly|daily)[ _](?:usage|use|scripts|rx|consumption|units)\b",
        r"\b\d+\s*(?:scripts?|rx|boxes|vials)\s*(?:a|per|/)\s*(?:month|week|day|mo|wk)\b",
        r"\b(?:top|high|heavy|low)[ \-](?:prescriber|writer)s?\b|\bdecile\b|\bmarket share by (?:doctor|dept)",
        r"\b(?:tong ?fang|chu ?fang ?liang|chu ?fang ?shu|yong ?yao ?liang|kai ?fang ?liang|kai ?yao ?liang|yue ?yong ?liang|shang ?liang)\b|\bcfl\b|\bkfl\b|\byyl\b",
        "|".join(map(_drawn_apart, ("tongfang", "chufangliang", "yongyaoliang", "kaifangliang"))),
        r"\b(?:prescriptions?|rx|scripts?)[ _.\-]*(?:cnts?|written|tally)\b",
    ),
    "sales": (
        r"\b(?:sales?|selling)[ _\-]*(?:targets?|quotas?|volume|value|amount|figures?|goals?|revenue|data|achievement|ach|bonus)\b|\bquotas?\b|\bcommissions?\b",
        r"\breceivables?\b|\binvoices?(?:[ _](?:no|number|amount))?\b|\bpayment collection\b|\bcollect(?:ion|ed)? (?:the )?(?:money|payments?|debt)\b|\boverdue payment\b",
        r"\b(?:sell[ \-](?:in|out|through)|stock(?:[ _]level|ing|[ _]qty)|units[ _]sold|shipments?|order(?:[ _](?:qty|volume|value|no)|ed \d+)|purchase (?:volume|order)|revenue|turnover)\b",
        r"\b(?:xiao ?shou ?e|xiao ?liang|hui ?kuan|ti ?cheng|ya ?huo|ren ?wu ?liang|chun ?xiao)\b|\bhk进度\b",
    ),
    "gift": (
        r"\bgifts?\b|\bgift[ \-]?cards?\b|\bvouchers?\b|\bkick ?backs?\b|\bred (?:packet|envelope)s?\b|\bbribes?\b|\bmooncakes?\b|\bhampers?\b|\brebates? (?:to|for)\b",
        r"\b(?:paid|gave|give|hand(?:ed)?|slip(?:ped)?|transfer(?:red)?)\b[^.;\n]{0,20}\b(?:cash|money|envelope|\d+ (?:yuan|rmb|cny|usd)|card|bottles? of|wine|whisky|moutai|iphone)\b",
        "|".join(map(_drawn_apart, ("hongbao", "huikou"))),
        r"\b(?:hong ?bao|hui ?kou|dai ?jin|li ?pin|gou ?wu ?ka|li ?pin ?ka|mao ?tai|hao ?chu ?fei|fan ?dian)\b",
    ),
    "patient_identity": (
        r"\bpatients?[ _']*s?[ _]*(?:full[ _]*)?(?:name|phone|mobile|address|id(?:[ _]?(?:no|number|card))?|dob|birth ?date|list)\b",
        r"\bmrn\b|\bmedical[ _]record[ _](?:no|number|#)|\b(?:hospital|admission|inpatient|chart)[ _](?:no|number)\.?\b|\bnational id\b|\bid card (?:no|number)\b|\bssn\b|\bdate of birth\b|\bdob\b",
        r"\bpatient,? (?:named |called |is )?(?:mr|mrs|ms|miss)\.? ?[a-z]{2,}\b|\bpatient (?:named|called) [a-z]{2,}\b|\bbed (?:no\.? ?)?\d+,? (?:mr|mrs|ms)\.? ?[a-z]{2,}",
        r"\b(?:bing ?li ?hao|shen ?fen ?zheng|zhu ?yuan ?hao|huan ?zhe ?xing ?ming|bing ?ren ?xing ?ming)\b",
    ),
    "belief": (
        r"\breligio(?:n|us)\b|\bpolitical (?:view|party|leaning|affiliation)s?\b|\b(?:buddhist|christian|muslim|catholic)\b|\bzong ?jiao\b",
    ),
    "family": (
        r"\bspouses?\b|\b(?:his|her|doctor's|dr'?s?|professor's) (?:wife|husband|son|daughter|kids?|child(?:ren)?|spouse|parents?|brother|sister)\b|\bpei ?ou\b|\bfamily members?\b",
    ),
    "location": (
        r"\bgps[ _](?:track|trace|log|trail)s?\b|\b(?:location|position)[ _](?:history|track|trail|log)\b|\blive[ _]location\b",
    ),
}

# three syllables and more, read as pinyin whatever characters or letters spell them
SPELLED: dict[str, tuple[str, ...]] = {
    "prescription_counts": (
        "chufangliang",
        "chufangshuliang",
        "yongyaoliang",
        "kaifangliang",
        "kaiyaoliang",
        "chufangfene",
    ),
    "sales": ("xiaoshoue", "xiaoshouzhibiao", "xiaoshourenwu", "renwuliang"),
    "gift": ("gouwuka", "lipinka", "haochufei", "jiayouka"),
    "patient_identity": ("binglihao", "shenfenzhenghao", "zhuyuanhao", "huanzhexingming", "bingrenxingming"),
}
COUNT_NEAR = re.compile(
    rf"(?:{WHO}|{WHEN})[^，。；;]{{0,14}}?{USES}(?:了|到|过|出|掉|出去)?(?:大?[概约]|差不多|近|将近|有|不到|至少)*{NUMBER}(?:多|来|几)?{PACK}"
    rf"|{USES}(?:了|到|过|出|掉|出去)?(?:大?[概约]|差不多|近|将近|有|不到|至少)*{NUMBER}(?:多|来|几)?{PACK}[^，。；;]{{0,8}}?(?:{WHEN}|药)"
    rf"|{WHEN}[^，。；;]{{0,6}}?{NUMBER}(?:多|来|几)?(?:支|盒|瓶|针|张处方|张方|箱)"
    rf"|(?:手[里上头]|手头)[^，。；;]{{0,4}}?{NUMBER}(?:多|来|几)?(?:个|位|名)(?:病人|患者)(?:[^，。；;]{{0,6}}用)"
)
