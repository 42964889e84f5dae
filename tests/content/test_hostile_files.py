"""Of more than 120 hostile files none becomes content, each is answered in words and in time (C5)."""

import os
import time

import pytest
from django.core.files.base import ContentFile

from content import actions
from content.actions import FileNotTaken
from content.models import MaterialFile
from pharmacrm.common.models import StoredFile
from tests.content import hostile
from tests.content.conftest import AT

FILES = hostile.files()
SECONDS = 30


@pytest.fixture
def version(desk):
    return actions.create_material(
        title_zh="手册", kind="deck", product_ids=[desk.product.pk], by=desk.author, at=AT
    )


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(FILES))
def test_a_hostile_file_never_becomes_content(name, desk, version):
    content, begun = FILES[name](), time.monotonic()

    with pytest.raises(FileNotTaken) as refusal:
        actions.attach_file(
            version_id=version.pk, upload=ContentFile(content), name="手册.pdf", by=desk.author, at=AT
        )

    assert len(refusal.value.message) >= 5
    assert time.monotonic() - begun < SECONDS
    assert not MaterialFile.objects.exists()
    assert not StoredFile.objects.exists()


def test_there_are_as_many_as_promised():
    assert len(FILES) >= 120


def test_no_two_are_the_same_file():
    small = [name for name in FILES if "gigabytes" not in name and "501" not in name]

    assert len({FILES[name]() for name in small if not name.startswith("locked")}) == len(
        [name for name in small if not name.startswith("locked")]
    )


@pytest.mark.django_db
def test_a_sound_document_is_taken(desk, version):
    kept = actions.attach_file(
        version_id=version.pk, upload=ContentFile(hostile.document()), name="手册.pdf", by=desk.author, at=AT
    )

    assert kept.pages == 1
    assert os.path.basename(kept.name) == "手册.pdf"
