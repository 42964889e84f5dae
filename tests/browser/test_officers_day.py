"""A compliance officer's day in a browser: the morning's queue, a changed meal cap tried and put in force, a hold, a case
to its end, the lift, and a pack that an inspector verifies with Python alone."""

import subprocess
import sys
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone

from activities import actions as field
from activities.actions import events as meetings
from activities.models import Visit
from compliance import actions as law
from compliance.actions.sealing import seal
from compliance.models import Case, Finding, Hold, LedgerEntry, Measure, Parameter
from compliance.selectors.log import published_key
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import Refused
from tests.factories.activities import make_consent, make_ground, report_of
from tests.factories.compliance import PASSWORD, give_totp, qualify, totp_code

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOLD = "组织者让我们在会后补签名，我在现场。"


@pytest.fixture
def second_officer(person):
    return person("second_officer", Role.COMPLIANCE, name="梁慎")


def a_meeting(rep, doctor, consent, at, *, topic, meal):
    """A meeting at which a head eats for `meal` fen, put to approval."""
    plan = meetings.EventPlan(
        kind="department_meeting", title=f"{topic}科室会", need="eGFR 30–45 患者的起始剂量", topic=topic,
        hospital_id=doctor.hospital_id, consent_id=consent.pk, venue="内分泌科示教室", starts_at=at + timedelta(days=4),
        ends_at=at + timedelta(days=4, hours=1), people_planned=12, meal_fen_per_head=meal, sponsor_shown=True,
        sessions=(meetings.SessionPlan("分层用药", 30), meetings.SessionPlan("讨论", 30, kind="discussion")),
        budget=(("meal", 12 * meal),),
    )  # fmt: skip
    return meetings.request_event(event_id=meetings.plan_event(plan=plan, by=rep, at=at).pk, by=rep, at=at)


def sign_figure(page, live, signer, shot):
    """Sign the figure that waits in the one inbox."""
    page.goto(f"{live}/compliance/inbox/")
    page.click("main a:has-text('RD-01')")
    page.wait_for_selector("[data-open-dialog=agree]")
    shot(page, f"cap-to-sign-{signer.username}")
    sign_dialog(page, "agree", signer, timezone.now())


def made_elsewhere(pack, folder):
    """Verify a downloaded pack as an inspector would: unpacked, by its own program, with Python alone."""
    with zipfile.ZipFile(pack) as packed:
        packed.extractall(folder)
    return subprocess.run(
        [sys.executable, "-I", str(folder / "verify.py"), "pack", str(folder), "--key", published_key()],
        capture_output=True, text=True, check=False, env={},
    )  # fmt: skip


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


def test_an_officer_s_day_from_the_queue_over_a_changed_cap_hold_and_case_to_a_verified_pack(
    live, browser_page, shot, tmp_path, person, officer, second_officer, manager, rep
):
    now = timezone.now()
    law.adopt_book(by=officer, at=now - timedelta(days=200))
    regulatory, inspector = person("秦越", Role.REGULATORY), person("高严", Role.INSPECTOR)
    rep.line_manager = manager
    rep.save()
    qualify(rep, "P1", by=officer, at=now)
    doctor = make_ground(rep)
    consent = make_consent(doctor.hospital, rep)
    dear = [
        a_meeting(rep, doctor, consent, now - timedelta(days=30 * number), topic=topic, meal=meal)
        for number, topic, meal in ((1, "肾功能", 6_800), (2, "血压", 26_800), (3, "抗血小板", 28_500))
    ][1:]
    planned = field.plan_visit(
        plan=field.VisitPlan(doctor_id=doctor.pk, planned_at=now + timedelta(hours=2)), by=rep, at=now
    )
    for days in range(1, 6):
        field.submit_visit(report=report_of(doctor, now - timedelta(days=days)), by=rep, at=now)
    for one in (officer, second_officer, regulatory):
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

    # The meal cap: drafted with its dry run, signed by two others, in force from its day.
    desk.goto(f"{live}/compliance/parameters/RD-01/cap_fen/")
    desk.fill("[name=value]", "25000")
    desk.fill("[name=valid_from]", timezone.localdate().isoformat())
    desk.fill("[name=reason]", "年度评估后从严")
    with desk.expect_navigation():
        desk.click("main form button.btn-primary")
    desk.wait_for_selector("#dry-run")
    shot(desk, "officer-dry-run")
    desk.click("#dry-run summary")
    tried = desk.inner_text("#dry-run")
    cannot_sign = desk.locator("[data-open-dialog=sign]").count() == 0
    other, third = browser_page(login_as=second_officer), browser_page(login_as=regulatory)
    sign_figure(other, live, second_officer, shot)
    half = Parameter.objects.get().state
    sign_figure(third, live, regulatory, shot)
    a_meeting(rep, doctor, consent, timezone.now(), topic="低价", meal=24_800)
    with pytest.raises(Refused, match="RD-01"):
        a_meeting(rep, doctor, consent, timezone.now(), topic="高价", meal=26_800)

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
    other.goto(f"{live}/compliance/cases/{case.pk}/")
    walled = other.locator("h1").inner_text()
    other.goto(f"{live}/compliance/inbox/")
    other.click("main a[href*='/compliance/inbox/']")
    other.wait_for_load_state()
    shot(other, "letter-to-approve")
    sign_dialog(other, "agree", second_officer, timezone.now())

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

    # The inspector's pack about the person: made, downloaded, verified without the product; one changed byte is named.
    guest = browser_page(login_as=inspector)
    guest.goto(f"{live}/compliance/ledger/packs/?subject=user:{rep.pk}")
    guest.fill("[name=reason]", "市场监管局现场检查")
    with guest.expect_navigation():
        guest.click("main form button.btn-primary")
    shot(guest, "pack-ready")
    with guest.expect_download() as taken:
        guest.click("a[href$='/pack.zip']")
    checked = made_elsewhere(taken.value.path(), tmp_path)
    rows = tmp_path / "records" / "rows.json"
    rows.write_bytes(rows.read_bytes().replace("核查期间暂停".encode(), "核查期间放行".encode()))
    tampered = subprocess.run(
        [sys.executable, "-I", str(tmp_path / "verify.py"), "pack", str(tmp_path), "--key", published_key()],
        capture_output=True, text=True, check=False, env={},
    )  # fmt: skip

    case.refresh_from_db()
    hold.refresh_from_db()
    assert "热线" in queue
    assert finding.grade == "关注"
    assert cannot_sign
    assert rep.display_name in tried
    assert sum(tried.count(event.title) for event in dear) == 2
    assert "肾功能" not in tried
    assert (half, Parameter.objects.get().state) == ("draft", "live")
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
    assert (checked.returncode, tampered.returncode) == (0, 1), checked.stdout
    assert "records/rows.json" in tampered.stdout


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
