"""The embedded PostgreSQL and Redis, and the supervisor behind `make run`.

Entry points: `bootstrap.py` (run by the system's Python before anything is installed) and
`python -m pharmacrm.runtime` (run, exec, test, psql-owner).
"""
