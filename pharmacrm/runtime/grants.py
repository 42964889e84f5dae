"""What the application's role may do: rows, never tables. Protected tables are narrowed by their own app."""

from __future__ import annotations

from django.db import connection, transaction

RIGHTS = """
GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role};
GRANT USAGE ON SCHEMA public TO {role};
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {role};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO {role};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role};
"""


@transaction.atomic
def grant_rows(role: str) -> None:
    """Let `role` read and write rows of every table. Runs as the owner."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(RIGHTS.format(role=quote(role), database=quote(connection.settings_dict["NAME"])))
