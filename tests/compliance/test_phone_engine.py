"""The phone's engine and the server's reach the same verdict in the same words. Promises P6, P8."""

import json

import pytest

from compliance import points
from compliance.evaluate import shipped_book
from compliance.rules.book import Book, DatedParameter
from compliance.selectors import pack_for_phone
from tests.compliance.phone import on_the_phone, on_the_server

DAY = "2026-11-23"


@pytest.fixture(scope="module")
def book() -> Book:
    """The shipped edition, with every second policy adopted and a changed figure that ends."""
    rules = shipped_book().rules
    policies = sorted(rule.id for rule in rules if rule.is_policy)
    adopted = [DatedParameter(rule, "adopted", True, "2020-01-01") for rule in policies[::2]]
    meals = DatedParameter("RD-01", "cap_fen", 25000, "2026-06-01", "2026-12-01")
    return Book("test", rules, (*adopted, meals))


def _cases():
    """Every example at each of its points with its root, and every point with nothing known."""
    cases = [{"point": name, "facts": {}, "day": DAY} for name in points.declared()]
    for rule in shipped_book().rules:
        for example in rule.examples:
            if example.root == "act":
                continue  # holds are the server's to know; the phone learns of them with its bundle
            roots = {name for name in rule.at if points.point_of(name).root == example.root}
            day = example.act.get("on") or (
                rule.valid_from if rule.valid_until else DAY
            )  # an ended text on its day
            cases += [{"point": name, "facts": dict(example.facts), "day": day} for name in sorted(roots)]
    return cases


def test_all_examples_come_out_the_same_in_both_engines(book):
    cases = _cases()
    given = json.dumps({"pack": pack_for_phone(book, sorted(points.declared())), "cases": cases})
    phone = on_the_phone(given)
    server = [on_the_server(case, book) for case in cases]
    assert len(cases) > 1000
    differing = [
        (case, ours, theirs)
        for case, ours, theirs in zip(cases, server, phone, strict=True)
        if ours != theirs
    ]
    assert differing == []


def test_the_phone_tells_by_itself_where_a_booking_is_needed_and_held():
    material = {
        "facts": {"released": True},
        "sides": {"tiers": [], "departments": [], "hospital_levels": []},
        "lease_until": "2026-11-24T06:00:00Z",
    }
    window = {"hospital": "h1", "from": "2026-11-23T05:30:00+00:00", "until": "2026-11-23T07:30:00+00:00"}
    told = {"required": ["h1"], "accepted": [window], "places": {}}
    elsewhere = {**told, "places": {"d1": {"hospital": "h2", "at_hospital": True}}}
    by_phone = {**told, "places": {"d1": {"hospital": "h1", "at_hospital": False}}}
    visiting = {**told, "places": {"d2": {"hospital": "h1", "at_hospital": True}}}

    def showing(hospital, now, bookings, doctor="d1"):
        person = {
            "id": doctor,
            "hospital_id": hospital,
            "tier": "core",
            "department": "",
            "hospital_level": "3a",
        }
        return {"material": material, "doctor": person, "now": now, "bookings": bookings}

    cases = {
        "in the booked time": (showing("h1", "2026-11-23T06:00:00Z", told), (True, True)),
        "before it": (showing("h1", "2026-11-23T05:29:59Z", told), (True, False)),
        "after it": (showing("h1", "2026-11-23T07:30:00Z", told), (True, False)),
        "a hospital that asks for none": (showing("h2", "2026-11-23T06:00:00Z", told), (False, False)),
        "met in another hospital": (showing("h1", "2026-11-23T06:00:00Z", elsewhere), (False, False)),
        "met on the line": (showing("h1", "2026-11-23T05:00:00Z", by_phone), (False, False)),
        "met in this hospital": (showing("h2", "2026-11-23T05:00:00Z", visiting, "d2"), (True, False)),
        "a bundle of before": (showing("h1", "2026-11-23T06:00:00Z", None), (False, False)),
    }
    facts = on_the_phone(json.dumps({"cases": [], "showings": [case for case, _wanted in cases.values()]}))

    found = {
        name: (one["booking_required"], one["booking_accepted"])
        for name, one in zip(cases, facts, strict=True)
    }
    assert found == {name: wanted for name, (_case, wanted) in cases.items()}


@pytest.mark.parametrize(
    ("rests_on", "held", "stops"),
    [
        (["doctor:1", "product:P1"], ["doctor:1"], True),
        (["doctor:1", "product:P1"], ["doctor:2"], False),
        ([], ["user:7"], True),  # the server names nobody but whose phone it is
        ([], ["rule:HOLD-01"], True),
        ([], ["rule:RD-01"], False),  # judges no visit
    ],
)
def test_a_phone_without_signal_stops_what_the_server_told_is_on_hold(book, rests_on, held, stops):
    case = {"point": "visit.start", "facts": {"subjects": rests_on}, "day": DAY}
    given = json.dumps({"pack": pack_for_phone(book, ["visit.start"]), "cases": [case], "held": held})

    (said,) = on_the_phone(given)

    assert ("HOLD-01" in [one["rule"] for one in said if one["blocks"]]) is stops
    if stops:
        assert said == on_the_server(case, book, held=held)
