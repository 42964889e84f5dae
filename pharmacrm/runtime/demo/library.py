"""Invented products with labels, evidence, claims and materials. The medicines do not exist."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoProduct:
    """One invented medicine; `label` maps section kinds to text."""

    code: str
    name_zh: str
    name_en: str
    generic_name: str
    brand: str
    approval_number: str
    stage: str
    label: dict[str, str]


HOLDER = "恒屿医药有限公司"
HOLDER_ADDRESS = "浙江省杭州市滨江区示例路 8 号"

PRODUCTS: tuple[DemoProduct, ...] = (
    DemoProduct(
        "SZA", "伊维列净片", "Ivigliflozin tablets", "伊维列净", "舒泽安", "国药准字H20990001", "reimbursement",
        {
            "indications": "本品配合饮食控制和运动，用于成人 2 型糖尿病患者改善血糖控制。",
            "dosage": "推荐起始剂量为 5 mg，每日一次，晨服，不受进食限制。eGFR 低于 45 mL/min/1.73m² 时不建议起始治疗。",
            "adverse_reactions": "常见：生殖道真菌感染（4.8%）、尿路感染（3.9%）、多尿。少见：低血压、酮症酸中毒。",
            "contraindications": "对本品成份过敏者禁用。重度肾功能不全、终末期肾病或透析患者禁用。",
            "precautions": "用药前评估肾功能，之后定期监测。出现恶心、呕吐、腹痛时评估酮症酸中毒。",
        },
    ),
    DemoProduct(
        "AKP", "培洛地平缓释片", "Pelodipine sustained-release tablets", "培洛地平", "安克平", "国药准字H20990002", "mature",
        {
            "indications": "用于成人原发性高血压的治疗，可单独使用或与其他降压药合用。",
            "dosage": "起始剂量 5 mg，每日一次；根据血压在 2 至 4 周后调整，最大剂量 10 mg，每日一次。",
            "adverse_reactions": "常见：踝部水肿（6.2%）、头痛（3.1%）、面部潮红（2.7%）。少见：心悸、头晕。",
            "contraindications": "对二氢吡啶类过敏者禁用。心源性休克、重度主动脉瓣狭窄患者禁用。",
            "precautions": "肝功能不全者从低剂量开始。突然停药可使血压反跳。",
        },
    ),
    DemoProduct(
        "HMN", "瑞沙格雷片", "Resagrel tablets", "瑞沙格雷", "恒脉宁", "国药准字H20990003", "launch",
        {
            "indications": "与阿司匹林合用，用于急性冠脉综合征成人患者，减少血栓性心血管事件的发生。",
            "dosage": "负荷剂量 180 mg，维持剂量 90 mg，每日两次。除有明确禁忌外，与阿司匹林 75–100 mg 每日一次合用。",
            "adverse_reactions": "常见：出血（7.9%）、呼吸困难（8.4%）、血尿酸升高。少见：颅内出血、心动过缓。",
            "contraindications": "对本品过敏者禁用。活动性病理性出血、有颅内出血病史、中重度肝损害患者禁用。",
            "precautions": "手术前 5 天停用。避免与强效 CYP3A4 抑制剂合用。",
        },
    ),
)  # fmt: skip


@dataclass(frozen=True)
class DemoReference:
    """An invented study; the journals do not exist either."""

    title: str
    authors: str
    journal: str
    year: int
    kind: str
    sample_size: int
    conclusion: str


REFERENCES: dict[str, tuple[DemoReference, ...]] = {
    "SZA": (
        DemoReference("Ivigliflozin across renal function strata: study YV-301", "Lin H; He R; Zhou P", "Demo Journal of Diabetes", 2024, "trial", 1204, "HbA1c change at week 24 was -0.78% (eGFR >= 60), -0.62% (45-59) and -0.40% (30-44)."),
        DemoReference("Long-term tolerability of ivigliflozin: 104-week extension", "Chen S; Wu Y", "Demo Archives of Endocrinology", 2025, "trial", 846, "Genital mycotic infection 4.8%, urinary tract infection 3.9%."),
        DemoReference("Real-world persistence on SGLT2 inhibition in eastern China", "Xu M; Fang L", "Demo Journal of Real-World Evidence", 2025, "real_world", 5120, "Twelve-month persistence was 71.4% (95% CI 70.1-72.7)."),
        DemoReference("伊维列净治疗 2 型糖尿病中国专家共识（示例）", "示例专家组", "示例内分泌杂志", 2025, "consensus", 0, "起始治疗前评估 eGFR，之后每 12 周复查。"),
    ),
    "AKP": (
        DemoReference("Pelodipine SR and 24-hour blood pressure: study PL-210", "Gao Y; Sun Q", "Demo Hypertension Reports", 2022, "trial", 612, "Trough-to-peak ratio 0.71; systolic change -14.2 mmHg at week 8."),
        DemoReference("Ankle oedema with dihydropyridines: a pooled analysis", "Tang B; Ren J", "Demo Cardiology Review", 2023, "meta_analysis", 9340, "Oedema 6.2% at 5 mg, 9.8% at 10 mg."),
    ),
    "HMN": (
        DemoReference("Resagrel plus aspirin in acute coronary syndromes: RS-401", "Qian Z; Lu K; Shao W", "Demo Heart Journal", 2026, "trial", 3180, "Composite endpoint 8.1% vs 9.6% (HR 0.84, 95% CI 0.72-0.98)."),
        DemoReference("Dyspnoea on reversible P2Y12 inhibition: mechanisms and course", "Ding F", "Demo Respiratory Notes", 2025, "review", 0, "Dyspnoea was mostly mild and resolved without stopping in 62% of cases."),
    ),
}  # fmt: skip

CLAIMS: dict[str, tuple[str, ...]] = {
    "SZA": (
        "研究 YV-301（N=1,204）中，24 周 HbA1c 变化在 eGFR ≥ 60、45–59、30–44 各层分别为 −0.78%、−0.62%、−0.40%。",
        "推荐起始剂量 5 mg，每日一次；eGFR 低于 45 时不建议起始治疗。",
        "104 周延长研究（N=846）中生殖道真菌感染 4.8%，尿路感染 3.9%。",
    ),
    "AKP": (
        "研究 PL-210（N=612）中，8 周收缩压变化 −14.2 mmHg，谷峰比 0.71。",
        "踝部水肿发生率 5 mg 组 6.2%，10 mg 组 9.8%（汇总分析，N=9,340）。",
    ),
    "HMN": (
        "研究 RS-401（N=3,180）中，复合终点 8.1% 对 9.6%（HR 0.84，95% CI 0.72–0.98）。",
        "手术前 5 天停用。",
    ),
}  # fmt: skip

# A claim that waits for its approval.
CLAIM_TO_APPROVE = ("SZA", "104 周延长研究（N=846）中严重低血糖 0.4%，均发生于联用胰岛素的患者。")

# Titles of materials: product, kind, title, topics, purpose words. States are handed out by the seed.
MATERIALS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("SZA", "detail_aid", "肾功能分层用药手册", ("eGFR", "起始剂量")),
    ("SZA", "detail_aid", "起始治疗前评估清单", ("评估", "起始剂量")),
    ("SZA", "leave_behind", "剂量调整一页纸", ("剂量",)),
    ("SZA", "deck", "2 型糖尿病合并肾功能减退：病例讨论", ("病例", "eGFR")),
    ("SZA", "deck", "科室会幻灯：SGLT2 抑制的机制与安全性", ("机制", "安全性")),
    ("SZA", "article", "真菌感染的预防与处理", ("安全性",)),
    ("SZA", "poster", "YV-301 研究壁报", ("研究",)),
    ("SZA", "qa", "常见问题：漏服与补服", ("用法",)),
    ("SZA", "reprint", "YV-301 原文单行本", ("研究",)),
    ("SZA", "email", "随访提醒：12 周复查 eGFR", ("随访",)),
    ("SZA", "detail_aid", "老年患者用药要点", ("老年",)),
    ("SZA", "leave_behind", "低血糖风险说明", ("安全性",)),
    ("SZA", "deck", "联合用药方案幻灯", ("联合用药",)),
    ("SZA", "patient_education", "糖尿病患者的足部护理", ("患者教育",)),
    ("SZA", "article", "酮症酸中毒的识别", ("安全性",)),
    ("AKP", "detail_aid", "24 小时血压管理手册", ("血压",)),
    ("AKP", "leave_behind", "踝部水肿的处理", ("安全性",)),
    ("AKP", "deck", "清晨血压与谷峰比", ("血压",)),
    ("AKP", "deck", "老年单纯收缩期高血压：病例讨论", ("病例", "老年")),
    ("AKP", "qa", "常见问题：与他汀合用", ("联合用药",)),
    ("AKP", "reprint", "PL-210 原文单行本", ("研究",)),
    ("AKP", "article", "停药反跳的预防", ("安全性",)),
    ("AKP", "poster", "家庭血压监测海报", ("患者教育",)),
    ("AKP", "email", "随访提醒：四周后调整剂量", ("随访",)),
    ("AKP", "detail_aid", "肝功能不全患者用药", ("剂量",)),
    ("AKP", "leave_behind", "用药记录卡", ("随访",)),
    ("HMN", "detail_aid", "急性冠脉综合征抗血小板治疗手册", ("抗血小板",)),
    ("HMN", "detail_aid", "出血风险评估表", ("安全性", "出血")),
    ("HMN", "leave_behind", "围手术期停药一页纸", ("围手术期",)),
    ("HMN", "deck", "RS-401 研究解读", ("研究",)),
    ("HMN", "deck", "双联抗血小板：病例讨论", ("病例",)),
    ("HMN", "qa", "常见问题：呼吸困难", ("安全性",)),
    ("HMN", "reprint", "RS-401 原文单行本", ("研究",)),
    ("HMN", "article", "药物相互作用：CYP3A4", ("联合用药",)),
    ("HMN", "poster", "胸痛中心流程海报", ("流程",)),
    ("HMN", "email", "新证据提示：RS-401", ("研究",)),
    ("HMN", "detail_aid", "老年与低体重患者用药", ("老年",)),
    ("HMN", "leave_behind", "漏服处理", ("用法",)),
    ("HMN", "deck", "城市会幻灯：从指南到临床路径", ("指南",)),
    ("HMN", "patient_education", "支架术后生活指导", ("患者教育",)),
)  # fmt: skip
