"""A detail aid on its way: marketing writes and mends it, three reviewers sign, regulatory releases it."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from compliance.models import Signature
from content import actions
from content.models import Annotation, MaterialVersion
from pharmacrm.accounts.choices import Role
from tests.browser.conftest import sign_in
from tests.factories import content as make
from tests.factories.compliance import PASSWORD, give_totp, totp_code

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BOASTFUL = (*make.PAGE_TEXT, "舒泽安是国内最佳的降糖药")


@pytest.fixture
def claim(person):
    """A product with its label and one approved claim; marketing and the three reviewers."""
    author = person("su", Role.MARKETING, name="苏怡")
    goods = make.product("YVL")
    make.label(goods)
    medical = person("he", Role.MEDICAL, name="何若水")
    return make.claim(goods, author=author, approver=medical)


@pytest.fixture
def reviewers(claim, officer, person):
    people = [claim.approver, person("qin", Role.REGULATORY, name="秦越"), officer]
    for one in people:
        give_totp(one)
    return people


def attach(page, content):
    page.set_input_files(
        "form[action$='/file/'] [name=file]",
        {"name": "手册.pdf", "mimeType": "application/pdf", "buffer": content},
    )
    page.click("form[action$='/file/'] button")


def test_a_detail_aid_is_mended_reviewed_signed_and_released(live, browser_page, shot, claim, reviewers):
    page = browser_page(login_as=claim.author)
    page.goto(f"{live}/content/materials/new/")
    page.fill("[name=title_zh]", "肾功能分层用药手册")
    page.select_option("[name=kind]", "detail_aid")
    page.check(f"[name=product_ids][value='{claim.product_id}']")
    page.click("main form .btn-primary")
    page.wait_for_url("**/content/versions/**")
    version = MaterialVersion.objects.get()
    detail = f"{live}/content/versions/{version.pk}/"

    attach(page, make.pdf_bytes(BOASTFUL))
    finding = page.locator("#precheck .ct-find:has-text('最佳')")
    finding.wait_for()
    shot(page, "material-finding")
    found = finding.inner_text()
    is_closed = page.locator("form[action$='/submit/'] button").is_disabled()
    attach(page, make.pdf_bytes())
    finding.wait_for(state="detached")
    page.click("summary:near(form[action$='/claims/'])")
    page.check(f"[name=claims][value='{claim.pk}']")
    page.click("form[action$='/claims/'] button")
    page.click("form[action$='/submit/'] button")
    page.wait_for_selector("form[action$='/take-back/']")
    picture = page.locator(".ct-thumbs img").first
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("one => one.decode().then(() => one.naturalWidth)") > 0

    for reviewer in reviewers:
        sign_in(page.context, live, reviewer)
        page.goto(f"{live}/content/versions/{version.pk}/review/")
        page.click("a[href$='decision=agreed']")
        page.fill("[name=password]", PASSWORD)
        page.fill("[name=code]", totp_code(reviewer, timezone.now()))
        page.click("main form .btn-primary")
        page.wait_for_url(detail)
    shot(page, "material-approved")

    regulatory = reviewers[1]
    sign_in(page.context, live, regulatory)
    page.goto(detail)
    page.click("a[href$='/release/']")
    expires = timezone.localdate() + timedelta(days=300)
    page.fill("[name=expires_on]", expires.isoformat())
    page.click("main form .btn-primary")
    page.wait_for_url(detail)
    shot(page, "material-released")

    version.refresh_from_db()
    release = page.locator("section:has(h2)").first.inner_text()
    assert "广告法" in found
    assert is_closed
    assert version.status == "released"
    assert Signature.objects.filter(signer__in=reviewers).count() == 3
    assert version.approval_number
    assert version.approval_number in release
    assert version.expires_on == expires
    assert f"{expires.year}年{expires.month}月{expires.day}日" in release


def test_a_region_marked_on_a_page_keeps_it_from_being_agreed_until_resolved(
    live, browser_page, shot, claim, reviewers
):
    medical, regulatory, _compliance = reviewers
    now = timezone.now()
    version = actions.create_material(
        title_zh="肾功能分层用药手册",
        kind="detail_aid",
        product_ids=[claim.product_id],
        by=claim.author,
        at=now,
    )
    actions.use_claims(version_id=version.pk, claim_pages={claim.pk: 1}, by=claim.author, at=now)
    upload = ContentFile(make.pdf_bytes())
    actions.attach_file(version_id=version.pk, upload=upload, name="手册.pdf", by=claim.author, at=now)
    actions.submit_version(version_id=version.pk, by=claim.author, at=now)
    review = f"{live}/content/versions/{version.pk}/review/"
    page = browser_page(login_as=regulatory)
    page.goto(review)

    page.click("[data-draw-start]")
    page.locator("[data-sheet]").scroll_into_view_if_needed()
    sheet = page.locator("[data-sheet]").bounding_box()
    page.mouse.move(sheet["x"] + sheet["width"] * 0.1, sheet["y"] + 60)
    page.mouse.down()
    page.mouse.move(sheet["x"] + sheet["width"] * 0.5, sheet["y"] + 130, steps=4)
    page.mouse.up()
    page.select_option("[data-remark] [name=kind]", "must")
    page.fill("[data-remark] [name=text]", "请补写样本量 N")
    page.click("[data-remark] .btn-line")
    page.wait_for_selector("#note-1")
    shot(page, "review-remark")
    sign_in(page.context, live, medical)
    page.goto(review)
    kept_back = page.locator("a[href$='decision=agreed']").count()
    why = page.inner_text("#why-not")
    sign_in(page.context, live, regulatory)
    page.goto(review)
    page.click("#note-1 form[action$='/resolve/'] button")
    page.wait_for_selector("a[href$='decision=agreed']")

    note = Annotation.objects.get()
    assert (kept_back, bool(why)) == (0, True)
    assert (round(note.left, 1), round(note.right, 1)) == (0.1, 0.5)
    assert note.resolved_by == regulatory
