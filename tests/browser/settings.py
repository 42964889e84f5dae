"""Settings of the servers that browser tests start: those of `make run`, on the suite's database, keys and files."""

from pharmacrm.settings.dev import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False
MFA_REQUIRED = False  # tests of the second factor turn it on
CELERY_TASK_ALWAYS_EAGER = False
