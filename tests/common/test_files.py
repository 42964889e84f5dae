"""Bytes of record: kept once, checked at every reading, never handed out changed."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from pypdf import PdfReader, PdfWriter

from pharmacrm.common import files
from pharmacrm.common.models import Notification, StoredFile
from tests.factories.content import pdf_bytes

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
LIMIT = 1024 * 1024
BYTES = b"%PDF-1.7 what was approved" * 100


@pytest.fixture(autouse=True)
def _own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def _stored(content: bytes = BYTES) -> StoredFile:
    return files.store([content], media_type="application/pdf", by=None, at=AT, max_bytes=LIMIT)


def _place(record: StoredFile) -> Path:
    return Path(default_storage.path(files.path_of(record.sha256)))


@pytest.mark.django_db
def test_what_was_stored_comes_back_byte_for_byte():
    record = _stored()

    with files.open_verified(record) as handle:
        assert handle.read() == BYTES
    assert record.size == len(BYTES)


@pytest.mark.django_db
def test_the_same_bytes_are_kept_once_whoever_sends_them_and_in_whatever_chunks():
    first = _stored()
    again = files.store([BYTES[:7], BYTES[7:]], media_type="application/pdf", by=None, at=AT, max_bytes=LIMIT)

    assert again.pk == first.pk
    assert StoredFile.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("position", [0, 1000, -1])
def test_one_changed_byte_blocks_reading_and_tells_each_officer_once(officer, rep, position):
    record = _stored()
    changed = bytearray(BYTES)
    changed[position] ^= 1
    _place(record).write_bytes(changed)

    for _time in range(2):
        with pytest.raises(files.FileAltered):
            files.open_verified(record)

    assert list(Notification.objects.values_list("recipient", "kind")) == [(officer.pk, "file_altered")]


@pytest.mark.django_db
def test_a_missing_file_is_an_altered_one(officer):
    record = _stored()
    _place(record).unlink()

    with pytest.raises(files.FileAltered):
        files.open_verified(record)

    assert Notification.objects.get().subject == f"file:{record.pk}"


@pytest.mark.django_db
def test_what_is_handed_out_is_what_was_checked_even_if_the_file_changes_meanwhile():
    record = _stored()

    with files.open_verified(record) as handle:
        _place(record).write_bytes(b"swapped after the check")
        assert handle.read() == BYTES


@pytest.mark.django_db
def test_a_file_over_the_limit_leaves_nothing(tmp_path):
    with pytest.raises(files.FileTooLarge):
        files.store(
            (b"x" * 1024 for _chunk in range(2000)), media_type="text/csv", by=None, at=AT, max_bytes=LIMIT
        )

    assert StoredFile.objects.count() == 0
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.django_db
def test_a_write_that_a_crash_cut_short_is_made_whole_by_the_next_upload():
    record = _stored()
    _place(record).write_bytes(BYTES[:10])

    _stored()

    with files.open_verified(record) as handle:
        assert handle.read() == BYTES


def _pdf(*pages, password=""):
    content = pdf_bytes(*pages)
    if not password:
        return content
    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(content))), io.BytesIO()
    writer.encrypt(password)
    writer.write(out)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (_pdf(("签到表", "王晓明 主任医师")), True),
        (_pdf(("签到表",), ("第二页", "王 晓 明")), True),
        (_pdf(("签到表", "陈静")), False),
        (_pdf(("签到表", "陈静"), password="secret"), True),  # nobody can look inside
        (b"%PDF-1.7 no reader opens this", False),
    ],
)
def test_the_words_of_a_pdf_are_read_as_its_pages_show_them(content, says):
    kept = files.store([content], media_type="application/pdf", by=None, at=AT, max_bytes=LIMIT)

    assert "王晓明".encode() not in content  # the text stands compressed or by glyph
    assert files.holds_words(kept, ["王晓明"]) is says
