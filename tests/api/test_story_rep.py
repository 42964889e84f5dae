"""A representative's day through a tool they let act for them, and what a client alone gets to hear."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from activities import actions
from activities.api import field as api_field
from activities.api import views as api_views
from activities.models import ClinicalNeed, FollowUp, MaterialView, Visit, VisitMaterial
from compliance import actions as law
from compliance.actions.reasons import reason_for
from compliance.models import LedgerEntry, WatchedAct
from pharmacrm.common.ids import uuid7
from tests.factories.activities import make_ground, make_policy, report_of
from tests.factories.compliance import qualify
from tests.factories.content import claim, content_person, product, released_material

pytestmark = pytest.mark.django_db

V1 = "/api/v1/activities/"


@pytest.fixture
def medicine():
    return product("P1")


@pytest.fixture
def doctor(rep, officer, medicine):
    qualify(rep, "P1", by=officer, at=timezone.now())
    return make_ground(rep)


@pytest.fixture
def tool(person_client, rep):
    client = person_client(rep)

    def post(url, body=None, key=None):
        return client.post(url, body or {}, format="json", headers={"Idempotency-Key": key or str(uuid7())})

    client.send = post
    return client


def tomorrow():
    return (timezone.now() + timedelta(days=1)).isoformat()


def test_a_day_from_plan_to_submitted_visit(tool, rep, doctor, medicine):
    material = released_material(medicine, at=timezone.now(), claims=())
    message = claim(medicine, author=content_person("marketing"), approver=content_person("medical"))

    planned = tool.send(f"{V1}visits/plan/", {"doctor_id": str(doctor.pk), "planned_at": tomorrow()}).json()
    today = tool.get(f"{V1}visits/?state=planned").json()["results"]
    card = tool.get(f"/api/v1/doctors/{doctor.pk}/").json()
    tier = tool.get(f"/api/v1/doctors/{doctor.pk}/tier/").json()
    meant = tool.get(f"{V1}doctors/{doctor.pk}/materials/").json()
    begun = tool.send(f"{V1}visits/{planned['id']}/start/").json()
    shown = tool.send(
        f"{V1}showings/",
        {"version_id": meant[0]["version_id"], "doctor_id": str(doctor.pk), "visit_id": planned["id"]},
    ).json()
    picture = tool.get(f"{V1}showings/{shown['id']}/pages/1/")
    tool.send(f"{V1}showings/{shown['id']}/views/", {"pages": [{"page": 1, "dwell_ms": 4200}]})
    topic = next(one for one in tool.get(f"{V1}topics/").json() if one["claim_id"])
    now = timezone.now()
    answer = tool.send(
        f"{V1}visits/",
        {
            "visit_id": planned["id"],
            "doctor_id": str(doctor.pk),
            "started_at": (now - timedelta(minutes=20)).isoformat(),
            "ended_at": (now - timedelta(minutes=2)).isoformat(),
            "ae_answer": "none",
            "talks": [
                {
                    "product_id": topic["product_id"],
                    "claim_id": topic["claim_id"],
                    "reaction": "interested",
                }
            ],
            "shown": [
                {"version_id": str(material.pk), "showing_id": shown["id"], "shown_at": shown["shown_at"]}
            ],
            "needs": ["eGFR 30–45 患者如何起始？"],
            "follow_up": {"text": "带去指南摘要", "due_on": (now + timedelta(days=7)).date().isoformat()},
        },
    )

    assert (planned["state"], begun["state"]) == ("planned", "started")
    assert [row["id"] for row in today] == [planned["id"]]
    assert (card["id"], tier["tier"]) == (str(doctor.pk), "core")
    assert meant[0]["version_id"] == str(material.pk)
    assert meant[0]["reasons"]
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/webp")
    assert answer.status_code == 201, answer.content
    visit = Visit.objects.get()
    assert (visit.state, visit.rep, visit.in_breach) == ("submitted", rep, False)
    talked = visit.products.get()
    assert (talked.product_id, talked.claim_id) == (medicine.pk, message.pk)
    assert talked.reaction == "interested"
    assert VisitMaterial.objects.get().visit == visit
    assert MaterialView.objects.get().dwell_ms == 4200
    assert ClinicalNeed.objects.count() == FollowUp.objects.count() == 1
    assert list(
        LedgerEntry.objects.filter(subject=f"visit:{visit.pk}").order_by("at").values_list("event", flat=True)
    ) == ["activities.visit_planned", "activities.visit_started", "activities.visit_submitted"]


def test_a_submitted_visit_is_corrected_beside_itself_and_an_open_one_is_taken_back(tool, rep, doctor):
    first = tool.send(f"{V1}visits/plan/", {"doctor_id": str(doctor.pk), "planned_at": tomorrow()}).json()
    early = tool.send(f"{V1}visits/{first['id']}/amend/", {"reason": "时间记错", "note": "在门诊"})

    gone = tool.send(f"{V1}visits/{first['id']}/cancel/").json()

    assert early.status_code == 409
    assert gone["state"] == "cancelled"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_plan_the_law_forbids_is_a_problem_that_names_rule_clause_and_what_instead(
    tool, rep, doctor, language
):
    rep.language = language
    rep.save()
    make_policy(doctor.hospital, booking_required=True)

    answer = tool.send(f"{V1}visits/plan/", {"doctor_id": str(doctor.pk), "planned_at": tomorrow()})

    said = answer.json()
    rule = next(one for one in said["refusals"] if one["rule"] == "MR-16")
    assert answer.status_code == 409
    assert answer["Content-Type"].startswith("application/problem+json")
    assert rule["clause"]
    assert rule["message"].isascii() is (language == "en")
    assert rule["instead"].isascii() is (language == "en")
    assert not Visit.objects.exists()
    assert LedgerEntry.objects.filter(event="visit.plan_refused").count() == 1


def test_a_material_that_is_not_released_is_not_shown(tool, doctor, medicine):
    version = released_material(medicine, at=timezone.now())
    version.status = "withdrawn"
    version.save()

    answer = tool.send(f"{V1}showings/", {"version_id": str(version.pk), "doctor_id": str(doctor.pk)})
    unknown = tool.send(f"{V1}showings/", {"version_id": str(uuid7()), "doctor_id": str(doctor.pk)})

    assert (answer.status_code, unknown.status_code) == (409, 404)
    assert answer.json()["refusals"][0]["rule"]
    assert not VisitMaterial.objects.exists()


def test_another_persons_showing_opens_no_page(tool, person_client, other_rep, doctor, medicine):
    released_material(medicine, at=timezone.now())
    meant = tool.get(f"{V1}doctors/{doctor.pk}/materials/").json()[0]["version_id"]
    shown = tool.send(f"{V1}showings/", {"version_id": meant, "doctor_id": str(doctor.pk)}).json()

    other = person_client(other_rep)

    assert other.get(f"{V1}showings/{shown['id']}/pages/1/").status_code == 404


# A client of its own right sends data, and reports what somebody has to look into; nothing else is its to do.
DATA = {
    "api:imports-api:import-list",
    "api:imports-api:import-columns",
    "api:imports-api:import-commit",
    "api:imports-api:import-undo",
    "api:doctors-api:scoring-run-list",
    "api:compliance-api:case-list",
}


def _posts(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _posts(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        elif pattern.name and "(?P<format>" not in str(pattern.pattern) and hasattr(pattern.callback, "cls"):
            door = pattern.callback.cls
            verbs = getattr(pattern.callback, "actions", None) or vars(door)
            if "post" in verbs:
                yield (
                    prefix + pattern.name,
                    list(pattern.pattern.converters or pattern.pattern.regex.groupindex),
                )


ACTS = [
    pytest.param(name, names, id=name)
    for name, names in _posts(get_resolver())
    if name.startswith("api:") and name not in DATA
]


@pytest.mark.parametrize(("name", "names"), ACTS)
def test_a_client_alone_neither_submits_nor_signs_nor_approves(name, names, service_client, service):
    address = reverse(name, kwargs={one: uuid4() for one in names})

    answer = service_client.post(address, {}, format="json", headers={"Idempotency-Key": str(uuid7())})

    assert answer.status_code == 403
    assert answer["Content-Type"].startswith("application/problem+json")
    assert LedgerEntry.objects.count() == 0


@pytest.mark.parametrize("roles", [("service", "rep"), ("service", "medical"), ("service", "compliance")])
def test_a_service_account_with_a_persons_role_is_still_no_person(roles, person, service_client, service):
    service.groups.set(person("borrowed", *roles).groups.all())

    answer = service_client.post(f"{V1}visits/", {}, format="json", headers={"Idempotency-Key": str(uuid7())})

    assert answer.status_code == 403


def test_a_token_opens_no_page(client, service_client):
    token = service_client._credentials["HTTP_AUTHORIZATION"]

    answer = client.post("/content/versions/x/", headers={"Authorization": token})
    page = client.get("/compliance/", headers={"Authorization": token})

    assert answer.status_code in {302, 404}
    assert page.status_code == 302
    assert "/accounts/" in page["Location"]


def test_the_acts_are_seen():
    seen = {param.values[0] for param in ACTS}

    assert {"api:activities-api:visit-list", "api:content-api:material-decide"} <= seen
    assert len(seen) >= 13


@pytest.mark.parametrize(
    ("reasons", "state", "told"),
    [({"SG-01": "病例讨论连续一周"}, "answered", "病例讨论连续一周"), ({}, "asked", "")],
)
def test_a_plan_over_rest_carries_its_authors_reason_for_what_is_watched(
    tool, rep, officer, doctor, reasons, state, told
):
    at = timezone.now()
    law.adopt_book(by=officer, at=at - timedelta(days=90), adopt_policies=True)
    for days in range(1, 5):
        actions.submit_visit(
            report=report_of(doctor, at - timedelta(days=days)), by=rep, at=at - timedelta(days=days)
        )

    answer = tool.send(
        f"{V1}visits/plan/", {"doctor_id": str(doctor.pk), "planned_at": tomorrow(), "reasons": reasons}
    )

    watched = WatchedAct.objects.get(rule="SG-01")
    assert answer.status_code == 201, answer.content
    assert (watched.state, watched.reason) == (state, told)


def test_a_visit_and_its_start_carry_reasons_as_well(tool, rep, doctor, monkeypatch):
    given = []
    for door, act in ((api_views, "submit_visit"), (api_field, "start_visit")):
        whole = getattr(door.actions, act)

        def heard(*args, _whole=whole, **kwargs):
            given.append(reason_for("SG-01"))
            return _whole(*args, **kwargs)

        monkeypatch.setattr(door.actions, act, heard)
    planned = tool.send(f"{V1}visits/plan/", {"doctor_id": str(doctor.pk), "planned_at": tomorrow()}).json()
    now = timezone.now()

    tool.send(f"{V1}visits/{planned['id']}/start/", {"reasons": {"SG-01": "约好的"}})
    tool.send(
        f"{V1}visits/",
        {
            "visit_id": planned["id"],
            "doctor_id": str(doctor.pk),
            "started_at": (now - timedelta(minutes=20)).isoformat(),
            "ended_at": (now - timedelta(minutes=2)).isoformat(),
            "ae_answer": "none",
            "reasons": {"SG-01": "病例讨论"},
        },
    )
    malformed = tool.send(f"{V1}visits/{planned['id']}/start/", {"reasons": ["约好的"]})

    assert given == ["约好的", "病例讨论"]
    assert malformed.status_code == 400


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"visit_id": "5b5a6f1e-7d0e-4c55-9f5b-0d8f0f3f2a11"}, "UUID"),
        ({"started_at": "2026-11-22T09:30:00"}, "+08:00"),
        ({"ae_answer": "perhaps"}, "perhaps"),
    ],
    ids=["a random key", "a moment without offset", "no such answer"],
)
def test_a_field_that_cannot_be_read_says_what_is_asked_for(tool, doctor, change, wanted):
    now = timezone.now()
    body = {
        "visit_id": str(uuid7()),
        "doctor_id": str(doctor.pk),
        "started_at": (now - timedelta(minutes=20)).isoformat(),
        "ended_at": (now - timedelta(minutes=2)).isoformat(),
        "ae_answer": "none",
    }

    answer = tool.send(f"{V1}visits/", {**body, **change})

    (fault,) = answer.json()["errors"]
    assert answer.status_code == 400
    assert fault["pointer"] == f"#/{next(iter(change))}"
    assert wanted in fault["detail"]
    assert not Visit.objects.exists()
