"""A contested tier is decided by a person, and a doctor gets the explanation, on paper too."""

import io
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from pypdf import PdfReader

from compliance.models import LedgerEntry
from compliance.selectors.cockpit import inbox_of
from doctors import actions, selectors
from doctors.actions import contests, scoring
from doctors.actions.overrides import OverrideNotMade
from doctors.models import Doctor, DoctorScore, ScoringRun, SegmentationModel, TierContest, TierOverride
from doctors.selectors import contests as reads
from doctors.selectors import explain_tier, explanation_pdf_of, open_text
from doctors.selectors.signed_models import model_fingerprint
from tests.factories.doctors import make_doctor
from tests.factories.segmentation import make_model, make_population

WORDS = "本人今年起任省医学会分会副主任委员，记录未更新"
AT = timezone.now()


@pytest.fixture
def marketer(person):
    return person("marketer", "marketing", name="罗曼")


@pytest.fixture
def scored(marketer, officer):
    make_population(90, 1200)
    model = make_model(marketer, officer, at=AT, core_cut_bp=4500, potential_cut_bp=3500)
    run = scoring.open_run(model_id=model.pk, by=None, at=AT, is_queued=False)
    return scoring.carry_out_run(run_id=run.pk, clock=timezone.now)


@pytest.fixture
def basic(scored):
    return Doctor.objects.filter(tier="basic").order_by("pk").first()


def contested(doctor, by):
    return contests.contest_tier(doctor_id=doctor.pk, words=WORDS, by=by, at=timezone.now())


@pytest.mark.django_db
def test_a_contest_waits_for_a_person_with_its_words_sealed(basic, marketer, officer):
    contest = contested(basic, marketer)

    assert (contest.state, contest.tier_held) == ("open", "basic")
    assert WORDS.encode() not in bytes(contest.sealed_words)
    assert open_text(basic.pk, contest.sealed_words) == WORDS
    assert LedgerEntry.objects.get(event="doctors.tier_contested").subject == f"doctor:{basic.pk}"
    waits = {"request__flow": contests.FLOW, "request__subject": f"doctor:{basic.pk}"}
    today = timezone.localdate()
    assert inbox_of(officer, today).filter(**waits).exists()
    assert not inbox_of(marketer, today).filter(**waits).exists()


@pytest.mark.django_db
def test_a_person_keeps_the_tier_with_an_answer(basic, marketer, officer):
    contest = contested(basic, marketer)

    contests.decide_contest(
        contest_id=contest.pk, tier="", answer="名单已核对，未见此任职", by=officer, at=AT
    )

    basic.refresh_from_db()
    shown = reads.last_contest_of(basic.pk)
    assert (shown.state, shown.answer, basic.tier) == ("kept", "名单已核对，未见此任职", "basic")
    assert not TierOverride.objects.exists()
    assert LedgerEntry.objects.filter(event="doctors.contest_kept").count() == 1


@pytest.mark.django_db
def test_a_person_changes_the_tier_and_it_holds_at_once(basic, marketer, officer):
    contest = contested(basic, marketer)

    decided = contests.decide_contest(
        contest_id=contest.pk, tier="potential", answer="已更正", by=officer, at=timezone.now()
    )

    basic.refresh_from_db()
    assert (decided.state, basic.tier) == ("changed", "potential")
    assert (decided.override.reason, decided.override.decided_by) == ("contested", officer)


@pytest.mark.django_db
def test_a_doctor_reads_the_tier_on_the_own_page_and_contests_it(client, basic, officer, person):
    steward = person("steward1", "steward", name="石磊")
    link = actions.make_link(doctor_id=basic.pk, by=steward, at=timezone.now())
    token = selectors.token_of(link)
    address = reverse("portal:page", args=[token])
    code = actions.read_out_code(link_id=link.pk, by=officer, at=timezone.now())
    client.post(address, {"act": "code", "code": code})

    page = client.get(address).content.decode()
    nothing = client.post(address, {"act": "contest", "words": ""})
    client.post(address, {"act": "contest", "words": WORDS})
    paper = client.get(reverse("portal:explanation-file", args=[token]))

    assert explain_tier(basic.pk).score_text in page
    assert nothing.status_code == 400
    assert nothing.context["contest"].errors["words"]
    contest = TierContest.objects.get()
    assert (contest.by_doctor, contest.asked_by, contest.state) == (True, steward, "open")
    assert LedgerEntry.objects.get(event="doctors.tier_contested").actor_id is None
    assert paper["Content-Type"] == "application/pdf"
    contests.decide_contest(contest_id=contest.pk, tier="", answer="已核对", by=officer, at=timezone.now())
    assert "已核对" in client.get(address).content.decode()


@pytest.mark.django_db
def test_a_link_that_was_taken_back_contests_nothing(basic, person):
    steward = person("steward1", "steward", name="石磊")
    link = actions.make_link(doctor_id=basic.pk, by=steward, at=timezone.now())
    actions.revoke_link(link_id=link.pk, reason="发错人", by=steward, at=timezone.now())

    with pytest.raises(contests.ContestNotTaken):
        contests.contest_tier_by_link(link_id=link.pk, words=WORDS, at=timezone.now())

    assert not TierContest.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("tier", "answer", "field"),
    [("", " ", "answer"), ("gold", "好", "tier"), ("", "他每月处方量很高", "answer")],
)
def test_a_decision_without_a_fit_answer_changes_nothing(basic, marketer, officer, tier, answer, field):
    contest = contested(basic, marketer)
    entries = LedgerEntry.objects.count()

    with pytest.raises(contests.ContestNotTaken) as refusal:
        contests.decide_contest(contest_id=contest.pk, tier=tier, answer=answer, by=officer, at=AT)

    contest.refresh_from_db()
    assert refusal.value.field == field
    assert contest.state == "open"
    assert LedgerEntry.objects.count() == entries


@pytest.mark.django_db
def test_who_contested_cannot_decide_and_a_decision_stands(basic, officer, person):
    medical = person("medical", "medical", name="秦雪")
    contest = contested(basic, medical)

    with pytest.raises(contests.ContestNotTaken):
        contests.decide_contest(contest_id=contest.pk, tier="", answer="不改", by=medical, at=AT)
    contests.decide_contest(contest_id=contest.pk, tier="", answer="不改", by=officer, at=AT)
    with pytest.raises(contests.ContestNotTaken):
        contests.decide_contest(contest_id=contest.pk, tier="core", answer="改", by=officer, at=AT)

    assert TierContest.objects.get().state == "kept"
    with pytest.raises(IntegrityError), transaction.atomic():
        TierContest.objects.update(decided_by=medical)


@pytest.mark.django_db
def test_a_tier_is_contested_once_at_a_time_and_only_where_there_is_one(basic, marketer):
    contested(basic, marketer)
    nobody = make_doctor("无分层")

    with pytest.raises(contests.ContestNotTaken):
        contested(basic, marketer)
    with pytest.raises(contests.ContestNotTaken):
        contested(nobody, marketer)

    assert TierContest.objects.count() == 1


@pytest.mark.django_db
def test_a_rep_out_of_sight_contests_nothing_and_a_rep_decides_nothing(basic, marketer, rep):
    with pytest.raises(PermissionDenied):
        contested(basic, rep)
    contest = contested(basic, marketer)
    with pytest.raises(PermissionDenied):
        contests.decide_contest(contest_id=contest.pk, tier="core", answer="改", by=rep, at=AT)

    assert TierContest.objects.get().state == "open"


@pytest.mark.django_db
def test_while_a_tier_set_by_hand_is_open_a_contest_sets_no_other(basic, marketer, officer):
    contest = contested(basic, marketer)
    TierOverride.objects.create(
        doctor=basic, tier="core", reason="other", asked_by=marketer, asked_at=AT,
        valid_until=AT.date() + timedelta(days=9),
    )  # fmt: skip

    with pytest.raises(OverrideNotMade):
        contests.decide_contest(contest_id=contest.pk, tier="potential", answer="改", by=officer, at=AT)

    contest.refresh_from_db()
    assert contest.state == "open"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "个人信息保护法"), ("en", "Personal Information")]
)
def test_the_paper_carries_every_figure_of_the_page_in_the_readers_language(basic, language, words):
    with translation.override(language):
        why = explain_tier(basic.pk)
        made = explanation_pdf_of(basic.pk)

    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)
    flat = "".join(text.split())
    assert "".join(words.split()) in flat
    assert why.score_text in text
    for line in why.features:
        assert line.contribution_text in text
        assert "".join(line.label.split()) in flat
    assert model_fingerprint(SegmentationModel.objects.get(pk=why.model_id)) in flat
    assert "Asia/Shanghai" in flat


@pytest.mark.django_db
def test_what_changed_since_last_quarter_adds_up_exactly(scored, marketer, officer):
    ScoringRun.objects.filter(pk=scored.pk).update(as_of=scored.as_of - timedelta(days=120))
    later = make_model(
        marketer, officer, at=AT, version="next", core_cut_bp=4500, potential_cut_bp=3500, influence_bp=3000,
        potential_bp=4500,
    )  # fmt: skip
    run = scoring.open_run(model_id=later.pk, by=None, at=timezone.now(), is_queued=False)
    scoring.carry_out_run(run_id=run.pk, clock=timezone.now)
    told = 0

    for score in DoctorScore.objects.filter(run=run).order_by("pk")[:20]:
        why = explain_tier(score.doctor_id)
        since = reads.since_last_quarter(why)
        assert since.as_of == scored.as_of - timedelta(days=120)
        assert sum(line.difference_bp for line in since.lines) == why.score_bp - since.score_bp
        told += len(since.lines)

    assert told > 20


@pytest.mark.django_db
def test_the_ways_up_to_core_reach_the_line_when_added_and_not_without_the_last(scored):
    reached = 0
    for doctor in Doctor.objects.filter(tier__in=["basic", "potential"])[:40]:
        why = explain_tier(doctor.pk)
        ways = reads.ways_to_core(why)
        if not ways:
            continue
        reached += 1
        assert why.score_bp + sum(way.more_bp for way in ways) >= why.core_line_bp
        assert why.score_bp + sum(way.more_bp for way in ways[:-1]) < why.core_line_bp

    assert reached > 20


@pytest.mark.django_db
def test_a_tier_is_contested_and_decided_on_its_page(client, basic, marketer, officer):
    client.force_login(marketer)
    empty = client.post(reverse("doctors:contest", args=[basic.pk]), {"words": ""})
    client.post(reverse("doctors:contest", args=[basic.pk]), {"words": WORDS})
    contest = TierContest.objects.get()
    client.force_login(officer)
    page = client.get(reverse("doctors:tier-detail", args=[basic.pk]))
    decided = client.post(
        reverse("doctors:contest-decide", args=[contest.pk]), {"tier": "core", "answer": "核实无误"}
    )

    assert empty.status_code == 400
    assert page.context["can_answer"]
    assert decided.status_code == 302
    basic.refresh_from_db()
    assert basic.tier == "core"
