"""Who may see and register applications; and the acts, each with what it needs."""

from django.contrib.auth.models import Group
from django.utils import timezone

from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.api import actions
from tests.architecture.act_rows import Act
from tests.architecture.permission_rows import Row, for_roles
from tests.factories.compliance import PASSWORD, proof_of

SEES = (Role.ADMINISTRATOR, Role.COMPLIANCE, Role.INSPECTOR)


def a_client(_user=None):
    account = User.objects.create(username="warehouse", email="w@example.com", display_name="Warehouse")
    account.groups.add(Group.objects.get_or_create(name="service")[0])
    made = actions.create_client(
        name="Warehouse", service_account=account, redirect_uris="", by=None, at=timezone.now()
    )
    return {"client_id": made.client_id}


def proof(person):
    if not person.check_password(PASSWORD):
        person.set_password(PASSWORD)
        person.save()
    given = proof_of(person, timezone.now())
    return {"password": given.password, "code": given.code, "reason": "新的数据仓库"}


def registration(person):
    return {}, {
        "name": "Warehouse", "kind": "service", "username": "warehouse", "email": "it@example.com", **proof(person),
    }  # fmt: skip


ROWS = [
    Row("clients:list", statuses=for_roles(200, *SEES)),
    Row("clients:new", statuses=for_roles(200, Role.ADMINISTRATOR)),
    Row("clients:new", "post", data={"name": "x"}, statuses=for_roles(400, Role.ADMINISTRATOR)),
    Row("clients:detail", kwargs=a_client, statuses=for_roles(200, *SEES)),
    Row(
        "clients:detail",
        "post",
        kwargs=a_client,
        data={"reason": ""},
        statuses=for_roles(400, Role.ADMINISTRATOR),
    ),
]
ACTS = [
    Act("clients:new", Role.ADMINISTRATOR, registration),
    Act(
        "clients:detail", Role.ADMINISTRATOR, lambda person: (a_client(), {"act": "disable", **proof(person)})
    ),
]
