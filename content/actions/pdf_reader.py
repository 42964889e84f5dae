"""Run alone in a process of its own: look into a PDF, read its words, draw a page. Standard library, pypdf, pypdfium2.

Usage: python -I pdf_reader.py read FILE OUT MAX_PAGES | draw FILE OUT PAGE WIDTH
Answers on OUT: JSON for `read`, WebP bytes for `draw`. A refusal is JSON on standard output with a `refused` code.
The process limits its own memory, time and output first, so that no file can hurt the one that called it.
"""

from __future__ import annotations

import ctypes
import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

MEMORY = 1024 * 1024 * 1024  # address space; resident memory stays well below half of it
SECONDS = 25
OUTPUT = 64 * 1024 * 1024
MAX_OBJECTS = 300_000
MAX_DEPTH = 40
LONGEST_TAIL = 1024 * 1024
MAX_PAGE_POINTS = 14_400  # ISO 32000-1, annex C: 200 inches
MAX_LETTERS_OF_A_PAGE = 60_000
MAX_PICTURE_HEIGHT = 12_000
ACTIVE_KEYS = {
    "/JS": "script",
    "/JavaScript": "script",
    "/EmbeddedFiles": "embedded",
    "/EF": "embedded",
    "/XFA": "form",
}
ACTIVE_NAMES = {
    "/JavaScript": "script",
    "/Launch": "launch",
    "/SubmitForm": "launch",
    "/ImportData": "launch",
    "/GoToE": "embedded",
    "/EmbeddedFile": "embedded",
    "/RichMedia": "embedded",
    "/3D": "embedded",
    "/Movie": "embedded",
    "/Sound": "embedded",
    "/Screen": "embedded",
    "/FileAttachment": "embedded",
}


class Refuse(Exception):
    """The file is not taken; the argument is a code the caller has words for."""


def main(arguments: list[str]) -> int:
    limit()
    verb, source, out, *rest = arguments
    try:
        if verb == "read":
            Path(out).write_text(json.dumps(read(source, int(rest[0]))), encoding="utf-8")
        else:
            Path(out).write_bytes(draw(source, int(rest[0]), int(rest[1])))
    except Refuse as refusal:
        sys.stdout.write(json.dumps({"refused": str(refusal)}))
        return 3
    except (MemoryError, RecursionError):
        sys.stdout.write(json.dumps({"refused": "too_much"}))
        return 3
    return 0


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read(source: str, max_pages: int) -> dict[str, Any]:
    """Return pages with text, paragraphs and size. Raises: Refuse."""
    document = opened(source)
    if len(document) == 0:
        raise Refuse("no_pages")
    if len(document) > max_pages:
        raise Refuse("too_many_pages")
    look_for_active_parts(source)
    look_behind(source)
    return {"pages": [page_of(document, number) for number in range(len(document))]}


def draw(source: str, page: int, width: int) -> bytes:
    """Return one page as WebP, `width` pixels wide."""
    sheet = opened(source)[page - 1]
    across, down = sheet.get_size()
    if down * width / across > MAX_PICTURE_HEIGHT:
        raise Refuse("page_size")
    picture = sheet.render(scale=width / across, may_draw_forms=False).to_pil().convert("RGB")
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=82, method=2)
    return out.getvalue()


def opened(source: str) -> Any:
    try:
        return pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        raise Refuse("encrypted" if "password" in str(error).lower() else "damaged") from error


def page_of(document: Any, number: int) -> dict[str, Any]:
    sheet = document[number]
    across, down = sheet.get_size()
    if not (0 < across <= MAX_PAGE_POINTS and 0 < down <= MAX_PAGE_POINTS):
        raise Refuse("page_size")
    words = sheet.get_textpage()
    text = words.get_text_range()[:MAX_LETTERS_OF_A_PAGE].replace("\r\n", "\n").replace("\r", "\n")
    blocks = paragraphs(lines_of(words), across, down)
    words.close()
    sheet.close()
    return {"text": plain(text), "blocks": blocks, "width": across, "height": down}


def lines_of(words: Any) -> Iterator[tuple[float, float, float, float, str]]:
    for place in range(min(words.count_rects(), 4000)):
        left, bottom, right, top = words.get_rect(place)
        text = plain(words.get_text_bounded(left, bottom, right, top)).strip()
        if text:
            low, high = height_of_its_font(words, left, bottom, top)
            yield left, min(bottom, low), right, max(top, high), text


def height_of_its_font(words: Any, left: float, bottom: float, top: float) -> tuple[float, float]:
    """Return how far the font of a line reaches, whatever its letters are.

    A dash is flat, and a letter of a font that neither the file carries nor this machine has is drawn as nothing.
    """
    at = pdfium.FPDFText_GetCharIndexAtPos(words, left, bottom, 2, max(2, top - bottom))
    box = pdfium.FS_RECTF()
    if at < 0 or not pdfium.FPDFText_GetLooseCharBox(words, at, ctypes.byref(box)):
        return bottom, top
    return box.bottom, box.top


def paragraphs(lines: Iterator[Any], across: float, down: float) -> list[dict[str, Any]]:
    """Join lines that follow each other closely into paragraphs; places are shares of the page from its top left."""
    blocks: list[list[Any]] = []
    for left, bottom, right, top, text in lines:
        last = blocks[-1] if blocks else None
        height = max(top - bottom, 1.0)
        on_one_line = last is not None and abs(last[1] - bottom) < height * 0.4
        below = last is not None and -height * 0.3 <= last[1] - top <= height * 0.75 and left < last[2]
        if last is not None and (on_one_line or below) and abs(last[5] - height) < height * 0.35:
            joint = "\n" if not on_one_line else " " if left - last[2] > height * 0.3 else ""
            last[:5] = (
                min(last[0], left),
                min(last[1], bottom),
                max(last[2], right),
                max(last[3], top),
                last[4] + joint + text,
            )
        else:
            blocks.append([left, bottom, right, top, text, height])
    return [
        {
            "text": text[:4000],
            "left": share(left, across),
            "top": share(down - top, down),
            "right": share(right, across),
            "bottom": share(down - bottom, down),
        }
        for left, bottom, right, top, text, _height in blocks[:600]
    ]


def share(value: float, whole: float) -> float:
    return round(min(max(value / whole, 0.0), 1.0), 5)


def plain(text: str) -> str:
    """Drop what PostgreSQL and JSON cannot keep: NUL, lone surrogates, non-characters."""
    return "".join(letter for letter in text if letter in "\n\t" or may_be_kept(ord(letter)))


def may_be_kept(code: int) -> bool:
    return code >= 0x20 and not 0xD800 <= code <= 0xDFFF and code & 0xFFFE != 0xFFFE


def look_for_active_parts(source: str) -> None:
    """Refuse scripts, launches, embedded files and XFA anywhere in the file, reachable or not."""
    try:
        reader = PdfReader(source, strict=False)
        if reader.is_encrypted:
            raise Refuse("encrypted")
        numbers = [(number, generation) for generation, offsets in reader.xref.items() for number in offsets]
        numbers += [(number, 0) for number in reader.xref_objStm]
        if len(numbers) > MAX_OBJECTS:
            raise Refuse("too_much")
        walk(reader.trailer, 0)
        for number, generation in numbers:
            walk(reader.get_object(IndirectObject(number, generation, reader)), 0)
    except Refuse:
        raise
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, OSError) as error:
        raise Refuse("damaged") from error


def look_behind(source: str) -> None:
    """Refuse a file that is something else as well: an archive, a program or a page behind the document's end."""
    if zipfile.is_zipfile(source):
        raise Refuse("two_files")
    with open(source, "rb") as handle:
        size = handle.seek(0, io.SEEK_END)
        handle.seek(max(0, size - LONGEST_TAIL))
        tail = handle.read()
    end = tail.rfind(b"%%EOF")
    if end < 0:
        raise Refuse("two_files" if size > LONGEST_TAIL else "damaged")
    if tail[end + 5 :].strip(b"\0\t\n\f\r \x1a"):
        raise Refuse("two_files")


def walk(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Refuse("too_much")
    if isinstance(value, DictionaryObject):
        for key in value:
            if key in ACTIVE_KEYS:
                raise Refuse(ACTIVE_KEYS[key])
            inner = dict.__getitem__(value, key)
            if isinstance(inner, NameObject) and key in {"/S", "/Subtype", "/Type"} and inner in ACTIVE_NAMES:
                raise Refuse(ACTIVE_NAMES[inner])
            walk(inner, depth + 1)
    elif isinstance(value, ArrayObject):
        for inner in list.__iter__(value):
            walk(inner, depth + 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
