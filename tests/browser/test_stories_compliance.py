"""What a compliance officer can stop, and what the ledger tells when somebody changed the database behind it."""

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from compliance import actions as law
from compliance.models import Finding, HoldSubject
from pharmacrm.common.ids import uuid7
from tests.factories.activities import make_ground
from tests.factories.compliance import qualify
from tests.factories.content import product, released_material

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_material_put_on_hold_is_gone_from_the_library_of_a_phone(live, browser_page, shot, rep, officer):
    now = timezone.now()
    goods = product("SZA")
    qualify(rep, "SZA", by=officer, at=now)
    make_ground(rep)
    version = released_material(goods, at=now - timedelta(days=2), title_zh="肾功能分层用药手册")
    shown = f"[data-version='{version.pk}']"
    phone = browser_page(login_as=rep, size=(360, 740))
    phone.goto(f"{live}/field/library/")
    phone.wait_for_selector(shown)

    desk = browser_page(login_as=officer)
    desk.goto(f"{live}/compliance/holds/?subject=material:{version.material_id}")
    desk.fill("[name=reason]", "说明书已更新")
    desk.click("#place .btn-stop")
    name = desk.inner_text("#place .plain-list b")
    desk.fill("[name=confirm]", name)
    desk.click("#place .btn-stop")
    desk.wait_for_selector("a[href*='/lift/'], td:has-text('说明书已更新')")
    shot(desk, "hold-placed")
    phone.goto(f"{live}/field/library/")
    phone.wait_for_selector("[data-page=library]")
    shot(phone, "library-after-hold")

    assert "肾功能分层用药手册" in name
    assert phone.locator(shown).count() == 0
    assert HoldSubject.objects.filter(subject=f"material:{version.material_id}").count() == 1


def test_the_ledger_page_names_a_byte_changed_in_the_database(live, browser_page, shot, officer):
    hold = law.place_hold(
        subjects=[f"material:{uuid7()}"], reason="说明书已更新", by=officer, at=timezone.now()
    )
    page = browser_page(login_as=officer)
    page.goto(f"{live}/compliance/ledger/")
    page.click("form[action$='/ledger/verify/'] button")
    page.wait_for_url("**/compliance/ledger/")
    before = page.locator(".sec--differs").count()

    with transaction.atomic(), connection.cursor() as cursor:  # somebody with the keys of the database
        cursor.execute("SET LOCAL session_replication_role = 'replica'")
        cursor.execute("UPDATE compliance_hold SET reason = '说明书未更新' WHERE id = %s", [hold.pk])
    page.click("form[action$='/ledger/verify/'] button")
    page.wait_for_selector(".sec--differs")
    shot(page, "ledger-differs")
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
