"""The doctor's own page: nothing personal before a code, an opt-out in two taps, consents, rights, the copy."""

import hashlib
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from activities import selectors as activities
from compliance.models import LedgerEntry
from doctors import actions, selectors
from doctors.models import DoctorLink, ExplanationLink, PrivacyRequest
from pharmacrm.accounts.choices import Role
from pharmacrm.common import texting
from tests.factories.activities import make_transfer
from tests.factories.doctors import make_doctor, make_notice, make_purpose, make_territory, put_into

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_tries():
    cache.clear()
    texting.kept.clear()


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
    return reverse(name, args=[selectors.token_of(link)])


@pytest.fixture
def opened(client, link, officer):
    code = actions.read_out_code(link_id=link.pk, by=officer, at=timezone.now())
    client.post(address(link), {"act": "code", "code": code})
    return client


def test_before_the_code_the_page_tells_nothing_of_the_doctor(client, link):
    page = client.get(address(link))

    assert "王晓明" not in page.content.decode()
    assert page.context["is_open"] is False
    assert client.get(address(link, "portal:copy")).status_code == 302
    assert client.post(address(link), {"act": "withdraw"}).status_code == 404


def test_all_contact_stops_in_two_taps_without_a_code(client, link, doctor):
    client.post(address(link), {"act": "stop"})

    held = selectors.consent_of(doctor.pk, channel="visit", purpose="academic_contact", at=timezone.now())
    assert held.state == "withdrawn"
    doctor.refresh_from_db()
    assert doctor.profiling_refused


def said_by(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def with_contact(doctor, steward, kind="email", value="wang@example.com"):
    return actions.add_contact(doctor_id=doctor.pk, kind=kind, value=value, by=steward, at=timezone.now())


def code_in(text):
    return text.split("验证码：")[1][:6]


def test_a_code_goes_to_the_address_on_file_and_opens_the_page_once(client, link, doctor, steward):
    with_contact(doctor, steward)
    client.post(address(link), {"act": "send", "channel": "email"})
    actions.deliver_code(link_id=link.pk, at=timezone.now())
    code = code_in(mail.outbox[0].body)
    link.refresh_from_db()
    assert mail.outbox[0].to == ["wang@example.com"]
    assert (link.code_sealed, link.code_channel) == (None, "email")
    assert link.code_sent_at is not None
    assert code not in link.code_hash
    assert LedgerEntry.objects.filter(event="doctors.code_sent").count() == 1

    client.post(address(link), {"act": "code", "code": code})

    assert client.get(address(link)).context["is_open"] is True
    with pytest.raises(actions.PageNotOpened):
        actions.confirm_code(link_id=link.pk, code=code, at=timezone.now())


def test_a_code_goes_by_text_message_where_a_gateway_is_named(client, link, doctor, steward):
    with_contact(doctor, steward, "mobile", "13912342046")
    page = client.get(address(link)).content.decode()
    assert "13912342046" not in page
    assert "2046" not in page

    client.post(address(link), {"act": "send", "channel": "sms"})
    actions.deliver_code(link_id=link.pk, at=timezone.now())

    [(number, text)] = texting.kept
    assert number == "13912342046"
    client.post(address(link), {"act": "code", "code": code_in(text)})
    assert client.get(address(link)).context["is_open"] is True


def test_the_preferred_way_stands_first_and_without_a_gateway_there_is_no_text(doctor, steward, settings):
    with_contact(doctor, steward)
    actions.add_contact(
        doctor_id=doctor.pk,
        kind="mobile",
        value="13912342046",
        by=steward,
        at=timezone.now(),
        is_preferred=True,
    )
    assert selectors.code_channels(doctor.pk) == ["sms", "email"]

    settings.SMS_GATEWAY = ""

    assert selectors.code_channels(doctor.pk) == ["email"]


def test_without_a_way_to_send_the_page_says_that_the_desk_reads_the_code_out(client, link, officer):
    page = client.get(address(link))
    assert page.context["channels"] == []
    assert "隐私专员" in page.content.decode()

    refused = client.post(address(link), {"act": "send", "channel": "email"})

    assert refused.status_code == 400
    assert mail.outbox == []
    link.refresh_from_db()
    assert link.code_hash == ""
    code = actions.read_out_code(link_id=link.pk, by=officer, at=timezone.now())
    client.post(address(link), {"act": "code", "code": code})
    assert client.get(address(link)).context["is_open"] is True


def test_a_code_that_could_not_be_sent_in_its_time_is_forgotten(link, doctor, steward):
    with_contact(doctor, steward)
    at = timezone.now()
    actions.send_code(link_id=link.pk, channel="email", at=at)

    assert not actions.deliver_code(link_id=link.pk, at=at + timedelta(minutes=10))

    link.refresh_from_db()
    assert (link.code_sealed, link.code_sent_at) == (None, None)
    assert mail.outbox == []
    assert LedgerEntry.objects.filter(event="doctors.code_not_sent").count() == 1


def test_a_code_waits_while_the_gateway_does_not_answer(link, doctor, steward, monkeypatch):
    with_contact(doctor, steward, "mobile", "13912342046")
    at = timezone.now()
    actions.send_code(link_id=link.pk, channel="sms", at=at)

    def deaf(_self, _number, _text):
        raise texting.TextNotSent("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(texting.MemoryGateway, "send", deaf)
        with pytest.raises(OSError, match="no answer"):
            actions.deliver_code(link_id=link.pk, at=at)

    assert actions.deliver_code(link_id=link.pk, at=at)
    assert len(texting.kept) == 1


def test_whoever_holds_the_link_cannot_flood_the_doctor(client, link, doctor, steward):
    with_contact(doctor, steward)
    for _n in range(5):
        assert client.post(address(link), {"act": "send", "channel": "email"}).status_code == 302

    assert client.post(address(link), {"act": "send", "channel": "email"}).status_code == 400
    assert LedgerEntry.objects.filter(event="doctors.code_given").count() == 5


def test_five_wrong_codes_lock_the_link_over_all_its_codes(client, link, officer, doctor):
    at = timezone.now()
    for n in range(5):
        code = actions.read_out_code(link_id=link.pk, by=officer, at=at)
        wrong = "000000" if code != "000000" else "111111"
        with pytest.raises(actions.PageNotOpened):
            actions.confirm_code(link_id=link.pk, code=wrong, at=at)
        assert DoctorLink.objects.get().code_tries == n + 1

    with pytest.raises(actions.PageNotOpened):
        actions.confirm_code(link_id=link.pk, code=code, at=at)
    with pytest.raises(actions.PageNotOpened):
        actions.read_out_code(link_id=link.pk, by=officer, at=at)
    assert LedgerEntry.objects.filter(event="doctors.code_wrong").count() == 4
    assert LedgerEntry.objects.filter(event="doctors.link_locked").count() == 1
    page = client.get(address(link))
    assert page.context["is_locked"]
    client.post(
        address(link), {"act": "stop"}
    )  # stopping contact needs no code, and no lock stands in its way
    doctor.refresh_from_db()
    assert doctor.profiling_refused


def test_a_guess_while_no_code_is_out_counts_for_nothing(link):
    with pytest.raises(actions.PageNotOpened):
        actions.confirm_code(link_id=link.pk, code="123456", at=timezone.now())

    assert DoctorLink.objects.get().code_tries == 0


def test_a_right_code_forgets_the_wrong_ones(link, officer):
    at = timezone.now()
    code = actions.read_out_code(link_id=link.pk, by=officer, at=at)
    with pytest.raises(actions.PageNotOpened):
        actions.confirm_code(link_id=link.pk, code="000000" if code != "000000" else "111111", at=at)

    actions.confirm_code(link_id=link.pk, code=code, at=at)

    assert DoctorLink.objects.get().code_tries == 0


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

    with pytest.raises(actions.LinkNotTakenBack):
        actions.revoke_link(link_id=link.pk, reason=" ", by=rep, at=timezone.now())
    actions.revoke_link(link_id=link.pk, reason="发错人", by=rep, at=timezone.now())

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

    assert opened.get(address(second)).context["is_open"] is False


def test_the_opened_page_shows_what_is_held_sent_and_given_by_section(opened, link, doctor, steward):
    with_contact(doctor, steward)

    page = opened.get(address(link))

    context = page.context
    assert {"identity", "contacts", "workplaces"} <= {part.key for part in context["held"]}
    assert {"materials", "events", "visits"} <= {part.key for part in context["sent"]}
    assert [part.key for part in context["money"]] == ["transfers", "reported_transfers"]
    everything = {part.key for name in ("held", "sent", "money", "tiers") for part in context[name]}
    assert everything | {"tier", "consents", "requests"} == {
        part.key for part in opened_parts(doctor)
    }  # nothing the copy holds is missing on the page
    assert "wang@example.com" in page.content.decode()
    for place in ("agree", "tier", "held", "sent", "money", "rights"):
        assert f'id="{place}"' in page.content.decode()


def opened_parts(doctor):
    return activities.own_data(doctor.pk, at=timezone.now()).parts


def test_money_reported_elsewhere_is_never_called_nothing(opened, link, doctor):
    nothing = "Nothing of value was given to you."
    before = opened.get(address(link), headers={"accept-language": "en"}).content.decode()
    make_transfer(doctor, payer="明湖会务")

    page = opened.get(address(link), headers={"accept-language": "en"}).content.decode()

    assert nothing in before
    assert nothing not in page
    assert "明湖会务" in page


def test_the_opened_page_asks_the_same_of_the_database_however_much_is_held(
    opened, link, doctor, steward, django_assert_max_num_queries
):
    with django_assert_max_num_queries(70) as asked:
        opened.get(address(link))
    few = len(asked)
    for n in range(5):
        with_contact(doctor, steward, value=f"wang{n}@example.com")
        opened.post(
            address(link), {"act": "ask", "kind": ["copy", "access", "correct", "erase", "explain"][n]}
        )
    with django_assert_max_num_queries(few + 2):
        opened.get(address(link))


def test_an_act_leads_back_to_the_page_and_says_what_was_done(opened, link):
    answer = opened.post(address(link), {"act": "ask", "kind": "explain"})

    assert answer.status_code == 302
    assert said_by(answer) == [f"您的请求编号为 {PrivacyRequest.objects.get().number}。"]


def test_a_request_that_runs_already_is_said_at_the_field(opened, link):
    opened.post(address(link), {"act": "ask", "kind": "copy"})

    again = opened.post(address(link), {"act": "ask", "kind": "copy"})

    assert again.status_code == 400
    assert again.context["ask"].errors["kind"]
    assert PrivacyRequest.objects.count() == 1


def test_addresses_handed_out_before_lead_to_the_one_page(client, link):
    token = selectors.token_of(link)

    assert client.get(reverse("portal:moved", args=[token])).url == address(link)
    assert client.get(reverse("portal:moved-copy", args=[token])).url == address(link, "portal:copy")
    assert client.post(reverse("portal:moved-contest", args=[token])).url == address(link)


def old_link(doctor, by, days=7, **fields):
    at = timezone.now()
    digest = hashlib.sha256(b"a-token-of-before").hexdigest()
    return ExplanationLink.objects.create(
        doctor=doctor, token_digest=digest, code_digest="0" * 64, issued_by=by, issued_at=at - timedelta(days=1),
        expires_at=at - timedelta(days=1) + timedelta(days=days), **fields,
    )  # fmt: skip


def test_a_link_to_the_explanation_alone_leads_to_the_page_for_as_long_as_it_was_to_hold(client, doctor, rep):
    old = old_link(doctor, rep)
    before = reverse("portal:page", args=["a-token-of-before"])

    first, second = client.get(before), client.get(before)

    carried = DoctorLink.objects.get()
    assert (carried.pk, carried.doctor, carried.valid_until) == (old.pk, doctor, old.expires_at)
    assert {first.url.partition(":")[0], second.url.partition(":")[0]} == {address(carried).partition(":")[0]}
    assert LedgerEntry.objects.filter(event="doctors.link_made").count() == 1
    assert client.get(second.url).context["is_open"] is False


def test_a_link_to_the_explanation_that_ended_or_was_locked_leads_nowhere(client, doctor, rep):
    old = old_link(doctor, rep, days=2, failures=5)
    before = reverse("portal:page", args=["a-token-of-before"])
    assert client.get(before).status_code == 404
    old.delete()
    old_link(doctor, rep, days=0.5)

    assert client.get(before).status_code == 404
    assert not DoctorLink.objects.exists()
