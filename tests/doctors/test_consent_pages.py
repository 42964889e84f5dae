"""The table of one doctor's consents, its answers with proof, and the notices behind them."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from compliance.models import LedgerEntry
from doctors import actions, selectors
from doctors.models import ConsentNotice, ConsentRecord
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import Refused
from tests.factories.doctors import make_doctor, make_notice, make_purpose, make_territory, put_into

pytestmark = pytest.mark.django_db


@pytest.fixture
def steward(person):
    return person("shen", Role.STEWARD, name="沈思")


@pytest.fixture
def doctor(rep):
    territory = make_territory()
    put_into(rep, territory)
    return make_doctor(territory=territory)


def page_of(client, doctor, **query):
    return client.get(reverse("doctors:consent-lattice", args=[doctor.pk]), query)


def test_an_open_cell_shows_the_words_that_were_shown_and_who_wrote_it_down(client, rep, doctor):
    notice = make_notice(text="第一版告知书的原文。")
    actions.record_consent(
        doctor_id=doctor.pk, state="given", channel="sms", notice_id=notice.pk, by=rep, at=timezone.now()
    )
    ConsentNotice.objects.create(
        purpose=notice.purpose, version=2, text_zh="第二版。", text_en="Second.", sha256="0" * 64,
        valid_from=timezone.localdate(),
    )  # fmt: skip
    client.force_login(rep)

    text = page_of(client, doctor, channel="sms", open="1").content.decode()

    assert "第一版告知书的原文。" in text
    assert str(rep) in text


def test_a_cell_says_from_which_wider_cell_its_state_comes(doctor):
    actions.withdraw_consent(doctor_id=doctor.pk, by=None, at=timezone.now())

    rows = selectors.lattice_of(doctor.pk, at=timezone.now()).rows

    assert {view.state for row in rows for view in row.cells} == {"withdrawn"}
    assert rows[0].cells[0].from_where == ""
    assert all(view.from_where for view in rows[0].cells[1:])


def test_an_answer_is_written_down_with_its_proof(client, rep, doctor):
    make_notice()
    client.force_login(rep)
    proof = SimpleUploadedFile("signed.pdf", b"%PDF-1.7 signed", content_type="application/pdf")

    client.post(
        reverse("doctors:consent-lattice", args=[doctor.pk]),
        {"state": "given", "channel": "sms", "purpose": "academic_contact", "obtained_by": "visit", "proof": proof,
         "last_day": (timezone.localdate() + timedelta(30)).isoformat()},
    )  # fmt: skip

    record = ConsentRecord.objects.get()
    assert (record.state, record.recorded_by, record.obtained_by) == ("given", rep, "visit")
    got = client.get(reverse("doctors:consent-proof", args=[doctor.pk, record.pk]))
    assert b"".join(got.streaming_content) == b"%PDF-1.7 signed"
    assert got["Content-Disposition"].startswith("attachment")


def test_a_proof_that_is_no_picture_is_not_taken(client, rep, doctor):
    make_notice()
    client.force_login(rep)
    page = SimpleUploadedFile("x.html", b"<script>", content_type="text/html")

    answer = client.post(
        reverse("doctors:consent-lattice", args=[doctor.pk]),
        {"state": "given", "channel": "sms", "proof": page},
    )

    assert answer.status_code == 400
    assert not ConsentRecord.objects.exists()


def test_after_a_no_the_company_does_not_ask_again_within_the_year(rep, doctor):
    notice, at = make_notice(), timezone.now()
    ask = {"doctor_id": doctor.pk, "state": "given", "channel": "sms", "notice_id": notice.pk, "by": rep}
    actions.record_consent(doctor_id=doctor.pk, state="refused", channel="sms", by=rep, at=at)

    with pytest.raises(Refused) as refusal:
        actions.record_consent(**ask, at=at + timedelta(days=364))

    assert refusal.value.verdict.breached == ["PI-20"]
    actions.record_consent(**ask, at=at + timedelta(days=10), asked_by_company=False)
    detail = selectors.cell_detail(doctor.pk, ("sms", "", ""), at=at + timedelta(days=11))
    assert detail.is_given


def test_a_yes_after_never_comes_only_from_the_doctor(rep, doctor):
    notice, at = make_notice(), timezone.now()
    actions.withdraw_consent(doctor_id=doctor.pk, never=True, by=rep, at=at)
    ask = {"doctor_id": doctor.pk, "state": "given", "notice_id": notice.pk, "asked_by_company": False}

    with pytest.raises(Refused) as refusal:
        actions.record_consent(**ask, by=rep, at=at + timedelta(days=1))
    assert "PI-03" in refusal.value.verdict.breached

    actions.record_consent(**ask, by=None, at=at + timedelta(days=2))
    held = selectors.consent_of(doctor.pk, channel="sms", purpose="", at=at + timedelta(days=3))
    assert held.is_given


def test_withdrawing_a_wide_consent_ends_the_narrower_ones_in_one_entry(steward, doctor):
    notice, at = make_notice(), timezone.now()
    for channel in ("sms", "email"):
        actions.record_consent(
            doctor_id=doctor.pk, state="given", channel=channel, notice_id=notice.pk, by=steward, at=at
        )

    actions.withdraw_consent(doctor_id=doctor.pk, by=None, at=at + timedelta(seconds=1))

    later = at + timedelta(seconds=2)
    for channel in ("sms", "email", "visit"):
        assert selectors.consent_of(doctor.pk, channel=channel, purpose="", at=later).state == "withdrawn"
    assert LedgerEntry.objects.filter(event="doctors.consent_withdrawn").count() == 1


def test_a_notice_is_published_by_a_second_person_only(officer, steward):
    make_purpose()
    words = {
        "purpose": "academic_contact",
        "text_zh": "告知",
        "text_en": "Notice",
        "valid_from": timezone.localdate(),
    }
    draft = actions.draft_notice(**words, by=officer, at=timezone.now())
    assert selectors.notice_in_force("academic_contact", timezone.localdate()) is None

    with pytest.raises(actions.NoticeNotPublished):
        actions.publish_notice(notice_id=draft.pk, by=officer, at=timezone.now())
    actions.publish_notice(notice_id=draft.pk, by=steward, at=timezone.now())

    assert selectors.notice_in_force("academic_contact", timezone.localdate()) == draft
    with pytest.raises(actions.NoticeNotPublished):
        actions.drop_notice(notice_id=draft.pk, by=steward, at=timezone.now())


@pytest.mark.parametrize(("is_material", "state"), [(True, "outdated"), (False, "given")])
def test_a_change_of_substance_asks_anew_and_another_wording_does_not(
    officer, steward, doctor, is_material, state
):
    first, at = make_notice(), timezone.now()
    actions.record_consent(
        doctor_id=doctor.pk, state="given", channel="sms", notice_id=first.pk, by=steward, at=at
    )
    draft = actions.draft_notice(
        purpose="academic_contact", text_zh="新告知", text_en="New", valid_from=timezone.localdate(),
        is_material=is_material, what_changed="new recipient", by=officer, at=at,
    )  # fmt: skip
    actions.publish_notice(notice_id=draft.pk, by=steward, at=at)

    held = selectors.consent_of(doctor.pk, channel="sms", purpose="", at=at + timedelta(seconds=1))

    assert held.state == state
    assert not held.is_stopped


def test_a_draft_is_no_notice_a_consent_can_rest_on(officer, rep, doctor):
    make_purpose()
    draft = actions.draft_notice(
        purpose="academic_contact", text_zh="告知", text_en="Notice", valid_from=timezone.localdate(), by=officer,
        at=timezone.now(),
    )  # fmt: skip

    with pytest.raises(actions.ConsentNotAccepted):
        actions.record_consent(
            doctor_id=doctor.pk, state="given", channel="sms", notice_id=draft.pk, by=rep, at=timezone.now()
        )


def test_a_version_page_shows_what_differs_and_how_many_rest_on_it(client, officer, steward, doctor):
    first = make_notice(text="我们是谁。保存三年。")
    actions.record_consent(
        doctor_id=doctor.pk, state="given", channel="sms", notice_id=first.pk, by=steward, at=timezone.now()
    )
    draft = actions.draft_notice(
        purpose="academic_contact", text_zh="我们是谁。保存五年。", text_en="New", valid_from=timezone.localdate(),
        what_changed="保存期限", by=officer, at=timezone.now(),
    )  # fmt: skip
    client.force_login(officer)

    page = client.get(reverse("doctors:notice-detail", args=[draft.pk]))

    assert [(line.kind, line.text) for line in page.context["changes"]] == [
        ("same", "我们是谁。"), ("gone", "保存三年。"), ("new", "保存五年。"),
    ]  # fmt: skip
    lines = client.get(reverse("doctors:notice-list")).context["lines"]
    assert {line.notice.version: line.resting for line in lines} == {1: 1, 2: 0}


def test_the_table_costs_the_same_however_many_answers(client, rep, doctor, django_assert_max_num_queries):
    make_notice()
    for _n in range(5):
        actions.withdraw_consent(doctor_id=doctor.pk, channel="sms", by=None, at=timezone.now())
    client.force_login(rep)
    page_of(client, doctor)

    with django_assert_max_num_queries(20):
        page_of(client, doctor, channel="sms", open="1")
