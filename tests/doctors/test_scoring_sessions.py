"""Several sessions at once give what one gives, and a run ends cleanly when one of them fails."""

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection

from doctors.actions import scoring
from doctors.actions.scoring import runs
from doctors.actions.scoring.sessions import Sessions, parted, sessions_at_hand
from doctors.models import DoctorScore, ReferenceDistribution, ScoringRun
from tests.factories.segmentation import make_model, make_population

NOW = datetime.now(ZoneInfo("Asia/Shanghai")).replace(hour=14, minute=0, second=0, microsecond=0)


@pytest.mark.django_db(transaction=True)
def test_the_digests_do_not_depend_on_how_many_sessions_share_the_work(person, officer, monkeypatch):
    model = make_model(person("marketer", "marketing", name="罗曼"), officer, at=NOW)
    make_population(60, 300)

    def run_in(sessions):
        monkeypatch.setattr(runs, "sessions_at_hand", lambda: sessions)
        run = scoring.open_run(model_id=model.pk, by=None, at=NOW, is_queued=False)
        done = scoring.carry_out_run(run_id=run.pk, clock=lambda: NOW)
        assert done.manifest["sessions"] == sessions
        ranks = ReferenceDistribution.objects.filter(run=run).order_by("cohort", "feature", "value")
        told = list(ranks.values_list("cohort", "feature", "value", "below"))
        return done.input_digest, done.result_digest, done.core_line_bp, done.potential_line_bp, told

    assert run_in(1) == run_in(2) == run_in(3)

    def fails(*_given):
        raise DatabaseError("out of room")

    monkeypatch.setattr(runs, "insert_scores", fails)
    broken = scoring.open_run(model_id=model.pk, by=None, at=NOW, is_queued=False)
    with pytest.raises(DatabaseError, match="out of room"):
        scoring.carry_out_run(run_id=broken.pk, clock=lambda: NOW)
    assert ScoringRun.objects.get(pk=broken.pk).state == "failed"
    assert not DoctorScore.objects.filter(run=broken).exists()
    assert not ReferenceDistribution.objects.filter(run=broken).exists()
    assert _other_sessions() == 0


def _other_sessions():
    for _turn in range(50):  # a session that was closed takes a moment to end
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'"
            )
            (others,) = cursor.fetchone()
        if not others:
            break
        time.sleep(0.1)
    return others


@pytest.mark.django_db
def test_inside_a_transaction_one_session_does_all(db):
    assert sessions_at_hand() == 1
    with Sessions(1) as alone:
        assert alone.each(lambda number: number) == [0]


def test_cohorts_are_parted_so_that_each_session_has_about_as_many_doctors():
    sizes = {number: 10 + number % 7 for number in range(1, 41)}

    parts = parted(sizes, 3)

    loads = [sum(sizes[number] for number in part) for part in parts]
    assert sorted(number for part in parts for number in part) == sorted(sizes)
    assert max(loads) - min(loads) <= max(sizes.values())
    assert parted(sizes, 1) == [set(sizes)]
    assert parted({}, 2) == [set(), set()]
