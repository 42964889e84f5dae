"""The rule book, verdicts, exceptions, figures and qualification in the browser."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from activities.facts import ExpenseFacts, VisitFacts
from compliance import actions as law
from compliance.actions.recording import store_verdict
from compliance.choices import WaiverState
from compliance.evaluate import RULEBOOK, evaluate, shipped_book
from compliance.models import Course, LedgerEntry, Parameter, RepFiling, RuleVersion, StoredVerdict, Waiver
from pharmacrm.accounts.choices import Role
from pharmacrm.common.ids import uuid7
from tests.factories import content as make
from tests.factories.compliance import proof_of, qualify

pytestmark = pytest.mark.django_db


@pytest.fixture
def see(client):
    def open_as(user, page, *args, **query):
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client.get(reverse(f"compliance:{page}", args=args), query)

    return open_as


@pytest.fixture
def send(client):
    def post_as(user, page, *args, **data):
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client.post(reverse(f"compliance:{page}", args=args), data, follow=True)

    return post_as


def test_the_list_shows_every_rule_and_its_filters_narrow_it(see, rep):
    text = see(rep, "rule-list").content.decode()
    meals = see(rep, "rule-list", q="餐费").content.decode()
    bans = see(rep, "rule-list", scene="hospitality", grade="禁止").content.decode()

    assert all(f">{rule.id}</b>" in text for rule in shipped_book().rules)
    assert ">RD-01</b>" in meals
    assert ">MR-08</b>" not in meals
    assert ">RD-02</b>" in bans
    assert ">RD-01</b>" not in bans


@pytest.mark.parametrize("rule", shipped_book().rules, ids=lambda rule: rule.id)
def test_every_rule_has_its_page(see, officer, rule):
    page = see(officer, "rule-detail", rule.id)

    assert page.status_code == 200
    assert rule.title["zh"] in page.content.decode()


def test_a_rule_page_reads_like_a_statute(see, officer, rep, at):
    store_verdict(
        law.judge("visit.submit", VisitFacts(), subject="visit:1", by=rep, at=at), by=rep, at=timezone.now()
    )

    text = see(officer, "rule-detail", "MR-08").content.decode()
    past = see(officer, "rule-detail", "MR-08", on="2025-01-01").content.decode()
    policy = see(officer, "rule-detail", "CP-01").content.decode()

    assert "未经备案，不得开展学术推广等活动。" in text
    assert "医药代表管理办法 (2026)" in text
    assert "?on=2020-12-01" in text
    assert "医药代表备案管理办法(试行) (2020年第105号) 第13条(1)" in past
    assert "visit.rep_filed == false" in text
    assert reverse("compliance:verdict-detail", args=[StoredVerdict.objects.get().pk]) in text
    assert 'class="clause"' not in policy


def test_a_page_counts_what_a_rule_stopped_and_what_it_only_remarked_on(see, officer, rep, at):
    facts = VisitFacts(times_unproven=True)  # ER-05 watches, MR-08 forbids
    stored = store_verdict(
        law.judge("visit.submit", facts, subject="visit:1", by=rep, at=at), by=rep, at=timezone.now()
    )

    watched = see(officer, "rule-detail", "ER-05")
    banned = see(officer, "rule-detail", "MR-08")
    fired = see(officer, "rule-list").context["fired"]

    assert (watched.context["fired"].stopped, watched.context["fired"].noted) == (0, 1)
    assert (banned.context["fired"].stopped, banned.context["fired"].noted) == (1, 0)
    assert reverse("compliance:verdict-detail", args=[stored.pk]) in watched.content.decode()
    assert (fired["ER-05"].noted, fired["MR-08"].stopped) == (1, 1)


def test_the_list_is_narrowed_by_law_and_by_point(see, rep):
    instrument = "医药代表管理办法 (2026)"

    text = see(rep, "rule-list", instrument=instrument).content.decode()
    meals = see(rep, "rule-list", point="expense.submit").content.decode()

    assert f'<option value="{instrument}" selected>' in text
    for rule in shipped_book().rules:
        if rule.holds_on("2026-11-23"):
            cites = any(source.instrument == instrument for source in rule.sources)
            assert (f">{rule.id}</b>" in text) is cites, rule.id
            stands = "expense.submit" in rule.at or rule.at == ("*",)
            assert (f">{rule.id}</b>" in meals) is stands, rule.id


def test_a_list_costs_the_same_whatever_was_judged(see, officer, rep, at, django_assert_max_num_queries):
    for _ in range(5):
        store_verdict(
            law.judge("visit.submit", VisitFacts(), subject="visit:1", by=rep, at=at), by=rep, at=at
        )
    see(officer, "rule-list")

    with django_assert_max_num_queries(14):
        see(officer, "rule-list")


def test_a_verdict_page_shows_facts_and_judges_again(see, officer, rep, at):
    stored = store_verdict(
        law.judge("visit.submit", VisitFacts(minutes_to_save=3000), subject="visit:1", by=rep, at=at),
        by=rep,
        at=at,
    )

    text = see(officer, "verdict-detail", stored.pk).content.decode()
    again = see(officer, "verdict-detail", stored.pk, replay=1).content.decode()

    assert "补录用时（分钟）" in text
    assert "3,000" in text
    assert 'role="status"' in again
    assert "statute__yes" in again


def test_a_verdict_of_a_lost_pack_says_so(see, officer, rep, at):
    verdict = law.judge("visit.submit", VisitFacts(), subject="visit:1", by=rep, at=at)
    stored = store_verdict(replace(verdict, pack="7-gone"), by=rep, at=at)

    page = see(officer, "verdict-detail", stored.pk, replay=1)

    assert page.context["lost_pack"]


def test_an_exception_goes_from_request_to_decision(see, send, rep, officer):
    today = timezone.localdate()
    page = send(
        rep, "waiver-new", rule="RD-07", subject=f"user:{rep.pk}", reason="唯一会场",
        valid_from=today.isoformat(), valid_until=(today + timedelta(days=3)).isoformat(),
    )  # fmt: skip
    waiver = Waiver.objects.get()
    assert "唯一会场" in page.content.decode()

    send(officer, "waiver-grant", waiver.pk, reason="同意")

    waiver.refresh_from_db()
    assert waiver.state == WaiverState.GRANTED
    assert "RD-07" in see(officer, "waiver-list").content.decode()
    export = see(officer, "waiver-list", export="xlsx")
    assert b"".join(export.streaming_content)[:2] == b"PK"
    export.close()


def test_an_exception_is_not_decided_inside_the_line(send, rep, officer):
    rep.line_manager = officer
    rep.save()
    today = timezone.localdate()
    waiver = law.request_waiver(
        rule="RD-07", subject=f"user:{rep.pk}", reason="x", valid_from=today, valid_until=today + timedelta(days=3),
        by=rep, at=timezone.now(),
    )  # fmt: skip

    page = send(officer, "waiver-grant", waiver.pk, reason="同意")

    waiver.refresh_from_db()
    assert page.status_code == 200
    assert waiver.state == WaiverState.REQUESTED


def test_a_bad_request_says_what_is_wrong_and_keeps_nothing(send, rep):
    today = timezone.localdate()

    page = send(
        rep, "waiver-new", rule="RD-07", subject="somewhere", reason="x",
        valid_from=today.isoformat(), valid_until=(today + timedelta(days=300)).isoformat(),
    )  # fmt: skip

    assert page.context["form"].errors
    assert not Waiver.objects.exists()


@pytest.mark.parametrize(
    "subject", ["event:1", "event:01a20000-0000-7000-8000-000000000000", "product:ZZ-9", "rule:RD-99"]
)
def test_an_exception_for_what_is_not_there_is_refused_at_its_field(send, rep, subject):
    today = timezone.localdate()

    page = send(
        rep, "waiver-new", rule="RD-07", subject=subject, reason="唯一会场",
        valid_from=today.isoformat(), valid_until=(today + timedelta(days=3)).isoformat(),
    )  # fmt: skip

    assert list(page.context["form"].errors) == ["subject"]
    assert not Waiver.objects.exists()


def test_an_exception_may_be_for_what_people_name_by_its_code(send, rep):
    make.product("SZA")
    today = timezone.localdate()

    for subject in ("rule:RD-07", "SZA"):
        send(
            rep, "waiver-new", rule="RD-07", subject=subject, reason="唯一会场",
            valid_from=today.isoformat(), valid_until=(today + timedelta(days=3)).isoformat(),
        )  # fmt: skip

    assert [one.partition(":")[0] for one in Waiver.objects.order_by("pk").values_list("subject", flat=True)] == [
        "rule", "product",
    ]  # fmt: skip


def test_a_meal_limit_is_drafted_tried_and_signed_in_the_browser(see, send, person, rep, officer):
    now = timezone.now()
    law.adopt_book(by=officer, at=now - timedelta(days=1))
    meal = ExpenseFacts(kind="meal", cost_fen=75000, people_present=3)
    store_verdict(law.judge("expense.submit", meal, subject="expense:1", by=rep, at=now), by=rep, at=now)

    page = send(
        officer, "parameter-new", "RD-01", "cap_fen", value="20000",
        valid_from=timezone.localdate().isoformat(), reason="从严",
    )  # fmt: skip
    draft = Parameter.objects.get()
    assert draft.dry_run["stopped"] == 1
    assert "expense:1" in page.content.decode()
    for signer in (officer, person("second", Role.COMPLIANCE), person("third", Role.COMPLIANCE)):
        proof = proof_of(signer, timezone.now())
        page = send(signer, "parameter-sign", draft.pk, password=proof.password, code=proof.code)
        assert page.status_code == (400 if signer == officer else 200)

    draft.refresh_from_db()
    assert draft.state == "live"
    assert "200 元" in see(officer, "rule-detail", "RD-01").content.decode()


def test_a_draft_can_be_refused(send, officer):
    send(officer, "parameter-new", "RD-01", "cap_fen", value="20000", valid_from="2099-01-01", reason="从严")

    send(officer, "parameter-refuse", Parameter.objects.get().pk, reason="不必")

    assert Parameter.objects.get().state == "refused"


@pytest.mark.parametrize("value", ["三百", "30000", "[1]", "true"])
def test_a_figure_of_another_kind_is_not_drafted(send, officer, value):
    page = send(
        officer, "parameter-new", "RD-01", "cap_fen", value=value, valid_from="2099-01-01", reason="x"
    )

    assert page.context["form"].errors["value"]
    assert not Parameter.objects.exists()


def test_the_staff_list_says_who_lacks_what(see, rep, other_rep, officer, django_assert_max_num_queries):
    qualify(rep, "RB01", by=officer, at=timezone.now())
    see(officer, "qualification")

    with django_assert_max_num_queries(20):
        page = see(officer, "qualification")

    lines = {line.person.pk: line.missing for line in page.context["lines"]}
    assert lines[rep.pk] == ()
    assert set(lines[other_rep.pk]) == {"employment", "filing", "commitment"}


def test_a_filing_is_added_and_withdrawn_in_the_browser(see, send, rep, officer):
    page = send(
        officer, "staff-add", rep.pk, "filing", number="BA-31-1", name="林岚", mah_name="远山制药",
        mah_code="91310000MA1FL00000", product_codes="RB01，NX02", valid_from="2026-01-01", valid_until="2099-01-01",
    )  # fmt: skip
    filing = RepFiling.objects.get()
    assert [product.product_code for product in filing.products.order_by("product_code")] == ["NX02", "RB01"]
    assert "BA-31-1" in page.content.decode()
    assert "BA-31-1" in see(rep, "staff-detail", rep.pk).content.decode()

    send(officer, "filing-withdraw", filing.pk, reason="离职")

    filing.refresh_from_db()
    assert filing.withdrawn_on
    assert LedgerEntry.objects.filter(event="compliance.filing_withdrawn").count() == 1


def test_a_certificate_and_a_commitment_are_added_in_the_browser(send, rep, officer, at):
    course = law.add_course(
        code="RB-101", title_zh="瑞舒心", title_en="RB", months_valid=12, pass_mark=80, by=officer, at=at
    )
    given = {"valid_from": "2026-01-01", "valid_until": "2099-01-01"}

    low = send(officer, "staff-add", rep.pk, "certificate", course_id=str(course.pk), score="60", **given)
    high = send(officer, "staff-add", rep.pk, "certificate", course_id=str(course.pk), score="90", **given)
    done = send(officer, "staff-add", rep.pk, "commitment", text_sha256="0" * 64, **given)
    nothing = send(officer, "staff-add", rep.pk, "medal", **given)

    assert low.context["form"].errors["score"]
    assert "RB-101" in high.content.decode()
    assert done.status_code == 200
    assert nothing.status_code == 404


def test_a_course_is_added_and_required_in_the_browser(see, send, rep, officer):
    course = {
        "code": "RB-101",
        "title_zh": "瑞舒心",
        "title_en": "RB",
        "months_valid": "12",
        "pass_mark": "80",
    }
    send(officer, "course-list", **course)
    again = send(officer, "course-list", **course)
    qualify(rep, "RB01", by=officer, at=timezone.now())

    page = send(
        officer,
        "course-require",
        Course.objects.get().pk,
        role="rep",
        product_code="RB01",
        valid_from="2026-01-01",
    )

    assert again.status_code == 400
    assert "RB01" in page.content.decode()
    assert see(officer, "qualification").context["lines"][0].missing == ("training",)


TEXT = (RULEBOOK / "hospitality" / "rd-02-entertainment.yaml").read_text(encoding="utf-8")


def _tomorrow():
    return (timezone.localdate() + timedelta(days=1)).isoformat()


def test_a_new_text_is_written_as_yaml_and_every_fault_names_its_line(send, officer):
    bad = TEXT.replace("event: event.entertainment", "event: event.fun")
    line = next(number for number, one in enumerate(bad.splitlines(), start=1) if "event.fun" in one)

    page = send(officer, "rule-draft", mode="yaml", body=bad, reason="x")

    assert page.status_code == 400
    assert any(
        f"第 {line} 行" in error and "event.fun" in error for error in page.context["form"].errors["body"]
    )
    assert not RuleVersion.objects.exists()


def test_a_form_turns_into_yaml_and_back_without_losing_a_word(see, send, officer):
    form = see(officer, "rule-draft", rule="RD-02").context["form"]
    given = {name: value for name, value in form.initial.items() if value}

    as_yaml = send(officer, "rule-draft", mode="form", turn="yaml", **given)
    back = send(officer, "rule-draft", mode="yaml", turn="form", body=as_yaml.context["form"].initial["body"])

    assert as_yaml.status_code == back.status_code == 200
    assert {name: value for name, value in back.context["form"].initial.items() if value} == given


def test_a_fault_of_the_form_stands_at_its_field(see, send, officer):
    form = see(officer, "rule-draft", rule="RD-02").context["form"]
    given = {name: value for name, value in form.initial.items() if value}
    given |= {"breach_when": "event: event.fun\nvisit: true", "allowed": "{event: {", "reason": "x"}

    first = send(officer, "rule-draft", mode="form", **given).context["form"].errors
    second = (
        send(officer, "rule-draft", mode="form", **given | {"allowed": "{event: {}}"}).context["form"].errors
    )

    assert set(first) == {"allowed"}
    assert {"breach_when", "allowed"} & set(second)
    assert not RuleVersion.objects.exists()


def test_a_rule_goes_from_form_to_law_in_the_browser(see, send, person, officer):
    now = timezone.now()
    law.adopt_book(by=officer, at=now - timedelta(days=1))
    form = see(officer, "rule-draft", rule="RD-02").context["form"]
    given = {name: value for name, value in form.initial.items() if value} | {
        "title_zh": "不安排任何娱乐",
        "reason": "措辞",
    }

    page = send(officer, "rule-draft", mode="form", **given)
    draft = RuleVersion.objects.get(state="draft")
    assert "不安排任何娱乐" in page.content.decode()
    assert "diff__new" in page.content.decode()
    for signer in (officer, person("second", Role.COMPLIANCE), person("third", Role.MEDICAL)):
        proof = proof_of(signer, timezone.now())
        page = send(signer, "rule-draft-sign", draft.pk, password=proof.password, code=proof.code)
        assert page.status_code == (400 if signer == officer else 200)

    draft.refresh_from_db()
    assert (draft.state, draft.valid_from.isoformat()) == ("live", _tomorrow())
    compared = see(officer, "rule-compare", "RD-02")
    assert "不安排任何娱乐" in compared.content.decode()
    assert compared.context["changed"] >= 2
    assert "已签署" in see(officer, "rule-detail", "RD-02").content.decode()


def test_a_draft_is_edited_and_withdrawn_by_its_author(see, send, officer):
    body = TEXT.replace("valid_from: 2023-04-01", f"valid_from: {_tomorrow()}")
    send(officer, "rule-draft", mode="yaml", body=body, reason="x")
    draft = RuleVersion.objects.get()

    send(officer, "rule-draft-edit", draft.pk, mode="yaml", body=body + "# again\n", reason="y")
    send(officer, "rule-draft-refuse", draft.pk, reason="不必")

    draft.refresh_from_db()
    assert (draft.reason, draft.state) == ("y", "refused")
    assert draft.body.endswith("# again\n")
    assert see(officer, "rule-draft-edit", draft.pk).status_code == 302


def test_the_end_of_a_rule_is_drafted_in_the_browser(send, officer):
    law.adopt_book(by=officer, at=timezone.now() - timedelta(days=1))
    live = RuleVersion.objects.get(rule="RD-02")

    wrong = send(officer, "rule-end", live.pk, on="2020-01-01", reason="x")
    page = send(officer, "rule-end", live.pk, on=_tomorrow(), reason="不再需要")

    assert wrong.context["form"].errors
    assert page.status_code == 200
    assert RuleVersion.objects.get(ends=live).state == "draft"


def test_only_those_who_sign_or_inspect_see_whose_acts_a_change_would_stop(see, send, rep, officer):
    now = timezone.now()
    law.adopt_book(by=officer, at=now - timedelta(days=1))
    store_verdict(
        evaluate("event.request", {"entertainment": True}, on=now.date(), subject="event:1", id=str(uuid7())),
        by=rep,
        at=now,
    )
    body = TEXT.replace("valid_from: 2023-04-01", f"valid_from: {_tomorrow()}").replace(
        "event: event.entertainment", "event: event.entertainment == false"
    )
    send(officer, "rule-draft", mode="yaml", body=body, reason="x")
    draft = RuleVersion.objects.get(state="draft")

    mine = see(officer, "rule-draft-detail", draft.pk)
    theirs = see(rep, "rule-draft-detail", draft.pk)

    assert mine.context["outcome"].people == ((str(rep), 0, 1),)
    assert theirs.context["outcome"].people == ()
    assert theirs.context["outcome"].allowed == 1


def test_a_policy_says_that_it_waits_for_adoption_and_is_adopted_with_a_yes(see, send, person, officer):
    law.adopt_book(by=officer, at=timezone.now() - timedelta(days=1))
    before = see(officer, "rule-detail", "CP-01").content.decode()
    form = see(officer, "parameter-new", "CP-01", "adopted").context["form"]

    send(
        officer,
        "parameter-new",
        "CP-01",
        "adopted",
        value="true",
        valid_from=timezone.localdate().isoformat(),
        reason="采纳",
    )
    draft = Parameter.objects.get(rule="CP-01")
    for signer in (person("second", Role.COMPLIANCE), person("third", Role.MEDICAL)):
        proof = proof_of(signer, timezone.now())
        send(signer, "parameter-sign", draft.pk, password=proof.password, code=proof.code)
    after = see(officer, "rule-detail", "CP-01").content.decode()

    assert "/compliance/parameters/CP-01/adopted/" in before
    assert form.initial["value"] == "true"
    assert draft.value is True
    assert "已由公司签署采纳" in after


def test_the_monthly_list_of_exceptions_is_a_filter(see, officer):
    assert see(officer, "waiver-list", month="2026-11").status_code == 200
    assert see(officer, "waiver-list", month="2026-13").status_code == 200
