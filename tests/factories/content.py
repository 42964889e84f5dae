"""The least valid rows of content, written straight to the tables. Tests of actions use the actions."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from content.choices import ClaimStatus, LabelSectionKind, LabelStatus, MaterialKind, MaterialStatus, SeatRole
from content.models import (
    Anchor,
    Claim,
    ClaimLink,
    ClaimUse,
    Label,
    LabelSection,
    LabelUse,
    Material,
    MaterialFile,
    MaterialPage,
    MaterialProduct,
    MaterialVersion,
    Product,
    Reference,
    Release,
    ReviewRound,
    ReviewSeat,
)
from pharmacrm.accounts.models import User
from pharmacrm.common.files import store
from pharmacrm.common.ids import uuid7

AT = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
_numbers = count(1)

LABEL_TEXTS = {
    LabelSectionKind.INDICATIONS: "配合饮食和运动控制，用于成人2型糖尿病患者改善血糖控制。",
    LabelSectionKind.DOSAGE: "推荐起始剂量5 mg，每日一次。",
    LabelSectionKind.ADVERSE_REACTIONS: "常见：生殖道真菌感染、尿路感染。",
    LabelSectionKind.CONTRAINDICATIONS: "对本品过敏、重度肾功能不全及透析患者禁用。",
}
PAGE_TEXT = (
    "舒泽安®（伊维列净片）资料",
    "本资料仅供医学药学专业人士阅读",
    "【适应症】用于成人2型糖尿病患者。【用法用量】5 mg，每日一次。",
    "【不良反应】生殖道真菌感染、尿路感染。【禁忌】对本品过敏者禁用。",
    "恒屿医药有限公司 上海市浦东新区示例路1号 资料制作日期：2026年10月",
)


def pdf_bytes(*pages: tuple[str, ...]) -> bytes:
    """Return a PDF with the given lines a page, in a Chinese font every reader has."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=A4, invariant=1)
    for lines in pages or (PAGE_TEXT,):
        sheet.setFont("STSong-Light", 14)
        for row, line in enumerate(lines):
            sheet.drawString(60, 780 - row * 28, line)
        sheet.showPage()
    sheet.save()
    return out.getvalue()


def content_person(role: str, name: str = "") -> User:
    user = User.objects.create_user(
        username=f"{role}-{next(_numbers)}",
        email=f"{role}@example.com",
        password="correct horse battery",
        display_name=name or role,
    )
    user.groups.set([Group.objects.get_or_create(name=str(role))[0]])
    return user


def product(code: str = "", **fields: Any) -> Product:
    number = next(_numbers)
    return Product.objects.create(
        code=code or f"P{number:04d}",
        **{
            "name_zh": "伊维列净片",
            "name_en": "Ivigliflozin tablets",
            "generic_name": "伊维列净",
            "brand": "舒泽安",
            "approval_number": f"国药准字H2024{number % 10000:04d}",
            "holder": "恒屿医药有限公司",
            "holder_address": "上海市浦东新区示例路1号",
            **fields,
        },
    )


def label(of: Product, *, version: int = 1, status: str = LabelStatus.EFFECTIVE, **texts: str) -> Label:
    row = Label.objects.create(
        product=of,
        version=version,
        status=status,
        revised_on=date(2026, 1, 5),
        effective_on=date(2026, 2, 1) if status != LabelStatus.DRAFT else None,
    )
    for kind, text in {**LABEL_TEXTS, **texts}.items():
        LabelSection.objects.create(label=row, kind=kind, text=text)
    return row


def reference(title: str = "Ivigliflozin in type 2 diabetes: a randomised trial", **fields: Any) -> Reference:
    return Reference.objects.create(
        title=title,
        **{
            "kind": "trial",
            "authors": "Lin A; Zhao B",
            "journal": "J Diab",
            "year": 2025,
            "sample_size": 1204,
            "evidence_level": "2",
            "doi": f"10.1000/example.{next(_numbers)}",
            **fields,
        },
    )


def anchor(of: Reference, name: str = "Table 14", **fields: Any) -> Anchor:
    return Anchor.objects.create(reference=of, name=name, **fields)


def claim(of: Product, *, author: User, approver: User | None = None, text: str = "", **fields: Any) -> Claim:
    """A claim resting on one reference; approved when an approver is named."""
    approved = (
        {"status": ClaimStatus.APPROVED, "approver": approver, "approved_at": AT, "content_sha256": "0" * 64}
        if approver
        else {}
    )
    row = Claim.objects.create(
        code=f"C{next(_numbers):05d}",
        product=of,
        text_zh=text or "HbA1c 较基线的变化为 −0.78%（24 周，N=1204）。",
        author=author,
        **{**approved, **fields},
    )
    ClaimLink.objects.create(claim=row, anchor=anchor(reference(), name=f"Table {next(_numbers)}"))
    return row


def material(*products: Product, owner: User, code: str = "", **fields: Any) -> Material:
    row = Material.objects.create(
        code=code or f"M-{next(_numbers):04d}",
        owner=owner,
        **{"title_zh": "肾功能分层用药手册", "kind": MaterialKind.DETAIL_AID, **fields},
    )
    for one in products:
        MaterialProduct.objects.create(material=row, product=one)
    return row


def material_version(
    of: Material, *, author: User, status: str = MaterialStatus.DRAFT, version: int = 1, **fields: Any
) -> MaterialVersion:
    return MaterialVersion.objects.create(
        material=of, version=version, author=author, status=status, **fields
    )


def material_file(of: MaterialVersion, content: bytes = b"", pages: int = 1, **fields: Any) -> MaterialFile:
    stored = store(
        [content or pdf_bytes()], media_type="application/pdf", by=of.author, at=AT, max_bytes=1 << 24
    )
    row = MaterialFile.objects.create(
        version=of,
        stored=stored,
        name=f"{of.material.code}.pdf",
        sha256=stored.sha256,
        pages=pages,
        attached_by=of.author,
        attached_at=AT,
        **fields,
    )
    MaterialPage.objects.create(file=row, number=1, text="\n".join(PAGE_TEXT), width=595, height=842)
    return row


def codes_of(version: MaterialVersion) -> list[str]:
    return list(version.material.product_uses.values_list("product__code", flat=True))


def released_material(
    *products: Product,
    at: datetime = AT,
    expires_on: date | None = None,
    author: User | None = None,
    claims: tuple[Claim, ...] = (),
    version: int = 1,
    content: bytes = b"",
    **fields: Any,
) -> MaterialVersion:
    """A version that went all the way: file, three signed seats, release. Returns the version.

    `fields` go to the material (code, title_zh, kind, tiers, roles, departments, channels, topics …).
    """
    author = author or content_person("marketing", "苏怡")
    products = products or (product(),)
    seats = {
        role: content_person(role, name)
        for role, name in zip(SeatRole.values, ("何若水", "秦越", "周正"), strict=True)
    }
    row = material(*products, owner=author, **fields)
    number = next(_numbers)
    made = material_version(
        row,
        author=author,
        version=version,
        status=MaterialStatus.RELEASED,
        submitted_at=at,
        approved_at=at,
        released_by=seats[SeatRole.REGULATORY],
        released_at=at,
        approval_number=f"HY-2026-{number:05d}",
        expires_on=expires_on or timezone.localtime(at).date() + timedelta(days=365),
    )
    file = material_file(made, content)
    for one in products:
        held = Label.objects.filter(product=one, status=LabelStatus.EFFECTIVE).first() or label(one)
        LabelUse.objects.create(version=made, label=held)
    for one in claims:
        ClaimUse.objects.create(version=made, claim=one, page=1)
    passage = ReviewRound.objects.create(
        version=made,
        file=file,
        number=1,
        outcome="approved",
        opened_by=author,
        opened_at=at,
        due_at=at,
        closed_at=at,
    )
    for role, person in seats.items():
        ReviewSeat.objects.create(
            round=passage,
            role=role,
            author=author,
            reviewer=person,
            decision="agreed",
            decided_at=at,
            signature=uuid7(),
            signed_sha256=file.sha256,
        )
    Release.objects.create(
        version=made,
        approval_number=made.approval_number,
        file_sha256=file.sha256,
        released_by=made.released_by,
        released_at=at,
        valid_from=timezone.localtime(at).date(),
        expires_on=made.expires_on,
    )
    return made
