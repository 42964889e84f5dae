"""From draft to release: every step, every no, and what was signed."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from compliance import actions as law
from compliance.models import LedgerEntry, Signature
from compliance.selectors import is_valid
from compliance.selectors.cockpit import inbox_of
from content import actions, selectors
from content.actions import MaterialNotReleased, MaterialNotSaved, NotReviewed, NotSubmitted
from content.facts import AudienceFacts
from content.models import MaterialVersion, ReviewSeat
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import Refused
from pharmacrm.common.models import Notification, OutboxMessage
from tests.content.conftest import AT
from tests.factories import content as make
from tests.factories.compliance import proof_of

SEATS = ("medical", "regulatory", "compliance")
NEXT_YEAR = date(2027, 11, 1)


def events(subject):
    return list(
        LedgerEntry.objects.filter(subject=str(subject)).order_by("pk").values_list("event", flat=True)
    )


def release(version, by, **more):
    return actions.release_version(version_id=version.pk, expires_on=NEXT_YEAR, by=by, at=AT, **more)


@pytest.mark.django_db
def test_a_version_goes_from_draft_to_release_with_three_signatures_on_its_bytes(desk):
    version = desk.approved()
    file = version.files.get()

    released = release(version, desk.regulatory)

    version.refresh_from_db()
    assert version.status == "released"
    assert released.approval_number == version.approval_number == "HY-2026-00001"
    assert released.file_sha256 == file.sha256
    seats = ReviewSeat.objects.filter(round__version=version)
    assert {seat.role for seat in seats} == {"medical", "regulatory", "compliance"}
    assert {seat.signed_sha256 for seat in seats} == {file.sha256}
    assert all(is_valid(Signature.objects.get(pk=seat.signature), file.sha256) for seat in seats)
    assert {signature.meaning for signature in Signature.objects.all()} == {"approved"}
    asked = [
        one for one in events(f"material_version:{version.pk}") if one.startswith("compliance.approval_")
    ]
    assert asked == [
        "compliance.approval_opened",
        *["compliance.approval_agreed"] * 3,
        "compliance.approval_opened",
        "compliance.approval_agreed",
    ]
    assert [one for one in events(f"material_version:{version.pk}") if one not in asked] == [
        "content.claims_used",
        "content.file_attached",
        "content.file_prechecked",
        "content.material_submitted",
        "content.review_agreed",
        "content.review_agreed",
        "content.review_agreed",
        "content.material_released",
    ]
    assert [card.version_id for card in selectors.released_materials_for(AudienceFacts(), AT)] == [version.pk]


@pytest.mark.django_db
def test_the_release_verdict_is_stored_with_its_facts(desk):
    version = desk.approved()

    release(version, desk.regulatory)

    entry = LedgerEntry.objects.get(event="content.material_released")
    assert entry.verdict.allows
    assert entry.verdict.body["facts"]["medical_signed"] is True


@pytest.mark.django_db
def test_open_findings_keep_a_version_from_review_until_fixed_or_answered(desk):
    bad = make.pdf_bytes((*make.PAGE_TEXT, "长期使用安全可靠。"))
    version = desk.draft(bad)
    finding = version.files.get().findings.get()

    with pytest.raises(NotSubmitted, match="1"):
        actions.submit_version(version_id=version.pk, by=desk.author, at=AT)
    actions.answer_finding(finding_id=finding.pk, answer="引自说明书第 4 页", by=desk.author, at=AT)
    actions.submit_version(version_id=version.pk, by=desk.author, at=AT)

    finding.refresh_from_db()
    assert (finding.rule, finding.severity, finding.page, finding.state) == (
        "SAFETY_GUARANTEE",
        "must",
        1,
        "answered",
    )


@pytest.mark.django_db
def test_a_version_without_file_is_not_submitted(desk):
    version = actions.create_material(
        title_zh="空", kind="deck", product_ids=[desk.product.pk], by=desk.author, at=AT
    )

    with pytest.raises(NotSubmitted):
        actions.submit_version(version_id=version.pk, by=desk.author, at=AT)

    version.refresh_from_db()
    assert version.status == "draft"
    assert not version.rounds.exists()


@pytest.mark.django_db
def test_an_unapproved_claim_keeps_a_version_from_review(desk):
    version = desk.draft()
    desk.claim.status, desk.claim.reason = "re_review", "label"
    desk.claim.save()

    with pytest.raises(NotSubmitted):
        actions.submit_version(version_id=version.pk, by=desk.author, at=AT)


@pytest.mark.django_db
def test_a_stranger_may_not_submit_decide_or_release(desk, rep, person):
    version = desk.submitted()
    other_author = person("other", Role.MARKETING)

    for refused in (
        lambda: actions.take_back_version(version_id=version.pk, by=other_author, at=AT),
        lambda: desk.decide(version, "medical", by=rep),
        lambda: desk.decide(version, "medical", by=desk.regulatory),
        lambda: release(version, rep),
    ):
        with pytest.raises(PermissionDenied):
            refused()

    version.refresh_from_db()
    assert version.status == "in_review"
    assert Signature.objects.count() == 0


@pytest.mark.django_db
def test_an_author_cannot_review_even_with_the_role(desk, person):
    both = person("both", Role.MARKETING, Role.MEDICAL)
    desk.author = both
    version = desk.submitted()

    with pytest.raises(PermissionDenied):
        desk.decide(version, "medical", by=both)
    with pytest.raises(IntegrityError, match="reviewseat_author_does_not_review"):
        ReviewSeat.objects.filter(round__version=version, role="medical").update(reviewer=both)


@pytest.mark.django_db
def test_one_person_takes_one_seat(desk, person):
    both = person("both", Role.MEDICAL, Role.REGULATORY)
    version = desk.submitted()
    desk.decide(version, "medical", by=both)

    with pytest.raises(NotReviewed):
        desk.decide(version, "regulatory", by=both, at=AT + timedelta(minutes=1))

    assert Signature.objects.count() == 1


@pytest.mark.django_db
def test_an_open_required_change_keeps_everybody_from_agreeing_and_says_so(desk):
    version = desk.submitted()
    note = actions.annotate(
        version_id=version.pk, page=1, kind="must", text="补写样本量", by=desk.regulatory, at=AT
    )

    why = actions.why_not_agree(version, version.files.get())
    with pytest.raises(NotReviewed):
        desk.decide(version, "medical")
    actions.resolve_annotation(annotation_id=note.pk, by=desk.regulatory, at=AT)
    desk.decide(version, "medical", at=AT + timedelta(minutes=1))

    assert "1" in why
    assert Signature.objects.count() == 1


@pytest.mark.django_db
def test_an_author_cannot_resolve_a_required_change(desk):
    version = desk.submitted()
    note = actions.annotate(version_id=version.pk, page=1, kind="must", text="改", by=desk.medical, at=AT)

    with pytest.raises(actions.AnnotationNotSaved):
        actions.resolve_annotation(annotation_id=note.pk, by=desk.author, at=AT)

    note.refresh_from_db()
    assert note.resolved_at is None


@pytest.mark.django_db
def test_a_wrong_password_signs_nothing(desk):
    version = desk.submitted()
    good = proof_of(desk.medical, AT)

    with pytest.raises(law.WrongProof):
        desk.decide(version, "medical", proof=law.SignatureProof("wrong", good.code, "s"))

    assert Signature.objects.count() == 0
    assert not ReviewSeat.objects.filter(decision="agreed").exists()


@pytest.mark.django_db
def test_a_signature_is_refused_for_other_bytes_than_those_seen(desk):
    version = desk.submitted()

    with pytest.raises(NotReviewed):
        desk.decide(version, "medical", sha256="0" * 64)

    assert Signature.objects.count() == 0


@pytest.mark.django_db
def test_a_return_closes_the_round_and_a_second_round_follows(desk):
    version = desk.submitted()
    desk.decide(version, "medical", "changes", reason="补写 N")

    version.refresh_from_db()
    assert version.status == "changes_requested"
    assert version.rounds.get().outcome == "changes"
    desk.attach(version, make.pdf_bytes((*make.PAGE_TEXT, "修订版")))
    actions.submit_version(version_id=version.pk, by=desk.author, at=AT)
    assert version.rounds.count() == 2
    told = Notification.objects.get(recipient=desk.author, kind="approval_decided")
    assert str(version) in told.text["zh-hans"]
    assert "退回修改" in told.text["zh-hans"]


@pytest.mark.django_db
def test_a_refusal_ends_the_version(desk):
    version = desk.submitted()

    desk.decide(version, "compliance", "refused", reason="超说明书")

    version.refresh_from_db()
    assert version.status == "refused"
    with pytest.raises(MaterialNotSaved):
        desk.attach(version, make.pdf_bytes((*make.PAGE_TEXT, "再来")))


@pytest.mark.django_db
def test_a_decision_other_than_agreeing_needs_a_reason(desk):
    version = desk.submitted()

    with pytest.raises(NotReviewed):
        desk.decide(version, "medical", "changes")

    assert Signature.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["in_review", "approved"])
def test_a_new_file_voids_every_signature(desk, state):
    version = desk.submitted() if state == "in_review" else desk.approved()
    if state == "in_review":
        desk.decide(version, "medical")

    desk.attach(version, make.pdf_bytes((*make.PAGE_TEXT, "另一版")))

    version.refresh_from_db()
    assert version.status == "draft"
    assert version.approved_at is None
    assert set(ReviewSeat.objects.filter(round__version=version).values_list("decision", flat=True)) == {
        "void"
    }
    with pytest.raises(MaterialNotReleased):
        release(version, desk.regulatory)


@pytest.mark.django_db
def test_the_same_bytes_again_change_nothing(desk):
    version = desk.approved()

    desk.attach(version)

    version.refresh_from_db()
    assert version.status == "approved"
    assert version.files.count() == 1


@pytest.mark.django_db
def test_two_signatures_are_not_a_release(desk):
    version = desk.submitted()
    desk.decide(version, "medical")
    desk.decide(version, "regulatory")

    with pytest.raises(MaterialNotReleased):
        release(version, desk.regulatory)


@pytest.mark.django_db
def test_a_status_forced_to_approved_does_not_release_unsigned_bytes(desk):
    version = desk.draft()
    MaterialVersion.objects.filter(pk=version.pk).update(status="approved", approved_at=AT)

    with pytest.raises(MaterialNotReleased):
        release(version, desk.regulatory)


@pytest.mark.django_db
@pytest.mark.parametrize("last_day", [date(2026, 11, 23), date(2030, 1, 1)])
def test_the_last_day_lies_after_today_and_within_two_years(desk, last_day):
    version = desk.approved()

    with pytest.raises(MaterialNotReleased):
        actions.release_version(version_id=version.pk, expires_on=last_day, by=desk.regulatory, at=AT)


@pytest.mark.django_db
def test_a_validity_above_the_companys_limit_is_refused_by_the_law(desk):
    law.adopt_book(by=None, at=AT - timedelta(days=1), adopt_policies=True)
    version = desk.approved()

    with pytest.raises(Refused) as refusal:
        actions.release_version(version_id=version.pk, expires_on=date(2028, 3, 1), by=desk.regulatory, at=AT)

    version.refresh_from_db()
    assert version.status == "approved"
    assert refusal.value.verdict.breached == ["AD-09b"]


@pytest.mark.django_db
def test_the_whole_way_is_allowed_under_the_shipped_book(desk):
    law.adopt_book(by=None, at=AT - timedelta(days=1), adopt_policies=True)
    version = desk.approved()

    release(version, desk.compliance)

    version.refresh_from_db()
    assert version.status == "released"


@pytest.mark.django_db
@pytest.mark.parametrize("on", ["material_version", "material", "product", "claim", "label"])
def test_a_hold_anywhere_below_stops_release_and_showing(desk, on):
    version = desk.approved()
    subjects = {
        "material_version": f"material_version:{version.pk}",
        "material": f"material:{version.material_id}",
        "product": f"product:{desk.product.pk}",
        "claim": f"claim:{desk.claim.pk}",
        "label": f"label:{desk.product.labels.get().pk}",
    }
    shown = make.released_material(desk.product, claims=(desk.claim,))
    law.place_hold(subjects=[subjects[on]], reason="label changed", by=desk.compliance, at=AT)

    with pytest.raises(Refused) as refusal:
        release(version, desk.regulatory)

    version.refresh_from_db()
    assert version.status == "approved"
    assert refusal.value.verdict.breached == ["HOLD-01"]
    listed = [card.version_id for card in selectors.released_materials_for(AudienceFacts(), AT)]
    assert (shown.pk in listed) is (on in {"material_version", "material"})


@pytest.mark.django_db
def test_the_next_version_takes_the_place_of_the_last(desk):
    first = desk.approved()
    release(first, desk.regulatory)
    second = actions.draft_version(material_id=first.material_id, by=desk.author, at=AT)
    desk.attach(second, make.pdf_bytes((*make.PAGE_TEXT, "第二版")))
    actions.submit_version(version_id=second.pk, by=desk.author, at=AT)
    for role in ("medical", "regulatory", "compliance"):
        desk.decide(second, role, at=AT + timedelta(minutes=5))

    release(second, desk.compliance)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("superseded", "released")
    assert [use.claim_id for use in second.claim_uses.all()] == [desk.claim.pk]
    assert second.approval_number == "HY-2026-00002"


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["withdraw_version", "recall_version"])
def test_stopping_a_version_needs_a_reason_and_tells_its_holders(desk, rep, verb):
    version = desk.approved()
    release(version, desk.regulatory)
    actions.issue_leases(user=rep, version_ids=[version.pk], at=AT)

    with pytest.raises(actions.MaterialNotEnded):
        getattr(actions, verb)(version_id=version.pk, reason=" ", by=desk.compliance, at=AT)
    getattr(actions, verb)(version_id=version.pk, reason="文献撤稿", by=desk.compliance, at=AT)

    assert selectors.released_materials_for(AudienceFacts(), AT) == []
    assert selectors.withdrawn_since(rep, AT) == [version.pk]
    assert OutboxMessage.objects.filter(task="content.tell_of_ending").count() == 1
    assert actions.tell_of_ending(version_id=version.pk, at=AT) == 2
    assert Notification.objects.filter(recipient=rep).count() == 1


@pytest.mark.django_db
def test_a_released_version_expires_on_its_day_and_only_once(desk):
    version = desk.approved()
    release(version, desk.regulatory)

    early = actions.expire_versions(on=NEXT_YEAR - timedelta(days=1), at=AT)
    on_the_day = actions.expire_versions(on=NEXT_YEAR, at=AT)
    again = actions.expire_versions(on=NEXT_YEAR, at=AT)

    version.refresh_from_db()
    assert (early, on_the_day, again) == (0, 1, 0)
    assert version.status == "expired"


@pytest.mark.django_db
def test_a_seat_is_handed_to_a_colleague_of_the_role_only(desk, person):
    version = desk.submitted()
    colleague = person("liu", Role.MEDICAL, name="刘敏")

    with pytest.raises(NotReviewed):
        actions.hand_over_seat(
            version_id=version.pk, role="medical", to=desk.author.pk, by=desk.medical, at=AT
        )
    actions.hand_over_seat(version_id=version.pk, role="medical", to=colleague.pk, by=desk.medical, at=AT)

    with pytest.raises(NotReviewed):
        desk.decide(version, "medical")
    desk.decide(version, "medical", by=colleague)
    assert ReviewSeat.objects.get(round__version=version, role="medical").reviewer == colleague


@pytest.mark.django_db
def test_the_inbox_opens_the_material_and_its_seat_is_not_agreed_to_unread(desk, client):
    version = desk.submitted()
    seats = {step.name: step for one in SEATS for step in inbox_of(desk.person(one), AT.date())}
    client.force_login(desk.medical)

    inbox = client.get("/compliance/inbox/").content.decode()
    page = client.get(f"/compliance/inbox/{seats['medical'].pk}/").content.decode()
    with pytest.raises(NotReviewed, match=r"阅读|read"):
        law.decide(
            step_id=seats["medical"].pk,
            verb="agree",
            by=desk.medical,
            at=AT,
            proof=proof_of(desk.medical, AT),
        )

    assert set(seats) == set(SEATS)
    assert f"/content/versions/{version.pk}/review/" in inbox
    assert f"/content/versions/{version.pk}/review/" in page
    assert 'value="agree"' not in page
    assert Notification.objects.filter(kind="approval_asked").count() == 3
    assert inbox_of(desk.author, AT.date()).count() == 0


@pytest.mark.django_db
def test_a_seat_passed_on_from_the_inbox_is_the_colleagues(desk, person):
    version = desk.submitted()
    colleague = person("liu", Role.MEDICAL, name="刘敏")
    step = inbox_of(desk.medical, AT.date()).get()

    with pytest.raises(NotReviewed):
        law.decide(step_id=step.pk, verb="pass_on", by=desk.medical, at=AT, to=desk.regulatory)
    law.decide(step_id=step.pk, verb="pass_on", by=desk.medical, at=AT, to=colleague)

    assert ReviewSeat.objects.get(round__version=version, role="medical").reviewer == colleague
    assert inbox_of(desk.medical, AT.date()).count() == 0
    desk.decide(version, "medical", by=colleague)


@pytest.mark.django_db
def test_a_deputy_of_the_named_reviewer_signs_in_their_place(desk, person):
    version = desk.draft()
    deputy = person("liu", Role.MEDICAL, name="刘敏")
    actions.submit_version(
        version_id=version.pk, by=desk.author, at=AT, reviewers={"medical": desk.medical.pk}
    )
    with pytest.raises(NotReviewed):
        desk.decide(version, "medical", by=deputy)
    law.name_deputy(
        deputy=deputy, first_day=AT.date(), last_day=AT.date(), reason="休假", by=desk.medical, at=AT
    )

    desk.decide(version, "medical", by=deputy)

    assert ReviewSeat.objects.get(round__version=version, role="medical").reviewer == deputy


@pytest.mark.django_db
@pytest.mark.parametrize("ends", ["taken back", "another file", "withdrawn"])
def test_a_review_that_is_over_waits_in_nobodys_inbox(desk, ends):
    version = desk.submitted()
    if ends == "taken back":
        actions.take_back_version(version_id=version.pk, by=desk.author, at=AT)
    elif ends == "another file":
        desk.attach(version, make.pdf_bytes((*make.PAGE_TEXT, "修订版")))
    else:
        actions.withdraw_version(version_id=version.pk, reason="文献撤稿", by=desk.compliance, at=AT)

    assert [inbox_of(desk.person(one), AT.date()).count() for one in SEATS] == [0, 0, 0]


@pytest.mark.django_db
def test_reviewers_are_urged_once_an_hour(desk):
    version = desk.submitted()

    first = actions.urge_reviewers(version_id=version.pk, by=desk.author, at=AT)
    soon = actions.urge_reviewers(version_id=version.pk, by=desk.author, at=AT + timedelta(minutes=10))
    later = actions.urge_reviewers(version_id=version.pk, by=desk.author, at=AT + timedelta(hours=2))

    assert (first, soon, later) == (3, 0, 3)


@pytest.mark.django_db
def test_a_version_is_taken_back_while_in_review(desk):
    version = desk.submitted()

    actions.take_back_version(version_id=version.pk, by=desk.author, at=AT)

    version.refresh_from_db()
    assert version.status == "draft"
    assert version.rounds.get().outcome == "recalled"


@pytest.mark.django_db
def test_pages_seen_are_kept_for_the_reviewer_of_a_named_seat(desk):
    version = desk.draft()
    actions.submit_version(
        version_id=version.pk, by=desk.author, at=AT, reviewers={"medical": desk.medical.pk}
    )

    actions.see_page(version_id=version.pk, page=1, by=desk.medical, at=AT)
    actions.see_page(version_id=version.pk, page=1, by=desk.medical, at=AT)
    actions.see_page(version_id=version.pk, page=1, by=desk.author, at=AT)

    assert ReviewSeat.objects.get(round__version=version, role="medical").pages_seen == [1]
    assert events(f"material_version:{version.pk}").count("content.page_seen") == 1
