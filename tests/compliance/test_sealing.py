"""The sealer: contiguous numbers, one tree, checkpoints that only grow, and copies outside."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.db import connection

from compliance import actions as law
from compliance.actions.sealing import anchor_checkpoint, seal
from compliance.log import merkle
from compliance.log.canonical import leaf_hash
from compliance.log.notes import open_checkpoint
from compliance.models import (
    Anchor,
    Checkpoint,
    Finding,
    Hold,
    LedgerEntry,
    LedgerLeaf,
    TreeNode,
    UnsealedEntry,
)
from compliance.selectors.log import (
    StoredTree,
    entry_bytes,
    ledger_health,
    log_size,
    published_key,
    receipt_of,
)
from compliance.verify import verify as outsider
from pharmacrm.common.models import OutboxMessage
from tests.compliance.attacks import as_intruder
from tests.conftest import AT


def _acts(officer, count, start=0):
    return [
        law.record("test.done", subject=f"x:{start + n}", by=officer, at=AT + timedelta(seconds=start + n))
        for n in range(count)
    ]


@pytest.mark.django_db
def test_entries_get_contiguous_numbers_and_the_root_of_rfc_6962(officer):
    _acts(officer, 7)
    assert seal(at=AT, anchor=False) == 7
    _acts(officer, 4, start=7)
    assert seal(at=AT + timedelta(minutes=1), anchor=False) == 4

    leaves = list(LedgerLeaf.objects.order_by("number"))
    assert [leaf.number for leaf in leaves] == list(range(11))
    hashes = [leaf_hash(entry_bytes(LedgerEntry.objects.get(pk=leaf.entry_id))) for leaf in leaves]
    assert [bytes(leaf.leaf_hash) for leaf in leaves] == hashes
    assert (
        bytes(Checkpoint.objects.order_by("-size")[0].root)
        == merkle.tree_root(hashes)
        == outsider.tree_root(hashes)
    )
    assert not UnsealedEntry.objects.exists()


@pytest.mark.django_db
def test_a_checkpoint_is_due_after_thirty_seconds_of_news(officer):
    _acts(officer, 1)
    seal(at=AT, anchor=False)
    _acts(officer, 1, start=1)
    seal(at=AT + timedelta(seconds=29), anchor=False)
    assert Checkpoint.objects.count() == 1
    seal(at=AT + timedelta(seconds=30), anchor=False)
    seal(at=AT + timedelta(seconds=90), anchor=False)

    assert list(Checkpoint.objects.order_by("size").values_list("size", flat=True)) == [1, 2]


@pytest.mark.django_db
def test_full_tiles_are_kept_and_proofs_come_from_them(officer):
    LedgerEntry.objects.bulk_create(
        LedgerEntry(event="test.done", subject=f"x:{n}", at=AT, rows=[]) for n in range(1_000)
    )
    seal(at=AT, anchor=False)

    assert TreeNode.objects.filter(level=1).count() == 3
    hashes = [
        bytes(digest) for digest in LedgerLeaf.objects.order_by("number").values_list("leaf_hash", flat=True)
    ]
    tree = StoredTree()
    assert merkle.root(1_000, tree.node) == merkle.tree_root(hashes)
    for index in (0, 255, 256, 999):
        proof = merkle.inclusion_proof(index, 1_000, tree.node)
        outsider.check_inclusion(hashes[index], index, 1_000, proof, merkle.tree_root(hashes))
    growth = merkle.consistency_proof(300, 1_000, tree.node)
    outsider.check_consistency(300, 1_000, merkle.tree_root(hashes[:300]), merkle.tree_root(hashes), growth)


@pytest.mark.django_db
def test_a_receipt_is_checked_by_the_outsider_and_carries_the_record(officer):
    hold = law.place_hold(subjects=["material:1"], reason="说明书更新", by=officer, at=AT)
    seal(at=AT, anchor=False)
    receipt = receipt_of(LedgerEntry.objects.get(event="compliance.hold_placed"))

    said = outsider.verify_receipt(receipt, published_key(), set())

    assert "compliance.hold_placed" in said
    assert any(str(hold.pk) in record and "说明书更新" in record for record in receipt["records"])
    receipt["records"] = [record.replace("说明书", "说明册") for record in receipt["records"]]
    with pytest.raises(outsider.Differs):
        outsider.verify_receipt(receipt, published_key(), set())


@pytest.mark.django_db
def test_checkpoints_are_left_outside_once_and_a_failing_place_is_kept_with_its_error(
    officer, settings, tmp_path
):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    settings.LEDGER_ANCHOR_DIRS = [str(tmp_path / "anchors"), str(blocked)]
    settings.LEDGER_ANCHOR_EMAILS = ["auditor@example.com"]
    _acts(officer, 2)
    seal(at=AT)
    checkpoint = Checkpoint.objects.get()
    assert OutboxMessage.objects.get().task == "compliance.anchor_checkpoint"

    anchor_checkpoint(checkpoint_id=checkpoint.pk, at=AT)
    anchor_checkpoint(checkpoint_id=checkpoint.pk, at=AT)

    dropped = (tmp_path / "anchors" / "checkpoints" / "000000000002").read_text()
    assert open_checkpoint(dropped, published_key()).size == 2
    assert Anchor.objects.filter(error="").count() == 2
    assert Anchor.objects.exclude(error="").count() == 2
    assert len(mail.outbox) == 1
    assert checkpoint.note in mail.outbox[0].body


@pytest.mark.django_db
def test_what_goes_round_the_actions_is_put_in_the_ledger_with_a_finding(officer):
    hold = law.place_hold(subjects=["material:1"], reason="label changed", by=officer, at=AT)
    Hold.objects.filter(pk=hold.pk).update(reason="nothing")
    with connection.cursor() as cursor:  # another transaction would see it like this
        cursor.execute("UPDATE compliance_rowintake SET transaction_id = transaction_id - 1")

    seal(at=AT, anchor=False)

    entry = LedgerEntry.objects.get(event="compliance.unaccounted_change")
    assert entry.rows == [
        {
            "model": "compliance.hold",
            "pk": str(hold.pk),
            "history_id": None,
            "sha256": "",
            "operation": "update",
        }
    ]
    finding = Finding.objects.get(kind="unaccounted_change")
    assert (finding.evidence["first"], finding.grade) == ([str(hold.pk)], "禁止")


@pytest.mark.django_db
def test_a_log_that_was_rewritten_is_never_signed_again(officer):
    _acts(officer, 5)
    seal(at=AT, anchor=False)
    with as_intruder() as cursor:
        cursor.execute("UPDATE compliance_ledgerleaf SET leaf_hash = %s WHERE number = 2", [b"\x00" * 32])
    _acts(officer, 1, start=5)

    seal(at=AT + timedelta(minutes=1), anchor=False)

    assert Checkpoint.objects.count() == 1
    assert Finding.objects.get().kind == "ledger_differs"


@pytest.mark.django_db
def test_health_tells_the_age_of_what_is_unsealed(officer):
    _acts(officer, 3)
    assert ledger_health(AT + timedelta(seconds=65)).unsealed_age_seconds == 65
    seal(at=AT, anchor=False)

    health = ledger_health(AT + timedelta(seconds=65))
    assert (health.unsealed, health.unsealed_age_seconds, health.last_checkpoint_size) == (0, 0, 3)


@pytest.mark.django_db(transaction=True)
def test_eight_writers_and_two_sealers_leave_no_gap_and_no_fork(officer):
    _roles = officer.roles
    stop, start = threading.Event(), threading.Barrier(10)

    def write(part):
        start.wait()
        for number in range(25):
            law.record("test.done", subject=f"x:{part}:{number}", by=officer, at=AT)
        connection.close()

    def seal_often():
        start.wait()
        while not stop.is_set():
            seal(at=AT, sign_now=True, anchor=False)
        connection.close()

    writers = [threading.Thread(target=write, args=(part,)) for part in range(8)]
    sealers = [threading.Thread(target=seal_often) for _n in range(2)]
    for thread in writers + sealers:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sealers:
        thread.join()
    seal(at=AT, sign_now=True, anchor=False)

    assert log_size() == LedgerLeaf.objects.count() == LedgerEntry.objects.count()
    assert LedgerEntry.objects.filter(event="test.done").count() == 200
    hashes = [
        bytes(digest) for digest in LedgerLeaf.objects.order_by("number").values_list("leaf_hash", flat=True)
    ]
    for checkpoint in Checkpoint.objects.all():
        assert bytes(checkpoint.root) == merkle.tree_root(hashes[: checkpoint.size])


def test_anchors_of_the_suite_stay_in_its_scratch_folder():
    assert all(
        Path(place).is_relative_to(django_settings.SCRATCH) for place in django_settings.LEDGER_ANCHOR_DIRS
    )


def test_a_clock_set_back_opens_one_finding_and_checkpoints_go_on(officer):
    law.record("test.done", subject="x:1", by=officer, at=AT)
    seal(at=AT, sign_now=True, anchor=False)
    back = AT - timedelta(days=3)
    law.record("test.done", subject="x:1", by=officer, at=back)

    seal(at=back, anchor=False)
    seal(at=back + timedelta(minutes=1), anchor=False)

    assert Finding.objects.get().kind == "clock_set_back"
    assert Finding.objects.get().evidence["text"]["zh"].startswith("服务器时钟比最近的检查点早 4320 分钟")
    assert Checkpoint.objects.order_by("-size").first().signed_at < AT
