"""Who refuses profiling is 未画像 at once wherever a tier could be read, and loses nothing else by it."""

import io

import pytest
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from doctors import actions, selectors
from doctors.models import DoctorScore, EngagementAlert, TierOverride
from doctors.selectors.lists import doctors_listed
from pharmacrm.accounts.choices import Role
from tests.conftest import AT
from tests.factories.doctors import make_doctor, make_hospital, make_purpose, make_territory, put_into

pytestmark = pytest.mark.django_db
HELD = {"core", "核心专家", "Core expert"}


@pytest.fixture
def refusing(person):
    """A core doctor with a tier set by hand and an alert, in a steward's and a representative's sight."""
    rep = person("rep9", Role.REP)
    place = make_territory("E9")
    put_into(rep, place)
    doctor = make_doctor("欧阳慎", hospital=make_hospital("湖滨医院"), territory=place, tier="core")
    EngagementAlert.objects.create(doctor=doctor, kind="rising", before=100, now=900, noted_on=AT.date())
    make_purpose("profiling")
    actions.withdraw_consent(doctor_id=doctor.pk, purpose="profiling", by=None, at=timezone.now())
    doctor.refresh_from_db()
    return rep, doctor


def test_no_list_search_export_or_rest_answer_tells_a_tier(refusing, client, person):
    rep, doctor = refusing
    client.force_login(rep)
    rest = {
        "list": client.get("/api/v1/doctors/").json()["results"],
        "search": client.get("/api/v1/doctors/search/", {"q": "欧阳慎"}).json(),
    }
    why = client.get(f"/api/v1/doctors/{doctor.pk}/tier/").json()
    alerts = client.get("/api/v1/doctors/engagement/").json()["results"]
    client.force_login(person("steward", Role.STEWARD))
    book = client.get(reverse("doctors:doctor-list"), {"export": "xlsx"})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(book))).get_sheet_by_index(0).to_python()

    for rows in rest.values():
        assert [row["tier"] for row in rows if str(doctor.pk) in str(row)] == [""]
    assert not why["is_scored"]
    assert alerts == []
    cells = {str(cell) for row in sheet for cell in row if "欧阳慎" in row}
    assert cells
    assert not cells & HELD


def test_it_costs_no_place_in_the_search_and_the_basic_strategy_holds(refusing):
    rep, doctor = refusing
    actions.adopt_default_playbooks(by=None, at=AT)
    twin = make_doctor("欧阳慎", hospital=doctor.hospital, tier="basic")
    put_into(rep, make_territory("E8"))

    found = selectors.search_doctors(rep, "欧阳慎", timezone.localdate())
    strategy = selectors.playbook_for(doctor.pk)

    assert doctor.pk in {hit.card.id for hit in found}
    assert {hit.score for hit in selectors.search_doctors(rep, "欧阳慎", timezone.localdate())} == {
        found[0].score
    }
    assert strategy == selectors.playbook_for(twin.pk)


def test_nothing_of_a_score_is_left_and_no_tier_is_set_by_hand(refusing, person):
    _rep, doctor = refusing
    steward = person("steward", Role.STEWARD)

    with pytest.raises(actions.OverrideNotMade):
        actions.ask_override(
            doctor_id=doctor.pk,
            tier="core",
            reason="other",
            valid_until=timezone.localdate() + timezone.timedelta(days=9),
            by=steward,
            at=timezone.now(),
        )

    assert not DoctorScore.objects.filter(doctor=doctor).exists()
    assert not TierOverride.objects.exists()
    assert doctor.pk not in {row["pk"] for row in doctors_listed(steward, timezone.localdate(), tier="core")}
