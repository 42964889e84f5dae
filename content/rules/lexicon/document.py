"""What a figure, an indication and a whole document need: source, sample size, notice, label summary."""

from __future__ import annotations

from .base import AD_LAW, DRUG_LAW, MONITORING, MUST, RDPAC, SHOULD, LintRule, any_of, source

NUMBER_WITHOUT_SOURCE = LintRule(
    id="NUMBER_WITHOUT_SOURCE",
    severity=MUST,
    sources=(source(AD_LAW, "第11条第2款"), source(RDPAC, "第5条、第6条", "V-S")),
    title={"zh": "数据未注明出处", "en": "Figure without source"},
    fix={"zh": "在数据旁注明文献编号或来源。", "en": "Put the reference number or source beside the figure."},
)
NUMBER_WITHOUT_N = LintRule(
    id="NUMBER_WITHOUT_N",
    severity=SHOULD,
    sources=(source(AD_LAW, "第11条第2款"),),
    title={"zh": "数据未写样本量（N）", "en": "Figure without sample size (N)"},
    fix={"zh": "补写 N。", "en": "Add N."},
)
OFF_LABEL_DISEASE = LintRule(
    id="OFF_LABEL_DISEASE",
    severity=MUST,
    sources=(source(DRUG_LAW, "第90条第1款"), source(AD_LAW, "第16条第2款")),
    title={"zh": "说明书适应症以外的疾病或人群", "en": "Disease or population outside the label"},
    fix={"zh": "改为说明书【适应症】的表述。", "en": "Use the wording of the label's indications."},
    samr=("YP6", "YP20"),
)
OFF_LABEL_UNSURE = LintRule(
    id="OFF_LABEL_UNSURE",
    severity=SHOULD,
    sources=(source(DRUG_LAW, "第90条第1款"),),
    title={"zh": "不能确定是否在说明书适应症内", "en": "Cannot tell whether this is on label"},
    fix={"zh": "请医学审核对照说明书。", "en": "Medical review compares it with the label."},
    samr=("YP6",),
)
BRAND_EVENT = LintRule(
    id="BRAND_EVENT",
    severity=MUST,
    sources=(
        source("三类广告审查管理暂行办法 (2020)", "处方药名称冠名", "V-S"),
        source(MONITORING, "YP15", "V-S"),
    ),
    title={"zh": "以处方药名称冠名活动", "en": "Event named after a prescription medicine"},
    fix={"zh": "以疾病或学科命名。", "en": "Name it after the disease or discipline."},
    samr=("YP15",),
)
PRODUCT_IN_EDUCATION = LintRule(
    id="PRODUCT_IN_EDUCATION",
    severity=MUST,
    sources=(source(AD_LAW, "第19条"),),
    title={"zh": "患教或健康知识中出现药品", "en": "Medicine named in patient or health education"},
    fix={
        "zh": "删去商品名和通用名，只讲疾病。",
        "en": "Remove brand and generic names; speak of the disease only.",
    },
    samr=("YP12",),
)
OTC_JARGON = LintRule(
    id="OTC_JARGON",
    severity=MUST,
    sources=(source(MONITORING, "YP27", "V-S"),),
    title={"zh": "面向公众的非处方药资料用了难懂的术语", "en": "Terms the public cannot understand"},
    fix={"zh": "改为公众能懂的话。", "en": "Use words the public understands."},
    pattern=any_of(
        r"药代动力学|药效学|受体(?:拮抗|激动)|靶点|\bAUC\b|\bCmax\b|半衰期|生物利用度|\bIC50\b|细胞色素|CYP\d|HbA1c|随机双盲|置信区间|双盲|P\s*[<＜]\s*0\.0"
    ),
    samr=("YP27",),
)

DOCUMENT: tuple[LintRule, ...] = (
    LintRule(
        id="NOTICE_MISSING",
        severity=MUST,
        sources=(source(AD_LAW, "第16条第2款"),),
        title={"zh": "缺少忠告语", "en": "Notice missing"},
        fix={
            "zh": "处方药加“本资料仅供医学药学专业人士阅读”，非处方药加“请按药品说明书或者在药师指导下购买和使用”。",
            "en": "Add “仅供医学药学专业人士阅读” (prescription) or “请按药品说明书或者在药师指导下购买和使用” (OTC).",
        },
        samr=("YP5", "YP16"),
    ),
    LintRule(
        id="NOTICE_TOO_SMALL",
        severity=MUST,
        sources=(source(AD_LAW, "第16条第2款"), source(MONITORING, "YP37", "V-S")),
        title={"zh": "忠告语字体过小，不易辨认", "en": "Notice too small to read"},
        fix={"zh": "放大到正文字号的一半以上。", "en": "Set it at no less than half the body size."},
        samr=("YP37",),
    ),
    LintRule(
        id="WARNINGS_MISSING",
        severity=MUST,
        sources=(source(AD_LAW, "第16条第2款"), source(RDPAC, "第5条", "V-S")),
        title={"zh": "未显著标明禁忌、不良反应", "en": "Contraindications or adverse reactions missing"},
        fix={
            "zh": "加入说明书【禁忌】【不良反应】摘要。",
            "en": "Add the label's contraindications and adverse reactions.",
        },
        samr=("YP4",),
    ),
    LintRule(
        id="SUMMARY_MISSING",
        severity=MUST,
        sources=(source(RDPAC, "第5.1条", "V-S"),),
        title={
            "zh": "缺少处方信息摘要（适应症、用法用量）",
            "en": "Abbreviated prescribing information missing",
        },
        fix={
            "zh": "加入说明书【适应症】【用法用量】摘要。",
            "en": "Add indications and dosage from the label.",
        },
        samr=("YP6",),
    ),
    LintRule(
        id="GENERIC_MISSING",
        severity=MUST,
        sources=(source(RDPAC, "第5.1条", "V-S"), source(MONITORING, "YP16、YP19", "V-S")),
        title={
            "zh": "未标明通用名，以商品名或商标代替",
            "en": "Generic name missing; brand or trade mark stands for it",
        },
        fix={"zh": "在商品名旁写通用名。", "en": "Put the generic name beside the brand."},
        samr=("YP16", "YP19"),
    ),
    LintRule(
        id="COMPANY_MISSING",
        severity=MUST,
        sources=(source(RDPAC, "第2条、第5.1条", "V-S"), source(MONITORING, "YP17", "V-S")),
        title={
            "zh": "未标明企业名称和地址（资料由谁提供）",
            "en": "Company name and address (sponsor) missing",
        },
        fix={"zh": "加入上市许可持有人名称与地址。", "en": "Add the holder's name and address."},
        samr=("YP17",),
    ),
    LintRule(
        id="DATE_MISSING",
        severity=MUST,
        sources=(source(RDPAC, "第5.1条", "V-S"),),
        title={"zh": "未写资料制作日期", "en": "Date of production missing"},
        fix={"zh": "写“资料制作日期：年 月”。", "en": "Add the date of production."},
    ),
    LintRule(
        id="APPROVAL_MISSING",
        severity=MUST,
        sources=(source(AD_LAW, "第46条"), source(DRUG_LAW, "第89条")),
        title={
            "zh": "广告缺少广告批准文号或药品批准文号",
            "en": "Advertisement without its approval numbers",
        },
        fix={
            "zh": "先取得广告批准文号，并写明国药准字号。",
            "en": "Obtain the advertising approval number and show 国药准字.",
        },
        samr=("YP13", "YP16"),
    ),
    LintRule(
        id="OTC_MARK_MISSING",
        severity=MUST,
        sources=(source(MONITORING, "YP18", "V-S"),),
        title={"zh": "非处方药未标明 OTC 标识", "en": "OTC mark missing"},
        fix={"zh": "加入 OTC 标识。", "en": "Add the OTC mark."},
        samr=("YP18",),
    ),
    LintRule(
        id="CONTROLLED",
        severity=MUST,
        sources=(source(AD_LAW, "第15条第1款"),),
        title={"zh": "特殊管理药品不得作广告", "en": "Controlled medicine may not be advertised"},
        fix={"zh": "不得制作推广资料。", "en": "No promotional material may be made."},
        samr=("YP2",),
    ),
    LintRule(
        id="OPEN_CHANNEL",
        severity=MUST,
        sources=(source(AD_LAW, "第15条第2款"), source(AD_LAW, "第40条第1款")),
        title={"zh": "处方药用于公众渠道", "en": "Prescription medicine on a public channel"},
        fix={
            "zh": "只用于已核实的专业人士渠道或指定医学药学期刊。",
            "en": "Keep to verified professionals or designated journals.",
        },
        samr=("YP3", "YP12", "YP14", "YP21"),
    ),
)
