"""The doctor's own page: nothing personal before a code, an opt-out in two taps, consents, rights, the copy."""

from datetime import timedelta

import pytest
from django.core import mail, signing
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from doctors import actions, selectors
from doctors.models import DoctorLink, PrivacyRequest
from pharmacrm.accounts.choices import Role
from tests.factories.doctors import make_doctor, make_notice, make_purpose, make_territory, put_into

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_tries():
    cache.clear()


@pytest.fixture
def steward(person):
    return person("shen", Role.STEWARD, name="沈思")


@pytest.fixture
def doctor(rep):
    make_purpose("profiling")
    make_notice()
    territory = make_territory()
    put_into(rep, territory)
    return make_doctor("王晓明", territory=territory, tier="core")


@pytest.fixture
def link(doctor, rep):
    return actions.make_link(doctor_id=doctor.pk, by=rep, at=timezone.now())


def address(link, name="portal:page"):
    return reverse(name, args=[signing.dumps(str(link.pk), salt="doctors.page")])


@pytest.fixture
def opened(client, link, officer):
    code = actions.read_out_code(link_id=link.pk, by=officer, at=timezone.now())
    client.post(address(link), {"act": "code", "code": code})
    return client


def test_before_the_code_the_page_tells_nothing_of_the_doctor(client, link):
    page = client.get(address(link))

    assert "王晓明" not in page.content.decode()
    assert page.context["confirmed"] is False
    assert client.get(address(link, "portal:copy")).status_code == 302
    assert client.post(address(link), {"act": "withdraw"}).status_code == 404


def test_all_contact_stops_in_two_taps_without_a_code(client, link, doctor):
    client.post(address(link), {"act": "stop"})

    held = selectors.consent_of(doctor.pk, channel="visit", purpose="academic_contact", at=timezone.now())
    assert held.state == "withdrawn"
    doctor.refresh_from_db()
    assert doctor.profiling_refused


def test_a_code_goes_to_the_address_on_file_and_opens_the_page_once(client, link, doctor, steward):
    actions.add_contact(
        doctor_id=doctor.pk, kind="email", value="wang@example.com", by=steward, at=timezone.now()
    )
    client.post(address(link), {"act": "send"})
    actions.mail_code(link_id=link.pk, at=timezone.now())
    code = mail.outbox[0].body.split("验证码：")[1][:6]
    link.refresh_from_db()
    assert mail.outbox[0].to == ["wang@example.com"]
    assert link.code_sealed is None
    assert code not in link.code_hash

    client.post(address(link), {"act": "code", "code": code})

    assert client.get(address(link)).context["confirmed"] is True
    with pytest.raises(actions.PageNotOpened):
        actions.confirm_code(link_id=link.pk, code=code, at=timezone.now())


def test_without_an_address_the_page_says_the_same(client, link):
    said = client.post(address(link), {"act": "send"}).context["said"]

    assert said
    assert mail.outbox == []


def test_codes_cannot_be_tried_out(link, officer):
    at = timezone.now()
    code = actions.read_out_code(link_id=link.pk, by=officer, at=at)
    wrong = "000000" if code != "000000" else "111111"
    for _n in range(5):
        with pytest.raises(actions.PageNotOpened):
            actions.confirm_code(link_id=link.pk, code=wrong, at=at)

    with pytest.raises(actions.PageNotOpened):
        actions.confirm_code(link_id=link.pk, code=code, at=at)


def test_a_code_ends_after_ten_minutes(link, officer):
    at = timezone.now()
    code = actions.read_out_code(link_id=link.pk, by=officer, at=at)

    with pytest.raises(actions.PageNotOpened):
        actions.confirm_code(link_id=link.pk, code=code, at=at + timedelta(minutes=10))


def test_who_asks_for_consent_gets_no_code_of_the_doctor(link, rep, other_rep):
    with pytest.raises(PermissionDenied):
        actions.read_out_code(link_id=link.pk, by=rep, at=timezone.now())
    with pytest.raises(PermissionDenied):
        actions.make_link(doctor_id=link.doctor_id, by=other_rep, at=timezone.now())
    assert DoctorLink.objects.count() == 1


def test_a_link_that_was_taken_back_or_has_ended_opens_nothing(client, opened, link, rep):
    assert opened.get(address(link)).status_code == 200

    actions.revoke_link(link_id=link.pk, by=rep, at=timezone.now())

    assert opened.get(address(link)).status_code == 410
    assert client.get(reverse("portal:page", args=["nonsense"])).status_code == 404


def test_a_doctor_gives_and_withdraws_on_the_page(opened, link, doctor):
    notice = selectors.notice_in_force("academic_contact", timezone.localdate())
    cell = {"channel": "sms", "purpose": "academic_contact"}

    opened.post(address(link), {"act": "give", **cell, "notice": str(notice.pk)})
    held = selectors.consent_of(doctor.pk, **cell, at=timezone.now())
    assert held.is_given
    record = doctor.consents.get()
    assert (record.recorded_by, record.notice) == (None, notice)

    opened.post(address(link), {"act": "withdraw", **cell})
    assert selectors.consent_of(doctor.pk, **cell, at=timezone.now()).state == "withdrawn"


def test_a_yes_counts_only_for_the_words_that_stood_there(opened, link, doctor):
    cell = {"channel": "sms", "purpose": "academic_contact"}

    page = opened.post(address(link), {"act": "give", **cell, "notice": "another"})

    assert page.status_code == 400
    assert not doctor.consents.exists()


def test_after_never_only_the_doctor_comes_back(opened, link, doctor):
    opened.post(address(link), {"act": "never"})
    ask = {"channel": "sms", "purpose": "academic_contact"}
    assert selectors.consent_of(doctor.pk, **ask, at=timezone.now()).state == "never"

    lines = opened.get(address(link)).context["lines"]

    assert {line.state for line in lines} == {"never"}


def test_a_request_on_the_page_is_already_confirmed_and_can_be_taken_back(opened, link, doctor):
    opened.post(address(link), {"act": "ask", "kind": "copy", "words": "请给我副本"})
    asked = PrivacyRequest.objects.get()
    assert (asked.source, asked.identity, asked.taken_by) == ("page", "code", None)

    opened.post(address(link), {"act": "drop", "request": str(asked.pk)})

    asked.refresh_from_db()
    assert asked.state == "dropped"
    elsewhere = actions.take_request(
        doctor_id=make_doctor().pk, kind="copy", source="page", words="", by=None, at=timezone.now()
    )
    assert opened.post(address(link), {"act": "drop", "request": str(elsewhere.pk)}).status_code == 404


def test_the_copy_opens_once_it_is_granted(opened, link, doctor, officer):
    assert opened.get(address(link, "portal:copy")).status_code == 404
    opened.post(address(link), {"act": "ask", "kind": "copy"})
    asked = PrivacyRequest.objects.get()

    actions.answer_request(
        request_id=asked.pk, answer=actions.RequestAnswer(True), by=officer, at=timezone.now()
    )

    assert "王晓明" in opened.get(address(link, "portal:copy")).content.decode()
    body = opened.get(address(link, "portal:copy"), {"format": "json"}).json()
    assert body["format"] == "pharmacrm-own-data/1"


def test_one_doctors_code_opens_no_other_page(opened):
    second = DoctorLink.objects.create(
        doctor=make_doctor("李敏"), valid_until=timezone.now() + timedelta(days=1)
    )

    assert opened.get(address(second)).context["confirmed"] is False
