"""Carry open annotations from a file to the one that takes its place."""

from __future__ import annotations

from content.models import Annotation, MaterialFile, MaterialPage
from content.rules.anchoring import MOVED, find_again


def carry_annotations(old: MaterialFile, new: MaterialFile) -> list[Annotation]:
    """Copy every unresolved annotation; one that is not surely at its old place is flagged for a person.

    A region is kept only when its quotation stands on the same page as before.
    """
    pages = list(new.page_rows.order_by("number"))
    texts = [page.text for page in pages]
    carried = []
    for note in old.annotations.filter(resolved_at__isnull=True).order_by("number"):
        found = find_again(note.quote, note.prefix, note.suffix, note.page, texts) if note.quote else None
        page = found.page if found else min(note.page, new.pages)
        left, top, right, bottom = _region(note, page, pages)
        carried.append(
            Annotation.objects.create(
                file=new,
                number=note.number,
                kind=note.kind,
                text=note.text,
                page=page,
                left=left,
                top=top,
                right=right,
                bottom=bottom,
                quote=note.quote,
                prefix=note.prefix,
                suffix=note.suffix,
                rule=note.rule,
                author=note.author,
                said_at=note.said_at,
                carried_from=note,
                is_moved=found is None or found.how == MOVED,
            )
        )
    return carried


def _region(
    note: Annotation, page: int, pages: list[MaterialPage]
) -> tuple[float | None, float | None, float | None, float | None]:
    """Return the paragraph that now holds the quotation, else the old region when the page is the same."""
    if note.quote and page <= len(pages):
        wanted = "".join(note.quote.split())
        for block in pages[page - 1].blocks:
            if wanted in "".join(block["text"].split()):
                return block["left"], block["top"], block["right"], block["bottom"]
    if page == note.page:
        return note.left, note.top, note.right, note.bottom
    return None, None, None, None
