"""Run alone in a process of its own: write the words of a PDF's pages, form fields and notes to a file. pypdfium2, pypdf.

Usage: python -I pdf_words.py FILE OUT. Ends with 0 when the words stand in OUT, 4 for a file that takes a password, 3 for one
that no reader opens. The process limits its own memory, time and output first: whoever handed the file in may mean harm.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
from pypdf import PdfReader

MEMORY = 1024 * 1024 * 1024
SECONDS = 25
OUTPUT = 64 * 1024 * 1024
SEALED, BROKEN = 4, 3


def main(source: str, out: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError:
        return SEALED if pdfium.FPDF_GetLastError() == pdfium.FPDF_ERR_PASSWORD else BROKEN
    with Path(out).open("w", encoding="utf-8", errors="replace") as words:
        for page in document:
            words.write(page.get_textpage().get_text_range() + "\n")
        try:
            words.write("\n".join(beside_the_pages(source)))
        except Exception:  # noqa: BLE001 - what stands beside the pages is read as far as it can be
            return 0
    return 0


def beside_the_pages(source: str) -> list[str]:
    """Return what a PDF says outside its pages: title and author, answers in a form, notes on a page."""
    reader = PdfReader(source)
    found = [str(value) for value in (reader.metadata or {}).values()]
    found += [str(value.get("/V", "")) for value in (reader.get_fields() or {}).values()]
    for page in reader.pages:
        for note in page.get("/Annots") or []:
            found.append(str(note.get_object().get("/Contents", "")))
    return found


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
