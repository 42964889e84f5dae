"""The pre-check: what it finds, what it leaves alone, and that it stands for all 37 monitoring codes."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content import rules
from content.rules import LINT_RULES, SAMR_CODES, LintContext, LintPage, lint_document, lint_text, standing_of
from content.rules.wrapping import unwrapped
from tests.content.lint_corpus import CLEAN, INDICATIONS, LATER_CLEAN, LATER_VIOLATING, VIOLATING

ACADEMIC = LintContext(indications=INDICATIONS)
COMPLETE = """舒泽安®（伊维列净片）
本资料仅供医学药学专业人士阅读
【适应症】用于成人2型糖尿病患者改善血糖控制。【用法用量】每日一次。
【不良反应】生殖道真菌感染。【禁忌】对本品过敏者禁用。
恒屿医药有限公司 资料制作日期：2026年10月"""
DOCUMENT = LintContext(
    indications=INDICATIONS,
    brands=("舒泽安",),
    generics=("伊维列净",),
    companies=("恒屿医药有限公司",),
    is_document=True,
)


def found(text, context=ACADEMIC):
    return {finding.rule for finding in lint_text(text, context)}


def missing(text, **context):
    changed = LintContext(**{**DOCUMENT.__dict__, **context})
    return {finding.rule for finding in lint_document([LintPage(1, text)], changed) if finding.page == 0}


def test_the_labelled_set_is_met_with_recall_95_and_precision_90():
    violating, clean = VIOLATING + LATER_VIOLATING, CLEAN + LATER_CLEAN
    hit = [text for text in violating if lint_text(text, ACADEMIC)]
    false = [text for text in clean if lint_text(text, ACADEMIC)]

    recall = len(hit) / len(violating)
    precision = len(hit) / (len(hit) + len(false))

    assert len(violating) >= 150
    assert len(clean) >= 150
    assert recall >= 0.95, sorted(set(violating) - set(hit))
    assert precision >= 0.90, false


def test_no_sentence_stands_in_both_lists():
    assert not set(VIOLATING + LATER_VIOLATING) & set(CLEAN + LATER_CLEAN)


def test_each_of_the_37_codes_has_a_rule_that_exists():
    assert [row.code for row in SAMR_CODES] == [f"YP{number}" for number in range(1, 38)]
    assert all(row.rules for row in SAMR_CODES)
    assert {rule for row in SAMR_CODES for rule in row.rules} <= set(LINT_RULES)
    assert {code for rule in LINT_RULES.values() for code in rule.samr} == {row.code for row in SAMR_CODES}


SAMPLES = {
    "YP1": ("国家卫健委推荐用药", {}),
    "YP6": ("用于治疗高血压患者", {}),
    "YP7": ("有效率高达95%", {}),
    "YP8": ("疗效优于二甲双胍", {}),
    "YP9": ("著名演员代言", {}),
    "YP10": ("患者见证：血糖正常了", {}),
    "YP11": ("保证有效", {}),
    "YP12": ("舒泽安适合您", {"audience": "patient", "brands": ("舒泽安",)}),
    "YP14": ("宝宝爱吃", {}),
    "YP15": ("“舒泽安”杯病例大赛", {"brands": ("舒泽安",)}),
    "YP17": ("咨询热线：400-123-4567", {}),
    "YP20": ("增强性功能", {}),
    "YP22": ("包治百病", {}),
    "YP23": ("安全无毒副作用", {}),
    "YP24": ("治疗糖尿病的必需品", {}),
    "YP25": ("提高学习成绩", {}),
    "YP26": ("采用最先进制法", {}),
    "YP27": ("提高生物利用度", {"is_prescription": False, "audience": "public"}),
    "YP28": ("不治疗就会失明", {}),
    "YP29": ("免费赠送一盒", {}),
    "YP30": ("家庭必备", {}),
    "YP31": ("无效退款", {}),
    "YP32": ("荣获金奖，排名第一", {}),
    "YP33": ("解放军总医院研制", {}),
    "YP34": ("航天科技成果", {}),
    "YP35": ("小朋友们都喜欢", {}),
    "YP36": ("特约门诊预约挂号", {}),
}


@pytest.mark.parametrize(("code", "sample"), SAMPLES.items(), ids=SAMPLES)
def test_a_violation_of_each_code_that_words_can_show_is_found_by_its_own_rules(code, sample):
    text, context = sample
    wanted = next(set(row.rules) for row in SAMR_CODES if row.code == code)

    assert found(text, LintContext(**{"indications": INDICATIONS, **context})) & wanted


@pytest.mark.parametrize(
    ("codes", "take_away", "context", "rule"),
    [
        (("YP2",), "", {"controlled_class": "narcotic"}, "CONTROLLED"),
        (("YP3", "YP21"), "", {"channels": ("wechat_open",)}, "OPEN_CHANNEL"),
        (("YP4",), "【禁忌】", {}, "WARNINGS_MISSING"),
        (("YP5",), "仅供医学药学专业人士阅读", {}, "NOTICE_MISSING"),
        (("YP13", "YP16"), "", {"is_advertisement": True}, "APPROVAL_MISSING"),
        (("YP18",), "", {"is_prescription": False}, "OTC_MARK_MISSING"),
        (("YP19",), "伊维列净", {}, "GENERIC_MISSING"),
        (("YP17",), "恒屿医药有限公司", {}, "COMPANY_MISSING"),
        ((), "资料制作日期：2026年10月", {}, "DATE_MISSING"),
        ((), "【用法用量】", {}, "SUMMARY_MISSING"),
    ],
)
def test_what_must_stand_on_a_material_is_missed(codes, take_away, context, rule):
    text = COMPLETE.replace(take_away, "") if take_away else COMPLETE

    assert rule in missing(text, **context)
    assert all(rule in next(row.rules for row in SAMR_CODES if row.code == code) for code in codes)


def test_a_complete_material_has_no_findings():
    assert lint_document([LintPage(1, COMPLETE)], DOCUMENT) == []


def test_a_notice_smaller_than_half_the_usual_line_is_too_small():
    lines = tuple((line, 0.004 if "仅供" in line else 0.018) for line in COMPLETE.splitlines())

    findings = lint_document([LintPage(1, COMPLETE, lines)], DOCUMENT)

    assert [finding.rule for finding in findings] == ["NOTICE_TOO_SMALL"]


def test_a_finding_points_at_its_words():
    text = "第一行没有问题。\n本品安全可靠，欢迎使用。"

    (finding,) = lint_text(text, ACADEMIC, page=4)

    assert (finding.rule, finding.page) == ("SAFETY_GUARANTEE", 4)
    assert text[finding.start : finding.end] == finding.quote == "安全可靠"


@pytest.mark.parametrize(
    "text",
    ["本品不能根治糖尿病", "广告中禁止使用“最佳”等词", "不可认为本品没有副作用", "并非唯一的选择"],
)
def test_a_negated_or_forbidden_word_is_left_alone(text):
    assert found(text) == set()


def test_a_rate_with_a_source_is_left_alone_in_science_but_never_in_an_advertisement():
    text = "治疗达标率为 52.1%（N=1204）[1]"

    assert "RATE" not in found(text)
    assert "RATE" in found(text, LintContext(is_advertisement=True))


def test_a_figure_with_a_source_but_no_sample_size_is_a_suggestion():
    (finding,) = lint_text("HbA1c 较基线降低 0.78%[1]", ACADEMIC)

    assert (finding.rule, finding.severity) == ("NUMBER_WITHOUT_N", "should")


def test_a_source_in_brackets_on_the_next_line_is_the_figures():
    text = "复合终点 8.1% 对 9.6%（N=3,180，HR 0.84，95% CI 0.72–0.98）\n（来源：文末参考文献 1）。"

    assert "NUMBER_WITHOUT_SOURCE" not in found(text)
    assert "NUMBER_WITHOUT_SOURCE" in found(text.replace("来源：文末参考文献 1", "供参考"))


def test_a_claim_has_its_sources_in_its_links():
    assert found("HbA1c 较基线降低 0.78%", rules.context_of_claim(INDICATIONS)) == set()


@pytest.mark.parametrize(
    ("disease", "label", "standing"),
    [
        ("2型糖尿病", INDICATIONS, "inside"),
        ("T2DM", INDICATIONS, "inside"),
        ("1型糖尿病", INDICATIONS, "outside"),
        ("慢性心力衰竭", INDICATIONS, "outside"),
        ("糖尿病", INDICATIONS, "unsure"),
        ("儿童2型糖尿病", INDICATIONS, "outside"),
        ("心衰", "用于射血分数降低的慢性心力衰竭", "inside"),
        ("小细胞肺癌", "用于局部晚期非小细胞肺癌", "outside"),
        ("慢阻肺", "适用于慢性阻塞性肺疾病", "inside"),
        ("高血压", "", "unsure"),
        ("高血压", "限二级及以上医疗机构", "unsure"),
    ],
)
def test_a_disease_stands_inside_outside_or_unsure(disease, label, standing):
    assert standing_of(disease, label) == standing


def test_the_coverage_table_is_the_one_in_the_docs():
    table = Path("docs/precheck.md").read_text(encoding="utf-8")

    for row in SAMR_CODES:
        assert f"| {row.code} | {row.violation} | {row.basis} | {row.how} | {', '.join(row.rules)} |" in table


BROKEN = "瑞安宁在成人2型糖尿病患者中被认为是同类药物里面国内最"
GOES_ON = "佳的选择，24 周 HbA1c 下降 0.78%（N=1204，对照安"
ENDS = "慰剂）[1]"


def _page_of(*paragraphs):
    text = "\n".join("\n".join(lines) for lines in paragraphs)
    return LintPage(1, text, tuple(("\n".join(lines), 0.02) for lines in paragraphs))


def test_a_word_broken_over_two_lines_is_found_where_it_stands():
    page = _page_of(("疗效",), (BROKEN, GOES_ON, ENDS))

    (found,) = [one for one in lint_document([page], LintContext(is_document=False)) if one.quote == "最佳"]

    assert page.text[found.start : found.end] == "最\n佳"


def test_a_source_on_the_next_line_of_the_paragraph_is_the_figures():
    page = _page_of((BROKEN, GOES_ON, ENDS))

    found = {one.rule for one in lint_document([page], LintContext(is_document=False))}

    assert found.isdisjoint({"NUMBER_WITHOUT_SOURCE", "NUMBER_WITHOUT_N"})


@pytest.mark.parametrize(
    "lines",
    [
        (
            "• 瑞安宁在成人2型糖尿病患者中的疗效与安全性国内最",
            "• 佳的选择是与医生讨论后根据肾功能作出的个体化决定",
        ),
        (
            "瑞安宁在成人2型糖尿病患者中的疗效与安全性研究结果：国内最。",
            "佳的选择是与医生讨论后根据肾功能作出的个体化决定",
        ),
        ("国内最", "佳的选择是与医生讨论后根据肾功能作出的个体化决定"),
    ],
    ids=["entries of a list", "a sentence that ended", "a heading"],
)
def test_lines_that_are_no_one_sentence_stay_apart(lines):
    found = lint_document([_page_of(lines)], LintContext(is_document=False))

    assert all("最" not in one.quote or "佳" not in one.quote for one in found)


@given(
    st.lists(
        st.lists(st.text("甲乙 ab1。：•\t", max_size=40), min_size=1, max_size=4), min_size=1, max_size=4
    )
)
@settings(max_examples=60)
def test_each_letter_of_joined_lines_is_the_one_at_its_place(paragraphs):
    page = _page_of(*paragraphs)

    joined, places = unwrapped(page.text, [text for text, _height in page.line_heights])

    assert len(joined) == len(places)
    assert sorted(set(places)) == list(dict.fromkeys(places))
    assert all(
        page.text[place] == letter or (letter, page.text[place]) == (" ", "\n")
        for letter, place in zip(joined, places, strict=True)
    )
    assert "".join(joined.split()) == "".join(page.text.split())
