"""Money as a reader sees it: fen in, yuan out."""

from django import template

register = template.Library()


@register.filter
def yuan(fen: int | None) -> str:
    """Return whole fen as yuan with two decimals and thousands separators; nothing for nothing."""
    return "" if fen is None else f"{fen // 100:,}.{fen % 100:02d}"
