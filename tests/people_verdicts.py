"""The acts about doctors and people of the company through every door they have. See same_verdict.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse

from compliance import actions as law
from compliance.models import ApprovalStep, Employment, RepFiling
from compliance.rules import categories_of, scan_text
from doctors import actions, selectors
from doctors.models import Doctor
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import Territory, User
from tests.conftest import AT
from tests.factories.compliance import PASSWORD, proof_of, qualify
from tests.factories.content import content_person
from tests.factories.doctors import (
    make_doctor,
    make_hospital,
    make_notice,
    make_purpose,
    make_territory,
    put_into,
)
from tests.factories.duplicates import make_pair
from tests.verdict_case import Case, answer_in_the_inbox, client_of, post_over_rest

EARLIER = AT - timedelta(days=9)


@dataclass(frozen=True)
class People:
    """Whom one case is about, and who acts."""

    rep: User
    officer: User
    steward: User
    second: User
    doctor: Doctor
    row: Any = None  # what is decided: a request, a pair, a realignment, an override
    step: Any = None
    token: str = ""


def _people(case: Case, **more: Any) -> People:
    make_purpose("profiling")
    make_notice()
    officer, second = content_person(Role.COMPLIANCE, "周正"), content_person(Role.COMPLIANCE, "吴双")
    rep, steward = content_person(Role.REP, "林岚"), content_person(Role.STEWARD, "沈思")
    territory = make_territory()
    put_into(rep, territory)
    doctor = make_doctor("王晓明", hospital=make_hospital(), territory=territory, tier="potential")
    if case.said_before:
        actions.record_consent(doctor_id=doctor.pk, state=case.said_before, by=None, at=EARLIER)
    return People(rep, officer, steward, second, doctor, **more)


def _hold(case: Case, people: People, *subjects: str) -> People:
    if case.held:
        law.place_hold(subjects=list(subjects), reason="核查", by=people.second, at=AT)
    return people


def _with(people: People, **more: Any) -> People:
    return People(**{**people.__dict__, **more})


# --- consents ------------------------------------------------------------------------------------------------------


def _consent(case: Case) -> People:
    people = _people(case)
    link = actions.make_link(doctor_id=people.doctor.pk, by=people.rep, at=AT)
    return _hold(case, _with(people, token=selectors.token_of(link), row=link), f"doctor:{people.doctor.pk}")


def _channel(case: Case) -> str:
    return "sms" if case.names_material else ""


def _on_the_lattice(case: Case, people: People) -> None:
    said = {"state": case.answer, "channel": _channel(case), **({} if _is_asked(case) else {"unasked": "on"})}
    client_of(people.steward).post(reverse("doctors:consent-lattice", args=[people.doctor.pk]), said)


def _on_the_card(case: Case, people: People) -> None:
    said = {"channel": "sms", "value": "on" if case.answer == "given" else "off"}
    client_of(people.steward).post(reverse("doctors:consent-switch", args=[people.doctor.pk]), said)


def _on_their_own_page(case: Case, people: People) -> None:
    client, address = client_of(people.rep), reverse("portal:page", args=[people.token])
    client.logout()
    code = actions.read_out_code(link_id=people.row.pk, by=people.officer, at=AT)
    client.post(address, {"act": "code", "code": code})
    notice = selectors.notice_in_force(selectors.CONTACT_PURPOSE, AT.date())
    act = {"given": "give", "withdrawn": "withdraw", "never": "never"}[case.answer]
    client.post(address, {"act": act, "channel": _channel(case), "notice": str(notice.pk)})


def _restricted(case: Case, people: People) -> None:
    said = {"kind": "restrict", "source": "rep", "words": ""}
    client_of(people.rep).post(reverse("doctors:request-new", args=[people.doctor.pk]), said)


def _restricted_over_rest(case: Case, people: People) -> None:
    said = {"kind": "restrict", "source": "rep"}
    post_over_rest(people.rep, f"doctors/{people.doctor.pk}/privacy-requests/", said)


def _is_asked(case: Case) -> bool:
    """A given answer may have been asked for; nobody asks a doctor to withdraw."""
    return case.answer == "given" and case.is_checked


def _doors_of_consent(case: Case) -> set[str]:
    """Return the doors at which this very answer can be written down."""
    found = {"page"}
    if _channel(case) and (_is_asked(case) or case.answer == "withdrawn"):
        found.add("page of the card")
    if case.answer == "given" and not _is_asked(case) and case.said_before != "never":
        found.add("doctor's page")  # after a never only the doctor's own page counts as unasked
    if case.answer in ("withdrawn", "never") and not (case.answer == "never" and _channel(case)):
        found.add("doctor's page")
    if case.answer == "withdrawn" and not _channel(case) and not case.said_before:
        found |= {"page of requests", "REST"}  # restricting is withdrawing everything
    return found


# --- requests of doctors -------------------------------------------------------------------------------------------


def _request(case: Case) -> People:
    people = _people(case)
    kind = "erase" if case.request == "second" else case.request
    asked = actions.take_request(
        doctor_id=people.doctor.pk, kind=kind, source="rep", words="", by=people.rep,
        at=AT - timedelta(days=10 * case.days_ago + 1),
    )  # fmt: skip
    step = None
    if case.is_checked or case.request == "second":
        actions.check_identity(request_id=asked.pk, how="call_back", by=people.officer, at=AT)
    if case.request == "second":
        actions.answer_request(
            request_id=asked.pk, answer=actions.RequestAnswer(True), by=people.officer, at=AT,
            proof=proof_of(people.officer, AT, session_key="first"),
        )  # fmt: skip
        step = ApprovalStep.objects.get(request__subject=f"privacy_request:{asked.pk}")
    return _hold(case, _with(people, row=asked, step=step), f"doctor:{people.doctor.pk}")


def _signed(person: User) -> dict[str, str]:
    return {"password": PASSWORD, "code": proof_of(person, AT).code}


def _answer_by_page(case: Case, people: People) -> None:
    said = {"decision": "yes" if case.is_granted else "no", "reason": _said(case), **_right(case)}
    address = reverse("doctors:request-move", args=[people.row.pk, "answer"])
    client_of(people.officer).post(address, {**said, **_signature(case, people)})


def _answer_by_rest(case: Case, people: People) -> None:
    said = {"is_granted": case.is_granted, "reason": _said(case), **_right(case), **_signature(case, people)}
    post_over_rest(people.officer, f"doctors/privacy-requests/{people.row.pk}/answer/", said)


def _said(case: Case) -> str:
    return "" if categories_of(scan_text(case.note)) else case.note


def _right(case: Case) -> dict[str, str]:
    return {"specialty": "肾内科"} if case.request == "correct" else {}


def _signature(case: Case, people: People) -> dict[str, str]:
    return _signed(people.officer) if case.request == "erase" and case.is_granted else {}


def _second_by_page(case: Case, people: People) -> None:
    address = reverse("doctors:request-move", args=[people.row.pk, "agree"])
    client_of(people.second).post(address, _signed(people.second))


def _second_by_rest(case: Case, people: People) -> None:
    address = f"doctors/privacy-requests/{people.row.pk}/second/"
    post_over_rest(people.second, address, {"agrees": True, **_signed(people.second)})


def _doors_of_request(case: Case) -> set[str]:
    return {"page", "REST"} if case.request != "second" else {"page", "REST", "inbox", "inbox over REST"}


# --- tiers set by hand, merges, realignments, roles -----------------------------------------------------------------


def _override(case: Case) -> People:
    people = _people(case.__class__(**{**case.__dict__, "said_before": ""}))
    asked = actions.ask_override(
        doctor_id=people.doctor.pk, tier="core", reason="guideline_author",
        valid_until=AT.date() + timedelta(days=30 * (1 + case.days_ago)), by=people.rep, at=AT,
    )  # fmt: skip
    step = ApprovalStep.objects.get(request__subject=f"doctor:{people.doctor.pk}")
    return _hold(case, _with(people, row=asked, step=step), f"doctor:{people.doctor.pk}")


def _pair(case: Case) -> People:
    people = _people(case)
    other = make_doctor("王晓明", hospital=people.doctor.hospital)
    pair = make_pair(people.doctor, other)
    return _hold(case, _with(people, row=pair), f"doctor:{other.pk}")


def _realignment(case: Case) -> People:
    people = _people(case)
    to = make_territory("WEST")
    opened = actions.open_realignment(
        name="春季调整",
        reason="",
        effective_on=AT.date() + timedelta(days=7 + case.days_ago),
        by=people.steward,
        at=AT,
    )
    actions.add_realignment_change(
        realignment_id=opened.pk, by=people.steward, at=AT, kind="doctor", doctor_id=people.doctor.pk,
        to_territory_id=to.pk,
    )  # fmt: skip
    people = _with(people, row=opened, second=content_person(Role.STEWARD, "苏蓝"))
    if case.held:
        law.place_hold(subjects=[f"territory:{to.pk}"], reason="核查", by=people.officer, at=AT)
    return people


def _roles(case: Case) -> People:
    people = _people(
        case, row=content_person(Role.REP, "新来"), step=content_person(Role.ADMINISTRATOR, "高峰")
    )
    people.row.groups.clear()
    return _hold(case, people, f"user:{people.step.pk}")


def _new_person(case: Case, people: People) -> None:
    said = {"username": "neu", "display_name": "新来", "email": "neu@example.com", "roles": list(case.roles)}
    client_of(people.step).post(reverse("accounts:person-new"), said)


def _roles_of_a_person(case: Case, people: People) -> None:
    said = {"roles": list(case.roles), "reason": "入职"}
    client_of(people.step).post(reverse("accounts:person-roles", args=[people.row.pk]), said)


# --- a representative put to work -----------------------------------------------------------------------------------


def _newcomer(case: Case) -> People:
    """Somebody who holds the role and no territory; what of their file is there says the case."""
    people = _people(
        case, row=content_person(Role.REP, "新来"), step=content_person(Role.ADMINISTRATOR, "高峰")
    )
    if case.filing != "none":
        qualify(people.row, by=people.officer, at=AT - timedelta(days=case.days_ago))
    if case.filing == "outside":
        RepFiling.objects.filter(user=people.row).update(photo_sha256="", truth_stated=False)
    if case.filing == "no contract":
        Employment.objects.filter(user=people.row).update(valid_until=AT.date())
    if not case.is_checked:
        Employment.objects.filter(user=people.row).update(bribery_checked_on=None)
    return _hold(case, _with(people, token=str(make_territory("NEW").pk)), f"user:{people.row.pk}")


def _given_a_territory(case: Case, people: People) -> None:
    said = {"user_id": str(people.row.pk), "role": "rep", "valid_from": AT.date().isoformat()}
    client_of(people.step).post(reverse("accounts:territory", args=[people.token]), said)


def _given_the_role(case: Case, people: People) -> None:
    """The same person, who holds the territory and gets the role back."""
    put_into(people.row, Territory.objects.get(pk=people.token), since=AT.date())
    people.row.groups.clear()
    said = {"roles": ["rep"], "reason": "复岗"}
    client_of(people.step).post(reverse("accounts:person-roles", args=[people.row.pk]), said)


ARRANGE: dict[str, Callable[[Case], Any]] = {
    "consent.record": _consent,
    "request.answer": _request,
    "override.tier": _override,
    "doctor.merge": _pair,
    "territory.realign": _realignment,
    "accounts.grant_role": _roles,
    "staff.activate": _newcomer,
}
DOORS: dict[str, dict[str, Callable[..., None]]] = {
    "consent.record": {
        "page": _on_the_lattice,
        "page of the card": _on_the_card,
        "page of requests": _restricted,
        "REST": _restricted_over_rest,
        "doctor's page": _on_their_own_page,
    },
    "request.answer": {
        "page": lambda case, people: (
            _second_by_page(case, people) if case.request == "second" else _answer_by_page(case, people)
        ),
        "REST": lambda case, people: (
            _second_by_rest(case, people) if case.request == "second" else _answer_by_rest(case, people)
        ),
        "inbox": lambda case, people: answer_in_the_inbox(
            people.second, people.step, said=_signed(people.second)
        ),
        "inbox over REST": lambda case, people: answer_in_the_inbox(
            people.second, people.step, over_rest=True, said=_signed(people.second)
        ),
    },
    "override.tier": {
        "page": lambda case, people: client_of(people.officer).post(
            reverse("doctors:override-decide", args=[people.row.pk]), {"answer": "approve"}
        ),
        "inbox": lambda case, people: answer_in_the_inbox(people.officer, people.step),
        "inbox over REST": lambda case, people: answer_in_the_inbox(
            people.officer, people.step, over_rest=True
        ),
    },
    "doctor.merge": {
        "page": lambda case, people: client_of(people.steward).post(
            reverse("doctors:match-detail", args=[people.row.pk]), {"answer": "same_low", "reason": "同一人"}
        ),
        "REST": lambda case, people: post_over_rest(
            people.steward,
            f"doctors/duplicates/{people.row.pk}/decide/",
            {"answer": "same_low", "reason": "同一人"},
        ),
    },
    "territory.realign": {
        "page": lambda case, people: client_of(people.steward).post(
            reverse("doctors:realignment-move", args=[people.row.pk, "ask"]),
            {"approver_id": str(people.second.pk)},
        ),
        "REST": lambda case, people: post_over_rest(
            people.steward,
            f"doctors/realignments/{people.row.pk}/propose/",
            {"approver_id": str(people.second.pk)},
        ),
    },
    "accounts.grant_role": {"page": _roles_of_a_person, "page of a new person": _new_person},
    "staff.activate": {"page": _given_a_territory, "page of roles": _given_the_role},
}


def _doors_of_activation(case: Case) -> set[str]:
    """A person on hold is given no role at all: `accounts.grant_role` stops that page before anybody is put to work."""
    return {"page"} if case.held else {"page", "page of roles"}


OPEN_DOORS: dict[str, Callable[[Case], set[str]]] = {
    "staff.activate": _doors_of_activation,
    "consent.record": _doors_of_consent,
    "request.answer": _doors_of_request,
}
