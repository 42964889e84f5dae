"""Lists that people keep, and one thing done to many doctors with an answer for each."""

import base64
import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from compliance.models import ExportTally, LedgerEntry
from doctors import actions
from doctors.models import Doctor, DoctorList, DoctorListMember, Realignment, RealignmentMove
from doctors.selectors import saved
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import Territory
from pharmacrm.common.jobs import ask_to_cancel
from pharmacrm.common.listing import beyond
from pharmacrm.common.models import Job
from tests.conftest import AT
from tests.factories.doctors import make_doctor, make_territory, put_into

pytestmark = pytest.mark.django_db
TODAY = AT.date()


@pytest.fixture
def steward(person):
    return person("steward", Role.STEWARD, name="沈思")


@pytest.fixture
def east(rep, other_rep):
    root = make_territory("CN")
    east, west = make_territory("EAST", root), make_territory("WEST", root)
    put_into(rep, east), put_into(other_rep, west)
    make_doctor("王晓明", territory=east, tier="core")
    make_doctor("李想", territory=east, tier="basic")
    make_doctor("金丝雀", territory=west, tier="core")
    return east


def keep(by, name="重点", **said):
    return actions.save_list(name=name, kind=said.pop("kind", "picks"), by=by, at=AT, **said)


def fill(by, one, doctors, act="add"):
    return actions.carry_out_bulk(
        order=actions.BulkOrder(act, list_id=one.pk),
        doctor_ids=[doctor.pk for doctor in doctors],
        by=by,
        at=AT,
    )


def doctor(name):
    return Doctor.objects.get(identity__name=name)


def test_a_shared_list_shows_each_reader_their_own_part(rep, other_rep, steward, east):
    one = keep(steward, shared_with_id=make_territory_root().pk, kind="filter", filters={"tier": "core"})

    counts = {user.username: saved.kept_lists(user, TODAY)[0].count for user in (rep, other_rep, steward)}

    assert counts == {"rep": 1, "other_rep": 1, "steward": 2}
    assert saved.query_of_list(one) == "tier=core"


def make_territory_root():
    return Territory.objects.get(code="CN")


def test_a_private_list_is_its_owners_alone(client, rep, other_rep, east):
    one = keep(rep)

    assert not saved.lists_visible_to(other_rep, TODAY).exists()
    client.force_login(other_rep)
    assert client.get(reverse("doctors:list-detail", args=[one.pk])).status_code == 404
    with pytest.raises(PermissionDenied):
        actions.drop_list(list_id=one.pk, by=other_rep, at=AT)
    with pytest.raises(PermissionDenied):
        fill(other_rep, one, [doctor("金丝雀")])
    assert DoctorListMember.objects.count() == 0


def test_each_doctor_of_a_bulk_act_has_an_answer_and_a_stranger_is_never_taken(rep, east):
    one = keep(rep)
    own, canary = doctor("王晓明"), doctor("金丝雀")
    fill(rep, one, [own])

    answer = fill(rep, one, [own, doctor("李想"), canary])

    assert answer.by_doctor == {own.pk: "unchanged", doctor("李想").pk: "done", canary.pk: "not_allowed"}
    assert set(one.members.values_list("doctor__identity__name", flat=True)) == {"王晓明", "李想"}
    assert fill(rep, one, [own], act="remove").counts()["done"] == 1
    assert one.members.count() == 1
    assert LedgerEntry.objects.filter(subject=f"doctor_list:{one.pk}").count() == 4


def test_a_name_is_taken_once_and_comes_free_again(rep, east):
    one = keep(rep)
    with pytest.raises(actions.ListNotKept):
        keep(rep)
    actions.drop_list(list_id=one.pk, by=rep, at=AT)

    again = keep(rep)
    actions.change_list(list_id=again.pk, name="本周", shared_with_id=east.pk, by=rep, at=AT)

    assert DoctorList.objects.get(pk=again.pk).shared_with == east
    with pytest.raises(actions.ListNotKept):
        actions.change_list(
            list_id=again.pk, name="本周", shared_with_id=make_territory("FAR").pk, by=rep, at=AT
        )
    with pytest.raises(actions.ListNotKept):
        keep(rep, "空", kind="filter", filters={"tier": "", "unknown": "x"})


def test_many_doctors_are_proposed_for_another_territory_in_one_draft(steward, east):
    answer = actions.carry_out_bulk(
        order=actions.BulkOrder("realign", to_territory_id=east.pk, effective_on=TODAY),
        doctor_ids=[doctor("王晓明").pk, doctor("金丝雀").pk],
        by=steward,
        at=AT,
    )

    assert Realignment.objects.get().state == "draft"
    assert RealignmentMove.objects.get().doctor == doctor("金丝雀")
    assert answer.counts() == {"done": 1, "unchanged": 1, "not_allowed": 0}


def test_a_long_order_is_a_job_that_ends_once_and_can_be_stopped(steward, east, monkeypatch):
    monkeypatch.setattr("doctors.actions.lists.PART", 1)
    one, keys = keep(steward), [doctor("王晓明").pk, doctor("李想").pk]
    order = actions.BulkOrder("add", list_id=one.pk)
    job = actions.order_bulk(order=order, doctor_ids=keys, by=steward, at=AT, title="x")
    stopped = actions.order_bulk(order=order, doctor_ids=keys, by=steward, at=AT, title="y")
    ask_to_cancel(stopped.pk)

    states = [
        actions.run_bulk_job(job_id=each.pk, order=order, doctor_ids=keys, clock=lambda: AT)
        for each in (stopped, job, job)
    ]

    assert states == ["cancelled", "done", "done"]
    assert Job.objects.get(pk=job.pk).result["counts"] == {"done": 2, "unchanged": 0, "not_allowed": 0}
    assert Job.objects.get(pk=job.pk).percent == 100


def test_the_page_keeps_a_filter_opens_it_and_orders_what_was_picked(client, rep, east):
    client.force_login(rep)
    client.post(reverse("doctors:list-list"), {"name": "核心", "query": "tier=core&q=x"})
    kept = DoctorList.objects.get()
    opened = client.get(reverse("doctors:list-detail", args=[kept.pk]))
    one = keep(rep)
    fill(rep, one, [doctor("王晓明"), doctor("李想")])

    assert kept.filters == {"tier": "core"}
    assert opened.url == reverse("doctors:doctor-list") + "?tier=core"
    page = client.get(reverse("doctors:doctor-list") + f"?picked={one.pk}&sort=tier").content.decode()
    assert page.index("李想") < page.index("王晓明")
    assert "金丝雀" not in page


def test_all_that_pass_the_filter_are_shown_before_they_are_taken(client, rep, east):
    client.force_login(rep)
    sent = {"act": "add", "all": "on", "query": "tier=core"}

    preview = client.post(reverse("doctors:bulk"), sent).content.decode()
    assert DoctorListMember.objects.count() == 0
    done = client.post(reverse("doctors:bulk"), {**sent, "sure": "1", "new_list": "核心"}).content.decode()

    assert "王晓明" in preview
    assert "李想" not in preview
    assert "金丝雀" not in preview + done
    assert list(DoctorListMember.objects.values_list("doctor__identity__name", flat=True)) == ["王晓明"]


def test_another_persons_list_of_picks_filters_to_nobody(client, rep, other_rep, east):
    one = keep(other_rep)
    fill(other_rep, one, [doctor("金丝雀")])
    client.force_login(rep)

    page = client.get(reverse("doctors:doctor-list") + f"?picked={one.pk}").content.decode()

    assert "王晓明" not in page
    assert "金丝雀" not in page


def test_taking_a_list_along_as_a_file_counts_the_persons_on_it(client, rep, east):
    one = keep(rep)
    fill(rep, one, [doctor("王晓明")])
    client.force_login(rep)

    answer = client.get(reverse("doctors:doctor-list") + f"?picked={one.pk}&export=xlsx")
    b"".join(answer.streaming_content)

    assert ExportTally.objects.get().persons == 1


def test_a_row_leads_to_the_page_that_shows_everything(client, rep, east):
    client.force_login(rep)

    page = client.get(reverse("doctors:doctor-list")).content.decode()

    assert reverse("dashboards:doctor", args=[doctor("王晓明").pk]) in page


def test_the_phone_narrows_the_doctors_by_a_list(client, rep, east):
    one = keep(rep, kind="filter", filters={"tier": "core"})
    client.force_login(rep)

    page = client.get(reverse("activities:field-doctors") + f"?list={one.pk}").content.decode()

    assert "王晓明" in page
    assert "李想" not in page


@pytest.mark.parametrize("order", [saved.BY_NAME, ("-pk",)])
@pytest.mark.parametrize(
    "chosen", [{}, {"tier": "core"}, {"level": "3"}, {"tier": "core", "division": "999999"}]
)
@pytest.mark.parametrize("few", [0, 20])
def test_the_quick_way_to_ones_own_doctors_finds_the_same_rows_page_by_page(
    rep, east, order, chosen, few, monkeypatch
):
    monkeypatch.setattr(saved, "FEW_TERRITORIES", few)
    south = make_territory("SOUTH", east.parent)
    put_into(rep, south)
    kept = make_doctor("李想", territory=south, tier="core")
    make_doctor("李享", territory=east, merged_into=kept)
    erased = make_doctor("周周", territory=south)
    erased.identity.delete()
    make_doctor("别处", territory=south, since=TODAY + timedelta(days=1))
    plain = saved.doctors_filtered(rep, TODAY, chosen).order_by(*order)

    read = saved.rows_to_page(rep, TODAY, chosen, order=order)

    assert read(None, 50) == list(plain)
    first = read(None, 2)
    if len(first) == 2:
        after = [str(first[-1][name.removeprefix("-")]) for name in order]
        assert read(after, 50) == list(plain.filter(beyond(order, after)))
        assert first + read(after, 50) == [
            row for row in plain if row["identity__sort_key"] or len(order) == 1
        ]


def test_a_place_in_the_list_that_is_none_starts_from_the_top(client, rep, east):
    client.force_login(rep)
    nowhere = base64.urlsafe_b64encode(json.dumps(["wang", "not a key"]).encode()).decode()

    page = client.get(reverse("doctors:doctor-list"), {"after": nowhere})

    assert [card.name for card, _why in page.context["cards"]] == ["李想", "王晓明"]
