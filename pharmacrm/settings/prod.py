"""Settings of a real installation: a missing variable stops the start."""

from django.core.exceptions import ImproperlyConfigured

from . import env
from .base import *

if DEMO:
    raise ImproperlyConfigured(
        "PHARMACRM_DEMO=1 publishes demonstration logins; it cannot run with production settings."
    )

SECRET_KEY = env.text("SECRET_KEY")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS") or [env.text("ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
DATABASES = {"default": env.database(env.text("DATABASE_URL"))}
REDIS_URL = CELERY_BROKER_URL = env.text("REDIS_URL")
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
SMS_GATEWAY_URL = env.text("SMS_GATEWAY_URL", "")
SMS_GATEWAY_AUTH = env.text("SMS_GATEWAY_AUTH", "")
SMS_GATEWAY_BODY = env.template("SMS_GATEWAY_BODY", SMS_GATEWAY_BODY)
SMS_GATEWAY = "http" if SMS_GATEWAY_URL else ""
if SMS_GATEWAY_URL and not SMS_GATEWAY_URL.startswith("https://"):
    raise ImproperlyConfigured("SMS_GATEWAY_URL has to start with https:// : codes travel over it.")
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked from inside, beside the proxy
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
# No other host of the domain can set these. Source: OWASP ASVS 5.0, 3.3.3.
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken"
OAUTH2_PROVIDER = {**OAUTH2_PROVIDER, "ALLOWED_REDIRECT_URI_SCHEMES": ["https"]}
