"""The notices that come with the product, and how a company puts its own in their place."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.utils.timezone import localtime

from compliance.models import LedgerEntry
from doctors import actions, selectors
from doctors.choices import LegalBasis
from doctors.models import ConsentNotice, ConsentPurpose
from doctors.rules.notices import Controller, filled, fingerprint, gaps_in, shipped_notices
from pharmacrm.accounts.choices import Role
from pharmacrm.common.errors import Refused
from tests.factories.doctors import make_doctor, make_notice, make_purpose

CONTROLLER = Controller("恒屿医药有限公司", "杭州市示例路 8 号", "privacy@hengyu.example")
NEEDED_ZH = ("我们是谁", "为了什么", "怎样处理", "哪些信息", "保存多久", "您的权利", "不同意也可以")
NEEDED_EN = ("Who we are", "What for", "How:", "Which data", "How long", "Your rights", "You need not agree")


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈渡")


def publish_own(officer, steward, at, **words):
    draft = actions.draft_notice(**words, what_changed="own words", is_material=False, by=steward, at=at)
    return actions.publish_notice(notice_id=draft.pk, by=officer, at=at)


def adopt(officer, at, controller=CONTROLLER):
    return actions.adopt_shipped_notices(
        controller=controller, valid_from=localtime(at).date(), by=officer, at=at
    )


@pytest.mark.parametrize("notice", shipped_notices(), ids=lambda notice: notice.code)
def test_a_shipped_notice_says_what_the_law_asks_for_in_both_languages(notice):
    zh, en = filled(notice.text_zh, CONTROLLER), filled(notice.text_en, CONTROLLER)

    assert gaps_in(zh) == gaps_in(en) == []
    assert [words for words in NEEDED_ZH if words not in zh] == []
    assert [words for words in NEEDED_EN if words not in en] == []
    assert all(part in zh and part in en for part in (CONTROLLER.company, CONTROLLER.contact))
    assert notice.legal_basis in LegalBasis.values


def test_a_notice_of_sensitive_data_says_what_can_happen_and_others_do_not():
    separate = {one.code for one in shipped_notices() if "单独同意：" in one.text_zh}

    assert separate == {one.code for one in shipped_notices() if one.legal_basis == "separate_consent"}
    assert separate == {one.code for one in shipped_notices() if "Separate consent:" in one.text_en}


@pytest.mark.django_db
def test_the_shipped_notices_are_published_once_in_the_companys_name(officer, at):
    published = adopt(officer, at)

    assert {one.purpose.code for one in published} == {one.code for one in shipped_notices()}
    assert all(one.version == 1 and CONTROLLER.company in one.text_zh for one in published)
    assert all(one.sha256 == fingerprint(one.text_zh, one.text_en) for one in published)
    assert LedgerEntry.objects.filter(event="doctors.notice_published").count() == len(published)
    assert LedgerEntry.objects.filter(event="doctors.purpose_added").count() == len(published)
    assert adopt(officer, at) == []


@pytest.mark.django_db
def test_a_consent_can_be_given_with_every_shipped_notice(officer, steward, at):
    adopt(officer, at)
    doctor = make_doctor()

    for purpose in selectors.purposes():
        notice = selectors.notice_in_force(purpose.code, localtime(at).date())
        actions.record_consent(
            doctor_id=doctor.pk, state="given", purpose=purpose.code, notice_id=notice.pk, by=steward, at=at
        )
        held = selectors.consent_of(doctor.pk, channel="", purpose=purpose.code, at=at)
        assert held.is_given, purpose.code


@pytest.mark.django_db
def test_the_companys_own_words_replace_the_shipped_ones_and_stay(officer, steward, at):
    adopt(officer, at)
    day = localtime(at).date()
    shipped = selectors.notice_in_force("academic_contact", day)

    own = publish_own(
        officer, steward, at, purpose="academic_contact", text_zh="本公司告知书", text_en="Our own notice",
        valid_from=day,
    )  # fmt: skip
    adopt(officer, at)

    assert selectors.notice_in_force("academic_contact", day) == own
    assert (own.version, ConsentNotice.objects.filter(purpose=own.purpose).count()) == (2, 2)
    with pytest.raises(Refused) as refusal:
        actions.record_consent(
            doctor_id=make_doctor().pk, state="given", purpose="academic_contact", notice_id=shipped.pk,
            by=steward, at=at,
        )  # fmt: skip
    assert refusal.value.verdict.breached == ["PI-05"]


@pytest.mark.django_db
def test_a_notice_for_a_later_day_does_not_make_todays_one_stale(officer, steward, at):
    adopt(officer, at)
    day = localtime(at).date()
    today = selectors.notice_in_force("academic_contact", day)
    publish_own(
        officer, steward, at, purpose="academic_contact", text_zh="下月起的告知书", text_en="From next month",
        valid_from=day + timedelta(days=30),
    )  # fmt: skip

    record = actions.record_consent(
        doctor_id=make_doctor().pk, state="given", purpose="academic_contact", notice_id=today.pk, by=steward,
        at=at,
    )  # fmt: skip

    assert record.notice == today


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("", "Words"),
        ("告知", " "),
        ("{company} 告知", "Words"),
        ("我们是谁，收集什么，为什么，保存多久，如何行使权利。", ""),
    ],
    ids=["no Chinese", "no English", "a gap left", "one language"],
)
def test_a_notice_with_something_missing_is_not_published(zh, en, officer, at):
    make_notice(make_purpose())

    with pytest.raises(actions.NoticeNotPublished):
        actions.draft_notice(
            purpose="academic_contact",
            text_zh=zh,
            text_en=en,
            valid_from=localtime(at).date(),
            by=officer,
            at=at,
        )

    assert ConsentNotice.objects.count() == 1


@pytest.mark.django_db
def test_the_same_words_are_not_published_twice(officer, at):
    adopt(officer, at)
    day = localtime(at).date()
    one = selectors.notice_in_force("profiling", day)

    with pytest.raises(actions.NoticeNotPublished):
        actions.draft_notice(
            purpose="profiling", text_zh=one.text_zh, text_en=one.text_en, valid_from=day, by=officer, at=at
        )

    assert one.purpose.notices.count() == 1


@pytest.mark.django_db
def test_an_unknown_purpose_has_no_notice(officer, at):
    with pytest.raises(actions.NoticeNotPublished):
        actions.draft_notice(
            purpose="nothing", text_zh="一", text_en="a", valid_from=localtime(at).date(), by=officer, at=at
        )


@pytest.mark.django_db
def test_a_controller_without_contact_publishes_nothing(officer, at):
    with pytest.raises(actions.NoticeNotPublished):
        adopt(officer, at, Controller("恒屿医药有限公司", "杭州", " "))

    assert ConsentPurpose.objects.count() == 0


@pytest.mark.django_db
def test_a_representative_publishes_no_notice(rep, at):
    with pytest.raises(PermissionDenied):
        adopt(rep, at)
    with pytest.raises(PermissionDenied):
        actions.draft_notice(
            purpose="profiling", text_zh="一", text_en="a", valid_from=localtime(at).date(), by=rep, at=at
        )

    assert ConsentPurpose.objects.count() == 0


@pytest.mark.django_db
def test_the_command_shows_the_texts_and_publishes_them(officer, capsys):
    words = ["--company", "恒屿医药", "--address", "杭州", "--contact", "dpo@example.com"]

    call_command("adopt_notices", *words, "--show")
    assert "恒屿医药（以下称“我们”）" in capsys.readouterr().out
    assert ConsentNotice.objects.count() == 0

    with pytest.raises(CommandError):
        call_command("adopt_notices", *words, "--by", "nobody")
    with pytest.raises(CommandError):
        call_command("adopt_notices", *words[:-1], " ", "--by", officer.username)
    call_command("adopt_notices", *words, "--by", officer.username)
    assert ConsentNotice.objects.count() == len(shipped_notices())
