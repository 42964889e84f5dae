"""The signing key changes, and whoever kept the first one still trusts what the last one signs."""

from datetime import timedelta
from pathlib import Path

import pytest

from compliance import actions as law
from compliance.actions.keys import KeyNotChanged, rotate_ledger_key
from compliance.actions.sealing import anchor_checkpoint, seal
from compliance.actions.verifying import verify
from compliance.log.keys import endorsement, open_trusted, trusted_keys
from compliance.log.witness import Witness
from compliance.models import Checkpoint, LedgerEntry
from compliance.selectors.log import own_keys, published_key, receipt_of
from compliance.verify import verify as program
from pharmacrm.common.crypto import installation_key
from tests.conftest import AT

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
    assert program.verify_receipt(receipt_of(entry), second, set())
    with pytest.raises(program.Differs):
        program.verify_receipt(receipt_of(entry), first, set())
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
