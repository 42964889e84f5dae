"""An exported ledger stands again elsewhere with an equal root, and a bad export changes nothing and says where and why."""

import json
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from compliance import actions as law
from compliance.actions import importing
from compliance.actions.keys import rotate_ledger_key
from compliance.actions.sealing import seal
from compliance.actions.verifying import verify
from compliance.facts import NoteFacts
from compliance.log.exported import ExportRefused, read_export
from compliance.log.notes import public_of, verifier_key
from compliance.models import Checkpoint, LedgerEntry, LedgerLeaf, Signature, StoredVerdict, TreeNode
from compliance.selectors.log import imported_mark, latest_checkpoint, own_keys, published_key
from pharmacrm.accounts.models import User
from pharmacrm.common.crypto import installation_key
from tests.conftest import AT
from tests.emptying import tables_with_rows
from tests.factories.compliance import proof_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    """Keep what the first test exported: a ledger, its keys and its witness are the same bytes for each."""
    return tmp_path_factory.mktemp("exports") / "first", []


@pytest.fixture
def exported(exports, request, settings, tmp_path):
    """Export a ledger with its keys; the database is empty, as another installation's is."""
    kept, first = exports
    settings.KEYS_DIR = str(tmp_path / "keys")
    settings.LEDGER_ANCHOR_DIRS, settings.LEDGER_WITNESS_DIR = [], str(tmp_path / "witness")
    installation_key.cache_clear()
    if not first:
        first.append(act_and_export(request.getfixturevalue("officer"), tmp_path / "log"))
        empty_database()
        copytree(tmp_path, kept)
    else:
        copytree(kept, tmp_path, dirs_exist_ok=True)
        empty_database()
    yield tmp_path / "log", first[0]
    installation_key.cache_clear()


def act_and_export(officer, log):
    """Act, sign, change the key, act again; export. Returns: the first key."""
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            event="test.done",
            subject=f"x:{n}",
            at=AT,
            reason="说明书更新" * (2_000 if n == 3 else 1),
            rows=[],
        )
        for n in range(300)
    )
    law.sign(
        subject="x:1",
        content_sha256="a" * 64,
        meaning="approved",
        by=officer,
        at=AT,
        proof=proof_of(officer, AT),
    )
    verdict = law.judge("note.accept", NoteFacts(place="visit.note"), subject="x:2", by=officer, at=AT)
    law.record("test.judged", subject="x:2", by=officer, at=AT, verdict=verdict)
    long = [{"model": "tests.row", "pk": str(uuid4()), "history_id": None, "sha256": ""} for _n in range(150)]
    LedgerEntry.objects.create(event="test.many", subject="x:3", at=AT, rows=long)
    law.record("test.done", subject="x:1", by=officer, at=AT)
    seal(at=AT, sign_now=True, anchor=False)
    first = published_key()
    rotate_ledger_key(reason="年度更换", at=AT + timedelta(minutes=1))
    law.record("test.done", subject="x:2", by=officer, at=AT)
    seal(at=AT + timedelta(minutes=2), sign_now=True, anchor=False)
    call_command("export_ledger", log)
    return first


def empty_database():
    kept = ("django_", "auth_", "compliance_tableshape")
    filled = [name for name in tables_with_rows() if not name.startswith(kept)]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        if filled:
            cursor.execute("TRUNCATE " + ", ".join(filled) + " CASCADE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def refused(log, key):
    with pytest.raises(CommandError) as refusal:
        call_command("import_ledger", log, "--key", key)
    assert not LedgerEntry.objects.exists()
    assert not LedgerLeaf.objects.exists()
    assert not User.objects.exists()
    return str(refusal.value)


def test_an_imported_ledger_has_the_root_it_was_exported_with_and_goes_on(exported):
    log, first = exported
    before = read_export(log, first)

    call_command("import_ledger", log, "--key", first)

    newest = latest_checkpoint()
    assert (newest.size, bytes(newest.root), newest.note) == (
        before.size,
        before.root,
        before.notes[before.size],
    )
    assert Checkpoint.objects.count() == len(before.notes)
    assert TreeNode.objects.filter(level=1).count() == 1
    assert (Signature.objects.count(), StoredVerdict.objects.count()) == (1, 1)
    assert len(LedgerEntry.objects.get(event="test.many").rows) == 150
    assert len(LedgerEntry.objects.get(subject="x:3", event="test.done").reason) == 10_000
    person = User.objects.get()
    assert (person.display_name, person.is_active, person.has_usable_password()) == ("周正", False, False)
    run = verify(at=AT + timedelta(minutes=5))
    assert (run.differences, run.entries) == ([], before.size + 1)
    assert LedgerEntry.objects.get(event="compliance.ledger_imported").reason.startswith(
        f"{before.size} entries"
    )
    assert own_keys()[0][0] == first


def test_what_is_missing_is_excused_for_the_imported_part_alone(exported):
    log, first = exported
    call_command("import_ledger", log, "--key", first)
    assert verify(at=AT + timedelta(minutes=5)).differences == []

    imported_mark().write_text(imported_mark().read_text("utf-8").replace("imported", "imporged"), "utf-8")
    kinds = [one["kind"] for one in verify(at=AT + timedelta(minutes=6)).differences]
    imported_mark().unlink()
    gone = [one["kind"] for one in verify(at=AT + timedelta(minutes=7)).differences]

    assert "key" in kinds
    assert set(gone) == {"deleted"}


@pytest.mark.parametrize(
    "name",
    [
        "tile/entries/000", "tile/entries/001.p/*", "tile/0/000", "tile/1/000.p/1", "checkpoint", "keys/*",
        "checkpoints/*", "more/long.jsonl", "more/verdicts.jsonl", "more/signatures.jsonl", "more/people.json",
    ],
)  # fmt: skip
def test_an_export_that_was_cut_short_is_refused_and_says_which_file(exported, name):
    log, first = exported
    place = sorted(log.glob(name))[-1]
    place.unlink()

    said = refused(log, first)

    assert place.name in said or "checkpoint" in said
    assert any(word in said for word in ("missing", "cut short", "not among", "not of the ledger"))


@pytest.mark.parametrize(
    "name",
    [
        "tile/entries/000", "tile/0/001.p/*", "tile/1/000.p/1", "checkpoint", "keys/*", "checkpoints/*",
        "more/long.jsonl", "more/verdicts.jsonl", "more/signatures.jsonl",
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", [0.6])
def test_one_changed_byte_of_an_export_is_refused(exported, name, place):
    log, first = exported
    path = sorted(log.glob(name))[0]
    content = bytearray(path.read_bytes())
    content[int(len(content) * place)] ^= 1
    path.write_bytes(content)

    assert refused(log, first)


def test_a_foreign_export_and_a_key_of_another_log_are_refused(exported, settings, tmp_path):
    log, first = exported

    assert "not of the ledger of this key" in refused(
        log, verifier_key("pharmacrm/ledger", public_of(bytes(32)))
    )
    assert "not of the ledger of this key" in refused(
        log, verifier_key("other.org/ledger", public_of(bytes(32)))
    )
    assert "not of the ledger of this key" in refused(log, "no key at all")
    settings.KEYS_DIR = str(tmp_path / "other")
    installation_key.cache_clear()
    assert "another key than the one that signed the export last" in refused(log, first)


def test_signatures_need_the_key_that_sealed_them(exported, settings):
    log, first = exported
    installation_key.cache_clear()
    (Path(settings.KEYS_DIR) / "signatures.key").write_text("00" * 32)

    assert "signatures.key" in refused(log, first)


def test_an_export_that_contradicts_itself_is_refused(exported):
    log, first = exported
    one, *_others, newest = sorted((log / "checkpoints").iterdir())
    one.write_text(newest.read_text("utf-8"), "utf-8")

    assert one.name in refused(log, first)


def test_records_that_no_entry_commits_to_are_refused(exported):
    log, first = exported
    path = log / "more" / "verdicts.jsonl"
    body = json.loads(path.read_text("utf-8"))
    path.write_text(path.read_text("utf-8") + json.dumps({**body, "allows": False}) + "\n", "utf-8")

    assert "no entry commits to" in refused(log, first)


def test_a_database_with_a_ledger_of_its_own_is_left_alone(exported, person):
    log, first = exported
    law.record("test.done", subject="x:9", by=person("new"), at=AT)

    with pytest.raises(ExportRefused, match="ledger of its own"):
        importing.import_ledger(log, trusted=first, at=AT)

    assert LedgerEntry.objects.count() == 1
