"""Signing in: who gets in, who is locked out, who owes a second factor."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.utils import timezone

from compliance.actions.guarding import guard_tables
from compliance.actions.signing import code_at
from compliance.models import LedgerEntry, RowIntake
from pharmacrm.accounts.models import LastSignIn, User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture
def guarded(settings):
    settings.AXES_ENABLED = True


def sign_in(client, login, password=PASSWORD, address="10.0.0.1"):
    return client.post("/accounts/login/", {"login": login, "password": password}, REMOTE_ADDR=address)


@pytest.mark.parametrize("login", ["rep", "rep@example.com", "REP@example.com"])
def test_a_person_signs_in_by_name_or_address(client, rep, login):
    assert sign_in(client, login).status_code == 302
    assert client.get("/people/me/messages/").status_code == 200


def test_the_sixth_failure_is_429_and_says_when_to_come_back(guarded, client, rep):
    answers = [sign_in(client, "rep", "wrong").status_code for _ in range(6)]

    assert answers == [200] * 5 + [429]
    locked = sign_in(client, "rep")
    assert locked.status_code == 429
    assert locked.headers["Retry-After"] == "900"


def test_another_address_cannot_lock_the_owner_out(guarded, client, rep):
    for _ in range(8):
        sign_in(client, "rep", "wrong", address="10.9.9.9")

    assert sign_in(client, "rep").status_code == 302


def test_name_and_mail_address_count_as_one_account(guarded, client, rep):
    for login in ["rep", "rep@example.com", "REP", "rep@example.com", "rep"]:
        sign_in(client, login, "wrong")

    assert sign_in(client, "rep@example.com", "wrong").status_code == 429


def test_the_lock_opens_after_fifteen_minutes(guarded, client, rep):
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(6):
            sign_in(client, "rep", "wrong")
        clock.shift(timedelta(minutes=14))
        assert sign_in(client, "rep").status_code == 429
        clock.shift(timedelta(minutes=2))

        assert sign_in(client, "rep").status_code == 302


def test_nothing_tells_whether_an_account_exists(client, rep):
    known = sign_in(client, "rep", "wrong").content.decode()
    unknown = sign_in(client, "nobody", "wrong").content.decode()

    def plain(page):
        return [line for line in page.splitlines() if "csrf" not in line and 'name="login"' not in line]

    assert plain(known) == plain(unknown)


def test_a_reset_answers_the_same_for_an_unknown_address(client, rep, mailoutbox):
    known = client.post("/accounts/password/reset/", {"email": "rep@example.com"})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.com"})

    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )
    assert [mail.to for mail in mailoutbox].count(["rep@example.com"]) == 1


def test_an_inactive_person_does_not_get_in(client, rep):
    rep.is_active = False
    rep.save()

    sign_in(client, "rep")

    assert client.get("/people/me/messages/").status_code == 302


def test_nobody_signs_up_alone(client, db):
    answer = client.post(
        "/accounts/signup/",
        {"username": "x", "email": "x@example.com", "password1": PASSWORD, "password2": PASSWORD},
    )

    assert answer.status_code in {200, 404}
    assert client.get("/people/me/messages/").status_code == 302


@pytest.mark.parametrize("who", ["officer", "administrator"])
def test_officers_and_administrators_are_led_to_a_second_factor_first(settings, client, request, who):
    settings.MFA_REQUIRED = True
    user = request.getfixturevalue(who)

    sign_in(client, user.username)

    for page in ("/", "/people/", "/people/me/messages/"):
        answer = client.get(page)
        assert (answer.status_code, answer.headers.get("Location")) == (302, "/accounts/2fa/totp/activate/")
    assert client.get("/api/v1/me/").status_code == 403
    again = client.get("/accounts/2fa/totp/activate/", follow=True)
    assert (again.status_code, again.request["PATH_INFO"]) == (200, "/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200


def test_a_rep_needs_no_second_factor(settings, client, rep):
    settings.MFA_REQUIRED = True

    sign_in(client, "rep")

    assert client.get("/people/me/messages/").status_code == 200


def test_with_a_second_factor_the_password_alone_is_not_enough(settings, client, officer):
    settings.MFA_REQUIRED = True
    Authenticator.objects.create(user=officer, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})

    answer = sign_in(client, officer.username)

    assert answer.headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/people/me/messages/").status_code == 302


def test_a_changed_password_stands_in_the_ledger(client, rep):
    sign_in(client, "rep")

    client.post(
        "/accounts/password/change/",
        {
            "oldpassword": PASSWORD,
            "password1": "another long passphrase",
            "password2": "another long passphrase",
        },
    )

    assert LedgerEntry.objects.filter(event="accounts.password_changed", actor=rep).count() == 1


def test_a_sign_in_is_no_version_of_the_person(client, rep):
    before = rep.history.count()

    sign_in(client, "rep")

    assert rep.history.count() == before
    assert LastSignIn.objects.get(user=rep).at is not None
    assert LedgerEntry.objects.filter(event="accounts.signed_in", actor=rep).count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_people_do_to_their_accounts_leaves_nothing_unaccounted(client, person):
    guard_tables()
    person("rep", "rep")
    RowIntake.objects.all().delete()

    sign_in(client, "rep")
    client.post(
        "/accounts/password/change/",
        {
            "oldpassword": PASSWORD,
            "password1": "another long passphrase",
            "password2": "another long passphrase",
        },
    )
    client.post("/people/me/", {"display_name": "x", "language": "en", "theme": "dark"})
    client.post("/people/language/", {"language": "zh-hans"})

    assert list(RowIntake.objects.values_list("table_name", "operation")) == []
    User.objects.filter(username="rep").update(job_title="went round the actions")
    assert RowIntake.objects.filter(table_name="accounts_user").exists()


def test_an_officer_sets_up_the_second_factor_and_is_let_in(
    settings, client, officer, django_capture_on_commit_callbacks
):
    settings.MFA_REQUIRED = True
    sign_in(client, officer.username)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")

    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            "/accounts/2fa/totp/activate/", {"code": code_at(page.context["form"].secret, timezone.now())}
        )

    assert client.get("/people/me/messages/").status_code == 200
    assert LedgerEntry.objects.filter(event="accounts.second_factor_added", actor=officer).exists()

    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/totp/deactivate/")

    assert client.get("/people/me/messages/").status_code == 302
    assert LedgerEntry.objects.filter(event="accounts.second_factor_removed", actor=officer).exists()


@pytest.mark.parametrize(("language", "words"), [("zh-Hans", "密码"), ("en", "too short")])
def test_a_password_that_is_too_short_is_refused_in_the_readers_language(client, rep, language, words):
    sign_in(client, "rep")
    wrong = {"oldpassword": PASSWORD, "password1": "abc", "password2": "abc"}

    page = client.post(
        "/accounts/password/change/", wrong, headers={"accept-language": language}
    ).content.decode()

    assert words in page
    assert ("too short" in page) is (language == "en")
