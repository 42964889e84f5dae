"""Settings of `make run` on one machine. Needs no variables."""

from . import env
from .base import *

DEBUG = env.flag("PHARMACRM_DEBUG")
SECRET_KEY = env.text("SECRET_KEY", "development-only-key-never-used-in-production")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = HOME / "mail"
SMS_GATEWAY = "file"
WHITENOISE_USE_FINDERS = True  # no collectstatic between a change and the next start
