"""A backup is whole or is no backup; a restore brings back every row, file and key, or changes nothing."""

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from psycopg2 import sql

from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.common import crypto, files
from pharmacrm.common.models import Notification, StoredFile
from pharmacrm.runtime import backup

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
BYTES = b"an approved detail aid" * 1000


@pytest.fixture
def installation(transactional_db, settings, tmp_path, person):
    """Rows, one stored file and a key, in folders of their own."""
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.KEYS_DIR = tmp_path / "keys"
    crypto.installation_key.cache_clear()
    crypto.installation_key("fields")
    (tmp_path / "keys" / "pharmacrm_app.password").write_text("of this machine")
    person("lin", Role.ADMINISTRATOR, name="林岚 O'Neil\n第二行")
    files.store([BYTES], media_type="application/pdf", by=None, at=AT, max_bytes=10**6)
    yield tmp_path
    crypto.installation_key.cache_clear()


@pytest.fixture
def made(installation):
    folder = installation / "backup"
    backup.back_up(folder, at=AT)
    return folder


def _stored_path(installation: Path) -> Path:
    return installation / "files" / files.path_of(StoredFile.objects.get().sha256)


def _drop_what_was_there_before():
    connections["default"].close()
    with closing(backup._connect({**connection.settings_dict, "NAME": "postgres"})) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE %s",
                [f"{connection.settings_dict['NAME']}\\_before\\_%"],
            )
            for (name,) in cursor.fetchall():
                cursor.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def test_everything_comes_back_after_rows_files_and_keys_were_destroyed(installation, made):
    key = (installation / "keys" / "fields.key").read_text()
    User.objects.filter(username="lin").update(display_name="forged")
    User.objects.create_user(username="intruder", email="intruder@example.com", password="x" * 20)
    _stored_path(installation).unlink()
    (installation / "keys" / "fields.key").write_text("00" * 32)

    backup.restore(made, at=AT)

    try:
        assert list(User.objects.values_list("username", "display_name")) == [("lin", "林岚 O'Neil\n第二行")]
        with files.open_verified(StoredFile.objects.get()) as handle:
            assert handle.read() == BYTES
        assert (installation / "keys" / "fields.key").read_text() == key
        with connection.cursor() as cursor:
            cursor.execute(backup.SESSION)
            assert backup.digests(cursor) == backup.Manifest.read(made).tables
    finally:
        _drop_what_was_there_before()


def test_the_passwords_of_this_machine_are_not_carried_to_another(made):
    assert sorted(path.name for path in (made / "keys").iterdir()) == ["fields.key"]
    assert (made / "keys" / "fields.key").stat().st_mode & 0o777 == 0o600
    assert made.stat().st_mode & 0o777 == 0o700


def test_keys_can_be_kept_apart_and_are_asked_for(installation):
    folder, safe = installation / "apart", installation / "safe"

    backup.back_up(folder, at=AT, keys_to=safe)

    assert not (folder / "keys").exists()
    with pytest.raises(backup.BackupFault, match="keys-from"):
        backup.check(folder)
    assert backup.check(folder, keys_from=safe).keys


@pytest.mark.parametrize("part", ["database.dump", "manifest.json", "keys/fields.key", "file"])
@pytest.mark.parametrize("harm", ["one byte", "gone"])
def test_a_harmed_backup_is_refused_and_nothing_changes(made, part, harm):
    place = next(iter((made / "files").rglob("sha256/*/*"))) if part == "file" else made / part
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 1
    place.unlink() if harm == "gone" else place.write_bytes(content)
    User.objects.filter(username="lin").update(display_name="later work")

    with pytest.raises(backup.BackupFault):
        backup.restore(made, at=AT)

    assert User.objects.get(username="lin").display_name == "later work"


def test_a_dump_that_does_not_give_the_promised_rows_is_refused_and_nothing_changes(made):
    manifest = backup.Manifest.read(made)
    count, digest = manifest.tables["accounts_user"]
    manifest.tables["accounts_user"] = (count + 1, digest)
    manifest.write(made)

    with pytest.raises(backup.BackupFault, match="accounts_user"):
        backup.restore(made, at=AT)

    assert User.objects.count() == 1


def test_a_restore_under_a_running_application_is_refused(made):
    with closing(backup._connect(dict(connection.settings_dict))) as other, other.cursor() as cursor:
        cursor.execute("SELECT 1")

        with pytest.raises(backup.BackupFault, match="stop web, worker and beat"):
            backup.restore(made, at=AT)

    assert User.objects.get().username == "lin"


def test_an_altered_stored_file_makes_the_backup_fail_loudly(installation):
    _stored_path(installation).write_bytes(b"altered")

    with pytest.raises(CommandError, match="NO BACKUP WAS MADE"):
        call_command("backup", "--to", str(installation / "all"))

    assert Notification.objects.get().kind == "backup_failed"
    assert list((installation / "all").glob("*/manifest.json")) == []


def test_the_command_keeps_the_newest_backups_only(installation, capsys):
    parent = installation / "all"
    for day in ("20260101T000000Z", "20260102T000000Z"):
        (parent / day).mkdir(parents=True)
        (parent / day / "manifest.json").write_text("{}")

    call_command("backup", "--to", str(parent), "--keep", "2")

    names = sorted(path.name for path in parent.iterdir())
    assert len(names) == 2
    assert "20260101T000000Z" not in names
    assert json.loads((parent / names[-1] / "manifest.json").read_text())["format"] == 1


def test_without_replace_a_restore_only_checks(made, capsys):
    call_command("restore", str(made))

    assert "Nothing was changed" in capsys.readouterr().out
