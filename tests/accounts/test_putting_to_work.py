"""A representative begins to work by an act that the law judges: when they get a territory, or the role while they hold one."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from compliance import actions as law
from compliance.models import LedgerEntry, RepFiling, StoredVerdict
from compliance.selectors.gates import gates_of
from pharmacrm.accounts import actions
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import TerritoryMember, User
from pharmacrm.common.errors import Refused
from tests.factories.accounts import make_territory
from tests.factories.compliance import qualify

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)


def put_to_work(user, by, at, day=DAY, role=Role.REP):
    return actions.add_member(
        territory_id=make_territory().pk, user_id=user.pk, role=role, valid_from=day, valid_until=None, by=by, at=at
    )  # fmt: skip


def stopped_by(refused):
    return {one.rule for one in refused.value.verdict.refusals if one.blocks}


def test_a_qualified_representative_is_put_to_work_with_a_verdict(administrator, rep, officer, at):
    qualify(rep, by=officer, at=at)

    put_to_work(rep, administrator, at)

    verdict = LedgerEntry.objects.get(event="accounts.member_added").verdict
    assert (verdict.point, verdict.subject) == ("staff.activate", f"user:{rep.pk}")
    assert verdict.body["facts"]["filing_fields_missing"] == []


def test_a_representative_without_filing_gets_no_territory_and_is_refused_as_shown_before(
    administrator, rep, at
):
    shown = {one.rule for one in gates_of(rep, at) if one.blocks}

    with pytest.raises(Refused) as refused:
        put_to_work(rep, administrator, at)

    assert {"MR-01", "MR-06b", "MR-06c", "MR-06d", "MR-08"} <= stopped_by(refused) == shown
    assert not TerritoryMember.objects.exists()


def test_a_filing_that_lacks_its_fields_names_them(administrator, rep, officer, at):
    qualify(rep, by=officer, at=at)
    RepFiling.objects.filter(user=rep).update(photo_sha256="", truth_stated=False)

    with pytest.raises(Refused) as refused:
        put_to_work(rep, administrator, at)

    (said,) = [one for one in refused.value.verdict.refusals if one.rule == "MR-05"]
    assert stopped_by(refused) == {"MR-05"}
    assert "照片 photo" in said.message["zh"]
    assert "statement of truth" in said.message["en"]


def test_a_first_day_to_come_is_judged_by_the_filing_of_that_day(administrator, rep, officer, at):
    qualify(rep, by=officer, at=at)

    with pytest.raises(Refused) as refused:
        put_to_work(rep, administrator, at, day=DAY + timedelta(days=300))

    assert "MR-08" in stopped_by(refused)


def test_a_hold_on_the_person_or_the_territory_stops_it(administrator, rep, officer, at):
    qualify(rep, by=officer, at=at)
    place = make_territory()
    law.place_hold(subjects=[f"territory:{place.pk}"], reason="调查中", by=officer, at=at)

    with pytest.raises(Refused) as refused:
        actions.add_member(
            territory_id=place.pk, user_id=rep.pk, role=Role.REP, valid_from=DAY, valid_until=None,
            by=administrator, at=at,
        )  # fmt: skip

    assert stopped_by(refused) == {"HOLD-01"}


def test_a_line_manager_is_not_judged_as_a_representative(administrator, manager, at):
    put_to_work(manager, administrator, at, role=Role.LINE_MANAGER)

    assert LedgerEntry.objects.get(event="accounts.member_added").verdict is None


def test_the_role_alone_puts_nobody_to_work(administrator, person, at):
    someone = person("chen", name="陈思远")

    actions.set_roles(user_id=someone.pk, roles=["rep"], reason="入职", by=administrator, at=at)

    assert not LedgerEntry.objects.filter(event="accounts.put_to_work").exists()


def test_the_role_given_to_somebody_who_holds_a_territory_is_judged_as_work(administrator, rep, officer, at):
    qualify(rep, by=officer, at=at)
    put_to_work(rep, administrator, at)
    actions.set_roles(user_id=rep.pk, roles=[], reason="停岗", by=administrator, at=at)
    RepFiling.objects.filter(user=rep).update(withdrawn_on=DAY)

    with pytest.raises(Refused) as refused:
        actions.set_roles(user_id=rep.pk, roles=["rep"], reason="复岗", by=administrator, at=at)
    assert stopped_by(refused) == {"MR-08"}
    assert User.objects.get(pk=rep.pk).roles == set()
    RepFiling.objects.filter(user=rep).update(withdrawn_on=None)
    actions.set_roles(user_id=rep.pk, roles=["rep"], reason="复岗", by=administrator, at=at)

    entry = LedgerEntry.objects.get(event="accounts.put_to_work")
    assert (entry.subject, entry.verdict.point) == (f"user:{rep.pk}", "staff.activate")


def test_the_page_shows_the_refusal_and_keeps_it(administrator, rep, client):
    client.force_login(administrator)
    place = make_territory()

    answer = client.post(
        reverse("accounts:territory", args=[place.pk]),
        {"user_id": str(rep.pk), "role": "rep", "valid_from": "2026-11-23"},
    )

    assert answer.status_code == 409
    assert "MR-08" in answer.content.decode()
    assert not TerritoryMember.objects.exists()
    assert StoredVerdict.objects.filter(point="staff.activate").count() == 1
