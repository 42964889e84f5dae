"""An inspector's pack of every kind of subject, checked by plain Python with an empty environment. Promise P10."""

import pytest

from bench.packs import AT, checked_elsewhere, ground_of
from compliance import actions as law
from compliance import subjects
from compliance.actions.inspection import ask_for_pack, make_pack
from compliance.actions.sealing import seal
from pharmacrm.common.ids import uuid7

pytestmark = pytest.mark.django_db
ASKED_FOR = ("doctor", "event", "material", "staff member", "period")


def made(scope, by):
    asked = ask_for_pack(**scope, reason="现场检查", by=by, at=AT)
    return make_pack(pack_id=asked.pk, at=AT)


def test_a_pack_of_each_kind_that_an_inspector_asks_for_is_whole_and_agrees_elsewhere():
    ground = ground_of(2)
    scopes = ground.scopes()

    packs = {kind: made(scope, ground.officer) for kind, scope in scopes.items()}

    assert tuple(scopes) == ASKED_FOR
    assert {kind: checked_elsewhere(pack)[1] for kind, pack in packs.items()} == dict.fromkeys(
        ASKED_FOR, "agrees"
    )
    assert {kind for kind, pack in packs.items() if pack.counts["acts"] < 3} == set()
    assert packs["material"].counts["signatures"] == 3  # the three seats of its review
    assert packs["event"].counts["acts"] == 3


def test_a_period_holds_acts_about_every_kind_of_subject_that_the_code_knows(officer):
    kinds = sorted(subjects.kinds())
    for kind in kinds:
        law.record("test.done", subject=f"{kind}:{uuid7()}", by=officer, at=AT)
    seal(at=AT, sign_now=True, anchor=False)

    pack = made({"subject": "", "since": AT.date(), "until": AT.date()}, officer)

    assert pack.counts["acts"] >= len(kinds)
    assert checked_elsewhere(pack)[1] == "agrees"
