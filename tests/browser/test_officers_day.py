"""A compliance officer's day in a browser: the morning's queue, a hotline report, a hold, the case to its end, the lift."""

from datetime import timedelta

import pytest
from django.utils import timezone

from activities import actions as field
from activities.models import Visit
from compliance import actions as law
from compliance.actions.sealing import seal
from compliance.models import Case, Finding, Hold, LedgerEntry, Measure
from pharmacrm.accounts.choices import Role
from tests.factories.activities import make_ground, report_of
from tests.factories.compliance import PASSWORD, give_totp, qualify, totp_code

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOLD = "组织者让我们在会后补签名，我在现场。"


@pytest.fixture
def second_officer(person):
    return person("second_officer", Role.COMPLIANCE, name="梁慎")


def unfold(page, place, words):
    """Open one of a page's folded forms and return it."""
    fold = page.locator(f"{place} details.fold", has=page.locator("summary", has_text=words)).first
    if fold.get_attribute("open") is None:
        fold.locator("summary").click()
    return fold


def hand_in(page, fold, **entered):
    """Fill a form and send it; the page that answers is there when this returns."""
    for name, value in entered.items():
        box = fold.locator(f"[name={name}]")
        if box.evaluate("box => box.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)
    with page.expect_navigation():
        fold.locator("button.btn").click()


def sign_dialog(page, name, signer, at, **entered):
    page.click(f"[data-open-dialog={name}]")
    box = page.locator(f"dialog#{name}")
    for field_name, value in entered.items():
        box.locator(f"[name={field_name}]").fill(value)
    box.locator("[name=password]").fill(PASSWORD)
    if box.locator("[name=code]").count():
        box.locator("[name=code]").fill(totp_code(signer, at))
    with page.expect_navigation():
        box.locator("button.btn-primary").click()


def test_an_officer_s_day_from_the_queue_over_hold_and_case_to_the_lift(
    live, browser_page, shot, officer, second_officer, rep
):
    now = timezone.now()
    qualify(rep, "P1", by=officer, at=now)
    doctor = make_ground(rep)
    planned = field.plan_visit(
        plan=field.VisitPlan(doctor_id=doctor.pk, planned_at=now + timedelta(hours=2)), by=rep, at=now
    )
    for days in range(1, 6):
        field.submit_visit(report=report_of(doctor, now - timedelta(days=days)), by=rep, at=now)
    for one in (officer, second_officer):
        give_totp(one)

    # Somebody without a name reports from a phone.
    phone = browser_page(size=(360, 740))
    phone.goto(f"{live}/hotline/")
    phone.select_option("[name=concern]", "records")
    phone.fill("[name=words]", TOLD)
    with phone.expect_navigation():
        phone.click("main form button.btn-primary")
    code = phone.inner_text("[data-receipt-code]")
    shot(phone, "hotline-code")

    # Morning: the detectors have searched, the queue stands by risk and due time.
    from activities.actions.monitoring import scan_for_signals

    scan_for_signals(at=now)
    desk = browser_page(login_as=officer)
    desk.goto(f"{live}/compliance/")
    queue = desk.inner_text("#queue")
    shot(desk, "officer-morning")
    desk.goto(f"{live}/compliance/findings/")
    shot(desk, "officer-findings")
    finding = Finding.objects.get(kind="frequency")
    case = Case.objects.get(source="hotline")

    # Hold: from the person's own page, by typing the name.
    desk.goto(f"{live}/people/{rep.pk}/")
    desk.click("a.hold-mark")
    desk.fill("[name=reason]", "热线举报，核查期间暂停")
    desk.click("#place .btn-stop")
    name = desk.inner_text("#place .plain-list b")
    desk.fill("[name=confirm]", name)
    with desk.expect_navigation():
        desk.click("#place .btn-stop")
    hold = Hold.objects.get()
    with pytest.raises(Exception, match=r"HOLD-01"):
        field.start_visit(visit_id=planned.pk, by=rep, at=timezone.now())

    # The case: triage, plan, evidence with a receipt of the ledger, finding, measure, report, letter.
    seal(at=timezone.now(), sign_now=True, anchor=False)
    entry = LedgerEntry.objects.get(event="compliance.hold_placed")
    desk.goto(f"{live}/compliance/cases/{case.pk}/")
    hand_in(
        desk, unfold(desk, "#triage", "分级"), risk="high", words="有在场人，可核对", about=f"user:{rep.pk}"
    )
    hand_in(desk, unfold(desk, "#triage", "调查计划"), words="核对签到表与排班")
    hand_in(desk, unfold(desk, "#talk", "答复"), words="是哪一天？签到表由谁保管？")
    hand_in(desk, unfold(desk, "#triage", "下一步"), state="investigating")
    hand_in(desk, unfold(desk, "#findings", "新增发现"), words="两处签名笔迹相同", grade="避免", rule="SG-05")
    hand_in(desk, unfold(desk, "#findings", "下结论"), conclusion="confirmed", words="当事人承认")
    hand_in(desk, unfold(desk, "#evidence", "新增证据"), entry_id=str(entry.pk), words="暂停的凭证")
    due = f"{timezone.localdate() + timedelta(days=3)}"
    hand_in(desk, unfold(desk, "#measures", "提出整改措施"), kind="corrective", text="补交原始签到表",
            owner=str(rep.pk), due_on=due)  # fmt: skip
    hand_in(desk, unfold(desk, "#reports", "决定报告"), authority="samr", basis="SG-11")
    moment = timezone.localtime() - timedelta(minutes=1)
    hand_in(
        desk,
        unfold(desk, "#reports", "登记已报告"),
        reported_at=f"{moment:%Y-%m-%dT%H:%M}",
        reference="沪市监 7 号",
    )
    hand_in(
        desk,
        unfold(desk, "#letters", "起草函件"),
        audience="doctor",
        title="情况说明",
        body="我们已核查并更正。",
    )
    shot(desk, "case-whole")
    desk.click("#letters a")
    desk.locator("[name=approvers]").first.check()
    with desk.expect_navigation():
        desk.click("button:has-text('提交审批'), form button.btn-primary")

    # The one inbox: a second officer, outside the team, reads the letter and agrees.
    other = browser_page(login_as=second_officer)
    other.goto(f"{live}/compliance/cases/{case.pk}/")
    walled = other.locator("h1").inner_text()
    other.goto(f"{live}/compliance/inbox/")
    other.click("main a[href*='/compliance/inbox/']")
    other.wait_for_load_state()
    shot(other, "letter-to-approve")
    with other.expect_navigation():
        other.click("button[value=agree]")

    # The representative reports the measure done, the officer verifies and closes by signature.
    own = browser_page(login_as=rep)
    own.goto(f"{live}/compliance/measures/")
    own.fill("[name=words]", "原件已交行政部")
    with own.expect_navigation():
        own.click("main form button.btn-primary")
    desk.goto(f"{live}/compliance/cases/{case.pk}/")
    hand_in(desk, unfold(desk, "#measures", "核验"), verdict="verified", words="原件已见")
    sign_dialog(desk, "close", officer, timezone.now(), root_cause="流程缺口", correction="补签改为现场扫码")
    shot(desk, "case-closed")

    # Whoever reported comes back by the code and reads the answer.
    phone.goto(f"{live}/hotline/return/")
    phone.fill("[name=code]", code.lower())
    with phone.expect_navigation():
        phone.click("main form button.btn-primary")
    read = phone.inner_text("main")
    shot(phone, "hotline-answer")

    # The lift, signed; the visit may begin.
    desk.goto(f"{live}/compliance/holds/{hold.pk}/")
    stopped = desk.inner_text("main")
    shot(desk, "hold-detail")
    desk.click("a[href$='/lift/']")
    desk.wait_for_selector("[data-open-dialog=lift]")
    sign_dialog(desk, "lift", officer, timezone.now(), reason="核查完成")
    visit = field.start_visit(visit_id=planned.pk, by=rep, at=timezone.now())

    case.refresh_from_db()
    hold.refresh_from_db()
    assert "热线" in queue
    assert finding.grade == "关注"
    assert name == str(rep)
    assert walled != str(case)
    assert (case.state, case.subject) == ("closed", f"user:{rep.pk}")
    assert Measure.objects.get().state == "verified"
    assert case.letters.get().state == "approved"
    assert "是哪一天" in read
    assert officer.display_name not in read
    assert "核查期间暂停" in stopped
    assert hold.lift_signature is not None
    assert Visit.objects.get(pk=visit.pk).state == "started"


def test_the_pages_of_the_day_are_looked_at_small_and_large_in_both_languages(
    live, browser_page, shot, officer, rep
):
    now = timezone.now()
    incident = law.report_incident(
        report=law.IncidentReport(
            kind="leak", data_kinds=["contact", "identity"], persons_affected=46, detected_at=now - timedelta(minutes=20),
            cause="名单误发至外部邮箱", harm="可能收到推销电话", contact="privacy@example.com",
        ),
        by=rep,
        at=now,
    )  # fmt: skip
    plan = law.plan_monitoring(
        name="十一月拜访抽查", population="visits", since=now.date() - timedelta(days=30), until=now.date(), size=5,
        due_on=now.date() + timedelta(days=9), by=officer, at=now,
    )  # fmt: skip
    hold = law.place_hold(subjects=[f"user:{rep.pk}"], reason="核查中", by=officer, at=now)
    case = law.open_case(
        kind="officer", subject=f"user:{rep.pk}", title="签到照片疑似重复", by=officer, at=now
    )
    pages = {
        "cockpit": "/compliance/", "cases": "/compliance/cases/", "case": f"/compliance/cases/{case.pk}/",
        "findings": "/compliance/findings/", "monitoring": "/compliance/monitoring/",
        "plan": f"/compliance/monitoring/{plan.pk}/", "incidents": "/compliance/incidents/",
        "incident": f"/compliance/incidents/{incident.pk}/", "measures": "/compliance/measures/",
        "holds": "/compliance/holds/", "hold": f"/compliance/holds/{hold.pk}/", "hotline": "/hotline/",
        "hotline-return": "/hotline/return/",
    }  # fmt: skip
    wide = []
    for locale in ("zh-CN", "en-GB"):
        for width in (1440, 360):
            page = browser_page(login_as=officer, size=(width, 900), locale=locale)
            for name, address in pages.items():
                answer = page.goto(live + address)
                shot(page, f"day-{name}-{locale[:2]}")
                spill = page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                if answer.status != 200 or spill > 0:
                    wide.append((name, locale, width, answer.status, spill))

    assert wide == []
