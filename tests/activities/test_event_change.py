"""The page that changes a plan: what stands in it, what is kept, when approval is asked again."""

import pytest
from django.urls import reverse
from django.utils import timezone

from activities.actions import events as actions
from activities.choices import EventState
from activities.models import Event
from activities.views import event_pages
from compliance.models import LedgerEntry
from pharmacrm.accounts.choices import Role
from tests.activities.act_rows import approved, draft, running
from tests.factories.compliance import qualify
from tests.factories.content import product

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, rep):
    """The rep is signed in. Returns: the form of an event as the page shows it, to be sent again."""
    client.force_login(rep)

    def read(event):
        shown = client.get(reverse("activities:event-change", kwargs={"pk": event.pk}))
        form = shown.context["form"]
        entered = {name: form[name].value() for name in form.fields}
        for moment in ("starts_at", "ends_at"):
            entered[moment] = entered[moment].strftime("%Y-%m-%dT%H:%M")
        return {name: value for name, value in entered.items() if value is not None and value is not False}

    return read


def send(client, event, entered):
    return client.post(reverse("activities:event-change", kwargs={"pk": event.pk}), entered)


def test_a_draft_is_changed_with_all_that_stood_in_it(client, rep, page):
    event, doctor = draft(rep)
    send(client, event, page(event))  # to the minute: a form holds no seconds
    event.refresh_from_db()
    before, entered = actions.terms_of(event), page(event)
    unchanged = send(client, event, entered)
    event.refresh_from_db()
    after = actions.terms_of(event)

    answer = send(client, event, {**entered, "title": "肾功能减退患者用药讨论"})

    event.refresh_from_db()
    assert unchanged.status_code == 302, unchanged.context["form"].errors
    assert answer.status_code == 302
    assert before == after
    assert event.title == "肾功能减退患者用药讨论"
    assert event.hospital_id == doctor.hospital_id
    assert list(event.sessions.order_by("place").values_list("title", "kind")) == [
        ("分层用药", "talk"),
        ("讨论", "discussion"),
    ]
    assert LedgerEntry.objects.filter(event="activities.event_changed").count() == 3


def test_an_approved_plan_is_changed_only_with_a_reason_and_asks_again(client, rep, page):
    event, _doctor = approved(rep)
    entered = page(event)

    silent = send(client, event, {**entered, "people_planned": "40"})
    event.refresh_from_db()
    stands = (event.state, event.people_planned)
    answer = send(client, event, {**entered, "people_planned": "40", "reason": "科室来信增加人数"})

    event.refresh_from_db()
    assert silent.status_code == 200
    assert silent.context["form"].errors["reason"]
    assert stands == (EventState.APPROVED, 12)
    assert answer.status_code == 302
    assert (event.state, event.people_planned) == (EventState.DRAFT, 40)
    assert LedgerEntry.objects.get(event="activities.event_changed").reason == "科室来信增加人数"


def test_an_agenda_longer_than_the_event_is_said_on_the_form_and_nothing_changes(client, rep, page):
    event, _doctor = draft(rep)

    answer = send(client, event, {**page(event), "title": "别的题目", "agenda_1_minutes": "300"})

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert Event.objects.get(pk=event.pk).title == "肾功能分层用药科室会"
    assert not LedgerEntry.objects.filter(event="activities.event_changed").exists()


def test_an_event_that_runs_is_not_changed(client, rep, page):
    event, _doctor = running(rep)

    answer = send(client, event, {"title": "别的题目"})

    assert answer.status_code == 302
    assert Event.objects.get(pk=event.pk).title == "肾功能分层用药科室会"


@pytest.mark.parametrize("role", [Role.REP, Role.MEDICAL])
def test_a_representative_is_offered_the_products_of_their_filing_only(client, person, officer, role):
    planner = person("planner", role)
    if role == Role.REP:
        qualify(planner, "P1", by=officer, at=timezone.now())
    for code in ("P1", "P2"):
        product(code)
    client.force_login(planner)

    form = client.get(reverse("activities:event-create")).context["form"]

    offered = [code for code, _name in form.fields["products"].choices]
    assert offered == (["P1"] if role == Role.REP else ["P1", "P2"])


def test_what_a_plan_names_already_stays_on_its_form(client, rep, monkeypatch):
    monkeypatch.setattr(event_pages, "product_codes_of", lambda user, at: ("P1",))
    event, _doctor = draft(rep)
    event.products = [*event.products, product("LATE").code]
    event.save()
    product("NEVER")

    choices = dict(page_form(client, rep, event).fields["products"].choices)

    assert "LATE" in choices
    assert "NEVER" not in choices


def page_form(client, rep, event):
    client.force_login(rep)
    return client.get(reverse("activities:event-change", kwargs={"pk": event.pk})).context["form"]
