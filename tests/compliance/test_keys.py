"""The signing key changes, and whoever kept the first one still trusts what the last one signs."""

import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.management import call_command

from compliance import actions as law
from compliance.actions import inspection
from compliance.actions.keys import KeyNotChanged, rotate_ledger_key
from compliance.actions.sealing import anchor_checkpoint, seal
from compliance.actions.verifying import verify
from compliance.log.keys import endorsement, open_trusted, trusted_keys
from compliance.log.notes import public_of, verifier_key
from compliance.log.witness import Witness
from compliance.models import Checkpoint, LedgerEntry
from compliance.selectors.log import own_keys, published_key, receipt_of
from compliance.selectors.packs import Scope
from compliance.selectors.packs.writing import Cover
from compliance.selectors.signatures import mac_of
from compliance.verify import verify as program
from pharmacrm.common.crypto import installation_key
from pharmacrm.runtime import backup
from tests.conftest import AT
from tests.factories.compliance import proof_of

pytestmark = pytest.mark.django_db
NOW = int(AT.timestamp())


@pytest.fixture
def places(settings, tmp_path):
    settings.KEYS_DIR = str(tmp_path / "keys")
    settings.LEDGER_ANCHOR_DIRS = [str(tmp_path / "drop")]
    settings.LEDGER_WITNESS_DIR = str(tmp_path / "witness")
    installation_key.cache_clear()
    yield tmp_path / "drop", tmp_path / "witness"
    installation_key.cache_clear()


def _act(officer, minute):
    at = AT + timedelta(minutes=minute)
    entry = law.record("test.done", subject="x:1", by=officer, at=at)
    seal(at=at, sign_now=True, anchor=False)
    anchor_checkpoint(checkpoint_id=Checkpoint.objects.order_by("-size").first().pk, at=at)
    return entry


def test_checkpoints_of_both_keys_agree_and_the_witness_follows_the_change(officer, places):
    witness = Witness(*places)
    first = published_key()
    _act(officer, 0)
    witness.look(now=NOW)

    second = rotate_ledger_key(reason="年度更换", at=AT + timedelta(minutes=5))
    entry = _act(officer, 10)

    assert second == published_key() != first
    assert [key for key, _last in own_keys()] == [first, second]
    witness.look(now=NOW)
    assert not witness.refusal()
    assert witness.last().size == Checkpoint.objects.order_by("-size").first().size
    assert verify(at=AT + timedelta(minutes=20)).differences == []
    receipt = receipt_of(entry)
    assert program.verify_receipt(receipt, second, set())
    assert program.verify_receipt(receipt, first, set())
    with pytest.raises(program.Differs, match="not signed by this key"):
        program.verify_receipt({**receipt, "keys": {}}, first, set())
    changed = LedgerEntry.objects.get(event="compliance.ledger_key_changed")
    assert changed.reason.startswith("年度更换; pharmacrm/ledger+")


def test_a_retired_key_signs_nothing_more(officer, places):
    _act(officer, 0)
    old_seed = installation_key("ledger-signing")
    rotate_ledger_key(reason="疑似泄露", at=AT + timedelta(minutes=5))
    _act(officer, 10)
    from compliance.log.notes import Stated, sign_checkpoint

    forged = sign_checkpoint(Stated("pharmacrm/ledger", 1_000, bytes(32)), old_seed)

    with pytest.raises(program.Differs, match="retired"):
        open_trusted(forged, own_keys())
    (places[0] / "checkpoints" / f"{1_000:012d}").write_text(forged, "utf-8")
    witness = Witness(*places)
    witness.look(now=NOW)
    assert "retired" in witness.refusal()["why"]


def test_a_new_key_that_the_old_one_did_not_sign_is_refused_everywhere(officer, places):
    _act(officer, 0)
    witness = Witness(*places)
    witness.look(now=NOW)
    size = Checkpoint.objects.get().size
    word = endorsement("pharmacrm/ledger", published_key(), size, bytes(32))
    (places[0] / "keys").mkdir()
    (places[0] / "keys" / f"{size:012d}").write_text(word, "utf-8")

    witness.look(now=NOW)

    assert "not signed by this key" in witness.refusal()["why"]
    with pytest.raises(program.Differs):
        trusted_keys(places[0])
    kinds = {one["kind"] for one in verify(at=AT + timedelta(minutes=5)).differences}
    assert "key" in kinds


def test_a_key_is_changed_for_a_reason_and_with_something_to_sign(places):
    with pytest.raises(KeyNotChanged):
        rotate_ledger_key(reason=" ", at=AT)
    with pytest.raises(KeyNotChanged):
        rotate_ledger_key(reason="x", at=AT)

    assert not list(Path(places[0].parent / "keys").glob("*.retired"))


def test_a_pack_over_a_change_of_keys_is_verified_with_the_first_key_and_an_old_checkpoint(
    officer, places, tmp_path
):
    first = published_key()
    _act(officer, 0)
    kept = tmp_path / "kept"
    kept.write_text(Checkpoint.objects.get().note, "utf-8")
    for minute in (5, 15):
        second = rotate_ledger_key(reason="年度更换", at=AT + timedelta(minutes=minute))
        _act(officer, minute + 5)
    pack = tmp_path / "pack.zip"
    with pack.open("wb") as target:
        cover = Cover("x:1", "检查", "周正", AT, "zh-hans")
        inspection.write_to(target, Scope("x:1", None, None), cover=cover, at=AT + timedelta(minutes=30))

    assert _program("pack", pack, "--key", first, "--checkpoint", kept) == 0
    assert _program("pack", pack, "--key", second) == 0
    assert _program("pack", pack, "--key", verifier_key("pharmacrm/ledger", public_of(bytes(32)))) == 1
    with ZipFile(pack) as files:
        words = [name for name in files.namelist() if name.startswith("keys/")]
        assert files.read("key").decode().strip() == first
    assert len(words) == 2


@pytest.mark.parametrize("change", ["drop", "swap", "byte", "size"])
def test_a_broken_chain_of_keys_is_refused(officer, places, tmp_path, change):
    first = published_key()
    _act(officer, 0)
    for minute in (5, 15):
        rotate_ledger_key(reason="年度更换", at=AT + timedelta(minutes=minute))
        _act(officer, minute + 5)
    call_command("export_ledger", tmp_path / "log")
    one, other = sorted((tmp_path / "log" / "keys").iterdir())
    assert _program("ledger", tmp_path / "log", "--key", first) == 0

    match change:
        case "drop":
            one.unlink()
        case "swap":
            texts = one.read_text("utf-8"), other.read_text("utf-8")
            one.write_text(texts[1], "utf-8")
            other.write_text(texts[0], "utf-8")
        case "byte":
            other.write_text(other.read_text("utf-8").replace("new key", "new kez"), "utf-8")
        case "size":
            other.rename(other.with_name(f"{999:012d}"))

    assert _program("ledger", tmp_path / "log", "--key", first) == 1


def _program(*arguments):
    command = [sys.executable, "-I", program.__file__, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False).returncode


def test_lost_keys_come_back_from_the_backup_and_the_log_goes_on_under_the_same_key(
    officer, places, settings, tmp_path
):
    _act(officer, 0)
    first, second = published_key(), rotate_ledger_key(reason="年度更换", at=AT + timedelta(minutes=5))
    signature = law.sign(
        subject="x:1",
        content_sha256="a" * 64,
        meaning="approved",
        by=officer,
        at=AT,
        proof=proof_of(officer, AT),
    )
    law.record("test.signed", subject="x:1", by=officer, at=AT, rows=[signature])
    digests = backup._copy_keys(Path(settings.KEYS_DIR), tmp_path / "kept")

    shutil.rmtree(settings.KEYS_DIR)
    installation_key.cache_clear()
    assert published_key() != second  # a new key, which nobody trusts
    assert {one["kind"] for one in verify(at=AT + timedelta(minutes=6)).differences} >= {"key", "changed"}
    backup._restore_keys(tmp_path / "kept", Path(settings.KEYS_DIR), digests, at=AT)
    installation_key.cache_clear()

    assert published_key() == second
    assert [key for key, _last in own_keys()] == [first, second]
    assert mac_of(signature) == signature.mac
    modes = {path.stat().st_mode & 0o777 for path in Path(settings.KEYS_DIR).rglob("*.key")}
    assert modes == {0o600}
