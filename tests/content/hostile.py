"""Files nobody should take for a document: made here, small, each for its own reason."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from tests.factories import content as make

Name, Text, Dict = NameObject, TextStringObject, DictionaryObject


def written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def blank(pages: int = 1) -> PdfWriter:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    return writer


def action(kind: str, **more: object) -> DictionaryObject:
    return Dict({Name("/S"): Name(kind), **{Name(f"/{key}"): value for key, value in more.items()}})


JS = action("/JavaScript", JS=Text("app.alert('x')"))
ACTIONS = {
    "javascript": JS,
    "javascript in a stream": action("/JavaScript", JS=StreamObject()),
    "launch": action("/Launch", F=Text("calc.exe")),
    "launch on windows": action("/Launch", Win=Dict({Name("/F"): Text("cmd.exe"), Name("/P"): Text("/c calc")})),
    "launch on unix": action("/Launch", Unix=Text("/bin/sh")),
    "submit": action("/SubmitForm", F=Text("http://x.example/")),
    "import data": action("/ImportData", F=Text("a.fdf")),
    "go to embedded": action("/GoToE", T=Dict({Name("/R"): Name("/C")})),
    "rendition with script": action("/Rendition", JS=Text("x")),
    "movie": action("/Movie", T=Text("a")),
    "sound": action("/Sound", Sound=StreamObject()),
}  # fmt: skip


def on_open(act: DictionaryObject) -> bytes:
    writer = blank()
    writer._root_object[Name("/OpenAction")] = act
    return written(writer)


def on_page(act: DictionaryObject) -> bytes:
    writer = blank()
    writer.pages[0][Name("/AA")] = Dict({Name("/O"): act})
    return written(writer)


def on_document(act: DictionaryObject) -> bytes:
    writer = blank()
    writer._root_object[Name("/AA")] = Dict({Name("/WC"): act})
    return written(writer)


def on_link(act: DictionaryObject) -> bytes:
    writer = blank()
    link = Dict(
        {
            Name("/Type"): Name("/Annot"),
            Name("/Subtype"): Name("/Link"),
            Name("/Rect"): ArrayObject([NumberObject(n) for n in (0, 0, 99, 99)]),
            Name("/A"): act,
        }
    )
    writer.pages[0][Name("/Annots")] = ArrayObject([writer._add_object(link)])
    return written(writer)


def on_outline(act: DictionaryObject) -> bytes:
    writer = blank()
    item = writer._add_object(Dict({Name("/Title"): Text("x"), Name("/A"): act}))
    writer._root_object[Name("/Outlines")] = writer._add_object(
        Dict({Name("/First"): item, Name("/Last"): item, Name("/Count"): NumberObject(1)})
    )
    return written(writer)


def on_field(act: DictionaryObject) -> bytes:
    writer = blank()
    field = Dict({Name("/FT"): Name("/Tx"), Name("/T"): Text("a"), Name("/AA"): Dict({Name("/K"): act})})
    writer._root_object[Name("/AcroForm")] = Dict({Name("/Fields"): ArrayObject([writer._add_object(field)])})
    return written(writer)


def after_another(act: DictionaryObject) -> bytes:
    return on_open(action("/GoTo", D=ArrayObject([NumberObject(0)]), Next=ArrayObject([act])))


def unreachable(act: DictionaryObject) -> bytes:
    writer = blank()
    writer._add_object(act)
    return written(writer)


PLACES: dict[str, Callable[[DictionaryObject], bytes]] = {
    "on opening": on_open,
    "on a page": on_page,
    "on closing": on_document,
    "on a link": on_link,
    "in the outline": on_outline,
    "in a field": on_field,
    "after another": after_another,
    "where nothing points": unreachable,
}


def named_script() -> bytes:
    writer = blank()
    names = Dict({Name("/Names"): ArrayObject([Text("start"), writer._add_object(JS)])})
    writer._root_object[Name("/Names")] = Dict({Name("/JavaScript"): names})
    return written(writer)


def escaped_name() -> bytes:
    return on_open(JS).replace(b"/JavaScript", b"/Java#53cript").replace(b"/JS", b"/#4a#53")


def attachment(name: str, content: bytes) -> bytes:
    writer = blank()
    writer.add_attachment(name, content)
    return written(writer)


def annotated(kind: str, **more: object) -> bytes:
    writer = blank()
    note = Dict(
        {
            Name("/Type"): Name("/Annot"),
            Name("/Subtype"): Name(kind),
            Name("/Rect"): ArrayObject([NumberObject(n) for n in (0, 0, 99, 99)]),
            **{Name(f"/{key}"): value for key, value in more.items()},
        }
    )
    writer.pages[0][Name("/Annots")] = ArrayObject([writer._add_object(note)])
    return written(writer)


def dynamic_form() -> bytes:
    writer = blank()
    writer._root_object[Name("/AcroForm")] = Dict({Name("/XFA"): Text("<xdp/>")})
    return written(writer)


def encrypted(algorithm: str, password: str = "secret") -> bytes:
    writer = blank()
    writer.encrypt(password, algorithm=algorithm)
    return written(writer)


def sized(*box: object) -> bytes:
    writer = blank()
    writer.pages[0][Name("/MediaBox")] = ArrayObject([FloatObject(one) for one in box])
    return written(writer)


def zeros(megabytes: int) -> bytes:
    """Return that many megabytes of zeros as zlib packs them: one is packed, and stands there again and again."""
    packer = zlib.compressobj(9)
    first, again = (packer.compress(b"\0" * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    sums = (megabytes << 20) % 65521 << 16 | 1  # Adler-32 of zeros
    return first + again * (megabytes - 1) + b"\x03\x00" + sums.to_bytes(4, "big")


def bomb(megabytes: int, **keys: object) -> bytes:
    writer = blank()
    stream = StreamObject()
    stream._data = zeros(megabytes)
    stream.update({Name("/Filter"): Name("/FlateDecode"), **{Name(f"/{k}"): v for k, v in keys.items()}})
    writer.pages[0][Name("/Contents")] = writer._add_object(stream)
    return written(writer)


def object_stream_bomb() -> bytes:
    return bomb(2048, Type=Name("/ObjStm"), N=NumberObject(1), First=NumberObject(4))


def deep() -> bytes:
    writer = blank()
    value = ArrayObject()
    for _ in range(200):
        value = ArrayObject([value])
    writer._root_object[Name("/PieceInfo")] = value
    return written(writer)


def no_pages() -> bytes:
    return b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj
xref
0 3
0000000000 65535 f 
0000000009 00000 n 
0000000052 00000 n 
trailer<</Size 3/Root 1 0 R>>
startxref
96
%%EOF"""


def circular_pages() -> bytes:
    return written(blank()).replace(b"/Type /Pages", b"/Type /Pages /Parent 1 0 R /Loop 1 0 R", 1)[:400]


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in parts.items():
            package.writestr(name.replace("__", "/"), content)
    return out.getvalue()


HEADS = {
    "png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF", "gif": b"GIF89a", "webp": b"RIFF\x10\x00\x00\x00WEBPVP8 ",
    "bmp": b"BM\x36\x00", "tiff": b"II*\x00", "icon": b"\x00\x00\x01\x00", "photoshop": b"8BPS\x00\x01",
    "rar": b"Rar!\x1a\x07\x01\x00", "7z": b"7z\xbc\xaf\x27\x1c", "gzip": b"\x1f\x8b\x08", "bzip2": b"BZh91AY&SY", "xz": b"\xfd7zXZ\x00",
    "tar": b"a.txt" + b"\x00" * 252 + b"ustar", "cabinet": b"MSCF\x00", "disk image": b"\x00" * 32769 + b"CD001",
    "windows program": b"MZ\x90\x00", "linux program": b"\x7fELF\x02\x01", "mac program": b"\xcf\xfa\xed\xfe", "java class": b"\xca\xfe\xba\xbe",
    "web assembly": b"\x00asm\x01\x00\x00\x00", "flash": b"CWS\x0a", "shortcut": b"L\x00\x00\x00\x01\x14\x02\x00", "help file": b"ITSF\x03",
    "mp3": b"ID3\x04", "mp4": b"\x00\x00\x00\x18ftypmp42", "matroska": b"\x1aE\xdf\xa3", "ogg": b"OggS\x00", "wave": b"RIFF\x24\x00\x00\x00WAVE",
    "old office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "rich text": b"{\\rtf1\\ansi", "postscript": b"%!PS-Adobe-3.0", "sqlite": b"SQLite format 3\x00",
    "mail": b"From: a@b.example\r\nSubject: x", "shell": b"#!/bin/sh\nid\n", "php": b"<?php system($_GET[0]); ?>", "xml": b"<?xml version='1.0'?><a/>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "html": b"<!DOCTYPE html><script>x()</script>",
    "html after spaces": b"   \n\t<html><body onload=x()>", "html comment": b"<!-- %PDF-1.7 --><script>x()</script>",
    "plain text": "只是文字".encode(), "nul bytes": b"\x00" * 4096, "a forms data file": b"%FDF-1.2\n",
    "pdf in capitals of another": b"%pdf-1.7\n", "pdf far down": b"x" * 3000 + b"%PDF-1.7\n", "half a mark": b"%PD", "utf-16 mark": "%PDF-1.7".encode("utf-16"),
}  # fmt: skip


def document() -> bytes:
    return make.pdf_bytes()


def cut(share: float) -> bytes:
    whole = document()
    return whole[: int(len(whole) * share)]


def files() -> dict[str, Callable[[], bytes]]:
    """Return every hostile file by name."""
    found: dict[str, Callable[[], bytes]] = {
        f"{name} with another ending": (lambda head=head: head + b"\x00" * 64) for name, head in HEADS.items()
    }
    for what, act in ACTIONS.items():
        for where, put in PLACES.items():
            if what == "javascript" or where in {"on opening", "on a link", "where nothing points"}:
                found[f"{what} {where}"] = lambda put=put, act=act: put(act)
    found |= {
        "a script by name": named_script,
        "a script with escaped names": escaped_name,
        "a dynamic form": dynamic_form,
        "no pages": no_pages,
        "nesting without end": deep,
        "an object stream that unfolds to two gigabytes": object_stream_bomb,
        "501 pages": lambda: written(blank(501)),
        "nothing": lambda: b"",
        "a head alone": lambda: b"%PDF-1.7\n",
        "noise behind a head": lambda: b"%PDF-1.7\n" + bytes(range(256)) * 40,
        "a workbook": lambda: archive(xl__workbook__xml=b"<x/>"),
        "a word file": lambda: archive(word__document__xml=b"<x/>"),
        "a program for a phone": lambda: archive(AndroidManifest__xml=b"x"),
    }
    for name, content in (
        ("a.exe", b"MZ"),
        ("a.js", b"x"),
        ("a.pdf", b"%PDF-1.7"),
        ("a.docm", b"PK\x03\x04"),
    ):
        found[f"an attached {name}"] = lambda name=name, content=content: attachment(name, content)
    for kind in ("/FileAttachment", "/RichMedia", "/3D", "/Movie", "/Sound", "/Screen"):
        found[f"an annotation of {kind[1:]}"] = lambda kind=kind: annotated(kind)
    for algorithm in ("RC4-40", "RC4-128"):
        found[f"locked by {algorithm}"] = lambda algorithm=algorithm: encrypted(algorithm)
        found[f"locked by {algorithm} without a word"] = lambda algorithm=algorithm: encrypted(algorithm, "")
    for name, box in {
        "a page of two kilometres": (0, 0, 5_000_000, 5_000_000),
        "a page wider than any": (0, 0, 20_000, 800),
        "a page higher than any": (0, 0, 600, 20_000),
    }.items():
        found[name] = lambda box=box: sized(*box)
    for share in (0.05, 0.2, 0.4, 0.6, 0.8, 0.9, 0.97):
        found[f"a document cut at {share:.0%}"] = lambda share=share: cut(share)
    found |= {
        "a program before the document": lambda: b"MZ\x90\x00" + document(),
        "a web page before the document": lambda: b"<html><script>x()</script></html>\n" + document(),
        "an archive behind the document": lambda: document() + archive(a__exe=b"MZ"),
        "an archive behind that ends like a document": lambda: (
            document() + archive(a__exe=b"MZ") + b"\nstartxref\n0\n%%EOF\n"
        ),
        "a program behind the document": lambda: document() + b"MZ\x90\x00" + b"\x00" * 2000,
        "a web page behind the document": lambda: document() + b"<html><script>x()</script></html>" * 50,
    }
    return found
