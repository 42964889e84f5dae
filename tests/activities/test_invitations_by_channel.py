"""An invitation goes by the channel a doctor prefers, and only where consent is on file."""

import pytest
from django.urls import reverse

from activities.actions import events as actions
from activities.models import Invitation
from doctors.models import ConsentRecord, Doctor, Preference
from doctors.selectors import ways_to
from tests.activities import act_rows as acts
from tests.factories.doctors import make_doctor, make_notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground(rep):
    """An approved event of the representative, and a doctor they may invite."""
    return acts.approved(rep)


@pytest.fixture
def doctor():
    return make_doctor("陆敏")


def consented(doctor, at, *channels, state="given"):
    shown = make_notice() if channels and state == "given" else None
    for channel in channels:
        ConsentRecord.objects.create(doctor=doctor, channel=channel, state=state, valid_from=at, notice=shown)


def prefers(doctor, at, channel):
    Preference.objects.create(doctor=doctor, channel=channel, valid_from=at.date())


@pytest.mark.parametrize(
    ("allowed", "preferred", "way"),
    [
        (("wecom", "email"), "email", "email"),
        (("wecom", "email"), "sms", "wecom"),
        (("email",), "", "email"),
        ((), "email", ""),
    ],
)
def test_the_channel_is_the_preferred_one_among_those_with_consent(ground, rep, at, allowed, preferred, way):
    event, doctor = ground
    consented(doctor, at, *allowed)
    if preferred:
        prefers(doctor, at, preferred)

    actions.invite_doctors(event_id=event.pk, doctor_ids=[doctor.pk], by=rep, at=at)

    assert Invitation.objects.get().channel == way


def test_a_channel_that_was_withdrawn_is_not_the_way_though_it_is_preferred(doctor, at):
    consented(doctor, at, "wecom")
    consented(doctor, at, "email", state="withdrawn")
    prefers(doctor, at, "email")

    assert ways_to([doctor.pk], at=at) == {doctor.pk: "wecom"}


def test_what_a_merged_record_said_counts_for_the_doctor(doctor, at):
    twin = Doctor.objects.create(code="TWIN", merged_into=doctor)
    consented(twin, at, "wecom", "email")
    prefers(twin, at, "email")

    assert ways_to([doctor.pk], at=at) == {doctor.pk: "email"}


def test_the_page_and_rest_say_by_which_channel(ground, rep, at, client):
    event, doctor = ground
    consented(doctor, at, "wecom")
    actions.invite_doctors(event_id=event.pk, doctor_ids=[doctor.pk], by=rep, at=at)
    client.force_login(rep)

    page = client.get(reverse("activities:event-detail", args=[event.pk]))
    rest = client.get(reverse("api:activities-api:event-detail", args=[event.pk]))

    assert "企业微信" in page.content.decode()
    assert [one["channel"] for one in rest.json()["invitations"]] == ["wecom"]
