"""Two records of one doctor: found, scored with reasons, decided, merged, taken apart again."""

import threading
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, close_old_connections, transaction
from django.forms.models import model_to_dict
from django.urls import reverse

from compliance import actions as law
from compliance.models import LedgerEntry
from doctors import actions, selectors
from doctors.actions import duplicates, scoring
from doctors.actions.duplicates import blocking
from doctors.choices import MatchState, PairState
from doctors.models import Assignment, Doctor, DoctorScore, MatchModel, MatchPair, MergeRecord, TouchedDoctor
from doctors.selectors.duplicates import pairs_listed, side_by_side
from doctors.selectors.matching import known_pairs, reasons_of, weights_in
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import Refused
from pharmacrm.common.models import OutboxMessage
from tests.conftest import AT
from tests.factories.content import content_person
from tests.factories.doctors import (
    assign,
    make_division,
    make_doctor,
    make_hospital,
    make_notice,
    make_purpose,
    make_territory,
    put_into,
)
from tests.factories.duplicates import make_model, make_pair
from tests.factories.segmentation import make_model as make_scoring_model
from tests.factories.segmentation import make_population

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


def events():
    return list(LedgerEntry.objects.order_by("pk").values_list("event", flat=True))


def merge(pair, by, *, keep="low", reason="同一人", at=AT):
    kept, merged = (pair.low_id, pair.high_id) if keep == "low" else (pair.high_id, pair.low_id)
    return actions.merge_doctors(kept_id=kept, merged_id=merged, reason=reason, by=by, at=at, pair_id=pair.pk)


def test_a_fit_is_asked_for_carried_out_and_put_in_force(steward):
    make_pair()
    asked = actions.ask_fit(by=steward, at=AT)

    fitted = duplicates.carry_out_fit(model_id=asked.pk, clock=lambda: AT)
    actions.use_weights(model_id=fitted.pk, by=steward, at=AT)

    fitted.refresh_from_db()
    assert fitted.state == MatchState.IN_FORCE
    assert fitted.manifest["source"] == "shipped"
    assert fitted.manifest["records"] == 2
    assert fitted.lower < fitted.upper
    assert MatchModel.objects.filter(state=MatchState.IN_FORCE).count() == 1
    assert events()[-3:] == ["doctors.match_fit_asked", "doctors.match_fitted", "doctors.match_in_force"]
    assert OutboxMessage.objects.filter(task="doctors.find_duplicates").count() == 1


def test_a_second_fit_waits_for_the_first_and_strangers_ask_for_none(steward, rep):
    actions.ask_fit(by=steward, at=AT)

    with pytest.raises(duplicates.MatchingNotMoved):
        actions.ask_fit(by=steward, at=AT)
    with pytest.raises(PermissionDenied):
        actions.ask_fit(by=rep, at=AT)
    assert MatchModel.objects.count() == 1


def test_a_large_enough_base_is_fitted_to_itself(steward, monkeypatch):
    monkeypatch.setattr("doctors.actions.duplicates.fitting.ENOUGH_PAIRS", 3)
    hospital = make_hospital()
    for name in ("覃若涵", "王晓明", "林嫣"):
        for _twice in range(2):
            make_doctor(name, hospital=hospital, title="attending_physician")
    for title in ("chief_physician", "nurse"):
        make_doctor("王晓明", hospital=make_hospital("城北医院"), title=title)
    asked = actions.ask_fit(by=steward, at=AT)

    model = duplicates.carry_out_fit(model_id=asked.pk, clock=lambda: AT)

    assert model.manifest["source"] == "base"
    assert duplicates.carry_out_fit(model_id=asked.pk, clock=lambda: AT).manifest == model.manifest


def test_a_fit_that_breaks_says_so_and_another_can_be_asked_for(steward, monkeypatch):
    asked = actions.ask_fit(by=steward, at=AT)
    monkeypatch.setattr("doctors.actions.duplicates.fitting.block_doctors", lambda: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        duplicates.carry_out_fit(model_id=asked.pk, clock=lambda: AT)

    asked.refresh_from_db()
    assert (asked.state, asked.job.state) == (MatchState.FAILED, "failed")
    assert actions.ask_fit(by=steward, at=AT).version == 2


def test_lines_are_drawn_in_order_and_search_again(steward, rep):
    model = make_model()

    actions.draw_lines(model_id=model.pk, lower=150, upper=900, merges_alone=True, by=steward, at=AT)

    model.refresh_from_db()
    assert (model.lower, model.upper, model.merges_alone) == (150, 900, True)
    assert OutboxMessage.objects.filter(task="doctors.find_duplicates").exists()
    with pytest.raises(duplicates.MatchingNotMoved):
        actions.draw_lines(model_id=model.pk, lower=900, upper=150, merges_alone=True, by=steward, at=AT)
    with pytest.raises(PermissionDenied):
        actions.draw_lines(model_id=model.pk, lower=0, upper=1, merges_alone=False, by=rep, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        MatchModel.objects.filter(pk=model.pk).update(lower=1000)


def test_a_search_finds_variants_of_a_name_and_keeps_each_pair_once(steward):
    model = make_model(lower=-2000)
    city = make_division("330100", "杭州市", "city")
    hospital, campus = make_hospital(division=city), make_hospital("湖滨第一医院（东院区）", division=city)
    one = make_doctor("覃若涵", hospital=hospital)
    variant = make_doctor("覃若寒", hospital=hospital)
    loose = make_doctor("覃若涵", hospital=campus)
    far = make_doctor("李雷", hospital=hospital)
    for doctor in (one, far):
        actions.add_contact(doctor_id=doctor.pk, kind="mobile", value="13912342046", by=steward, at=AT)

    first = duplicates.search(model_id=None, clock=lambda: AT)
    again = duplicates.search(model_id=model.pk, clock=lambda: AT)

    found = {(pair.low_id, pair.high_id) for pair in MatchPair.objects.all()}
    wanted = ((one, variant), (one, loose), (one, far))
    assert {tuple(sorted((a.pk, b.pk))) for a, b in wanted} <= found
    assert first == again == len(found)
    model.refresh_from_db()
    assert model.manifest["last_search"]["new_pairs"] == len(found)


def test_records_are_paired_by_what_they_share_unless_too_many_share_it(monkeypatch):
    monkeypatch.setattr(blocking, "MOST_TO_A_KEY", 2)
    here, there = make_hospital("云溪市第一人民医院"), make_hospital("北山县医院")
    two = [make_doctor("陆敏之", hospital=here), make_doctor("陆敏芝", hospital=here)]
    for _turn in range(3):
        make_doctor("王伟", hospital=there)
    make_doctor("何静")

    found = blocking.block_doctors()

    batches = [pair for batch in blocking.candidate_batches() for pair in batch]
    assert batches == [tuple(sorted(one.pk for one in two))]
    assert (found.records, found.pairs) == (6, 1)
    assert found.common_keys > 0


def test_nothing_is_searched_without_weights_in_force(steward):
    assert duplicates.search(model_id=None, clock=lambda: AT) == 0
    with pytest.raises(duplicates.MatchingNotMoved):
        actions.ask_search(by=steward, at=AT)


def test_the_reasons_of_a_pair_add_up_to_its_score():
    pair = make_pair()
    weights = weights_in(pair.model)

    reasons = reasons_of(weights, tuple(pair.levels))

    said = sum(reason.bits for reason in reasons if reason.bits is not None)
    assert round(100 * (said + weights.prior_bits)) == pair.score
    assert any(reason.bits is None for reason in reasons)


def test_a_merge_moves_nothing_and_the_kept_record_stands_for_both(steward):
    pair = make_pair()

    record = merge(pair, steward)

    kept, merged = Doctor.objects.get(pk=pair.low_id), Doctor.objects.get(pk=pair.high_id)
    pair.refresh_from_db()
    assert (kept.merged_into_id, merged.merged_into_id) == (None, kept.pk)
    assert selectors.canonical_ids([merged.pk]) == {merged.pk: kept.pk}
    assert set(selectors.family_of(merged.pk)) == {kept.pk, merged.pk}
    assert merged.affiliations.count() == kept.affiliations.count() == 1
    assert (pair.state, pair.decided_by, record.score) == (PairState.SAME, steward, pair.score)
    assert [row.merged_into_id for row in merged.history.order_by("history_date")] == [None, kept.pk]
    assert events()[-1] == "doctors.doctors_merged"
    assert set(TouchedDoctor.objects.values_list("doctor_id", flat=True)) == {kept.pk, merged.pk}


def test_merging_and_undoing_leaves_both_records_as_they_were(steward):
    pair = make_pair()
    home, away = make_territory("HZ", line="cardio"), make_territory("NB", line="onco")
    assign(Doctor.objects.get(pk=pair.low_id), home)
    assign(Doctor.objects.get(pk=pair.high_id), away)
    before = [model_to_dict(Doctor.objects.get(pk=pk)) for pk in (pair.low_id, pair.high_id)]
    lands = set(Assignment.objects.values_list("doctor_id", "territory_id", "valid_until"))

    record = merge(pair, steward)
    during = set(Assignment.objects.filter(doctor=pair.low_id).values_list("territory_id", flat=True))
    actions.undo_merge(record_id=record.pk, reason="两个人", by=steward, at=AT)

    pair.refresh_from_db()
    assert during == {home.pk, away.pk}
    assert [model_to_dict(Doctor.objects.get(pk=pk)) for pk in (pair.low_id, pair.high_id)] == before
    assert set(Assignment.objects.values_list("doctor_id", "territory_id", "valid_until")) == lands
    assert (pair.state, pair.reason) == (PairState.DIFFERENT, "两个人")
    assert events()[-1] == "doctors.merge_undone"


def test_an_undo_on_a_later_day_ends_what_was_taken_over(steward):
    pair = make_pair()
    away = make_territory("NB")
    assign(Doctor.objects.get(pk=pair.high_id), away)
    record = merge(pair, steward)

    actions.undo_merge(record_id=record.pk, reason="两个人", by=steward, at=AT + timedelta(days=3))

    taken = Assignment.objects.get(doctor=pair.low_id)
    assert taken.valid_until == DAY + timedelta(days=3)
    with pytest.raises(duplicates.MergeNotMade):
        actions.undo_merge(record_id=record.pk, reason="又一次", by=steward, at=AT)


def test_what_is_merged_already_is_refused_with_who_and_when(steward):
    pair = make_pair()
    third = make_doctor("覃若涵")
    merge(pair, steward)

    with pytest.raises(duplicates.MergeNotMade, match="沈思"):
        actions.merge_doctors(kept_id=third.pk, merged_id=pair.high_id, reason="同一人", by=steward, at=AT)
    with pytest.raises(duplicates.MergeNotMade, match="沈思"):
        actions.merge_doctors(kept_id=pair.high_id, merged_id=pair.low_id, reason="反过来", by=steward, at=AT)
    with pytest.raises(duplicates.MergeNotMade):
        actions.merge_doctors(kept_id=third.pk, merged_id=third.pk, reason="自己", by=steward, at=AT)
    assert MergeRecord.objects.count() == 1


def test_an_erased_record_or_no_reason_or_a_stranger_merges_nothing(steward, rep):
    pair = make_pair()

    with pytest.raises(duplicates.MergeNotMade):
        merge(pair, steward, reason=" ")
    with pytest.raises(PermissionDenied):
        merge(pair, rep)
    Doctor.objects.filter(pk=pair.high_id).update(status="erased")
    with pytest.raises(duplicates.MergeNotMade):
        merge(pair, steward)
    assert not MergeRecord.objects.exists()


def test_a_hold_on_either_record_stops_the_merge(steward, officer):
    pair = make_pair()
    law.place_hold(subjects=[f"doctor:{pair.high_id}"], reason="under inquiry", by=officer, at=AT)

    with pytest.raises(Refused) as refusal:
        merge(pair, steward)

    assert list(refusal.value.verdict.breached) == ["HOLD-01"]
    assert Doctor.objects.filter(merged_into__isnull=False).count() == 0


def test_a_merged_record_that_is_merged_on_follows_its_chain_and_can_be_taken_out(steward):
    pair = make_pair()
    first = merge(pair, steward)
    last = make_doctor("覃若涵")
    actions.merge_doctors(kept_id=last.pk, merged_id=pair.low_id, reason="同一人", by=steward, at=AT)

    assert selectors.canonical_ids([pair.high_id])[pair.high_id] == last.pk
    actions.undo_merge(record_id=first.pk, reason="两个人", by=steward, at=AT)

    assert selectors.canonical_ids([pair.high_id, pair.low_id]) == {
        pair.high_id: pair.high_id,
        pair.low_id: last.pk,
    }


def test_never_of_either_record_wins_and_a_refused_profiling_takes_the_tier(steward, rep):
    pair = make_pair()
    notice = make_notice(make_purpose("profiling"))
    put_into(rep, make_territory("HZ"))
    actions.record_consent(doctor_id=pair.high_id, state="never", channel="sms", by=steward, at=AT)
    actions.record_consent(
        doctor_id=pair.high_id, state="refused", purpose="profiling", notice_id=notice.pk, by=steward, at=AT
    )
    Doctor.objects.filter(pk=pair.low_id).update(tier="core")
    later = AT + timedelta(minutes=1)

    record = merge(pair, steward, at=later)

    held = selectors.consent_of(pair.low_id, channel="sms", purpose="", at=later)
    kept = Doctor.objects.get(pk=pair.low_id)
    assert held.state == "never"
    assert (kept.profiling_refused, kept.tier) == (True, "")
    actions.undo_merge(record_id=record.pk, reason="两个人", by=steward, at=later)
    assert selectors.consent_of(pair.low_id, channel="sms", purpose="", at=later).state == "none"
    assert Doctor.objects.get(pk=pair.low_id).profiling_refused is False


def test_who_sees_the_kept_record_may_open_the_merged_one(steward, rep):
    pair = make_pair()
    territory = make_territory("HZ")
    put_into(rep, territory)
    assign(Doctor.objects.get(pk=pair.high_id), territory)

    merge(pair, steward)

    assert selectors.can_see(rep, pair.low_id, DAY)
    assert selectors.can_see(rep, pair.high_id, DAY)


def test_a_pair_is_told_apart_or_left_for_a_day_ahead(steward, rep):
    pair = make_pair()

    with pytest.raises(duplicates.MergeNotMade):
        actions.decide_pair(pair_id=pair.pk, state="later", reason="等电话", by=steward, at=AT)
    actions.decide_pair(
        pair_id=pair.pk,
        state="later",
        reason="等电话",
        look_again_on=DAY + timedelta(days=7),
        by=steward,
        at=AT,
    )
    actions.decide_pair(pair_id=pair.pk, state="different", reason="两个人", by=steward, at=AT)

    pair.refresh_from_db()
    assert (pair.state, pair.look_again_on) == ("different", None)
    assert events()[-2:] == ["doctors.pair_decided"] * 2
    with pytest.raises(duplicates.MergeNotMade, match="沈思"):
        actions.decide_pair(pair_id=pair.pk, state="different", reason="又", by=steward, at=AT)
    with pytest.raises(duplicates.MergeNotMade, match="沈思"):
        merge(pair, steward)
    with pytest.raises(PermissionDenied):
        actions.decide_pair(pair_id=pair.pk, state="different", reason="x", by=rep, at=AT)


def test_a_pair_left_for_later_comes_back_on_its_day(steward):
    pair = make_pair()
    actions.decide_pair(
        pair_id=pair.pk,
        state="later",
        reason="等电话",
        look_again_on=DAY + timedelta(days=7),
        by=steward,
        at=AT,
    )

    duplicates.search(model_id=None, clock=lambda: AT + timedelta(days=6))
    assert not pairs_listed().exists()
    duplicates.search(model_id=None, clock=lambda: AT + timedelta(days=7))

    assert pairs_listed().get() == pair


def test_certain_pairs_merge_alone_only_where_told_and_never_against_a_person(steward, officer):
    make_model(upper=0, merges_alone=True)
    pair, held, undone = make_pair(), *(
        make_pair(*(make_doctor(name, hospital=make_hospital(f"{name}医院")) for _twice in range(2)))
        for name in ("林嫣然", "蔺知夏")
    )  # fmt: skip
    law.place_hold(subjects=[f"doctor:{held.high_id}"], reason="under inquiry", by=officer, at=AT)
    record = merge(undone, steward)
    actions.undo_merge(record_id=record.pk, reason="两个人", by=steward, at=AT)

    duplicates.search(model_id=None, clock=lambda: AT)
    duplicates.search(model_id=None, clock=lambda: AT)

    alone = MergeRecord.objects.get(merged_by__isnull=True)
    assert (alone.kept_id, alone.merged_id) == (pair.low_id, pair.high_id)
    assert MatchPair.objects.get(pk=held.pk).state == PairState.OPEN
    assert MatchPair.objects.get(pk=undone.pk).state == PairState.DIFFERENT


def test_decided_pairs_are_what_lines_can_be_judged_on(steward):
    pair = make_pair()
    merge(pair, steward)

    judged = known_pairs(pair.model, "decided").judge(pair.score)

    assert (judged.true_pairs, judged.missed) == (1, 0)


def test_side_by_side_marks_what_differs(steward):
    hospital = make_hospital()
    one = make_doctor("覃若涵", hospital=hospital, title="chief_physician")
    other = make_doctor("覃若寒", hospital=hospital, title="attending_physician")

    lines = side_by_side(one.pk, other.pk, DAY)

    differing = [line.values for line in lines if line.differs]
    assert ("覃若涵", "覃若寒") in differing
    assert (hospital.name, hospital.name) in [line.values for line in lines if not line.differs]


def test_a_merge_during_a_scoring_run_leaves_a_right_result(steward, officer, monkeypatch):
    make_scoring_model(content_person(Role.MARKETING, "罗曼"), officer, at=AT)
    make_population(40, 300)
    low, high = Doctor.objects.order_by("pk")[:2]
    run = scoring.open_run(
        model_id=scoring.runs.SegmentationModel.objects.get().pk, by=None, at=AT, is_queued=False
    )
    publish = scoring.runs.publish_run

    def merged_meanwhile(*args, **kwargs):
        actions.merge_doctors(kept_id=low.pk, merged_id=high.pk, reason="同一人", by=steward, at=AT)
        return publish(*args, **kwargs)

    monkeypatch.setattr(scoring.runs, "publish_run", merged_meanwhile)
    scoring.carry_out_run(run_id=run.pk, clock=lambda: AT)
    scoring.rescore_touched(at=AT)

    monkeypatch.setattr(scoring.runs, "publish_run", publish)
    fresh = scoring.open_run(model_id=run.model_id, by=None, at=AT, is_queued=False)
    daytime = selectors.tiers.tiers_of([low.pk])[low.pk].tier
    scoring.carry_out_run(run_id=fresh.pk, clock=lambda: AT)
    assert not DoctorScore.objects.filter(run=fresh, doctor=high).exists()
    assert selectors.tiers.tiers_of([low.pk])[low.pk].tier == daytime
    assert Doctor.objects.get(pk=high.pk).tier == ""


@pytest.mark.django_db(transaction=True)
def test_two_stewards_at_once_merge_a_pair_once(person):
    people = [person("shen", Role.STEWARD, name="沈思"), person("qiu", Role.STEWARD, name="裘文")]
    pair, said = make_pair(), []
    start = threading.Barrier(2)

    def go(by, keep):
        try:
            start.wait()
            merge(pair, by, keep=keep)
            said.append("merged")
        except duplicates.MergeNotMade as refusal:
            said.append(str(refusal))
        finally:
            close_old_connections()

    threads = [threading.Thread(target=go, args=args) for args in zip(people, ("low", "high"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert said.count("merged") == 1
    assert any("沈思" in words or "裘文" in words for words in said)
    assert MergeRecord.objects.count() == 1


def test_the_pages_lead_from_the_queue_to_a_decision_and_back(client, steward):
    pair = make_pair()
    client.force_login(steward)

    queue = client.get(reverse("doctors:match-list"))
    page = client.get(pair.get_absolute_url())
    merged = client.post(pair.get_absolute_url(), {"answer": "same_high", "reason": "同一人"})
    late = client.post(pair.get_absolute_url(), {"answer": "different", "reason": "两个人"})
    record = MergeRecord.objects.get()
    undone = client.post(reverse("doctors:merge-undo", args=[record.pk]), {"reason": "两个人"})

    assert "覃若涵" in queue.content.decode()
    assert 'name="answer"' in page.content.decode()
    assert (merged.status_code, late.status_code, undone.status_code) == (302, 409, 302)
    assert record.kept_id == pair.high_id
    assert client.get(reverse("doctors:merge-list")).status_code == 200


def test_the_queue_is_filtered_in_the_address(client, steward):
    pair = make_pair()
    client.force_login(steward)
    address = reverse("doctors:match-list")

    assert "覃若涵" not in client.get(address, {"least": "89"}).content.decode()
    assert "覃若涵" in client.get(address, {"hospital": "湖滨"}).content.decode()
    assert "覃若涵" not in client.get(address, {"state": "different"}).content.decode()
    assert pair.score > 0


def test_the_lines_are_judged_while_they_are_moved(client, steward):
    model = make_model()
    client.force_login(steward)
    address = reverse("doctors:match-model", args=[model.pk])

    page = client.get(address, {"lower": "1", "upper": "6", "known": "test"}, headers={"HX-Request": "true"})
    drawn = client.post(address, {"lower": "1", "upper": "6", "known": "test"})
    crossed = client.post(address, {"lower": "6", "upper": "1"})

    assert "<polyline" in page.content.decode()
    assert "<html" not in page.content.decode()
    assert (drawn.status_code, crossed.status_code) == (302, 409)
    assert client.get(reverse("doctors:match-weights")).status_code == 200


@pytest.mark.parametrize("pairs", [1, 4])
def test_the_queue_costs_the_same_for_any_number_of_pairs(
    client, steward, django_assert_max_num_queries, pairs
):
    for _each in range(pairs):
        make_pair()
    client.force_login(steward)
    client.get(reverse("doctors:match-list"))

    with django_assert_max_num_queries(16):
        client.get(reverse("doctors:match-list"))
