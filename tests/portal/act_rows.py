"""Acts of the doctor's own page."""

from pharmacrm.accounts.choices import Role
from tests.architecture.act_rows import Act
from tests.portal.permission_rows import open_link

ACTS = [Act("portal:page", Role.REP, lambda person: (open_link(person), {"act": "stop"}))]
