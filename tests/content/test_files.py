"""Uploads: what is refused with which words, what is read, and what happens when stored bytes change."""

import io
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from compliance.models import LedgerEntry
from content import actions, selectors
from content.actions import FileNotTaken, pages
from content.facts import AudienceFacts
from content.models import MaterialFile, MaterialPage
from pharmacrm.common.files import FileAltered, FileTooLarge, path_of
from pharmacrm.common.models import Notification, StoredFile
from pharmacrm.runtime.demo.content import pdf
from tests.content.conftest import AT
from tests.content.hostile import object_stream_bomb
from tests.factories import content as make


def written(writer):
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def blank(pages=1):
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    return writer


def with_javascript():
    writer = blank()
    writer._root_object[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert('x')")}
    )
    return written(writer)


def with_launch():
    writer = blank()
    writer._root_object[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("calc.exe")}
    )
    return written(writer)


def with_attachment():
    writer = blank()
    writer.add_attachment("a.exe", b"MZ")
    return written(writer)


def with_form():
    writer = blank()
    writer._root_object[NameObject("/AcroForm")] = DictionaryObject(
        {NameObject("/XFA"): TextStringObject("<xdp/>")}
    )
    return written(writer)


def with_action_on_a_page():
    writer = blank()
    writer.pages[0][NameObject("/AA")] = DictionaryObject(
        {
            NameObject("/O"): DictionaryObject(
                {NameObject("/S"): NameObject("/SubmitForm"), NameObject("/F"): TextStringObject("http://x")}
            )
        }
    )
    return written(writer)


def encrypted():
    writer = blank()
    writer.encrypt("secret", algorithm="RC4-128")
    return written(writer)


def unreferenced_javascript():
    writer = blank()
    writer._add_object(
        DictionaryObject(
            {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x")}
        )
    )
    return written(writer)


HOSTILE = {
    "web_page": lambda: b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    "not_pdf": lambda: b"PK\x03\x04 a zip with another name",
    "empty": lambda: b"",
    "script": with_javascript,
    "launch": with_launch,
    "embedded": with_attachment,
    "form": with_form,
    "encrypted": encrypted,
    "damaged": lambda: b"%PDF-1.7\n" + b"x" * 2000,
    "too_many_pages": lambda: written(blank(pages.MAX_PAGES + 1)),
}


@pytest.mark.django_db
@pytest.mark.parametrize("reason", HOSTILE)
def test_a_hostile_file_is_refused_with_its_reason_and_leaves_nothing(desk, reason):
    version = actions.create_material(
        title_zh="手册", kind="deck", product_ids=[desk.product.pk], by=desk.author, at=AT
    )

    with pytest.raises(FileNotTaken) as refusal:
        actions.attach_file(
            version_id=version.pk, upload=ContentFile(HOSTILE[reason]()), name="a.pdf", by=desk.author, at=AT
        )

    assert refusal.value.reason == reason
    assert refusal.value.field == "file"
    assert len(str(refusal.value)) >= 5
    assert not MaterialFile.objects.exists()
    assert not StoredFile.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("make_file", [unreferenced_javascript, with_action_on_a_page])
def test_active_parts_are_found_wherever_they_hide(desk, make_file):
    version = actions.create_material(
        title_zh="手册", kind="deck", product_ids=[desk.product.pk], by=desk.author, at=AT
    )

    with pytest.raises(FileNotTaken) as refusal:
        actions.attach_file(
            version_id=version.pk, upload=ContentFile(make_file()), name="a.pdf", by=desk.author, at=AT
        )

    assert refusal.value.reason in {"script", "launch"}


@pytest.mark.django_db
def test_a_bomb_does_not_unfold(desk):
    version = actions.create_material(
        title_zh="手册", kind="deck", product_ids=[desk.product.pk], by=desk.author, at=AT
    )

    with pytest.raises(FileNotTaken) as refusal:
        actions.attach_file(
            version_id=version.pk,
            upload=ContentFile(object_stream_bomb()),
            name="a.pdf",
            by=desk.author,
            at=AT,
        )

    assert refusal.value.reason in {"too_much", "damaged", "too_slow"}
    assert not MaterialFile.objects.exists()


def test_more_than_200_megabytes_are_refused_while_they_arrive():
    piece = b"%PDF-1.7\n" + b"x" * (1 << 20)
    sent = []

    def chunks():
        for _ in range(300):
            sent.append(1)
            yield piece

    from content.actions.materials import _spool

    with pytest.raises(FileTooLarge):
        _spool(chunks(), SimpleNamespace(write=lambda data: None, flush=lambda: None))

    assert len(sent) <= 201


@pytest.mark.django_db
def test_words_and_paragraphs_of_each_page_are_kept(desk):
    version = desk.draft(make.pdf_bytes(make.PAGE_TEXT, ("第二页", "用法用量：每日一次")))

    sheets = list(MaterialPage.objects.filter(file__version=version).order_by("number"))

    assert [sheet.number for sheet in sheets] == [1, 2]
    assert "仅供医学药学专业人士阅读" in sheets[0].text
    assert "用法用量" in sheets[1].text
    block = sheets[1].blocks[0]
    assert 0 <= block["left"] < block["right"] <= 1
    assert 0 <= block["top"] < block["bottom"] <= 1


@pytest.mark.django_db
def test_a_line_is_as_high_as_its_font_whatever_its_letters_are(desk):
    version = desk.draft(pdf([["题目"], ["", "一", "十", "舒泽安"]]))

    blocks = MaterialPage.objects.get(file__version=version, number=2).blocks
    heights = [round((block["bottom"] - block["top"]) * 842) for block in blocks]
    assert [block["text"] for block in blocks] == ["一", "十", "舒泽安"]
    assert min(heights) >= 12  # of a 13-point font; a dash by itself is 2 points high
    assert max(heights) - min(heights) <= 3


@pytest.mark.django_db
def test_a_changed_byte_blocks_viewing_withdraws_and_tells_compliance(desk):
    shown = make.released_material(desk.product)
    file = shown.files.get()
    actions.picture_of(file=file, page=1, width=720, by=desk.author, at=AT)
    name = path_of(file.sha256)
    with default_storage.open(name, "rb") as stored:
        content = bytearray(stored.read())
    content[200] ^= 1
    default_storage.delete(name)
    default_storage.save(name, ContentFile(bytes(content)))

    try:
        with pytest.raises(FileAltered):
            actions.picture_of(file=file, page=1, width=720, by=desk.author, at=AT)
        facts = selectors.show_facts(shown.pk, AudienceFacts(), AT)
    finally:
        default_storage.delete(name)

    shown.refresh_from_db()
    assert shown.status == "withdrawn"
    assert facts.bytes_match is False
    assert LedgerEntry.objects.filter(event="content.file_found_altered").count() == 1
    assert Notification.objects.filter(recipient=desk.compliance, kind="file_altered").count() == 1


@pytest.mark.django_db
def test_a_forged_kept_picture_is_drawn_again(desk):
    shown = make.released_material(desk.product, content=make.pdf_bytes(("另一份",)))
    file = shown.files.get()
    true = actions.picture_of(file=file, page=1, width=120, by=desk.author, at=AT)
    name = f"pictures/{file.sha256[:2]}/{file.sha256}/1-120.webp"
    default_storage.delete(name)
    default_storage.save(name, ContentFile(b"\0" * 32 + b"forged"))

    assert actions.picture_of(file=file, page=1, width=120, by=desk.author, at=AT) == true
