"""A representative's visit on a 360 px phone, and every no on the way: rule, clause, plain words, what to do instead."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from activities.models import SafetyReport, Visit, VisitMaterial
from compliance import actions as law
from compliance.models import Case, Finding, LedgerEntry, RepFiling
from content import actions as content
from pharmacrm.accounts.choices import Role
from tests.browser.conftest import sign_in
from tests.browser.phone import PHONE, opened, ready
from tests.factories.activities import make_ground, make_policy
from tests.factories.compliance import qualify
from tests.factories.content import claim, product, released_material
from tests.factories.doctors import make_territory, put_into

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REPORTED = ["submitted", "amended"]


@dataclass(frozen=True)
class Ground:
    """A representative on sound footing, a doctor, a released material, a visit planned for now."""

    rep: object
    officer: object
    doctor: object
    version: object
    visit: Visit


@pytest.fixture
def ground(person):
    now = timezone.now()
    rep = person("lin", Role.REP, name="林岚")
    officer = person("zhou", Role.COMPLIANCE, name="周正")
    goods = product("SZA")
    qualify(rep, "SZA", by=officer, at=now)
    territory = make_territory("YX")
    put_into(rep, territory)
    doctor = make_ground(rep, territory=territory)
    version = released_material(goods, at=now - timedelta(days=2))
    claim(goods, author=version.author, approver=officer)
    visit = Visit.objects.create(
        rep=rep, doctor=doctor, hospital=doctor.hospital, state="planned", planned_at=now
    )
    visit.products.create(product=goods)
    return Ground(rep, officer, doctor, version, visit)


def end_the_filing(ground: Ground) -> None:
    filing = RepFiling.objects.get(user=ground.rep)
    now = timezone.now()
    law.withdraw_filing(
        filing_id=filing.pk, on=timezone.localdate(), reason="离职", by=ground.officer, at=now
    )


def file_for_another_product(ground: Ground) -> None:
    end_the_filing(ground)
    now, today = timezone.now(), timezone.localdate()
    law.file_representative(
        user_id=ground.rep.pk,
        number="BA-2",
        name="林岚",
        mah_name="远山制药有限公司",
        mah_code="91310000MA1FL00000",
        product_codes=("RB01",),
        valid_from=today,
        valid_until=today + timedelta(days=100),
        by=ground.officer,
        at=now,
    )


def require_a_course(ground: Ground) -> None:
    now = timezone.now()
    course = law.add_course(
        code="SZA-101",
        title_zh="舒泽安产品知识",
        title_en="SZA basics",
        months_valid=12,
        pass_mark=80,
        by=ground.officer,
        at=now,
    )
    law.assign_course(
        course_id=course.pk, role="rep", valid_from=timezone.localdate(), by=ground.officer, at=now
    )


def require_bookings(ground: Ground) -> None:
    make_policy(ground.doctor.hospital, booking_required=True)


def withdraw_the_material(ground: Ground) -> None:
    content.withdraw_version(
        version_id=ground.version.pk, reason="说明书已更新", by=ground.version.author, at=timezone.now()
    )


@dataclass(frozen=True)
class Lack:
    """What is missing, the rule that says so, where it stops the person, and its words in both languages."""

    rule: str
    bring_about: Callable[[Ground], None]
    steps: tuple[str, ...]
    zh: tuple[str, str, str]
    en: tuple[str, str, str]


LACKS = {
    "filing": Lack(
        "MR-08",
        end_the_filing,
        ("plan", "start", "show"),
        (
            "医药代表管理办法 (2026)",
            "当日没有有效的医药代表备案。",
            "请先办理备案；办妥前由已备案的同事执行。",
        ),
        (
            "医药代表管理办法 (2026)",
            "There is no valid filing as a representative on this day.",
            "File first; until then a filed colleague can do it.",
        ),
    ),
    "product": Lack(
        "MR-08b",
        file_for_another_product,
        ("plan", "start", "show"),
        ("医药代表管理办法 (2026)", "不在备案范围内：SZA。", "请去掉该产品，或先变更备案。"),
        (
            "医药代表管理办法 (2026)",
            "Outside the filed scope: SZA.",
            "Leave the product out, or have the filing changed first.",
        ),
    ),
    "training": Lack(
        "MR-06",
        require_a_course,
        ("plan", "start", "show"),
        ("医药代表管理办法 (2026)", "还有课程未通过或证书已过期：SZA-101。", "请先完成课程并通过考核。"),
        (
            "医药代表管理办法 (2026)",
            "Courses not passed or expired: SZA-101.",
            "Take the course and pass its examination first.",
        ),
    ),
    "booking": Lack(
        "MR-16",
        require_bookings,
        ("plan", "start"),
        (
            "医疗机构接待医药代表规定",
            "医院要求预约，预约尚未获接受。",
            "请先按医院渠道预约，收到确认后再安排。",
        ),
        (
            "医疗机构接待医药代表规定",
            "The hospital requires a booking, and none is accepted yet.",
            "Book through the hospital's channel and wait for its answer.",
        ),
    ),
    "material": Lack(
        "MR-13",
        withdraw_the_material,
        ("show",),
        (
            "医药代表管理办法 (2026)",
            "所选资料尚未放行，或已撤回。",
            "请换用资料库中已放行的版本。",
        ),
        (
            "医药代表管理办法 (2026)",
            "A chosen material is not released, or was withdrawn.",
            "Use the released version from the library.",
        ),
    ),
}


PRESS = {
    "plan": ("plan/", ".pact button"),
    "start": ("", "form[data-op='visit.start'] button"),
    "show": ("show/", "form[data-show] button"),
}


def no_of(page, rule):
    """Return the words of a refusal on the page."""
    page.wait_for_selector(f".verdict[data-rule='{rule}']")
    return page.inner_text(f".verdict[data-rule='{rule}']")


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("name", list(LACKS))
def test_every_no_names_rule_clause_words_and_a_way_and_what_took_place_is_kept(
    house, browser_page, shot, ground, name, locale
):
    lack = LACKS[name]
    doctor = f"/field/doctors/{ground.doctor.pk}/"
    first = browser_page(login_as=ground.rep, size=PHONE, locale=locale)
    pages = {}
    for step in lack.steps:  # the pages lie open while the ground gives way
        pages[step] = first.context.new_page()
        opened(pages[step], house, f"{doctor}{PRESS[step][0]}")
    pages["log"] = first
    opened(first, house, f"{doctor}log/")
    for (
        page
    ) in pages.values():  # each fetched its day: none learns of the change by itself before it is asked
        page.wait_for_load_state("networkidle")
    lack.bring_about(ground)

    said = {}
    for step in lack.steps:
        pages[step].bring_to_front()
        if step == "plan":
            pages[step].check("[name=products] >> nth=0", force=True)
        pages[step].click(PRESS[step][1])
        said[step] = no_of(pages[step], lack.rule)
        shot(pages[step], f"no-{name}-{step}-{locale}")
    refused = LedgerEntry.objects.filter(event__endswith="_refused").count()
    unchanged = list(Visit.objects.values_list("pk", "state"))

    for words in said.values():
        for part in lack.zh if locale == "zh-CN" else lack.en:
            assert part in words
        assert lack.rule in words
    assert unchanged == [(ground.visit.pk, "planned")]
    assert VisitMaterial.objects.count() == 0
    assert refused == len(lack.steps)


@pytest.mark.parametrize(("locale", "flash"), [("zh-CN", "违规"), ("en", "in breach")])
def test_a_visit_that_took_place_all_the_same_is_stored_with_a_case_and_its_safety_answer(
    house, browser_page, shot, ground, locale, flash
):
    end_the_filing(ground)
    page = browser_page(login_as=ground.rep, size=PHONE, locale=locale)
    opened(page, house, f"/field/doctors/{ground.doctor.pk}/log/")
    page.click(".seg label:has([value=reported])")  # the planned product is ticked already
    page.fill("[name=ae_event]", "用药后出现皮疹")
    page.click(".pact button")
    page.wait_for_url("**/field/")
    page.wait_for_selector("[data-strip=flash]")
    told = page.inner_text("[data-strip=flash]")
    shot(page, f"visit-in-breach-{locale}")

    visit = Visit.objects.get()
    case = Case.objects.get()
    sign_in(page.context, house, ground.officer)
    desk = page.context.new_page()
    desk.set_viewport_size({"width": 1440, "height": 900})
    desk.goto(f"{house}/compliance/")
    queue = desk.inner_text("#queue")
    desk.goto(f"{house}/compliance/cases/{case.pk}/")
    matter = desk.inner_text("main")
    shot(desk, f"case-of-breach-{locale}")
    desk.goto(f"{house}/compliance/verdicts/{visit.verdict_id}/")
    desk.click("form:has([name=replay]) button")
    desk.wait_for_selector(".statute__yes")  # judged again: the same, rule by rule
    judged = no_of(desk, "MR-08")
    desk.goto(f"{house}/compliance/ledger/?subject=visit:{visit.pk}")
    entries = desk.inner_text("main .tb")
    assert flash in told
    assert (visit.state, visit.in_breach, visit.ae_answer) == ("submitted", True, "reported")
    assert SafetyReport.objects.get().visit_key == visit.pk
    assert Finding.objects.get().rule == "MR-08"
    assert case.subject == f"visit:{visit.pk}"
    for seen in (queue, matter, judged):
        assert "MR-08" in seen
    assert "MR-08" in entries


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_a_day_goes_from_plan_to_doctor_to_material_to_a_submitted_visit(
    house, browser_page, shot, ground, locale
):
    page = browser_page(login_as=ground.rep, size=PHONE, locale=locale)
    opened(page, house)
    page.click(".vis")
    page.wait_for_selector("[data-page=doctor]")
    ready(page)
    why = page.inner_text("main")
    page.click(".pact .btn-line")
    page.wait_for_selector("form[data-show]")
    ready(page)
    page.click("form[data-show] button")
    page.wait_for_selector(".viewer img")
    ready(page)
    shot(page, f"phone-viewer-{locale}")
    page.click(".pact .btn-primary")
    page.wait_for_selector("#log")
    ready(page)
    page.click(".chips .chip:has-text('HbA1c') >> nth=0")
    page.click(".chips [data-toggle='need-box']")
    page.fill("[name=need]", "eGFR 30–45 患者的起始剂量")
    page.click("details.more summary")
    page.select_option("[name=reaction]", index=1)
    page.fill("[name=follow_up]", "带去肾功能分层手册")
    page.click(".seg label:has([value=none])")
    shot(page, f"phone-log-{locale}")
    page.click(".pact button")
    page.wait_for_url("**/field/")
    page.wait_for_selector("[data-strip=flash]")
    shot(page, f"phone-today-done-{locale}")

    visit = Visit.objects.get()
    talk = visit.products.get(claim__isnull=False)
    assert "肾功能分层用药手册" in why
    assert visit.state == "submitted"
    assert not visit.in_breach
    assert {row.product.code for row in visit.products.all()} == {"SZA"}
    assert talk.reaction
    assert visit.needs.get()
    assert visit.follow_ups.get().doctor_id == ground.doctor.pk
    assert visit.materials.get().version_id == ground.version.pk
    assert visit.ae_answer == "none"
