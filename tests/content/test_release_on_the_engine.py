"""The release of a material is a request: asked for by the last signature, decided on its page, void with what it is about."""

import json
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from compliance import actions as law
from compliance.actions.carrying import put_to_approval
from compliance.models import ApprovalRequest, ApprovalStep, LedgerEntry
from compliance.selectors.cockpit import inbox_of
from content import actions
from content.actions import MaterialNotReleased
from content.models import MaterialVersion, Release
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import Refused
from pharmacrm.common.models import Notification
from tests.content.conftest import AT
from tests.content.test_races import NO, at_once
from tests.factories import content as make

FLOW = "content.release"
TODAY, NEXT_YEAR = AT.date(), date(2027, 11, 1)


def release(version, by, **more):
    return actions.release_version(version_id=version.pk, expires_on=NEXT_YEAR, by=by, at=AT, **more)


def waits_for(user):
    return inbox_of(user, TODAY).filter(request__flow=FLOW).exists()


def step_of(version):
    return ApprovalStep.objects.get(
        request__flow=FLOW, request__subject=f"material_version:{version.pk}", state="open"
    )


def requests(version):
    rows = ApprovalRequest.objects.filter(flow=FLOW, subject=f"material_version:{version.pk}")
    return list(rows.order_by("opened_at", "pk").values_list("state", flat=True))


@pytest.mark.django_db
def test_the_last_signature_asks_for_the_release_of_exactly_its_bytes(desk, rep):
    version = desk.submitted()
    desk.decide(version, "medical")
    desk.decide(version, "regulatory")
    before = requests(version)

    desk.decide(version, "compliance")

    asked = ApprovalRequest.objects.get(flow=FLOW)
    waiting = [
        one for one in (desk.author, desk.medical, desk.regulatory, desk.compliance, rep) if waits_for(one)
    ]
    assert (before, asked.state, asked.due_at.date()) == ([], "open", date(2026, 11, 30))
    assert asked.payload["file_sha256"] == version.files.get().sha256
    assert waiting == [desk.regulatory, desk.compliance]
    told = Notification.objects.filter(kind="approval_asked", url=f"/content/versions/{version.pk}/release/")
    assert {one.recipient for one in told} == {desk.regulatory, desk.compliance}


@pytest.mark.django_db
def test_the_page_gives_the_answer_of_the_request_and_the_author_hears_it(desk):
    version = desk.approved()

    made = release(version, desk.regulatory)

    version.refresh_from_db()
    step = ApprovalRequest.objects.get(flow=FLOW).steps.get()
    assert (version.status, made.released_by, requests(version)) == (
        "released",
        desk.regulatory,
        ["approved"],
    )
    assert (step.approver, step.state) == (desk.regulatory, "agreed")
    assert not waits_for(desk.compliance)
    assert LedgerEntry.objects.get(event="content.material_released").verdict.allows
    told = Notification.objects.filter(recipient=desk.author, kind="approval_decided")
    assert any("放行" in one.text["zh-hans"] for one in told)


@pytest.mark.django_db
def test_an_answer_elsewhere_is_sent_to_the_page_of_the_release(desk, client, time_machine):
    time_machine.move_to(AT, tick=True)
    version = desk.approved()
    step = step_of(version)
    client.force_login(desk.regulatory, backend=settings.AUTHENTICATION_BACKENDS[-1])
    room = reverse("content:version-release", args=[version.pk])

    with pytest.raises(MaterialNotReleased):
        law.decide(step_id=step.pk, verb="agree", by=desk.regulatory, at=AT)
    page = client.get(reverse("compliance:step-detail", args=[step.pk])).content.decode()
    shown = client.get(reverse("api:compliance-api:step-detail", args=[step.pk])).json()
    answer = client.post(
        reverse("api:compliance-api:step-answer", args=[step.pk]),
        json.dumps({"verb": "agree"}),
        content_type="application/json",
        headers={"Idempotency-Key": "release-1"},
    )

    assert room in page
    assert 'value="agree"' not in page
    assert shown["room"] == room
    assert (answer.status_code, answer.json()["type"].split(":")[-1]) == (409, "material_not_released")
    assert requests(version) == ["open"]


@pytest.mark.django_db
def test_rest_releases_by_answering_the_request(desk, client, time_machine):
    time_machine.move_to(AT, tick=True)
    version = desk.approved()
    client.force_login(desk.compliance, backend=settings.AUTHENTICATION_BACKENDS[-1])

    answer = client.post(
        reverse("api:content-api:material-release", args=[version.pk]),
        json.dumps({"expires_on": "2027-06-01", "ad_approval_number": ""}),
        content_type="application/json",
        headers={"Idempotency-Key": "release-2"},
    )

    assert answer.status_code == 200, answer.json()
    assert answer.json()["status"] == "released"
    assert requests(version) == ["approved"]


@pytest.mark.django_db
def test_the_page_shows_the_line_before_and_after(desk, client, time_machine):
    time_machine.move_to(AT, tick=True)
    version = desk.approved()
    step = step_of(version)
    client.force_login(desk.regulatory)
    detail, room = (reverse(f"content:version-{one}", args=[version.pk]) for one in ("detail", "release"))
    before, asked = (client.get(one).content.decode() for one in (detail, room))

    client.post(room, {"expires_on": "2027-06-01"})

    after = client.get(detail).content.decode()
    assert room in before
    assert room not in after
    assert 'class="tl"' in before
    assert 'class="tl"' in asked
    assert reverse("compliance:step-detail", args=[step.pk]) in asked
    assert MaterialVersion.objects.get(pk=version.pk).status == "released"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fault", ["author", "stranger", "past day", "beyond two years", "in review", "already released"]
)
def test_a_release_is_refused_and_nothing_changes(desk, fault, person, rep):
    if fault == "author":
        desk.author = person("both", Role.MARKETING, Role.COMPLIANCE)
    version = desk.submitted() if fault == "in review" else desk.approved()
    by = {"author": desk.author, "stranger": rep}.get(fault, desk.regulatory)
    day = {"past day": TODAY, "beyond two years": TODAY + timedelta(days=800)}.get(fault, NEXT_YEAR)
    if fault == "already released":
        release(version, desk.compliance)
    before = (MaterialVersion.objects.get(pk=version.pk).status, requests(version))

    with pytest.raises((PermissionDenied, MaterialNotReleased)):
        actions.release_version(version_id=version.pk, expires_on=day, by=by, at=AT)

    assert (MaterialVersion.objects.get(pk=version.pk).status, requests(version)) == before
    assert Release.objects.count() == (1 if fault == "already released" else 0)


@pytest.mark.django_db
def test_the_author_answers_from_no_door(desk, person):
    desk.author = person("both", Role.MARKETING, Role.COMPLIANCE)
    version = desk.approved()

    with pytest.raises(PermissionDenied):
        law.decide(
            step_id=step_of(version).pk,
            verb="agree",
            by=desk.author,
            at=AT,
            details={"expires_on": NEXT_YEAR},
        )

    assert not waits_for(desk.author)


@pytest.mark.django_db
@pytest.mark.parametrize("held", ["material", "product", "claim"])
def test_a_hold_stops_the_answer_and_leaves_the_request(desk, held):
    version = desk.approved()
    of = {"material": version.material_id, "product": desk.product.pk, "claim": desk.claim.pk}[held]
    law.place_hold(subjects=[f"{held}:{of}"], reason="x", by=desk.compliance, at=AT)

    with pytest.raises(Refused) as no:
        release(version, desk.regulatory)

    assert "HOLD-01" in set(no.value.verdict.breached)
    assert (MaterialVersion.objects.get(pk=version.pk).status, requests(version)) == ("approved", ["open"])
    assert not LedgerEntry.objects.filter(event="content.material_released").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("ends", ["another file", "withdrawn", "claim changed"])
def test_a_request_is_void_with_what_it_is_about(desk, ends):
    version = desk.approved()
    step = step_of(version)
    if ends == "another file":
        desk.attach(version, make.pdf_bytes((*make.PAGE_TEXT, "修订版")))
    elif ends == "withdrawn":
        actions.withdraw_version(version_id=version.pk, reason="文献撤稿", by=desk.compliance, at=AT)
    else:
        actions.change_claim(claim_id=desk.claim.pk, text_zh="新说法", by=desk.author, at=AT)

    with pytest.raises(law.ApprovalNotDecided):
        law.decide(
            step_id=step.pk, verb="agree", by=desk.regulatory, at=AT, details={"expires_on": NEXT_YEAR}
        )

    assert (requests(version), waits_for(desk.regulatory)) == (["withdrawn"], False)


@pytest.mark.django_db
def test_a_new_file_is_reviewed_and_asked_for_anew(desk):
    version = desk.approved()
    desk.attach(version, make.pdf_bytes((*make.PAGE_TEXT, "修订版")))
    later = AT + timedelta(minutes=5)
    actions.submit_version(version_id=version.pk, by=desk.author, at=later)
    for role in ("medical", "regulatory", "compliance"):
        desk.decide(version, role, at=later)

    actions.release_version(version_id=version.pk, expires_on=NEXT_YEAR, by=desk.regulatory, at=later)

    assert requests(version) == ["withdrawn", "approved"]
    assert Release.objects.get().file_sha256 == version.files.get(is_current=True).sha256


@pytest.mark.django_db
def test_a_step_passes_to_who_may_release_and_a_deputy_answers_for_who_is_away(desk, person):
    colleague = person("liu", Role.REGULATORY, name="刘敏")
    deputy = person("dai", Role.REGULATORY, name="代岚")
    version = desk.approved()
    step = step_of(version)
    with pytest.raises(MaterialNotReleased):
        law.decide(step_id=step.pk, verb="pass_on", by=desk.regulatory, at=AT, to=desk.medical)
    law.decide(step_id=step.pk, verb="pass_on", by=desk.regulatory, at=AT, to=colleague)

    with pytest.raises(PermissionDenied):
        release(version, deputy)
    law.name_deputy(
        deputy=deputy, first_day=TODAY, last_day=TODAY + timedelta(days=3), reason="休假", by=colleague, at=AT
    )
    made = release(version, deputy)

    assert made.released_by == deputy
    assert requests(version) == ["approved"]


@pytest.mark.django_db
def test_what_was_approved_before_is_put_to_the_engine_once(desk):
    version = desk.approved()
    law.void_approval(flow=FLOW, subject=f"material_version:{version.pk}", reason="", by=None, at=AT)

    made = [put_to_approval(at=AT), put_to_approval(at=AT)]

    assert made == [1, 0]
    release(version, desk.regulatory)
    assert requests(version) == ["withdrawn", "approved"]


@pytest.mark.django_db
def test_a_page_that_comes_before_the_engine_asks_itself(desk):
    version = desk.approved()
    law.void_approval(flow=FLOW, subject=f"material_version:{version.pk}", reason="", by=None, at=AT)

    release(version, desk.regulatory)

    assert requests(version) == ["withdrawn", "approved"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", ["inbox", "withdraw", "claim"])
def test_two_at_once_release_once_or_not_at_all(desk, other):
    version = desk.approved()
    step = step_of(version)
    second = {
        "inbox": lambda: law.decide(
            step_id=step.pk, verb="agree", by=desk.compliance, at=AT, details={"expires_on": NEXT_YEAR}
        ),
        "withdraw": lambda: actions.withdraw_version(
            version_id=version.pk, reason="x", by=desk.compliance, at=AT
        ),
        "claim": lambda: actions.change_claim(
            claim_id=desk.claim.pk, text_zh="另一句", by=desk.author, at=AT
        ),
    }[other]

    outcomes = at_once(lambda: release(version, desk.regulatory), second)

    version.refresh_from_db()
    assert all(one is not None for one in outcomes)
    if other == "inbox":
        assert sum(isinstance(one, NO) for one in outcomes) == 1
        assert (version.status, Release.objects.count()) == ("released", 1)
    else:
        assert version.status == "withdrawn"
    assert not ApprovalRequest.objects.filter(flow=FLOW, state="open").exists()
