"""The check of the whole record finds and names what was changed, whatever was done to hide it."""

import random
from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.urls import reverse

from compliance import actions as law
from compliance.actions.guarding import note_shapes
from compliance.actions.verifying import ask_to_verify, check, running, verify, verify_in_job
from compliance.actions.verifying.check import Check
from compliance.models import Checkpoint, Finding, Hold, LedgerEntry, Verification
from compliance.selectors.log import log_size
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import Territory
from pharmacrm.common.models import Job
from tests.compliance import attacks
from tests.compliance.attacks import EVIDENCE, Skipped, as_intruder, write_record
from tests.conftest import AT

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=2)


@pytest.fixture
def recorded(officer, person):
    write_record(officer, person("second_officer", Role.COMPLIANCE), acts=30)
    return Checkpoint.objects.order_by("-size").first().note


def _found(outside=()):
    return verify(at=LATER, outside=list(outside)).differences


def test_an_untouched_record_agrees(recorded):
    run = verify(at=LATER, outside=[recorded])

    assert (run.result, run.differences) == ("agrees", [])
    assert run.entries == log_size() == LedgerEntry.objects.count() - 1  # its own entry follows
    assert run.rows >= 70
    assert LedgerEntry.objects.filter(event="compliance.ledger_verified").count() == 1


@pytest.mark.parametrize("table", EVIDENCE)
def test_a_changed_byte_in_any_column_is_found_and_the_row_named(recorded, table):
    chance = random.Random(table)
    unnamed, changed = [], 0
    for column, kind in attacks.columns_of(table):
        key, pk = chance.choice(attacks.keys_of(table))
        try:
            with transaction.atomic():
                attacks.change_one_byte(table, key, column, kind, chance)
                changed += 1
                if not any(one["table"] == table and str(pk) in one["said"] for one in _found()):
                    unnamed.append(column)
                transaction.set_rollback(True)
        except Skipped:
            continue

    assert unnamed == []
    assert changed >= 5


def test_the_changed_column_of_an_entry_is_named_with_its_act(recorded):
    entry = LedgerEntry.objects.filter(event="compliance.hold_placed").first()
    with as_intruder() as cursor:
        cursor.execute("UPDATE compliance_ledgerentry SET reason = 'x' WHERE id = %s", [entry.pk])

    (one, *_more) = _found()

    assert (one["fields"], one["entry"]) == (["reason"], str(entry.pk))
    assert one["act"]["event"] == "compliance.hold_placed"


def test_the_changed_column_of_a_version_is_proven_by_putting_the_old_value_back(recorded):
    territory = Territory.objects.first()
    with as_intruder() as cursor:
        cursor.execute(
            "UPDATE accounts_historicalterritory SET name = '改过' WHERE id = %s AND history_type = '~'",
            [territory.pk],
        )

    changed = [one for one in _found() if one["table"] == "accounts_historicalterritory"]

    assert changed[0]["fields"] == ["name"]
    assert changed[0]["act"]["event"] == "accounts.territory_changed"


def test_a_row_changed_behind_its_history_is_named_with_its_column(recorded):
    hold = Hold.objects.first()
    with as_intruder() as cursor:
        cursor.execute("UPDATE compliance_hold SET reason = 'x' WHERE id = %s", [hold.pk])

    (one,) = _found()

    assert (one["table"], one["pk"], one["fields"]) == ("compliance_hold", str(hold.pk), ["reason"])
    assert one["act"]["event"] == "compliance.hold_lifted"


def test_thousands_of_rows_without_a_version_are_all_counted_and_hide_no_other_difference(
    recorded, monkeypatch, client, officer
):
    """Memory: what is beyond the named ones of a kind is counted only, whatever the number."""
    monkeypatch.setattr(check, "NAMED_IN_A_TABLE", 40)
    monkeypatch.setattr(running, "KEPT_DIFFERENCES", 60)
    with as_intruder() as cursor:
        cursor.execute(
            "INSERT INTO accounts_territory (id, code, name, path, line, created_at, updated_at) SELECT gen_random_uuid(), "
            "'X' || n, '假', 'X' || n || '/', '', now(), now() FROM generate_series(1, 3000) n"
        )
        cursor.execute("UPDATE accounts_historicalterritory SET name = '改过' || name")
        cursor.execute("UPDATE compliance_hold SET reason = 'x'")
        cursor.execute("SELECT count(*) FROM accounts_historicalterritory")
        versions = cursor.fetchone()[0]

    run = verify(at=LATER)

    assert run.counts["accounts_territory"]["inserted"] == 3000
    assert run.counts["accounts_historicalterritory"] == {"changed": versions}
    named = Counter((one["table"], one["kind"]) for one in run.differences)
    assert 0 < named["accounts_territory", "inserted"] <= 40
    assert len(run.differences) == 60
    assert named["compliance_hold", "changed"] == run.counts["compliance_hold"]["changed"]
    assert run.total == sum(sum(kinds.values()) for kinds in run.counts.values()) > 3000
    assert run.unnamed == run.total - len(run.differences)
    assert Finding.objects.get(kind="record_differs").evidence["differences"] == run.total
    client.force_login(officer)
    assert '<td class="r">3,000</td>' in client.get(reverse("compliance:ledger")).content.decode().replace(
        "3000", "3,000"
    )


def test_what_is_kept_by_name_takes_from_each_table_in_turn():
    seen = Check()
    for number in range(30):
        seen.differs("inserted", "large", number, f"large {number}")
    seen.differs("changed", "small", 1, "small 1")

    kept = seen.first(4)

    assert [one["said"] for one in kept] == ["large 0", "large 1", "large 2", "small 1"]
    assert (seen.total, seen.counted()) == (31, {"large": {"inserted": 30}, "small": {"changed": 1}})


def test_the_command_counts_what_it_does_not_name(recorded, monkeypatch):
    monkeypatch.setattr(running, "KEPT_DIFFERENCES", 2)
    with as_intruder() as cursor:
        cursor.execute("UPDATE compliance_signature SET printed_name = '别人'")
        cursor.execute("UPDATE compliance_hold SET reason = 'x'")
    said = StringIO()

    with pytest.raises(SystemExit):
        call_command("verify_ledger", stdout=said)

    run = Verification.objects.latest("started_at")
    assert len(run.differences) == 2 < run.total
    assert f"{run.total} differences; 2 of them are named above." in said.getvalue()
    assert f"COUNTED compliance_hold {run.counts['compliance_hold']['changed']} changed" in said.getvalue()


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("DELETE FROM compliance_ledgerentry WHERE id = (SELECT min(id::text)::uuid FROM compliance_ledgerentry)", "compliance_ledgerentry"),
        ("DELETE FROM compliance_ledgerleaf WHERE number = 3", "compliance_ledgerleaf"),
        ("DELETE FROM compliance_storedverdict WHERE id = (SELECT id FROM compliance_storedverdict LIMIT 1)", "compliance_storedverdict"),
        ("DELETE FROM compliance_signature WHERE id = (SELECT id FROM compliance_signature LIMIT 1)", "compliance_signature"),
        ("DELETE FROM accounts_historicalterritory WHERE history_id = (SELECT min(history_id) FROM accounts_historicalterritory)", "accounts_historicalterritory"),
        ("DELETE FROM compliance_hold WHERE id = (SELECT id FROM compliance_hold LIMIT 1)", "compliance_hold"),
        ("INSERT INTO accounts_historicalterritory (id, code, name, path, line, updated_at, created_at, history_date, history_type) SELECT id, code, '假', path, line, updated_at, created_at, history_date, '~' FROM accounts_historicalterritory LIMIT 1", "accounts_historicalterritory"),
        ("UPDATE compliance_ledgerentry SET actor_id = NULL, actor_name = '别人' WHERE event = 'compliance.hold_lifted'", "compliance_ledgerentry"),
        ("UPDATE compliance_signature SET printed_name = '别人' WHERE id = (SELECT id FROM compliance_signature LIMIT 1)", "compliance_signature"),
        ("TRUNCATE compliance_storedverdict CASCADE", "compliance_ledgerentry"),
        ("DELETE FROM compliance_checkpoint WHERE size > 5; UPDATE compliance_ledgerleaf SET leaf_hash = '\\x00' WHERE number = 8", "compliance_ledgerleaf"),
    ],
)  # fmt: skip
def test_deleting_inserting_and_re_attributing_is_found(recorded, statement, table):
    with transaction.atomic():
        with as_intruder() as cursor:
            cursor.execute(statement)
        found = _found([recorded])
        transaction.set_rollback(True)  # foreign keys that the intruder left dangling

    assert table in {one["table"] for one in found}


@pytest.mark.parametrize("queued", [True, False])
def test_a_forged_entry_is_found(recorded, officer, queued):
    forged = attacks.forge_entry(officer, queued=queued)

    assert any(one["pk"] == forged for one in _found())


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("compliance_ledgerentry", "subject"),
        ("accounts_historicalterritory", "name"),
        ("compliance_signature", "subject"),
    ],
)
def test_two_rows_that_changed_places_are_found(recorded, table, column):
    (one, one_pk), (other, other_pk) = random.Random(2).sample(attacks.keys_of(table), 2)
    attacks.swap(table, column, one, other)

    named = " ".join(found["said"] for found in _found())

    assert one_pk in named
    assert other_pk in named


def test_a_truncated_or_restored_log_is_found_by_the_checkpoint_kept_elsewhere(recorded):
    attacks.delete_last(3)

    kinds = {one["kind"] for one in _found([recorded])}

    assert "truncated" in kinds or "rewritten" in kinds


def test_a_log_rewritten_with_the_real_key_is_found_by_the_checkpoint_kept_elsewhere(recorded):
    with as_intruder() as cursor:
        cursor.execute(
            "UPDATE compliance_ledgerentry SET actor_name = '别人' WHERE id = (SELECT entry_id FROM compliance_ledgerleaf WHERE number = 12)"
        )
    attacks.rewrite_with_key()
    assert _found() == []

    found = _found([recorded])

    assert [one["kind"] for one in found] == ["rewritten"]
    assert found[0]["said"].startswith("entries 0 to ")


def test_a_checkpoint_signed_by_another_key_is_refused(recorded):
    assert [one["kind"] for one in _found([recorded.replace("\n\n— ", "\nextra\n\n— ")])] == ["outside"]


def test_a_difference_opens_one_finding_until_it_is_settled(recorded):
    with as_intruder() as cursor:
        cursor.execute("UPDATE compliance_hold SET reason = 'x'")

    _found()
    _found()

    assert Finding.objects.filter(kind="record_differs").count() == 1


def test_the_command_names_the_row_and_ends_with_one(recorded):
    hold = Hold.objects.first()
    with as_intruder() as cursor:
        cursor.execute("UPDATE compliance_hold SET reason = 'x' WHERE id = %s", [hold.pk])
    out = StringIO()

    with pytest.raises(SystemExit) as end:
        call_command("verify_ledger", stdout=out)

    assert end.value.code == 1
    assert f"compliance.hold {hold.pk}: reason differs" in out.getvalue()


def test_the_command_reads_a_checkpoint_from_a_file(recorded, tmp_path):
    path = tmp_path / "checkpoint"
    path.write_text(recorded)
    out = StringIO()

    call_command("verify_ledger", checkpoint=path, stdout=out)

    assert out.getvalue().startswith("agrees:")


def test_a_job_shows_how_far_the_check_is(recorded, officer, rep):
    job = ask_to_verify(by=officer, at=LATER)
    verify_in_job(job_id=job.pk, asked_by=officer.pk, at=LATER)

    assert Job.objects.get(pk=job.pk).state == "done"
    assert Verification.objects.get().asked_by == officer


def test_a_column_added_later_does_not_make_older_versions_differ(recorded):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_historicalterritory ADD COLUMN later text DEFAULT 'x'")
    note_shapes()

    assert [one for one in _found() if one["table"] == "accounts_historicalterritory"] == []


def test_an_entry_taken_away_before_it_was_sealed_is_missed(recorded, officer):
    with transaction.atomic():
        entry = law.record("test.done", subject="x:1", by=officer, at=LATER)
        with as_intruder() as cursor:
            cursor.execute("DELETE FROM compliance_ledgerentry WHERE id = %s", [entry.pk])
        found = _found()
        transaction.set_rollback(True)

    assert [(one["kind"], one["pk"]) for one in found] == [("deleted", str(entry.pk))]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE compliance_checkpoint SET size = size + 900 WHERE size = (SELECT max(size) FROM compliance_checkpoint)",
        "UPDATE compliance_ledgerleaf SET number = number + 900 WHERE number = 3",
    ],
)
def test_a_log_whose_leaves_are_missing_is_named_and_neither_signed_nor_a_crash(recorded, officer, change):
    law.record("tests.happened", subject="test:1", by=officer, at=LATER)
    signed = Checkpoint.objects.count()
    with as_intruder() as cursor:
        cursor.execute(change)

    found = _found()

    assert any(one["table"] in {"compliance_checkpoint", "compliance_ledgerleaf"} for one in found)
    assert Checkpoint.objects.count() == signed
    assert Finding.objects.filter(kind__in=["ledger_differs", "record_differs"]).exists()
