#!/bin/sh
# Run once by the database's image: the role that web, worker and beat use. It gets its rights from `prepare`.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" -v password="$APP_PASSWORD" <<'SQL'
CREATE ROLE pharmacrm_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
SQL
