"""Pages and REST of the customer master: what is shown, to whom, at which cost."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from doctors import actions
from doctors.models import ChangeRequest, ConsentRecord
from pharmacrm.accounts.choices import Role
from tests.factories.doctors import (
    SINCE,
    assign,
    make_department,
    make_division,
    make_doctor,
    make_hospital,
    make_notice,
    make_territory,
    put_into,
)

pytestmark = pytest.mark.django_db
CANARY = "金丝雀"


@pytest.fixture
def world(rep, client):
    """A representative with one doctor of their own, and a canary in another territory."""
    province = make_division("330000", "浙江省", "province")
    hospital = make_hospital("湖滨医院", division=make_division("330106", "西湖区", parent=province))
    east, west = make_territory("EAST"), make_territory("WEST")
    put_into(rep, east)
    own = make_doctor(
        "王晓明",
        hospital=hospital,
        department=make_department("心血管内科专业", code="03.04", aliases=["心内科"]),
        territory=east,
        tier="core",
        specialty="心律失常",
        title="chief_physician",
    )
    canary = make_doctor(CANARY, hospital=hospital, territory=west, tier="core")
    client.force_login(rep)
    return own, canary


@pytest.mark.parametrize(
    "query",
    ["", "?tier=core", "?level=3", "?division=330000", f"?q={CANARY}", "?q=jsq", "?q=湖滨医院", "?q=心内科"],
)
def test_a_doctor_of_another_territory_appears_in_no_list(client, world, query):
    page = client.get(reverse("doctors:doctor-list") + query).content.decode()
    rest = client.get("/api/v1/doctors/" + query).content.decode()
    found = client.get("/api/v1/doctors/search/" + query).content.decode()

    table = page.split("<tbody>")[1].split("</tbody>")[0]
    assert CANARY not in table
    assert CANARY not in rest + found


def test_a_doctor_of_another_territory_is_nowhere_to_be_opened(client, world):
    _own, canary = world

    assert client.get(reverse("doctors:doctor-detail", args=[canary.pk])).status_code == 404
    assert client.get(f"/api/v1/doctors/{canary.pk}/").status_code == 404
    hospital = client.get(reverse("doctors:hospital-detail", args=[canary.hospital_id])).content.decode()
    assert "王晓明" in hospital
    assert CANARY not in hospital


def test_the_export_holds_what_is_seen(client, world):
    answer = client.get(reverse("doctors:doctor-list") + "?tier=core&export=xlsx")

    content = b"".join(answer.streaming_content)
    answer.close()
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows[1:]] == ["王晓明"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?tier=core", True),
        ("?tier=basic", False),
        ("?level=3", True),
        ("?level=3a", True),
        ("?level=2", False),
        ("?division=330000", True),
        ("?specialty=心律失常", True),
        ("?specialty=x", False),
        ("?tier=nonsense", True),
    ],
)
def test_filters_narrow_the_list(client, world, query, found):
    page = client.get(reverse("doctors:doctor-list") + query).content.decode()

    assert ("王晓明" in page.split("<tbody>")[1].split("</tbody>")[0]) is found


def test_a_list_costs_the_same_for_one_doctor_and_for_forty(
    client, world, rep, django_assert_max_num_queries
):
    own, _canary = world
    territory = own.assignments.get().territory
    for number in range(40):
        make_doctor(f"王{number}", hospital=own.hospital, territory=territory)

    with django_assert_max_num_queries(14):
        client.get(reverse("doctors:doctor-list"))
    with django_assert_max_num_queries(6):
        client.get("/api/v1/doctors/")


def test_pages_of_the_rest_list_are_whole_and_without_overlap(client, officer):
    made = {str(make_doctor(f"王{number}").pk) for number in range(7)}
    client.force_login(officer)

    seen, where = [], "/api/v1/doctors/?limit=3"
    while where:
        page = client.get(where).json()
        seen += [row["id"] for row in page["results"]]
        where = page["next"]

    assert len(seen) == 7
    assert set(seen) == made


def test_the_profile_shows_masked_contacts_and_reveals_one_on_request(client, world, person, at):
    own, _canary = world
    steward = person("steward", Role.STEWARD)
    point = actions.add_contact(doctor_id=own.pk, kind="mobile", value="13912342046", by=steward, at=at)
    notice = make_notice()
    actions.record_consent(
        doctor_id=own.pk, state="given", channel="phone", notice_id=notice.pk, by=steward, at=at,
        asked_by_company=False,
    )  # fmt: skip
    ConsentRecord.objects.update(valid_from=timezone.now() - timedelta(days=1))

    page = client.get(reverse("doctors:doctor-detail", args=[own.pk])).content.decode()
    assert "139****2046" in page
    assert "13912342046" not in page
    answer = client.post(
        reverse("doctors:contact-reveal", args=[own.pk, point.pk]), {"purpose": "move the visit"}
    )

    assert "13912342046" in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_consent_is_switched_off_from_the_page(client, world):
    own, _canary = world

    client.post(reverse("doctors:consent-switch", args=[own.pk]), {"channel": "sms", "value": "off"})

    assert ConsentRecord.objects.get().state == "withdrawn"


def test_a_proposal_reaches_the_steward_and_changes_the_master(client, world, person, rep):
    own, _canary = world
    client.post(
        reverse("doctors:change-ask", args=[own.pk]),
        {"name": "王小明", "title": "associate_chief_physician", "note": "换了名片"},
    )
    request = ChangeRequest.objects.get()
    assert b"\xe5\xb0\x8f" not in bytes(request.sealed)
    steward = person("steward", Role.STEWARD)
    client.force_login(steward)
    assert "换了名片" in client.get(reverse("doctors:change-request-list")).content.decode()

    client.post(reverse("doctors:change-decide", args=[request.pk]), {"accept": "yes"})

    own.refresh_from_db()
    assert (own.identity.name, own.title) == ("王小明", "associate_chief_physician")


def test_nobody_decides_their_own_proposal_and_a_refusal_needs_words(world, person, at):
    own, _canary = world
    steward, other = person("steward", Role.STEWARD), person("other", Role.STEWARD)
    request = actions.ask_change(doctor_id=own.pk, wanted={"specialty": "x"}, note="", by=steward, at=at)

    for by, accept in ((steward, True), (other, False)):
        with pytest.raises(actions.ChangeNotTaken):
            actions.decide_change(request_id=request.pk, accept=accept, by=by, at=at)

    request.refresh_from_db()
    own.refresh_from_db()
    assert (request.state, own.specialty) == ("open", "心律失常")


def test_an_empty_proposal_is_not_sent(world, rep, at):
    own, _canary = world

    with pytest.raises(actions.ChangeNotTaken):
        actions.ask_change(doctor_id=own.pk, wanted={"name": " "}, note="", by=rep, at=at)

    assert ChangeRequest.objects.count() == 0


def test_a_merged_doctor_leads_to_the_one_that_stands(client, world, officer):
    own, _canary = world
    gone = make_doctor("王曉明", merged_into=own)
    client.force_login(officer)

    answer = client.get(reverse("doctors:doctor-detail", args=[gone.pk]))

    assert answer.url == reverse("doctors:doctor-detail", args=[own.pk])


def test_hospitals_are_listed_and_found_by_nickname(client, world):
    own, _canary = world
    own.hospital.aliases.create(name="湖一院")

    assert "湖滨医院" in client.get(reverse("doctors:hospital-list") + "?q=湖一院").content.decode()
    assert client.get("/api/v1/doctors/hospitals/?level=3a").json()["results"][0]["name"] == "湖滨医院"


def test_sight_begins_with_the_assignment(client, world, rep):
    late = make_doctor("李迟到")
    assign(late, rep.memberships.get().territory, since=timezone.localdate() + timedelta(days=1))

    assert timezone.localdate() > SINCE
    assert "李迟到" not in client.get(reverse("doctors:doctor-list")).content.decode()
