"""Settings of the test suite. Needs no variables beyond the services' addresses."""

import atexit
import shutil
import tempfile
from pathlib import Path

from .base import *

SECRET_KEY = "tests-only-key"  # noqa: S105
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
SMS_GATEWAY = "memory"
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
CACHES = {"default": {"BACKEND": "tests.caching.CountingMemory"}}
SCRATCH = Path(tempfile.mkdtemp(prefix="pharmacrm-tests-"))
MEDIA_ROOT = SCRATCH / "files"
KEYS_DIR = SCRATCH / "keys"
ERASURES_LIST = SCRATCH / "erasures" / "list.jsonl"
STATIC_ROOT = SCRATCH / "static"
STATIC_ROOT.mkdir()
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)
LEDGER_ANCHOR_DIRS = [str(SCRATCH / "anchors")]
LEDGER_WITNESS_DIR = str(SCRATCH / "witness")
AXES_ENABLED = False
MFA_REQUIRED = False  # tests of the second factor turn it on
DATABASES["default"]["CONN_MAX_AGE"] = 0
MIDDLEWARE = ["tests.api.document.AsWritten", *(name for name in MIDDLEWARE if "whitenoise" not in name)]
REST_PER_MINUTE = dict.fromkeys(REST_PER_MINUTE, 1_000_000)
# The suite may empty its own tables between tests; only their owner can (see compliance_refuse_change).
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"]["OPTIONS"],
    "options": "-c pharmacrm.allow_truncate=on",
}
