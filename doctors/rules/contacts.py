"""Shape and mask of phone numbers and addresses. Pure."""

from __future__ import annotations

import re
import unicodedata

PHONE_KINDS = frozenset({"mobile", "phone"})
MOBILE = re.compile(r"^1[3-9]\d{9}$")
LANDLINE = re.compile(r"^(0\d{2,3}-?)?\d{7,8}(-\d{1,6})?$")
EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


def clean_contact(kind: str, raw: str) -> str:
    """Return a contact value in its one spelling, or an empty string when it has the wrong shape."""
    text = unicodedata.normalize("NFKC", raw).strip()
    if kind == "mobile":
        digits = re.sub(r"[\s\-()]", "", text)
        digits = re.sub(r"^(\+?0{0,2}86)(?=1)", "", digits)
        return digits if MOBILE.match(digits) or re.fullmatch(r"\+\d{8,15}", digits) else ""
    if kind == "phone":
        digits = re.sub(r"[\s()]", "", text.replace("转", "-"))
        return digits if LANDLINE.match(digits) or re.fullmatch(r"\+?\d[\d\-]{6,18}", digits) else ""
    if kind == "email":
        return text.lower() if EMAIL.match(text) else ""
    return text if 0 < len(text) <= 64 else ""


def mask_contact(kind: str, value: str) -> str:
    """Return a contact value with its middle hidden: 139****2046, w***@example.com."""
    if kind in PHONE_KINDS:
        return f"{value[:3]}****{value[-4:]}" if len(value) >= 9 else f"****{value[-2:]}"
    if kind == "email":
        local, _, host = value.partition("@")
        return f"{local[:1]}***@{host}"
    return f"{value[:2]}***"


def tail_of(kind: str, value: str) -> str:
    """Return the last four digits of a phone number, else an empty string."""
    digits = re.sub(r"\D", "", value)
    return digits[-4:] if kind in PHONE_KINDS and len(digits) >= 7 else ""
