"""The witness signs a log that grows, and refuses one that contradicts what it signed."""

import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as live

from compliance import actions as law
from compliance.actions import sealing
from compliance.actions.sealing import anchor_checkpoint, seal
from compliance.actions.verifying import verify
from compliance.actions.witnessing import hear_witness
from compliance.log.notes import NoteRefused, Stated, cosigned_at, public_of, sign_checkpoint, verifier_key
from compliance.log.witness import GROWTH, Witness
from compliance.models import Anchor, Checkpoint, Finding, LedgerEntry
from compliance.selectors.log import WITNESS, ledger_health
from compliance.verify import verify as program
from pharmacrm.common.crypto import installation_key
from tests.compliance.attacks import as_intruder, delete_last, rewrite_with_key
from tests.conftest import AT

pytestmark = pytest.mark.django_db
NOW = int(AT.timestamp())


@pytest.fixture
def places(settings, tmp_path):
    settings.LEDGER_ANCHOR_DIRS = [str(tmp_path / "drop")]
    settings.LEDGER_WITNESS_DIR = str(tmp_path / "witness")
    return tmp_path / "drop", tmp_path / "witness"


@pytest.fixture
def witness(places):
    return Witness(*places)


def _grow(officer, times=1, minute=0):
    for number in range(times):
        at = AT + timedelta(minutes=minute + number)
        for _act in range(3):
            law.record("test.done", subject="x:1", by=officer, at=at)
        seal(at=at, sign_now=True, anchor=False)
        anchor_checkpoint(checkpoint_id=Checkpoint.objects.order_by("-size").first().pk, at=at)


def test_a_growing_log_is_signed_again_with_the_time_it_was_seen(officer, places, witness):
    _grow(officer, 3)

    assert witness.look(now=NOW) == list(Checkpoint.objects.order_by("size").values_list("size", flat=True))
    assert witness.look(now=NOW) == []
    newest = Checkpoint.objects.order_by("-size").first()
    note = (places[1] / "checkpoints" / f"{newest.size:012d}").read_text("utf-8")
    assert cosigned_at(note, (places[1] / "witness.pub").read_text()) == NOW
    assert program.open_checkpoint(note, (places[0] / "key").read_text())[1] == newest.size
    with pytest.raises(NoteRefused):
        cosigned_at(note.replace("\n", "\nx", 1), (places[1] / "witness.pub").read_text())
    with pytest.raises(NoteRefused):
        cosigned_at(newest.note, (places[1] / "witness.pub").read_text())


def test_a_log_rewritten_with_the_real_key_is_refused_and_nothing_after_it_is_signed(
    officer, places, witness
):
    _grow(officer, 2)
    witness.look(now=NOW)
    with as_intruder() as cursor:
        cursor.execute("UPDATE compliance_ledgerentry SET reason = '别的理由'")
        cursor.execute("DELETE FROM compliance_anchor")
    rewrite_with_key()
    _grow(officer, 1, minute=10)

    assert witness.look(now=NOW) == []

    refused = witness.refusal()
    assert "root" in refused["why"]
    _grow(officer, 1, minute=20)
    assert witness.look(now=NOW + 60) == []
    assert witness.last().size == refused["last_accepted"]


def test_a_checkpoint_that_says_something_else_than_before_is_refused(officer, places, witness):
    _grow(officer, 2)
    witness.look(now=NOW)
    newest = Checkpoint.objects.order_by("-size").first()
    forged = sign_checkpoint(
        Stated(live.LEDGER_ORIGIN, newest.size, bytes(32)), installation_key("ledger-signing")
    )
    (places[0] / "checkpoints" / f"{newest.size:012d}").write_text(forged, "utf-8")

    assert witness.look(now=NOW) == []
    assert "something else than before" in witness.refusal()["why"]


def test_a_checkpoint_of_another_log_or_key_is_refused(officer, places, witness):
    _grow(officer, 1)
    witness.look(now=NOW)
    name = f"{100:012d}"
    (places[0] / "checkpoints" / name).write_text(sign_checkpoint(Stated("other/log", 100, bytes(32)), bytes(32)), "utf-8")  # fmt: skip
    (places[0] / "key").write_text(verifier_key("other/log", public_of(bytes(32))))

    assert witness.look(now=NOW) == []
    assert "not signed by this key" in witness.refusal()["why"]


@pytest.mark.parametrize("harm", ["cut", "noise", "other size", "renamed"])
def test_a_harmed_drop_is_never_signed(officer, places, witness, harm):
    _grow(officer, 1)
    witness.look(now=NOW)
    _grow(officer, 1, minute=5)
    path = max(path for path in (places[0] / "checkpoints").iterdir() if path.suffix != GROWTH)
    growth = path.with_name(path.name + GROWTH)
    if harm == "cut":
        path.write_text(path.read_text("utf-8")[:-20], "utf-8")
    elif harm == "noise":
        growth.write_text("3\nnothing\n")
    elif harm == "other size":
        growth.write_text(
            growth.read_text().replace("\n", "\n", 1)[:0] + "1\n" + growth.read_text().partition("\n")[2]
        )
    else:
        growth.rename(growth.with_name(f"{999:012d}{GROWTH}"))
        path.rename(path.with_name(f"{999:012d}"))

    assert witness.look(now=NOW) == []
    assert witness.refusal()


def test_a_missing_proof_is_waited_for(officer, places, witness):
    _grow(officer, 1)
    witness.look(now=NOW)
    _grow(officer, 1, minute=5)
    growth = max((places[0] / "checkpoints").glob("*" + GROWTH))
    away = growth.rename(places[0] / "away")

    assert witness.look(now=NOW) == []
    assert not witness.refusal()
    away.rename(growth)
    assert len(witness.look(now=NOW)) == 1


def test_a_drop_that_failed_once_leaves_no_gap_in_the_proofs(officer, places, witness, monkeypatch):
    _grow(officer, 1)
    monkeypatch.setattr(sealing, "_places", lambda _at: [])
    _grow(officer, 1, minute=5)
    monkeypatch.undo()
    _grow(officer, 1, minute=10)

    assert len(witness.look(now=NOW)) == 2


def test_the_process_runs_with_nothing_but_two_directories(officer, places):
    _grow(officer, 2)

    answer = subprocess.run(
        [sys.executable, "-m", "compliance.log.witness", "--drop", places[0], "--home", places[1], "--once"],
        capture_output=True, text=True, check=False, cwd=live.BASE_DIR, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip

    assert (answer.returncode, answer.stdout.count("accepted")) == (0, 2)
    assert (places[1] / "witness.key").stat().st_mode & 0o777 == 0o600


def test_what_the_witness_signed_is_an_anchor_and_the_page_says_so(officer, witness):
    _grow(officer, 2)
    witness.look(now=NOW)

    assert len(hear_witness(at=AT)) == 2
    assert hear_witness(at=AT) == []
    newest = Checkpoint.objects.order_by("-size").first()
    health = ledger_health(AT)
    assert (health.witnessed_size, health.last_witness_at, health.witness_refuses) == (newest.size, AT, False)
    assert Anchor.objects.filter(place=WITNESS, checkpoint=newest).exists()


def test_a_refusal_opens_one_finding_and_one_act_is_recorded_for_it(officer, places, witness):
    _grow(officer, 1)
    witness.look(now=NOW)
    (places[0] / "checkpoints" / f"{50:012d}").write_text("x")
    witness.look(now=NOW)

    hear_witness(at=AT)
    hear_witness(at=AT + timedelta(minutes=1))

    assert Finding.objects.filter(kind="witness_refused").count() == 1
    assert LedgerEntry.objects.filter(event="compliance.finding_opened").count() == 1
    assert ledger_health(AT).witness_refuses


def test_ten_minutes_of_silence_open_a_finding_and_a_witness_never_started_does_not(officer, witness):
    _grow(officer, 1)
    hear_witness(at=AT + timedelta(hours=1))
    assert not Finding.objects.exists()
    witness.look(now=NOW)
    hear_witness(at=AT)
    _grow(officer, 1, minute=5)

    hear_witness(at=AT + timedelta(minutes=14))
    assert not Finding.objects.exists()
    hear_witness(at=AT + timedelta(minutes=16))

    assert Finding.objects.get().kind == "witness_silent"


def test_a_restored_older_backup_is_shown_by_what_the_witness_kept(officer, places, witness):
    _grow(officer, 3)
    witness.look(now=NOW)
    shutil.rmtree(places[0])
    with as_intruder() as cursor:
        cursor.execute("DELETE FROM compliance_anchor")
    delete_last(3)

    run = verify(at=AT + timedelta(hours=1))

    said = [one["said"] for one in run.differences if one["kind"] == "truncated"]
    assert len(said) == 1
    assert "an older backup was restored" in said[0]


def test_the_witness_imports_no_django():
    code = "import sys, compliance.log.witness; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(live.BASE_DIR), check=False).returncode == 0
