"""The ledger's entries: what they say, and that nothing written goes unclaimed."""

import hashlib

import pytest
from django.db import IntegrityError, connection, transaction

from compliance import actions as law
from compliance.evaluate import Refusal, Verdict
from compliance.models import Hold, HoldSubject, LedgerEntry, RowIntake, StoredVerdict, UnsealedEntry
from pharmacrm.accounts.models import Territory
from pharmacrm.common.ids import uuid7
from tests.conftest import AT

pytestmark = pytest.mark.django_db


def _verdict(subject="visit:1", breached=()):
    refusals = tuple(
        Refusal(rule, "禁止", {"zh": "不可以", "en": "No"}, {"zh": "改", "en": "Do"}) for rule in breached
    )
    return Verdict(
        id=str(uuid7()), point="visit.submit", kind="before", subject=subject, pack="1", refusals=refusals
    )


def _hash_now(table, key, value):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t WHERE {key} = %s", [value])
        return hashlib.sha256(cursor.fetchone()[0].encode()).hexdigest()


def test_an_entry_names_the_actor_as_they_were(officer):
    entry = law.record("test.done", subject="x:1", by=officer, at=AT, reason="because")

    assert (entry.actor_name, entry.actor_roles, entry.reason) == ("周正", ["compliance"], "because")


def test_an_entry_claims_each_row_version_written_even_if_unnamed(officer):
    law.record("test.before", subject="x:1", by=officer, at=AT)
    territory = Territory.objects.create(code="E", name="华东", path="/E/")
    territory.name = "华东大区"
    territory.save()

    entry = law.record("test.done", subject="x:1", by=officer, at=AT)

    versions = list(territory.history.order_by("history_id").values_list("history_id", flat=True))
    assert [row["history_id"] for row in entry.rows] == versions
    assert entry.rows[1]["sha256"] == _hash_now("accounts_historicalterritory", "history_id", versions[1])
    assert not RowIntake.objects.exists()


def test_an_entry_names_a_listed_row_that_was_not_written_now(officer):
    territory = Territory.objects.create(code="E", name="华东", path="/E/")
    law.record("test.made", subject="x:1", by=officer, at=AT)

    entry = law.record("test.used", subject="x:1", by=officer, at=AT, rows=[territory])

    assert [(row["model"], row["pk"]) for row in entry.rows] == [("accounts.territory", str(territory.pk))]
    assert len(entry.rows[0]["sha256"]) == 64


def test_a_verdict_is_kept_once_and_its_hash_stands_in_the_entry(officer):
    verdict = _verdict()
    law.record("test.before", subject="x:1", by=officer, at=AT)

    entry = law.record("test.done", subject="x:1", by=officer, at=AT, verdict=verdict)
    law.record("test.again", subject="x:1", by=officer, at=AT, verdict=verdict)

    assert StoredVerdict.objects.count() == 1
    assert entry.rows[0]["model"] == "compliance.storedverdict"
    assert entry.rows[0]["sha256"] == _hash_now("compliance_storedverdict", "id", verdict.id)


def test_recording_an_act_with_its_verdict_takes_three_queries(officer, django_assert_num_queries):
    _roles = officer.roles
    verdict = _verdict()

    with django_assert_num_queries(3):
        law.record("test.done", subject="x:1", by=officer, at=AT, verdict=verdict)


def test_a_refusal_is_one_entry_of_its_own(officer):
    law.record_refusal(_verdict(breached=["RD-01"]), subject="visit:1", by=officer, at=AT)

    entry = LedgerEntry.objects.get()
    assert entry.event == "visit.submit_refused"
    assert entry.verdict.breached == ["RD-01"]


def test_an_entry_waits_to_be_sealed_from_its_own_transaction(officer):
    entry = law.record("test.done", subject="x:1", by=officer, at=AT)

    assert list(UnsealedEntry.objects.values_list("entry_id", flat=True)) == [entry.pk]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE compliance_ledgerentry SET reason = 'x'",
        "DELETE FROM compliance_ledgerentry",
        "UPDATE compliance_storedverdict SET pack = 'x'",
        "DELETE FROM compliance_storedverdict",
        "UPDATE compliance_historicalhold SET reason = 'x'",
        "DELETE FROM compliance_historicalhold",
    ],
)
def test_the_database_refuses_to_rewrite(officer, statement):
    law.record("test.done", subject="x:1", by=officer, at=AT, verdict=_verdict())
    law.place_hold(subjects=["material:1"], reason="label changed", by=officer, at=AT)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as c:
        c.execute(statement)


@pytest.mark.parametrize("table", ["compliance_ledgerentry", "compliance_historicalhold"])
def test_the_database_refuses_to_truncate(table):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL pharmacrm.allow_truncate = 'off'")

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as c:
        c.execute(f"TRUNCATE {table} CASCADE")


def test_a_write_round_history_stays_in_the_intake(officer):
    hold = law.place_hold(subjects=["material:1"], reason="label changed", by=officer, at=AT)

    Hold.objects.filter(pk=hold.pk).update(reason="nothing")
    HoldSubject.objects.bulk_create([HoldSubject(hold=hold, subject="material:2")])

    seen = list(RowIntake.objects.order_by("id").values_list("kind", "table_name", "operation"))
    assert seen == [("live", "compliance_hold", "update"), ("live", "compliance_holdsubject", "insert")]


def test_the_moment_of_a_sign_in_is_no_change_but_a_password_set_by_hand_is(officer):
    law.record("test.done", subject="x:1", by=officer, at=AT)

    type(officer).objects.filter(pk=officer.pk).update(last_login=AT)
    assert not RowIntake.objects.exists()
    type(officer).objects.filter(pk=officer.pk).update(password="x")

    assert RowIntake.objects.get().table_name == "accounts_user"


def test_entries_of_one_act_claim_each_version_once_also_after_a_part_was_taken_back(officer):
    law.record("test.before", subject="x:1", by=officer, at=AT)

    def write(code):
        return Territory.objects.create(code=code, name=code, path=f"/{code}/").history.get().history_id

    def claimed():
        entry = law.record("test.done", subject="x:1", by=officer, at=AT)
        return [row["history_id"] for row in entry.rows]

    first = write("A")
    assert claimed() == [first]
    second = write("B")
    part = transaction.savepoint()
    write("C")
    assert len(claimed()) == 2
    transaction.savepoint_rollback(part)
    third = write("D")
    assert claimed() == [second, third]
    assert claimed() == []
    assert not RowIntake.objects.exists()


def test_whoever_moves_the_mark_of_what_is_claimed_leaves_versions_the_sealer_will_name(officer):
    law.record("test.before", subject="x:1", by=officer, at=AT)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pharmacrm.claimed_through', txid_current() || ':999999999999', true)"
        )
    Territory.objects.create(code="E", name="华东", path="/E/")

    entry = law.record("test.done", subject="x:1", by=officer, at=AT)

    assert entry.rows == []
    assert RowIntake.objects.get().kind == "version"
