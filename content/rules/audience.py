"""Whether a material is meant for a reader."""

from __future__ import annotations

from dataclasses import dataclass

from content.choices import Channel
from content.facts import AudienceFacts

OPEN_CHANNELS = frozenset(
    {Channel.WEB, Channel.WECHAT_OPEN, Channel.MOMENTS, Channel.VIDEO_CHANNEL, Channel.MASS_MEDIA}
)
"""Ways on which anybody may read along. Source: 广告法 (2021) art. 15 ¶2; 互联网广告管理办法 (2023) art. 6."""


@dataclass(frozen=True)
class AudienceSides:
    """What a material says about its readers. An empty side is open to all."""

    tiers: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    hospital_levels: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    is_prescription: bool = True


def channel_is_allowed(sides: AudienceSides, channel: str) -> bool:
    """Return whether the channel is among the material's, and not an open one for a prescription medicine."""
    if sides.is_prescription and channel in OPEN_CHANNELS:
        return False
    return not sides.channels or channel in sides.channels


def product_is_allowed(sides: AudienceSides, products: tuple[str, ...]) -> bool:
    """Return whether all products of the material are among those the shower may speak about, where asked."""
    return not products or set(sides.products) <= set(products)


def mismatches_of(sides: AudienceSides, reader: AudienceFacts) -> tuple[str, ...]:
    """Return the sides on which the reader is not the one meant: tier, role, department, hospital_level."""
    found = []
    if sides.tiers and reader.tier not in sides.tiers:
        found.append("tier")
    if sides.roles and not set(sides.roles) & set(reader.roles):
        found.append("role")
    if sides.departments and reader.department not in sides.departments:
        found.append("department")
    if sides.hospital_levels and reader.hospital_level not in sides.hospital_levels:
        found.append("hospital_level")
    return tuple(found)
