"""The exported log is whole, is read by the stand-alone verifier, and shows one changed byte."""

import subprocess
import sys
from base64 import b64encode
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from compliance import actions as law
from compliance.actions.sealing import seal
from compliance.log import merkle
from compliance.log.notes import public_of, verifier_key
from compliance.models import Checkpoint, LedgerEntry
from compliance.selectors.log import StoredTree, published_key
from compliance.verify import verify as program
from tests.conftest import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def exported(officer, tmp_path):
    LedgerEntry.objects.bulk_create(
        LedgerEntry(event="test.done", subject=f"x:{n}", at=AT, reason="说明书更新", rows=[])
        for n in range(700)
    )
    law.record("test.done", subject="x:1", by=officer, at=AT)
    seal(at=AT, sign_now=True, anchor=False)
    call_command("export_ledger", tmp_path / "log")
    return tmp_path / "log"


def _run(*arguments):
    return subprocess.run(
        [sys.executable, "-I", *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_the_exported_program_agrees_with_the_exported_log(exported):
    answer = _run(
        exported / "verify.py",
        "ledger",
        exported,
        "--key",
        exported / "key",
        "--checkpoint",
        exported / "checkpoint",
    )

    assert (answer.returncode, answer.stdout) == (0, "agrees: 701 entries agree with the checkpoint\n")
    assert (exported / "tile" / "1" / "000.p" / "2").stat().st_size == 64


@pytest.mark.parametrize("name", ["tile/entries/001", "tile/0/000", "checkpoint", "tile/entries/002.p/189"])
@pytest.mark.parametrize("place", [0.01, 0.5, 0.99])
def test_one_changed_byte_of_the_export_is_found(exported, name, place):
    content = bytearray((exported / name).read_bytes())
    content[int(len(content) * place)] ^= 1
    (exported / name).write_bytes(content)

    answer = _run(exported / "verify.py", "ledger", exported, "--key", exported / "key")

    assert (answer.returncode, answer.stdout.startswith("DIFFERS")) == (1, True)


def test_a_shorter_log_is_found_by_a_checkpoint_kept_elsewhere(exported, officer, tmp_path):
    law.record("test.done", subject="x:2", by=officer, at=AT)
    seal(at=AT + timedelta(minutes=1), sign_now=True, anchor=False)
    newer = tmp_path / "newer"
    newer.write_text(Checkpoint.objects.order_by("-size").first().note)

    answer = _run(exported / "verify.py", "ledger", exported, "--key", published_key(), "--checkpoint", newer)

    assert (answer.returncode, "702" in answer.stdout) == (1, True)


def test_two_checkpoints_are_joined_by_a_consistency_proof(exported, officer, tmp_path):
    old = Checkpoint.objects.get(size=701)
    law.record("test.done", subject="x:2", by=officer, at=AT)
    seal(at=AT + timedelta(minutes=1), sign_now=True, anchor=False)
    new = Checkpoint.objects.get(size=702)
    proof = merkle.consistency_proof(701, 702, StoredTree().node)
    files = [tmp_path / name for name in ("old", "new", "proof")]
    for path, text in zip(files, [old.note, new.note, "\n".join(_words(proof))], strict=True):
        path.write_text(text)

    assert _run(exported / "verify.py", "growth", *files, "--key", published_key()).returncode == 0
    files[2].write_text("\n".join(_words(proof[::-1])))
    assert _run(exported / "verify.py", "growth", *files, "--key", published_key()).returncode == 1


def test_another_key_does_not_serve(exported):
    other = verifier_key("pharmacrm/ledger", public_of(bytes(32)))

    assert _run(exported / "verify.py", "ledger", exported, "--key", other).returncode == 1


def test_nothing_is_exported_into_a_used_folder_or_from_an_empty_log(db, tmp_path):
    with pytest.raises(CommandError, match="Nothing is sealed"):
        call_command("export_ledger", tmp_path / "empty")
    (tmp_path / "x").write_text("x")
    with pytest.raises(CommandError, match="not empty"):
        call_command("export_ledger", tmp_path)


def test_tile_paths_are_those_of_the_specification():
    names = [name for _width, name in program.tiles_of(256 * 1_234_068)][-1:]

    assert names == ["x001/x234/067"]


def _words(hashes):
    return [b64encode(digest).decode() for digest in hashes]
