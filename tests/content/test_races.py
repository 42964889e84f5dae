"""Two at once: whatever the order, no byte is released that three people did not sign, and no hold is overtaken."""

import ast
import os
import random
import threading
import time
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection

from compliance import actions as law
from content import actions, selectors
from content.facts import AudienceFacts
from content.models import MaterialVersion, Release, ReviewSeat
from pharmacrm.common.errors import DomainError, Refused
from tests.content.conftest import AT
from tests.content.test_review import NEXT_YEAR
from tests.factories import content as make
from tests.factories.compliance import proof_of

NO = (DomainError, Refused)


def at_once(*acts):
    """Run the acts in threads that start together. Returns: what each gave or raised."""
    start, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        try:
            start.wait(timeout=20)
            outcomes[place] = act()
        except NO as no:
            outcomes[place] = no
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


def unsigned_releases(**of):
    """Return releases whose bytes were not agreed to by all three, or are not the version's file."""
    return [
        release
        for release in Release.objects.filter(**of)
        if set(
            ReviewSeat.objects.filter(
                round__version=release.version, decision="agreed", signed_sha256=release.file_sha256
            ).values_list("role", flat=True)
        )
        != {"medical", "regulatory", "compliance"}
        or release.version.files.get(is_current=True).sha256 != release.file_sha256
    ]


# What writes the bytes, the agreements and the releases, and the race that asks it. A new writer takes its row here.
RACED = {
    "materials.py _attach": "a new file, in every order with a release and the last signature",
    "releases.py carry_out_release": "two releases, and a release with each of the others",
    "submitting.py _seat": "opened with the round",
    "submitting.py submit_version": "opens the round before anything of it is signed; nothing is released meanwhile",
}
WRITTEN = {"MaterialFile", "ReviewSeat", "ReviewRound", "Release"}


def writers():
    """Return the functions of the code that make a row of what a release rests on."""
    found = set()
    for path in sorted((settings.BASE_DIR / "content").rglob("*.py")):
        if "migrations" in path.parts or "models" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                made = {_made(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}
                if made & WRITTEN:
                    found.add(f"{path.name} {node.name}")
    return found


def _made(called):
    """Return the model that a call makes a row of: `Model(…)`, `Model.objects.create(…)` and its like."""
    if isinstance(called, ast.Name):
        return called.id
    if (
        isinstance(called, ast.Attribute)
        and "create" in called.attr
        and isinstance(called.value, ast.Attribute)
    ):
        return getattr(called.value.value, "id", "")
    return ""


def test_whatever_writes_what_a_release_rests_on_is_raced():
    assert writers() == set(RACED)


RACES = int(os.environ.get("DRILL_RACES", "4"))


def after(seconds, act, *given, **named):
    """Return an act that starts a little later, so that each of several comes first at times."""

    def late():
        time.sleep(seconds)
        return act(*given, **named)

    return late


@pytest.mark.django_db(transaction=True)
def test_no_race_releases_bytes_that_three_people_did_not_sign(desk, record_property):
    """`make drill ARGS=P5` runs a thousand: a release against a new file, the last signature against both, two releases."""
    chance, unsigned, results = random.Random(5), [], Counter()
    for number in range(RACES):
        at = AT + timedelta(minutes=2 * number)  # a code of the second factor counts once
        version = desk.approved(at=at) if number % 2 else desk.submitted(at=at)
        other = ContentFile(make.pdf_bytes((*make.PAGE_TEXT, f"另一版 {number}")))
        attach = partial(actions.attach_file, upload=other, name="b.pdf", by=desk.author, at=at)
        if number % 2:
            third = partial(release, desk, version, at)
        else:
            desk.decide(version, "medical", at=at)
            desk.decide(version, "regulatory", at=at)
            third = partial(desk.decide, version, "compliance", at=at)

        outcomes = at_once(
            partial(attach, version_id=version.pk),
            after(chance.uniform(0, 0.6), release, desk, version, at),
            after(chance.uniform(0, 0.6), third),
        )

        version.refresh_from_db()
        unsigned += unsigned_releases(version=version)
        done = [
            name
            for name, one in zip(["file", "release", "third"], outcomes, strict=True)
            if not isinstance(one, NO)
        ]
        results[f"{version.status} after {', '.join(done) or 'nothing'}"] += 1
    record_property("counted", RACES)
    record_property("outcomes", dict(results))
    assert unsigned == []
    assert sum(results.values()) == RACES


def release(desk, version, at=AT):
    return actions.release_version(version_id=version.pk, expires_on=NEXT_YEAR, by=desk.regulatory, at=at)


@pytest.mark.django_db(transaction=True)
def test_a_release_and_a_new_file_at_once_never_release_unsigned_bytes(desk):
    version = desk.approved()
    other = make.pdf_bytes((*make.PAGE_TEXT, "另一版"))

    outcomes = at_once(
        lambda: release(desk, version),
        lambda: actions.attach_file(
            version_id=version.pk, upload=ContentFile(other), name="b.pdf", by=desk.author, at=AT
        ),
    )

    version.refresh_from_db()
    assert unsigned_releases() == []
    assert sum(isinstance(one, NO) for one in outcomes) == 1
    assert version.status in {"released", "draft"}


@pytest.mark.django_db(transaction=True)
def test_a_release_and_a_hold_at_once_leave_nothing_shown(desk):
    version = desk.approved()

    at_once(
        lambda: release(desk, version),
        lambda: law.place_hold(
            subjects=[f"product:{desk.product.pk}"], reason="x", by=desk.compliance, at=AT
        ),
    )

    assert selectors.released_materials_for(AudienceFacts(), AT) == []
    assert unsigned_releases() == []


@pytest.mark.django_db(transaction=True)
def test_the_last_two_signatures_at_once_approve_once(desk):
    version = desk.submitted()
    desk.decide(version, "medical")
    sha256 = version.files.get().sha256
    proofs = {one: proof_of(one, AT) for one in (desk.regulatory, desk.compliance)}

    def sign(role, person):
        return actions.decide_review(
            version_id=version.pk,
            role=role,
            decision="agreed",
            file_sha256=sha256,
            by=person,
            at=AT,
            proof=proofs[person],
        )

    at_once(lambda: sign("regulatory", desk.regulatory), lambda: sign("compliance", desk.compliance))

    version.refresh_from_db()
    assert version.status == "approved"
    assert ReviewSeat.objects.filter(round__version=version, decision="agreed").count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_seat_is_signed_once_by_two_of_one_role(desk, person):
    other = person("he2", "medical", name="贺澄")
    version = desk.submitted()
    sha256 = version.files.get().sha256
    proofs = {one: proof_of(one, AT) for one in (desk.medical, other)}

    def sign(by):
        return actions.decide_review(
            version_id=version.pk,
            role="medical",
            decision="agreed",
            file_sha256=sha256,
            by=by,
            at=AT,
            proof=proofs[by],
        )

    outcomes = at_once(lambda: sign(desk.medical), lambda: sign(other))

    assert sum(isinstance(one, MaterialVersion) for one in outcomes) == 1
    assert ReviewSeat.objects.filter(round__version=version, decision="agreed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_releases_at_once_get_two_numbers(desk):
    first, second = desk.approved(), desk.approved(at=AT + timedelta(minutes=5))

    outcomes = at_once(lambda: release(desk, first), lambda: release(desk, second))

    assert sorted(one.approval_number for one in outcomes) == ["HY-2026-00001", "HY-2026-00002"]
