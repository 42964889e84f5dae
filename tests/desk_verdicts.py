"""The acts of the desk through every door they have: a claim, a material's life, and a scoring. See same_verdict.py."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from celery import current_app
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from compliance import actions as law
from compliance.selectors.cockpit import inbox_of
from content import actions
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import Refused
from tests.conftest import AT
from tests.factories import content as make
from tests.factories.compliance import PASSWORD, proof_of
from tests.factories.segmentation import make_model
from tests.verdict_case import Case, answer_in_the_inbox, client_of, post_over_rest

KINDS = {"face_to_face": "detail_aid", "phone": "poster", "video": "detail_aid", "wecom": "poster"}
LASTS = {0: 30, 1: 400, 4: 700}  # days until a release ends, by the case's days; two years are the most


@dataclass(frozen=True)
class Desk:
    """The people and the version of one case."""

    author: User
    seats: dict[str, User]
    version: Any


def material_of(case: Case) -> Desk:
    """Make the material of a case, as far on as its point needs; for a release all three have signed."""
    officer, author = (
        make.content_person(Role.COMPLIANCE, "周正"),
        make.content_person(Role.MARKETING, "罗曼"),
    )
    seats = {
        "medical": make.content_person(Role.MEDICAL, "何若水"),
        "regulatory": make.content_person(Role.REGULATORY, "柯敏"),
        "compliance": make.content_person(Role.COMPLIANCE, "吴双"),
    }
    product = make.product()
    make.label(product)
    claim = make.claim(product, author=author, approver=seats["medical"])
    start = AT - timedelta(days=3)
    version = actions.create_material(
        title_zh="肾功能分层用药手册", kind=KINDS[case.channel], product_ids=[product.pk], by=author, at=start
    )
    actions.use_claims(version_id=version.pk, claim_pages={claim.pk: 1}, by=author, at=start)
    file = ContentFile(make.pdf_bytes())
    actions.attach_file(version_id=version.pk, upload=file, name="a.pdf", by=author, at=start)
    desk = Desk(author, seats, version)
    if case.point != "material.submit":
        actions.submit_version(version_id=version.pk, by=author, at=start)
    if case.point == "material.release":
        for number, role in enumerate(seats):
            agree(desk, role, start + timedelta(minutes=2 * number))
    if case.held:
        law.place_hold(subjects=[f"product:{product.pk}"], reason="核查", by=officer, at=AT)
    version.refresh_from_db()
    return desk


def agree(desk: Desk, role: str, at: Any) -> None:
    """Let one seat sign for exactly the file that is there."""
    person = desk.seats[role]
    actions.decide_review(
        version_id=desk.version.pk, role=role, decision="agreed", file_sha256=_sha256(desk), by=person, at=at,
        proof=proof_of(person, at, session_key=str(person.pk)),
    )  # fmt: skip


def _sha256(desk: Desk) -> str:
    return str(desk.version.files.get(is_current=True).sha256)


def _by_page(user: User, name: str, desk: Desk, data: dict[str, Any]) -> None:
    client_of(user).post(reverse(f"content:{name}", args=[desk.version.pk]), data)


def _by_rest(user: User, name: str, desk: Desk, data: dict[str, Any]) -> None:
    post_over_rest(user, f"content/materials/{desk.version.pk}/{name}/", data)


def _decision(desk: Desk) -> dict[str, Any]:
    medical = desk.seats["medical"]
    proof = proof_of(medical, AT)
    return {
        "role": "medical",
        "decision": "agreed",
        "file_sha256": _sha256(desk),
        "password": PASSWORD,
        "code": proof.code,
    }


def _until(case: Case) -> dict[str, Any]:
    return {"expires_on": (AT + timedelta(days=LASTS[case.days_ago])).date().isoformat()}


@dataclass(frozen=True)
class Scoring:
    """Who may run a model, and the model."""

    officer: User
    marketing: User
    model: Any


def _scoring(case: Case) -> Scoring:
    officer, marketing = (
        make.content_person(Role.COMPLIANCE, "周正"),
        make.content_person(Role.MARKETING, "罗曼"),
    )
    model = make_model(marketing, officer, at=AT)
    if case.held:
        law.place_hold(subjects=[f"segmentation_model:{model.pk}"], reason="核查", by=officer, at=AT)
    return Scoring(officer, marketing, model)


def _score_by_command(case: Case, ground: Scoring) -> None:
    try:
        call_command("score_doctors", stdout=io.StringIO())
    except (CommandError, Refused):
        return


def _score_by_job(case: Case, ground: Scoring) -> None:
    current_app.loader.import_default_modules()
    try:
        current_app.tasks["doctors.score_all"].run()
    except Refused:
        return


@dataclass(frozen=True)
class Asked:
    """A claim that waits for its approval, who may approve it, and the step that asks."""

    claim: Any
    approver: User
    step: Any


def _claim(case: Case) -> Asked:
    officer, author, approver = (
        make.content_person(Role.COMPLIANCE, "周正"),
        make.content_person(Role.MARKETING, "罗曼"),
        make.content_person(Role.REGULATORY, "柯敏"),
    )
    product = make.product()
    label = make.label(product)
    claim = make.claim(product, author=author)
    if case.names_material:
        section = label.sections.get(kind="dosage")
        actions.link_claim(claim_id=claim.pk, section_id=section.pk, by=author, at=AT)
    actions.submit_claim(claim_id=claim.pk, by=author, at=AT)
    if case.held:
        law.place_hold(subjects=[f"product:{product.pk}"], reason="核查", by=officer, at=AT)
    return Asked(claim, approver, inbox_of(approver, AT.date()).get(request__flow="content.claim"))


ARRANGE: dict[str, Callable[[Case], Any]] = {
    "claim.approve": _claim,
    "material.submit": material_of,
    "material.approve": material_of,
    "material.release": material_of,
    "doctor.score": _scoring,
}
DOORS: dict[str, dict[str, Callable[..., None]]] = {
    "claim.approve": {
        "page": lambda case, asked: client_of(asked.approver).post(
            reverse("content:claim-approve", args=[asked.claim.pk])
        ),
        "inbox": lambda case, asked: answer_in_the_inbox(asked.approver, asked.step),
        "inbox over REST": lambda case, asked: answer_in_the_inbox(
            asked.approver, asked.step, over_rest=True
        ),
    },
    "material.submit": {
        "page": lambda case, desk: _by_page(desk.author, "version-submit", desk, {}),
        "REST": lambda case, desk: _by_rest(desk.author, "submit", desk, {}),
    },
    "material.approve": {
        "page": lambda case, desk: _by_page(desk.seats["medical"], "decide", desk, _decision(desk)),
        "REST": lambda case, desk: _by_rest(desk.seats["medical"], "decide", desk, _decision(desk)),
    },
    "material.release": {
        "page": lambda case, desk: _by_page(desk.seats["regulatory"], "version-release", desk, _until(case)),
        "REST": lambda case, desk: _by_rest(desk.seats["regulatory"], "release", desk, _until(case)),
    },
    "doctor.score": {
        "page": lambda case, ground: client_of(ground.marketing).post(
            reverse("doctors:run-start", args=[ground.model.pk])
        ),
        "REST": lambda case, ground: post_over_rest(
            ground.marketing, "doctors/scoring-runs/", {"model": ground.model.version}
        ),
        "command": _score_by_command,
        "job": _score_by_job,
    },
}
