"""Who may open boards."""

from pharmacrm.accounts.choices import Role
from tests.architecture.permission_rows import Row, for_roles

READERS = (
    Role.LINE_MANAGER, Role.MARKETING, Role.MEDICAL, Role.COMPLIANCE, Role.INSPECTOR, Role.ADMINISTRATOR,
)  # fmt: skip

ROWS = [
    Row("dashboards:board", statuses=for_roles(200, *READERS)),
    Row("dashboards:rows", kwargs={"figure": "met"}, statuses=for_roles(200, *READERS)),
    Row("dashboards:home", others=302),
    Row("api:boards-api:coverage", anonymous=401, statuses=for_roles(200, *READERS)),
    Row(
        "api:boards-api:rows-workbook",
        kwargs={"figure": "met"},
        anonymous=401,
        statuses=for_roles(200, *READERS),
    ),
    Row("api:boards-api:rows", kwargs={"figure": "met"}, anonymous=401, statuses=for_roles(200, *READERS)),
]
