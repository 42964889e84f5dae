"""What a compliance officer can stop, and what the ledger tells when somebody changed the database behind it."""

import io
import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from compliance import actions as law
from compliance.models import Finding, HoldSubject
from pharmacrm.common.ids import uuid7
from tests.browser.phone import PHONE, kept, opened
from tests.factories.activities import make_ground
from tests.factories.compliance import qualify
from tests.factories.content import product, released_material

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_a_material_put_on_hold_is_gone_from_a_phone_within_a_minute(
    house, browser_page, shot, figure, rep, officer, locale
):
    now = timezone.now()
    goods = product("SZA")
    qualify(rep, "SZA", by=officer, at=now)
    make_ground(rep)
    version = released_material(goods, at=now - timedelta(days=2), title_zh="肾功能分层用药手册")
    shown = f"[data-version='{version.pk}']"
    phone = browser_page(login_as=rep, size=PHONE, locale=locale)
    if locale == "en":
        phone.clock.install()  # one language waits as a person does, the other lets the phone's time run
    opened(phone, house, "/field/library/")
    kept(phone)
    phone.wait_for_selector(shown)

    desk = browser_page(login_as=officer, locale=locale)
    desk.goto(f"{house}/compliance/holds/?subject=material:{version.material_id}")
    desk.fill("[name=reason]", "说明书已更新")
    desk.click("#place .btn-stop")
    name = desk.inner_text("#place .plain-list b")
    desk.fill("[name=confirm]", name)
    began = time.monotonic()
    desk.click("#place .btn-stop")
    desk.wait_for_selector("a[href*='/lift/'], td:has-text('说明书已更新')")
    shot(desk, f"hold-placed-{locale}")
    if locale == "en":
        phone.clock.fast_forward(30_000)
    phone.wait_for_selector(shown, state="detached", timeout=60_000)  # nobody touches the phone
    gone_in = time.monotonic() - began + (30 if locale == "en" else 0)
    shot(phone, f"library-after-hold-{locale}")
    figure("U4", f"a material put on hold at the desk is gone from the phone in {gone_in:.0f} s")

    assert "肾功能分层用药手册" in name
    assert gone_in <= 60
    assert HoldSubject.objects.filter(subject=f"material:{version.material_id}").count() == 1


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_the_ledger_page_names_a_byte_changed_in_the_database(house, browser_page, shot, officer, locale):
    hold = law.place_hold(
        subjects=[f"material:{uuid7()}"], reason="说明书已更新", by=officer, at=timezone.now()
    )
    page = browser_page(login_as=officer, locale=locale)
    page.goto(f"{house}/compliance/ledger/")
    check = "form[action$='/ledger/verify/'] button"
    with page.expect_navigation():
        page.click(check)
    page.wait_for_selector(check)  # the page goes on by itself when the worker is done
    before = page.locator(".sec--differs").count()

    with transaction.atomic(), connection.cursor() as cursor:  # somebody with the keys of the database
        cursor.execute("SET LOCAL session_replication_role = 'replica'")
        cursor.execute("UPDATE compliance_hold SET reason = '说明书未更新' WHERE id = %s", [hold.pk])
    page.click(check)
    page.wait_for_selector(".sec--differs")
    shot(page, f"ledger-differs-{locale}")
    told = page.inner_text(".sec--differs tbody")
    said = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_ledger", stdout=said)

    assert before == 0
    for each in ("compliance_hold", str(hold.pk), "reason", officer.display_name):
        assert each in told
    assert ended.value.code == 1
    assert "DIFFERS compliance_hold" in said.getvalue()
    assert str(hold.pk) in said.getvalue()
    assert Finding.objects.filter(kind="record_differs").count() == 1
