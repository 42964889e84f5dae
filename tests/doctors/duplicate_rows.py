"""Who may open and decide what of the pages of duplicates."""

from django.utils import timezone

from doctors import actions
from doctors.models import MatchModel
from pharmacrm.accounts.choices import Role
from tests.architecture.act_rows import Act
from tests.architecture.permission_rows import Row, for_roles
from tests.factories.content import content_person
from tests.factories.duplicates import make_model, make_pair

SEE = (Role.STEWARD, Role.COMPLIANCE, Role.INSPECTOR)
LINES = {"lower": "1", "upper": "6", "known": "test"}


def pair(_user):
    return {"pk": make_pair().pk}


def model(_user):
    return {"pk": (MatchModel.objects.first() or make_model()).pk}


def fitted(_user):
    return {"pk": make_model(state="fitted").pk}


def merged(_user):
    alike = make_pair()
    steward = content_person(Role.STEWARD, "裘文")
    record = actions.merge_doctors(
        kept_id=alike.low_id, merged_id=alike.high_id, reason="同一人", by=steward, at=timezone.now()
    )
    return {"pk": record.pk}


def in_force(user):
    make_model()
    return {}


DUPLICATE_ROWS = [
    Row("doctors:match-list", statuses=for_roles(200, *SEE)),
    Row("doctors:match-list", "post", statuses=for_roles(302, Role.STEWARD)),
    Row("doctors:match-detail", kwargs=pair, statuses=for_roles(200, *SEE)),
    Row("doctors:match-detail", "post", kwargs=pair, statuses=for_roles(302, Role.STEWARD), data={"answer": "different", "reason": "x"}),
    Row("doctors:merge-list", statuses=for_roles(200, *SEE)),
    Row("doctors:merge-undo", "post", kwargs=merged, statuses=for_roles(302, Role.STEWARD), data={"reason": "x"}),
    Row("doctors:match-weights", statuses=for_roles(200, *SEE)),
    Row("doctors:match-weights", "post", statuses=for_roles(302, Role.STEWARD)),
    Row("doctors:match-model", kwargs=model, statuses=for_roles(200, *SEE)),
    Row("doctors:match-model", "post", kwargs=model, statuses=for_roles(302, Role.STEWARD), data=LINES),
    Row("doctors:match-use", "post", kwargs=fitted, statuses=for_roles(302, Role.STEWARD)),
]  # fmt: skip
DUPLICATE_ACTS = [
    Act("doctors:match-list", Role.STEWARD, lambda person: (in_force(person), {})),
    Act(
        "doctors:match-detail",
        Role.STEWARD,
        lambda person: (pair(person), {"answer": "same_low", "reason": "x"}),
    ),
    Act("doctors:merge-undo", Role.STEWARD, lambda person: (merged(person), {"reason": "x"})),
    Act("doctors:match-weights", Role.STEWARD, lambda person: ({}, {})),
    Act("doctors:match-model", Role.STEWARD, lambda person: (model(person), LINES)),
    Act("doctors:match-use", Role.STEWARD, lambda person: (fitted(person), {})),
]
