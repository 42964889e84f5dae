"""The 37 kinds of violation in SAMR's monitoring code table for medicine advertising (YP1–YP37), and how each is met.

Re-typed from the table in use since 2018; its articles of the 2007 examination standard were replaced in 2020, so the
codes are cited as monitoring codes and the Advertising Law (2021) where it says the same.
`how`: text (found in the words), document (asked of the whole material), field (asked of what the system knows:
channel, class, approval), process (no check of a file can see it; a step of the review stands for it).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SamrCode:
    code: str
    violation: str
    basis: str
    how: str
    rules: tuple[str, ...]


SAMR_CODES: tuple[SamrCode, ...] = (
    SamrCode(
        "YP1",
        "使用或变相使用国家机关、国家机关工作人员的名义或形象",
        "广告法第9条第2项",
        "text",
        ("ENDORSEMENT", "PUBLIC_AFFAIRS"),
    ),
    SamrCode(
        "YP2",
        "发布特殊管理药品、院内制剂、军队特需药品、停用或试生产药品的广告",
        "广告法第15条第1款",
        "field",
        ("CONTROLLED",),
    ),
    SamrCode(
        "YP3",
        "处方药在指定医学、药学专业刊物以外的媒体作广告",
        "广告法第15条第2款",
        "field",
        ("OPEN_CHANNEL", "BUY_LINK"),
    ),
    SamrCode("YP4", "未显著标明禁忌、不良反应", "广告法第16条第2款", "document", ("WARNINGS_MISSING",)),
    SamrCode("YP5", "未显著标明忠告语", "广告法第16条第2款", "document", ("NOTICE_MISSING",)),
    SamrCode(
        "YP6",
        "内容与批准的说明书不一致，含说明书以外的论点、观点",
        "广告法第16条第2款",
        "text",
        ("OFF_LABEL_DISEASE", "OFF_LABEL_WORDS", "OFF_LABEL_UNSURE", "SUMMARY_MISSING"),
    ),
    SamrCode("YP7", "说明治愈率或有效率", "广告法第16条第1款第2项", "text", ("RATE",)),
    SamrCode(
        "YP8",
        "与其他药品、器械或医疗机构比较",
        "广告法第16条第1款第3项",
        "text",
        ("COMPARISON", "DISPARAGEMENT"),
    ),
    SamrCode("YP9", "利用广告代言人作推荐、证明", "广告法第16条第1款第4项", "text", ("ENDORSEMENT",)),
    SamrCode(
        "YP10",
        "利用科研单位、学术机构、医疗机构、专家、医生、患者作证明",
        "广告法第16条第1款第4项",
        "text",
        ("ENDORSEMENT", "GUIDELINE_WITHOUT_SOURCE"),
    ),
    SamrCode(
        "YP11",
        "含有表示功效、安全性的断言或保证",
        "广告法第16条第1款第1项",
        "text",
        ("EFFICACY_GUARANTEE", "SAFETY_GUARANTEE"),
    ),
    SamrCode(
        "YP12",
        "以介绍健康、养生知识等形式变相发布药品广告",
        "广告法第19条",
        "text",
        ("PRODUCT_IN_EDUCATION", "OPEN_CHANNEL"),
    ),
    SamrCode("YP13", "未经审查批准发布药品广告", "广告法第46条", "document", ("APPROVAL_MISSING",)),
    SamrCode(
        "YP14",
        "在针对未成年人的媒介、节目、栏目发布药品广告",
        "广告法第40条第1款",
        "text",
        ("CHILD_APPEAL", "OPEN_CHANNEL"),
    ),
    SamrCode(
        "YP15", "以处方药名称、商标、字号为活动冠名或变相发布广告", "监测代码 YP15", "text", ("BRAND_EVENT",)
    ),
    SamrCode(
        "YP16",
        "未标明通用名称、忠告语、广告批准文号、药品批准文号",
        "监测代码 YP16",
        "document",
        ("GENERIC_MISSING", "NOTICE_MISSING", "APPROVAL_MISSING"),
    ),
    SamrCode(
        "YP17",
        "未标明企业名称，单独出现咨询热线、咨询电话",
        "监测代码 YP17",
        "text",
        ("COMPANY_MISSING", "MEDICAL_SERVICE"),
    ),
    SamrCode("YP18", "非处方药未标明 OTC 专用标识", "监测代码 YP18", "document", ("OTC_MARK_MISSING",)),
    SamrCode("YP19", "使用注册商标代替药品名称进行宣传", "监测代码 YP19", "document", ("GENERIC_MISSING",)),
    SamrCode(
        "YP20",
        "改善和增强性功能内容未与适应症完全一致",
        "监测代码 YP20",
        "text",
        ("SEXUAL", "OFF_LABEL_DISEASE"),
    ),
    SamrCode(
        "YP21",
        "7:00—22:00 在电视、广播发布涉及性功能的药品广告",
        "监测代码 YP21",
        "field",
        ("OPEN_CHANNEL", "SEXUAL"),
    ),
    SamrCode("YP22", "明示或暗示包治百病、适合所有症状", "监测代码 YP22", "text", ("CURE_ALL",)),
    SamrCode(
        "YP23",
        "含“安全无毒副作用”“毒副作用小”，或称天然因而安全",
        "监测代码 YP23",
        "text",
        ("SAFETY_GUARANTEE",),
    ),
    SamrCode("YP24", "明示或暗示为正常生活和治疗所必须", "监测代码 YP24", "text", ("NECESSITY",)),
    SamrCode(
        "YP25",
        "称能应付紧张生活、升学考试，提高成绩、精力、增高、益智",
        "监测代码 YP25",
        "text",
        ("PERFORMANCE",),
    ),
    SamrCode(
        "YP26",
        "含“最新技术”“最高科学”“最先进制法”等不科学用语",
        "广告法第9条第3项",
        "text",
        ("UNSCIENTIFIC", "ABSOLUTE"),
    ),
    SamrCode("YP27", "非处方药使用公众难以理解、容易混淆的术语", "监测代码 YP27", "text", ("OTC_JARGON",)),
    SamrCode(
        "YP28", "引起不必要的担忧和恐惧，或使公众误解不用会患病、加重", "监测代码 YP28", "text", ("FEAR",)
    ),
    SamrCode("YP29", "免费治疗、赠送、有奖销售、以药品作礼品奖品", "监测代码 YP29", "text", ("GIFT",)),
    SamrCode("YP30", "含“家庭必备”或类似内容", "监测代码 YP30", "text", ("NECESSITY",)),
    SamrCode("YP31", "含“无效退款”“保险公司保险”等保证", "监测代码 YP31", "text", ("PROMISE",)),
    SamrCode(
        "YP32",
        "含评比、排序、推荐、指定、选用、获奖等综合性评价",
        "监测代码 YP32",
        "text",
        ("ENDORSEMENT", "ABSOLUTE"),
    ),
    SamrCode(
        "YP33",
        "含军队单位、人员的名义、形象，或利用军队装备、设施",
        "监测代码 YP33",
        "text",
        ("ENDORSEMENT",),
    ),
    SamrCode(
        "YP34",
        "涉及公共信息、公共事件、成就等与公共利益相关联的内容",
        "监测代码 YP34",
        "text",
        ("PUBLIC_AFFAIRS",),
    ),
    SamrCode("YP35", "以儿童为诉求对象，以儿童名义介绍药品", "监测代码 YP35", "text", ("CHILD_APPEAL",)),
    SamrCode(
        "YP36",
        "含医疗机构名称、地址、诊疗项目、义诊、热线、特约门诊等",
        "监测代码 YP36",
        "text",
        ("MEDICAL_SERVICE",),
    ),
    SamrCode(
        "YP37",
        "必须标识的内容模糊、不易辨认，或出现少于 5 秒",
        "监测代码 YP37",
        "document",
        ("NOTICE_TOO_SMALL",),
    ),
)
