"""Who may open what under / and /people/."""

from datetime import date

from django.utils import timezone

from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import Territory, TerritoryMember, TerritoryMove, User
from pharmacrm.common.models import Job
from tests.architecture.permission_rows import Row, for_roles
from tests.factories.accounts import make_territory

SEE_PEOPLE = (Role.ADMINISTRATOR, Role.COMPLIANCE, Role.INSPECTOR)
SEE_TREE = (
    Role.ADMINISTRATOR, Role.STEWARD, Role.LINE_MANAGER, Role.COMPLIANCE, Role.INSPECTOR, Role.MARKETING,
)  # fmt: skip
MANAGE_TREE = (Role.ADMINISTRATOR, Role.STEWARD)
LATER = {"valid_until": "2030-01-01"}


def own_job(user):
    return {"pk": Job.objects.create(kind="test", title="Import", asked_by=user).pk}


def other_job(_user):
    return {"pk": Job.objects.create(kind="test", title="Import", started_at=timezone.now()).pk}


def somebody(_user):
    return {"pk": User.objects.create(username="chen", email="chen@example.com", display_name="陈思远").pk}


def territory(_user):
    return {"pk": make_territory().pk}


def two_branches(_user):
    make_territory("ELSEWHERE")
    return {"pk": make_territory("HERE").pk}


def to_another_branch(_kwargs):
    return {"parent_id": str(Territory.objects.get(code="ELSEWHERE").pk), "effective_on": "2035-01-01"}


def waiting_move(_user):
    place, elsewhere = make_territory("HERE"), make_territory("ELSEWHERE")
    asker = User.objects.create(username="qin", email="qin@example.com")
    move = TerritoryMove.objects.create(
        territory=place, parent=elsewhere, effective_on=date(2035, 1, 1), asked_by=asker
    )
    return {"pk": place.pk, "move_pk": move.pk}


def membership(_user):
    place = make_territory()
    member = TerritoryMember.objects.create(
        user=User.objects.create(username="chen"), territory=place, role=Role.REP, valid_from=date(2026, 1, 1)
    )
    return {"pk": place.pk, "member_pk": member.pk}


ROWS = [
    Row("home", others=302),
    Row("offline", others=200, anonymous=200),
    Row("styleguide", others=404, anonymous=404),
    Row("accounts:language", "post", others=302, data={"language": "en"}),
    Row("accounts:language", others=405, anonymous=405),
    Row("accounts:messages", others=200),
    Row("accounts:messages", "post", others=302),
    Row("accounts:job", kwargs=own_job, others=200),
    Row("accounts:job", kwargs=other_job, others=404),
    Row("accounts:job", "post", kwargs=own_job, others=302),
    Row("accounts:job", "post", kwargs=other_job, others=404),
    Row("accounts:me", others=200),
    Row("accounts:me", "post", others=302, data={"display_name": "x", "language": "en", "theme": "dark"}),
    Row("accounts:end-other-sessions", "post", others=302),
    Row("accounts:people", statuses=for_roles(200, *SEE_PEOPLE)),
    Row("accounts:person", statuses=for_roles(200, *SEE_PEOPLE), kwargs=somebody),
    Row(
        "accounts:person", "post", statuses=for_roles(302, Role.ADMINISTRATOR), kwargs=somebody,
        data={"display_name": "陈", "email": "c@example.com"},
    ),
    Row("accounts:person-new", statuses=for_roles(200, Role.ADMINISTRATOR)),
    Row(
        "accounts:person-new", "post", statuses=for_roles(302, Role.ADMINISTRATOR),
        data={"username": "gao", "display_name": "高", "email": "gao@example.com", "roles": ["rep"]},
    ),
    Row(
        "accounts:person-roles", "post", statuses=for_roles(302, Role.ADMINISTRATOR), kwargs=somebody,
        data={"roles": ["rep"], "reason": "new"},
    ),
    Row(
        "accounts:person-access", "post", statuses=for_roles(302, Role.ADMINISTRATOR), kwargs=somebody,
        data={"reason": "left"},
    ),
    Row("accounts:person-password-link", "post", statuses=for_roles(302, Role.ADMINISTRATOR), kwargs=somebody),
    Row("accounts:territories", statuses=for_roles(200, *SEE_TREE)),
    Row("accounts:territories", "post", statuses=for_roles(302, *MANAGE_TREE), data={"code": "x", "name": "x"}),
    Row("accounts:territory", statuses=for_roles(200, *SEE_TREE), kwargs=territory),
    Row("accounts:territory-move", "post", statuses=for_roles(302, *MANAGE_TREE), kwargs=two_branches, data=to_another_branch),
    Row("accounts:territory-move-drop", "post", statuses=for_roles(302, *MANAGE_TREE), kwargs=waiting_move),
    Row("accounts:territory-rename", "post", statuses=for_roles(302, *MANAGE_TREE), kwargs=territory, data={"name": "y"}),
    Row("accounts:member-end", "post", statuses=for_roles(302, *MANAGE_TREE), kwargs=membership, data=LATER),
]  # fmt: skip
