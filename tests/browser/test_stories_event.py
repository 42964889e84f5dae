"""A department meeting from its plan to its closing, by everybody who has a part in it."""

from datetime import timedelta
from io import BytesIO

import pytest
import zxingcpp
from django.utils import timezone
from PIL import Image

from activities.models import Attendance, Event
from compliance.models import ApprovalStep, LedgerEntry
from doctors import actions as doctors
from pharmacrm.accounts.choices import Role
from tests.browser.conftest import sign_in
from tests.factories.activities import make_consent, make_ground
from tests.factories.compliance import qualify
from tests.factories.content import product
from tests.factories.doctors import make_hospital, make_territory, put_into

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def place(rep, manager, officer, person):
    """A representative on sound footing, and a doctor whose phone is on file, in a hospital that consents."""
    now = timezone.now()
    product("SZA")
    qualify(rep, "SZA", by=officer, at=now)
    rep.line_manager = manager
    rep.save()
    territory = make_territory("YX")
    put_into(rep, territory)
    put_into(manager, territory, role=Role.LINE_MANAGER)
    hospital = make_hospital("云溪市第一人民医院")
    today = timezone.localdate()
    consent = make_consent(
        hospital, rep, valid_from=today - timedelta(days=30), valid_until=today + timedelta(days=300)
    )
    doctor = make_ground(rep, hospital=hospital, territory=territory, consent=False)
    steward = person("steward", Role.STEWARD)
    doctors.add_contact(doctor_id=doctor.pk, kind="phone", value="13800002046", by=steward, at=now)
    return {"doctor": doctor, "hospital": hospital, "consent": consent}


def plan(page, house, place):
    starts = timezone.localtime() + timedelta(days=1)
    page.goto(f"{house}/activities/events/new/")
    page.select_option("[name=kind]", "department_meeting")
    page.fill("[name=title]", "肾功能分层用药科室会")
    page.fill("[name=need]", "eGFR 30–45 患者的起始剂量")
    page.select_option("[name=hospital]", str(place["hospital"].pk))
    page.select_option("[name=consent]", str(place["consent"].pk))
    page.fill("[name=venue]", "内分泌科示教室")
    page.select_option("[name=venue_class]", "hospital")
    page.fill("[name=starts_at]", f"{starts:%Y-%m-%d}T14:00")
    page.fill("[name=ends_at]", f"{starts:%Y-%m-%d}T15:00")
    page.check("[name=products][value=SZA]")
    page.fill("[name=people_planned]", "1")
    page.check("[name=sponsor_shown]")
    page.fill("[name=agenda_1_title]", "分层用药")
    page.fill("[name=agenda_1_minutes]", "30")
    page.fill("[name=agenda_2_title]", "讨论")
    page.select_option("[name=agenda_2_kind]", "discussion")
    page.fill("[name=agenda_2_minutes]", "30")
    page.fill("[name=budget_tea]", "200")
    page.click(".event-form .btn-primary")
    page.wait_for_url(lambda address: "/new/" not in address)


@pytest.mark.parametrize(("locale", "closed"), [("zh-CN", "已关闭"), ("en", "Closed")])
def test_a_department_meeting_goes_from_plan_to_closing(
    house, browser_page, shot, place, rep, manager, officer, locale, closed
):
    page = browser_page(login_as=rep, locale=locale)
    plan(page, house, place)
    event = Event.objects.get()
    detail = f"{house}/activities/events/{event.pk}/"
    page.click("form[action$='/request/do/'] button")

    for approver in (manager, officer):
        sign_in(page.context, house, approver)
        page.goto(f"{house}/compliance/inbox/")
        page.click(f"a[href$='/{ApprovalStep.objects.get(approver=approver).pk}/'] >> nth=0")
        page.click("button[name=verb][value=agree]")
        page.wait_for_url("**/compliance/inbox/")

    sign_in(page.context, house, rep)
    page.goto(detail)
    shot(page, f"event-approved-{locale}")
    page.click("form[action$='/start/do/'] button")
    page.click("a[href$='/code/']")
    picture = page.locator(".event-code img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    shot(page, f"event-code-{locale}")
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(picture.screenshot())))
    door = code.text  # what a camera reads off the screen, not what the page says
    assert door == page.get_attribute(".event-code a", "href")

    phone = browser_page(size=(360, 740), locale=locale)  # the doctor's own, signed in as nobody
    phone.goto(door)
    phone.fill("[name=name]", "张晓明")
    phone.fill("[name=phone_tail]", "9999")
    phone.click(".btn-primary")
    phone.wait_for_selector("[data-faults]")
    turned_away = Attendance.objects.count()
    phone.fill("[name=phone_tail]", "2046")
    phone.click(".btn-primary")
    phone.wait_for_selector("p.notice")
    shot(phone, f"event-signed-in-{locale}")

    page.goto(detail)
    assert "张晓明" in page.inner_text("#people")
    page.click("form[action$='/end/do/'] button")
    for kind in ("agenda", "photo", "sponsor_photo"):
        page.select_option("#proof [name=kind]", kind)
        page.set_input_files(
            "#proof [name=file]",
            {"name": f"{kind}.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 " + kind.encode()},
        )
        page.click("#proof form button")
        page.wait_for_selector(f"#proof td:has-text('{kind}.pdf')")
    page.fill("#close [name=summary]", "讨论了肾功能下降患者的起始剂量。")
    page.check("#close [name=safety_answered]")
    page.click("#close form button")
    page.wait_for_selector("#close", state="detached")
    told_state = page.inner_text("main")
    shot(page, f"event-closed-{locale}")

    event.refresh_from_db()
    assert event.state == "closed"
    assert closed in told_state
    assert turned_away == 0
    assert Attendance.objects.get().doctor_id == place["doctor"].pk
    told = LedgerEntry.objects.filter(subject=f"event:{event.pk}").order_by("at", "pk")
    assert [name for name in told.values_list("event", flat=True) if name.startswith("activities.")] == [
        "activities.event_planned",
        "activities.event_requested",
        "activities.event_approved",
        "activities.event_started",
        "activities.doctor_signed_in",
        "activities.event_ended",
        *["activities.proof_added"] * 3,
        "activities.event_closed",
    ]
