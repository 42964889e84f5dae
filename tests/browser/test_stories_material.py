"""A detail aid from product to release: label, evidence, claim, findings, a return for changes, three signatures."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from compliance.models import LedgerEntry, Signature
from content import actions
from content.models import Annotation, Claim, Label, MaterialVersion, Product, Reference
from pharmacrm.accounts.choices import Role
from tests.browser.conftest import sign_in
from tests.factories import content as make
from tests.factories.compliance import PASSWORD, give_totp, totp_code

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BOASTFUL = (*make.PAGE_TEXT, "舒泽安是国内最佳的降糖药")
PUBMED = """<?xml version="1.0" encoding="utf-8"?>
<PubmedArticleSet>{}</PubmedArticleSet>"""
ARTICLE = """<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article>
<Journal><JournalIssue><PubDate><Year>2025</Year></PubDate></JournalIssue><Title>Journal of Trials</Title></Journal>
<ArticleTitle>{title}</ArticleTitle>
<Abstract><AbstractText>In 1204 adults the mean change of HbA1c was −0.78%.</AbstractText></Abstract>
<AuthorList><Author><LastName>Lin</LastName><Initials>A</Initials></Author></AuthorList>
<PublicationTypeList><PublicationType>{kind}</PublicationType></PublicationTypeList>
</Article></MedlineCitation></PubmedArticle>"""


@pytest.fixture
def author(person):
    return person("su", Role.MARKETING, name="苏怡")


@pytest.fixture
def reviewers(officer, person):
    """Medical, regulatory and compliance, each with a second factor."""
    people = [person("he", Role.MEDICAL, name="何若水"), person("qin", Role.REGULATORY, name="秦越"), officer]
    for one in people:
        give_totp(one)
    return people


def attach(page, content):
    page.set_input_files(
        "form[action$='/file/'] [name=file]",
        {"name": "手册.pdf", "mimeType": "application/pdf", "buffer": content},
    )
    page.click("form[action$='/file/'] button")


def save(page, address):
    """Press the one filled button of a form page and wait for where it leads."""
    page.click("main form .btn-primary")
    page.wait_for_url(address)


def create_product(page, house):
    page.goto(f"{house}/content/products/new/")
    for name, text in {
        "code": "SZA",
        "name_zh": "伊维列净片",
        "name_en": "Ivigliflozin tablets",
        "generic_name": "伊维列净",
        "brand": "舒泽安",
        "approval_number": "国药准字H20240001",
        "holder": "恒屿医药有限公司",
        "holder_address": "上海市浦东新区示例路1号",
    }.items():
        page.fill(f"[name={name}]", text)
    save(page, lambda address: "/new/" not in address)
    product = Product.objects.get()
    page.goto(f"{house}/content/products/{product.pk}/labels/new/")
    page.fill("[name=revised_on]", "2026-01-05")
    for kind, text in make.LABEL_TEXTS.items():
        page.fill(f"[name={kind}]", text)
    save(page, lambda address: "/new/" not in address)
    return product


def import_references(page, house):
    """Take two publications in from PubMed. Returns: the words of the result."""
    found = [
        ARTICLE.format(
            pmid="39000001",
            title="Ivigliflozin in type 2 diabetes: a randomised trial",
            kind="Randomized Controlled Trial",
        ),
        ARTICLE.format(pmid="39000002", title="A trial taken back", kind="Retracted Publication"),
    ]
    page.goto(f"{house}/content/references/import/")
    content = PUBMED.format("".join(found)).encode()
    page.set_input_files("[name=file]", {"name": "pubmed.xml", "mimeType": "text/xml", "buffer": content})
    page.click("main form .btn-primary")
    page.wait_for_selector("section[role=status]")
    told = page.inner_text("section[role=status]")
    page.click("section[role=status] td a >> nth=0")
    page.fill("form[action$='/anchors/'] [name=name]", "Table 2")
    page.click("form[action$='/anchors/'] button")
    page.wait_for_selector("td:has-text('Table 2')")
    return told


def write_claim(page, house, product, approver):
    """Write a claim, bind it to the place in the reference, have it approved."""
    page.goto(f"{house}/content/claims/new/")
    page.select_option("[name=product_id]", str(product.pk))
    page.fill("[name=text_zh]", "HbA1c 较基线的变化为 −0.78%（24 周，N=1204）。")
    page.click("[data-plain-submit]")
    page.wait_for_url(lambda address: "/new/" not in address)
    claim = Claim.objects.get()
    page.select_option("#ground", label=page.inner_text("#ground option:has-text('Table 2')"))
    page.click("form[action$='/links/'] button")
    page.wait_for_selector("td:has-text('Table 2')")
    page.click("form[action$='/submit/'] button")
    page.wait_for_selector("form[action$='/submit/']", state="detached")
    approver.goto(f"{house}/content/claims/{claim.pk}/")
    approver.click("form[action$='/approve/'] button")
    approver.wait_for_selector("form[action$='/approve/']", state="detached")
    return claim


def sign(page, house, version, decision, signer, reason=""):
    """Sign one seat's decision with password and, where the page asks for it, the one-time code."""
    page.goto(f"{house}/content/versions/{version.pk}/review/")
    page.click(f"a[href$='decision={decision}']")
    page.wait_for_selector("[name=password]")
    meaning = page.inner_text("main dl")
    page.fill("[name=password]", PASSWORD)
    if page.locator("[name=code]").count():
        page.fill("[name=code]", totp_code(signer, timezone.now()))
    if reason:
        page.fill("[name=reason]", reason)
    save(page, f"{house}/content/versions/{version.pk}/")
    return meaning


@pytest.mark.parametrize(
    ("locale", "clause", "agreed"), [("zh-CN", "广告法", "同意"), ("en", "广告法", "agree")]
)
def test_a_detail_aid_goes_from_label_and_evidence_through_changes_and_signatures_to_release(
    house, browser_page, shot, author, reviewers, locale, clause, agreed
):
    page = browser_page(login_as=author, locale=locale)
    desks = [browser_page(login_as=one, locale=locale) for one in reviewers]
    medical, regulatory, _compliance = desks
    product = create_product(page, house)
    regulatory.goto(f"{house}/content/labels/{Label.objects.get().pk}/")
    regulatory.fill("form[action$='/activate/'] [name=reason]", "国家药监局批准")
    regulatory.click("form[action$='/activate/'] button")
    regulatory.wait_for_selector("form[action$='/activate/']", state="detached")
    told = import_references(page, house)
    shot(page, f"reference-{locale}")
    claim = write_claim(page, house, product, medical)

    page.goto(f"{house}/content/materials/new/")
    page.fill("[name=title_zh]", "肾功能分层用药手册")
    page.select_option("[name=kind]", "detail_aid")
    page.check(f"[name=product_ids][value='{product.pk}']")
    save(page, "**/content/versions/**")
    version = MaterialVersion.objects.get()
    detail = f"{house}/content/versions/{version.pk}/"
    attach(page, make.pdf_bytes(BOASTFUL))
    finding = page.locator("#precheck .ct-find:has-text('最佳')")
    finding.wait_for()
    shot(page, f"material-finding-{locale}")
    found = finding.inner_text()
    is_closed = page.locator("form[action$='/submit/'] button").is_disabled()
    attach(page, make.pdf_bytes())
    finding.wait_for(state="detached")
    page.click("summary:near(form[action$='/claims/'])")
    page.check(f"[name=claims][value='{claim.pk}']")
    page.click("form[action$='/claims/'] button")
    page.click("form[action$='/submit/'] button")
    page.wait_for_selector("form[action$='/take-back/']")

    medical.goto(f"{detail}review/")
    medical.fill("[data-remark] [name=text]", "请补写样本量 N")
    medical.select_option("[data-remark] [name=kind]", "should")
    medical.click("[data-remark] .btn-line")
    medical.wait_for_selector("#note-1")
    sign(medical, house, version, "changes", reviewers[0], reason="请补写样本量")
    shot(medical, f"material-changes-{locale}")
    page.goto(detail)
    version.refresh_from_db()
    returned = version.status
    why = page.inner_text("main")
    attach(page, make.pdf_bytes((*make.PAGE_TEXT, "N=1204")))
    page.click("form[action$='/submit/'] button")
    page.wait_for_selector("form[action$='/take-back/']")
    meanings = [
        sign(desk, house, version, "agreed", signer) for desk, signer in zip(desks, reviewers, strict=True)
    ]
    shot(desks[2], f"material-approved-{locale}")

    regulatory.goto(detail)
    regulatory.click("a[href$='/release/']")
    expires = timezone.localdate() + timedelta(days=300)
    regulatory.fill("[name=expires_on]", expires.isoformat())
    save(regulatory, detail)
    shot(regulatory, f"material-released-{locale}")

    version.refresh_from_db()
    release = regulatory.inner_text("main")
    events = LedgerEntry.objects.filter(subject=f"material_version:{version.pk}").order_by("at", "pk")
    assert Reference.objects.get(pmid="39000002").standing == "retracted"
    assert "A trial taken back" in told
    assert clause in found
    assert "最佳" in found  # the span
    assert is_closed
    assert returned == "changes_requested"
    assert "请补写样本量" in why
    assert version.status == "released"
    assert version.rounds.count() == 2
    assert Signature.objects.filter(signer__in=reviewers).count() == 4
    assert all(agreed in meaning.lower() for meaning in meanings)
    assert version.approval_number
    assert version.approval_number in release
    assert version.expires_on == expires
    assert "content.material_released" in events.values_list("event", flat=True)


def test_a_region_marked_on_a_page_keeps_it_from_being_agreed_until_resolved(
    house, browser_page, shot, author, reviewers
):
    medical, regulatory, _compliance = reviewers
    now = timezone.now()
    goods = make.product("YVL")
    make.label(goods)
    claim = make.claim(goods, author=author, approver=medical)
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
    review = f"{house}/content/versions/{version.pk}/review/"
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
    sign_in(page.context, house, medical)
    page.goto(review)
    kept_back = page.locator("a[href$='decision=agreed']").count()
    why = page.inner_text("#why-not")
    sign_in(page.context, house, regulatory)
    page.goto(review)
    page.click("#note-1 form[action$='/resolve/'] button")
    page.wait_for_selector("a[href$='decision=agreed']")

    note = Annotation.objects.get()
    assert (kept_back, bool(why)) == (0, True)
    assert (round(note.left, 1), round(note.right, 1)) == (0.1, 0.5)
    assert note.resolved_by == regulatory
