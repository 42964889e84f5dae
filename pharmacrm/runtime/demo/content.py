"""Products, labels, evidence, claims and 40 materials in every state, by the actions of everyday work."""

from __future__ import annotations

import io
import random
from datetime import date, datetime, timedelta
from importlib.resources import as_file, files
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

from compliance import actions as law
from compliance.actions.demo import demo_secret
from compliance.actions.signing import code_at
from content import actions as content
from content import selectors as library
from pharmacrm.accounts.models import User

from .library import (
    CLAIM_TO_APPROVE,
    CLAIMS,
    HOLDER,
    HOLDER_ADDRESS,
    MATERIALS,
    PRODUCTS,
    REFERENCES,
    DemoProduct,
)
from .people import PASSWORD, Company

FONT = "wqy-microhei"  # carried by each PDF: a server without a Chinese font draws its pages all the same
FONT_PACKAGE, FONT_PATH = "paperang_p2_fonts_cjk", "fonts/wqy-microhei.ttc"
SEATS = ("medical", "regulatory", "compliance")

# What becomes of each of the forty materials, in their order.
FATES = (
    "renewed", *("released",) * 11, "in_review", "in_review", "draft",
    *("released",) * 8, "withdrawn", "changes", "draft",
    *("released",) * 6, "approved", "in_review", "one_agreed", "recalled", "changes", "draft", "draft", "released",
)  # fmt: skip
UNDER_WAY = frozenset({"in_review", "one_agreed", "changes", "approved"})


class Hand:
    """One person's signing hand: a new one-time code for each session, never used twice."""

    def __init__(self) -> None:
        self.turns = 0

    def proof(self, person: User, at: datetime) -> law.SignatureProof:
        self.turns += 1
        return law.SignatureProof(
            password=PASSWORD,
            code=code_at(demo_secret(person.username), at),
            session_key=f"seed-{self.turns}",
        )


def seed_content(company: Company, *, at: datetime, dice: random.Random) -> None:
    """Write the library as it would have grown over eight months before `at`."""
    begun = at - timedelta(days=330)
    claims = {product.code: _product(company, product, begun) for product in PRODUCTS}
    _waiting_claim(company, at - timedelta(days=2))
    hand, moment = Hand(), begun + timedelta(days=20)
    for (code, kind, title, topics), fate in zip(MATERIALS, FATES, strict=True):
        moment += timedelta(days=6, minutes=dice.randrange(1, 300))
        begins = min(moment, at - timedelta(days=2))
        if fate in UNDER_WAY:  # sent to review this week: not everything is overdue
            begins = at - timedelta(days=dice.randrange(2, 4), minutes=dice.randrange(1, 600))
        _material(company, code, kind, title, topics, fate, claims[code], hand, begins)


def _product(company: Company, product: DemoProduct, at: datetime) -> list[Any]:
    marketing, medical, regulatory = (company.office[name] for name in ("marketing", "medical", "regulatory"))
    made = content.create_product(
        code=product.code,
        name_zh=product.name_zh,
        name_en=product.name_en,
        generic_name=product.generic_name,
        brand=product.brand,
        approval_number=product.approval_number,
        holder=HOLDER,
        holder_address=HOLDER_ADDRESS,
        is_prescription=True,
        stage=product.stage,
        by=marketing,
        at=at,
    )
    label = content.draft_label(
        product_id=made.pk, revised_on=at.date(), sections=product.label, by=marketing, at=at
    )
    content.activate_label(label_id=label.pk, by=regulatory, at=at, reason="首版说明书")
    anchors = []
    for number, study in enumerate(REFERENCES[product.code], 1):
        reference = content.create_reference(
            kind=study.kind,
            title=study.title,
            authors=study.authors,
            journal=study.journal,
            year=study.year,
            sample_size=study.sample_size or None,
            abstract=study.conclusion,
            doi=f"10.5555/hengyu.{product.code.lower()}.{number}",  # 10.5555 is Crossref's prefix for examples
            by=medical,
            at=at,
        )
        anchors.append(
            content.add_anchor(reference_id=reference.pk, name="主要结果", page=4, by=medical, at=at)
        )
    claims = []
    for place, text in enumerate(CLAIMS[product.code]):
        claim = content.write_claim(product_id=made.pk, text_zh=text, by=marketing, at=at)
        content.link_claim(claim_id=claim.pk, anchor_id=anchors[place % len(anchors)].pk, by=marketing, at=at)
        content.submit_claim(claim_id=claim.pk, by=marketing, at=at)
        claims.append(content.approve_claim(claim_id=claim.pk, by=medical, at=at + timedelta(days=2)))
    return claims


def _waiting_claim(company: Company, at: datetime) -> None:
    """A claim sent for approval this week: it waits for medical or regulatory affairs."""
    code, text = CLAIM_TO_APPROVE
    author, product = company.office["marketing"], library.product_of(code)
    claim = content.write_claim(product_id=product.pk, text_zh=text, by=author, at=at)
    section = library.label_in_force(product).sections.get(kind="adverse_reactions")
    content.link_claim(claim_id=claim.pk, section_id=section.pk, by=author, at=at)
    content.submit_claim(claim_id=claim.pk, by=author, at=at + timedelta(hours=1))


def _material(
    company: Company,
    code: str,
    kind: str,
    title: str,
    topics: tuple[str, ...],
    fate: str,
    claims: list[Any],
    hand: Hand,
    at: datetime,
) -> None:
    author = company.office["marketing"]
    product = library.product_of(code)
    known = next(row for row in PRODUCTS if row.code == code)
    version = content.create_material(
        title_zh=title, kind=kind, product_ids=[product.pk], topics=list(topics), by=author, at=at
    )
    content.use_claims(version_id=version.pk, claim_pages={claim.pk: 2 for claim in claims}, by=author, at=at)
    pages = material_pages(known, kind, title, [claim.text_zh for claim in claims], at.date())
    file = content.attach_file(
        version_id=version.pk, upload=io.BytesIO(pdf(pages)), name=f"{title}.pdf", by=author, at=at
    )
    content.precheck_version(version_id=version.pk, by=author, at=at)
    if fate == "draft":
        return
    reviewers = {role: company.office[role].pk for role in SEATS}
    content.submit_version(version_id=version.pk, by=author, at=at + timedelta(hours=1), reviewers=reviewers)
    if fate == "in_review":
        content.annotate(
            version_id=version.pk, page=1, kind="question", text="请补各层样本量 N，并写明来源。",
            by=company.office["regulatory"], at=at + timedelta(hours=5),
        )  # fmt: skip
        return
    _review(company, version.pk, file.sha256, fate, hand, at + timedelta(hours=20))
    if fate in {"released", "renewed", "withdrawn", "recalled"}:
        released = at + timedelta(days=1, hours=8)
        content.release_version(
            version_id=version.pk,
            expires_on=(released + timedelta(days=350)).date(),
            by=company.office["regulatory"],
            at=released,
        )
    if fate == "renewed":
        second = content.draft_version(
            material_id=version.material_id, by=author, at=at + timedelta(days=200), note="补充分层数据"
        )
        more = [*pages[:-1], [*pages[-1], "补充：eGFR 分层数据见第 2 页。"]]
        content.attach_file(
            version_id=second.pk,
            upload=io.BytesIO(pdf(more)),
            name=f"{title} v2.pdf",
            by=author,
            at=at + timedelta(days=201),
        )
    if fate == "withdrawn":
        content.withdraw_version(
            version_id=version.pk, reason="改版", by=company.office["medical"], at=at + timedelta(days=30)
        )
    if fate == "recalled":
        content.recall_version(
            version_id=version.pk,
            reason="图表来源有误",
            by=company.office["compliance"],
            at=at + timedelta(days=3),
        )


def _review(company: Company, version_id: Any, sha256: str, fate: str, hand: Hand, at: datetime) -> None:
    seats = SEATS[:1] if fate in {"one_agreed", "changes"} else SEATS
    for place, role in enumerate(seats):
        person, moment = company.office[role], at + timedelta(minutes=20 * place)
        decision = "changes" if fate == "changes" else "agreed"
        content.decide_review(
            version_id=version_id,
            role=role,
            decision=decision,
            file_sha256=sha256,
            by=person,
            at=moment,
            proof=hand.proof(person, moment),
            reason="请核对第 2 页数据来源。" if decision == "changes" else "",
        )


def material_pages(
    product: DemoProduct, kind: str, title: str, claims: list[str], made_on: date
) -> list[list[str]]:
    """Return the lines of each page: the matter with its sources first, the short form of the label last."""
    if kind == "patient_education":
        matter = ["本页介绍生活方式与自我管理，不涉及任何药品。", "如有不适，请到医院就诊。"]
        return [[title, "疾病教育材料", *matter, f"{HOLDER} 支持 制作日期：{made_on:%Y年%m月}"]]
    head = [f"{product.brand}®（{product.name_zh}）", title, "本资料仅供医学药学专业人士阅读"]
    foot = [
        f"【适应症】{product.label['indications']}",
        f"【用法用量】{product.label['dosage']}",
        f"【不良反应】{product.label['adverse_reactions']}",
        f"【禁忌】{product.label['contraindications']}",
        f"通用名：{product.generic_name}　{product.approval_number}",
        f"{HOLDER}　{HOLDER_ADDRESS}",
        f"本资料由{HOLDER}制作并提供　资料制作日期：{made_on:%Y年%m月}",
    ]
    return [
        head,
        [
            "主要数据",
            *[f"[{n}] {claim.rstrip('。')}（来源：文末参考文献 {n}）。" for n, claim in enumerate(claims, 1)],
        ],
        ["说明书摘要", *foot],
    ]


def pdf(pages: list[list[str]]) -> bytes:
    """Return the pages as a PDF, long lines folded."""
    if FONT not in pdfmetrics.getRegisteredFontNames():
        with as_file(files(FONT_PACKAGE) / FONT_PATH) as font:
            pdfmetrics.registerFont(TTFont(FONT, font, subfontIndex=0))
    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=A4, invariant=1)
    for lines in pages:
        down = 780
        for number, line in enumerate(lines):
            size = 20 if number == 0 else 13
            sheet.setFont(FONT, size)
            width = 480 // size
            for start in range(0, len(line), width):
                sheet.drawString(56, down, line[start : start + width])
                down -= size + 9
            down -= 8
        sheet.showPage()
    sheet.save()
    return out.getvalue()
