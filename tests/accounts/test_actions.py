"""Writes about people and territories: each in the ledger, each refusal without a trace in the rows."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from oauth2_provider.models import get_access_token_model

from compliance.models import LedgerEntry
from pharmacrm.accounts import actions
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import Territory, TerritoryMember, User
from pharmacrm.common.models import Notification
from tests.factories.accounts import make_territory
from tests.factories.compliance import qualify

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)


def new_person(**changes):
    return {
        "username": "chen",
        "email": "chen@example.com",
        "display_name": "陈思远",
        "job_title": "医药代表",
        "roles": ["rep"],
        "line_manager_id": None,
        **changes,
    }


def test_an_administrator_adds_a_person(administrator, at):
    user = actions.create_user(**new_person(username=" Chen "), by=administrator, at=at)

    entry = LedgerEntry.objects.get(event="accounts.user_created")
    assert user.username == "chen"
    assert User.objects.get(pk=user.pk).roles == {"rep"}
    assert not user.has_usable_password()
    assert (entry.subject, entry.actor_id, entry.verdict.point) == (
        f"user:{user.pk}",
        administrator.pk,
        "accounts.grant_role",
    )
    assert user.history.count() == 1


@pytest.mark.parametrize("who", ["rep", "officer", "manager"])
def test_a_stranger_adds_nobody(request, who, at):
    stranger = request.getfixturevalue(who)

    with pytest.raises(PermissionDenied):
        actions.create_user(**new_person(), by=stranger, at=at)

    assert not User.objects.filter(username="chen").exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "rep"}, "username"),
        ({"email": "REP@example.com"}, "email"),
        ({"roles": ["administrator", "rep"]}, "roles"),
        ({"roles": ["wizard"]}, "roles"),
    ],
)
def test_a_person_who_clashes_is_not_added(administrator, rep, at, changes, field):
    before = User.objects.count()

    with pytest.raises(actions.PersonNotChanged) as refusal:
        actions.create_user(**new_person(**changes), by=administrator, at=at)

    assert refusal.value.field == field
    assert User.objects.count() == before
    assert not LedgerEntry.objects.filter(event="accounts.user_created").exists()


def test_roles_are_set_and_the_ledger_says_from_what_to_what(administrator, rep, at):
    actions.set_roles(
        user_id=rep.pk, roles=["line_manager", "rep"], reason="promoted", by=administrator, at=at
    )

    entry = LedgerEntry.objects.get(event="accounts.roles_set")
    assert User.objects.get(pk=rep.pk).roles == {"rep", "line_manager"}
    assert entry.reason == "rep → line_manager, rep: promoted"


def test_business_and_administration_are_never_one_person(administrator, rep, at):
    with pytest.raises(actions.PersonNotChanged):
        actions.set_roles(user_id=rep.pk, roles=["rep", "administrator"], reason="", by=administrator, at=at)

    assert User.objects.get(pk=rep.pk).roles == {"rep"}


def test_nobody_changes_their_own_roles(administrator, at):
    with pytest.raises(PermissionDenied):
        actions.set_roles(
            user_id=administrator.pk, roles=["administrator"], reason="", by=administrator, at=at
        )


def test_an_officer_sees_people_but_grants_nothing(officer, rep, at):
    with pytest.raises(PermissionDenied):
        actions.set_roles(user_id=rep.pk, roles=["compliance"], reason="", by=officer, at=at)


def test_an_ended_account_loses_its_sessions_and_tokens_at_once(administrator, rep, client, at):
    client.post("/accounts/login/", {"login": "rep", "password": "correct horse battery"})
    assert client.get("/people/me/messages/").status_code == 200
    get_access_token_model().objects.create(user=rep, token="t", expires=at + timedelta(hours=1))

    actions.deactivate_user(user_id=rep.pk, reason="left", by=administrator, at=at)

    assert client.get("/people/me/messages/").status_code == 302
    assert not get_access_token_model().objects.filter(user=rep).exists()
    assert LedgerEntry.objects.get(event="accounts.user_deactivated").reason == "left"


def test_an_account_ends_once(administrator, rep, at):
    actions.deactivate_user(user_id=rep.pk, reason="left", by=administrator, at=at)

    with pytest.raises(actions.PersonNotChanged):
        actions.deactivate_user(user_id=rep.pk, reason="left", by=administrator, at=at)


def test_an_administrator_does_not_end_their_own_account(administrator, at):
    with pytest.raises(PermissionDenied):
        actions.deactivate_user(user_id=administrator.pk, reason="", by=administrator, at=at)


def test_a_person_who_comes_back_gets_no_role_by_themselves(administrator, rep, at):
    actions.deactivate_user(user_id=rep.pk, reason="left", by=administrator, at=at)

    actions.reactivate_user(user_id=rep.pk, reason="back", by=administrator, at=at)

    again = User.objects.get(pk=rep.pk)
    assert again.is_active
    assert again.roles == frozenset()


def test_an_active_account_is_not_reactivated(administrator, rep, at):
    with pytest.raises(actions.PersonNotChanged):
        actions.reactivate_user(user_id=rep.pk, reason="", by=administrator, at=at)


def test_a_stranger_ends_and_restores_nobody(officer, rep, at):
    for act in (actions.deactivate_user, actions.reactivate_user):
        with pytest.raises(PermissionDenied):
            act(user_id=rep.pk, reason="", by=officer, at=at)

    assert User.objects.get(pk=rep.pk).is_active


def change_of(user, **changes):
    return {
        "user_id": user.pk,
        "display_name": user.display_name,
        "job_title": "",
        "email": user.email,
        "line_manager_id": None,
        **changes,
    }


def test_a_person_gets_a_line_manager(administrator, rep, manager, at):
    actions.change_person(
        **change_of(rep, line_manager_id=manager.pk, job_title="代表"), by=administrator, at=at
    )

    rep.refresh_from_db()
    assert (rep.line_manager_id, rep.job_title) == (manager.pk, "代表")
    assert LedgerEntry.objects.filter(event="accounts.person_changed").count() == 1


def test_a_reporting_line_never_runs_in_a_circle(administrator, rep, manager, other_rep, at):
    actions.change_person(**change_of(rep, line_manager_id=manager.pk), by=administrator, at=at)
    actions.change_person(**change_of(other_rep, line_manager_id=rep.pk), by=administrator, at=at)

    for boss in (other_rep, manager):
        with pytest.raises(actions.PersonNotChanged):
            actions.change_person(**change_of(manager, line_manager_id=boss.pk), by=administrator, at=at)


def test_an_address_belongs_to_one_person(administrator, rep, other_rep, at):
    with pytest.raises(actions.PersonNotChanged):
        actions.change_person(**change_of(rep, email="OTHER_REP@example.com"), by=administrator, at=at)


def test_a_stranger_changes_nobody(rep, other_rep, at):
    with pytest.raises(PermissionDenied):
        actions.change_person(**change_of(rep, display_name="x"), by=other_rep, at=at)


def test_own_settings_are_kept_and_recorded(rep, at):
    actions.update_own_settings(user_id=rep.pk, display_name="林岚", language="en", theme="dark", at=at)

    rep.refresh_from_db()
    assert (rep.language, rep.theme) == ("en", "dark")
    assert LedgerEntry.objects.filter(event="accounts.settings_changed", actor=rep).count() == 1


@pytest.mark.parametrize("wrong", [{"language": "xx"}, {"theme": "pink"}])
def test_own_settings_know_only_what_there_is(rep, at, wrong):
    with pytest.raises(actions.UnknownChoice):
        actions.update_own_settings(
            user_id=rep.pk, **{"display_name": "x", "language": "en", "theme": "dark", **wrong}, at=at
        )

    assert User.objects.get(pk=rep.pk).display_name == rep.display_name


def test_a_language_is_chosen_once(rep, at):
    actions.choose_language(user_id=rep.pk, language="en", at=at)
    actions.choose_language(user_id=rep.pk, language="en", at=at)

    assert User.objects.get(pk=rep.pk).language == "en"
    assert LedgerEntry.objects.filter(event="accounts.language_chosen").count() == 1


def test_an_unknown_language_is_not_chosen(rep, at):
    with pytest.raises(actions.UnknownChoice):
        actions.choose_language(user_id=rep.pk, language="xx", at=at)


def test_reading_marks_only_ones_own_messages(rep, other_rep, at):
    for person in (rep, other_rep):
        Notification.objects.create(recipient=person, kind="k", text={"zh": "x"}, created_at=at)

    assert actions.mark_messages_read(user_id=rep.pk, at=at) == 1
    assert Notification.objects.filter(read_at__isnull=True, recipient=other_rep).count() == 1


def test_a_territory_stands_below_its_parent(administrator, at):
    parent = make_territory("east")

    territory = actions.add_territory(
        code="east-1", name="一区", parent_id=parent.pk, by=administrator, at=at
    )

    assert territory.path == "/east/east-1/"
    assert LedgerEntry.objects.get(event="accounts.territory_added").subject == f"territory:{territory.pk}"


def test_a_territory_code_is_given_once(administrator, at):
    make_territory("east")

    with pytest.raises(actions.TerritoryNotChanged):
        actions.add_territory(code="east", name="x", parent_id=None, by=administrator, at=at)

    assert Territory.objects.count() == 1


def test_a_territory_gets_another_name(administrator, at):
    territory = make_territory("east", "东区")

    actions.rename_territory(territory_id=territory.pk, name="华东", by=administrator, at=at)

    territory.refresh_from_db()
    assert territory.name == "华东"


def test_a_stranger_leaves_the_tree_alone(rep, at):
    territory = make_territory("east", "东区")

    with pytest.raises(PermissionDenied):
        actions.add_territory(code="x", name="x", parent_id=None, by=rep, at=at)
    with pytest.raises(PermissionDenied):
        actions.rename_territory(territory_id=territory.pk, name="x", by=rep, at=at)
    with pytest.raises(PermissionDenied):
        actions.add_member(
            territory_id=territory.pk,
            user_id=rep.pk,
            role="rep",
            valid_from=DAY,
            valid_until=None,
            by=rep,
            at=at,
        )

    assert list(Territory.objects.values_list("name", flat=True)) == ["东区"]
    assert not TerritoryMember.objects.exists()


@pytest.fixture
def filed(rep, officer, at):
    """A representative who may be put to work."""
    qualify(rep, by=officer, at=at)
    return rep


def member(territory, user, by, at, **changes):
    given = {"role": Role.REP, "valid_from": DAY, "valid_until": None, **changes}
    return actions.add_member(territory_id=territory.pk, user_id=user.pk, by=by, at=at, **given)


def test_a_person_works_in_a_territory_from_a_day(administrator, filed, at):
    territory = make_territory()

    added = member(territory, filed, administrator, at)

    assert (added.valid_from, added.valid_until) == (DAY, None)
    assert LedgerEntry.objects.get(event="accounts.member_added").subject == f"territory:{territory.pk}"


@pytest.mark.parametrize("changes", [{"role": "line_manager"}, {"role": "steward"}, {"valid_until": DAY}])
def test_a_membership_that_cannot_be_is_not_added(administrator, filed, at, changes):
    with pytest.raises(actions.TerritoryNotChanged):
        member(make_territory(), filed, administrator, at, **changes)

    assert not TerritoryMember.objects.exists()


def test_a_person_works_in_a_territory_once_at_a_time(administrator, filed, at):
    territory = make_territory()
    member(territory, filed, administrator, at)

    with pytest.raises(actions.TerritoryNotChanged):
        member(territory, filed, administrator, at, valid_from=DAY + timedelta(days=30))

    assert TerritoryMember.objects.count() == 1


def test_a_membership_ends_and_another_may_follow(administrator, filed, at):
    territory = make_territory()
    first = member(territory, filed, administrator, at)
    last = DAY + timedelta(days=10)

    actions.end_member(member_id=first.pk, valid_until=last, by=administrator, at=at)
    member(territory, filed, administrator, at, valid_from=last)

    assert LedgerEntry.objects.filter(event="accounts.member_ended").count() == 1
    assert TerritoryMember.objects.count() == 2


@pytest.mark.parametrize("days", [0, 10, 20])
def test_a_membership_never_ends_before_it_starts_nor_later_than_it_did(administrator, filed, at, days):
    added = member(make_territory(), filed, administrator, at, valid_until=DAY + timedelta(days=10))

    with pytest.raises(actions.TerritoryNotChanged):
        actions.end_member(
            member_id=added.pk, valid_until=DAY + timedelta(days=days), by=administrator, at=at
        )


def test_a_stranger_ends_no_membership(administrator, filed, at):
    added = member(make_territory(), filed, administrator, at)

    with pytest.raises(PermissionDenied):
        actions.end_member(member_id=added.pk, valid_until=DAY + timedelta(days=1), by=filed, at=at)

    added.refresh_from_db()
    assert added.valid_until is None
