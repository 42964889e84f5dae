"""A certificate as a page of PDF that carries its own font, with what is needed to check it against the ledger."""

from __future__ import annotations

from django.utils.timezone import localtime
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen import canvas

from compliance.models import Certificate, LedgerEntry
from compliance.selectors.signatures import stamp_of
from pharmacrm.common.pdf import FONT, register_font


def certificate_pdf(certificate: Certificate, act: LedgerEntry | None) -> bytes:
    """Return one landscape page in both languages. Dates are of the certificate, never of the printing."""
    register_font()
    width, height = landscape(A4)
    page = canvas.Canvas("", pagesize=(width, height), invariant=True)
    page.setTitle(f"{certificate.number or certificate.course.code} {certificate.user}")
    page.setLineWidth(1.2)
    page.rect(34, 34, width - 68, height - 68)
    middle, top = width / 2, height - 100

    def centred(words: str, size: int, down: float) -> None:
        page.setFont(FONT, size)
        page.drawCentredString(middle, top - down, words)

    centred("培训合格证书", 30, 0)
    centred("Certificate of training", 15, 28)
    centred(str(certificate.user), 24, 84)
    centred(f"《{certificate.course.title_zh}》", 17, 122)
    centred(certificate.course.title_en, 13, 144)
    centred(
        f"考核 {certificate.score} 分，合格。有效期 {certificate.valid_from} 至 {certificate.valid_until} 前。",
        13,
        184,
    )
    centred(
        f"Examined with {certificate.score} points, passed. Valid from {certificate.valid_from} until before {certificate.valid_until}.",
        11,
        204,
    )
    if certificate.revoked_at:
        page.setFillColorRGB(0.7, 0.1, 0.1)
        centred(f"已撤销 / Revoked {localtime(certificate.revoked_at):%Y-%m-%d}", 18, 236)
        page.setFillColorRGB(0, 0, 0)
    page.setFont(FONT, 9)
    version = f" v{certificate.version.number}" if certificate.version else ""
    signed = certificate.version.signature if certificate.version else None
    lines = [
        f"证书编号 / No. {certificate.number or certificate.pk}    课程 / Course {certificate.course.code}{version}",
        f"试题种子 / Seed {certificate.attempt.seed}" if certificate.attempt else "",
        f"台账记录 / Ledger entry {act.pk}, {localtime(act.at):%Y-%m-%d %H:%M:%S} (UTC+8)" if act else "",
        f"内容签名 / Content signed: {stamp_of(signed, '课程发布 published').line}" if signed else "",
        "凭台账凭证（JSON）与独立验证程序可核验本证书。 / Check it with the ledger receipt (JSON) and the stand-alone verifier.",
    ]
    for n, line in enumerate(line for line in lines if line):
        page.drawString(56, 120 - n * 16, line)
    page.showPage()
    made: bytes = page.getpdfdata()
    return made
