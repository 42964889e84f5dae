"""Wiring: the only code that may know all apps."""

from django.urls import include, path

from pharmacrm.accounts.views.shell import home
from pharmacrm.runtime import health

urlpatterns = [
    path("", home, name="home"),
    path("accounts/", include("pharmacrm.accounts.sign_in_urls")),
    path("api/v1/", include("pharmacrm.api.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("o/", include("pharmacrm.api.oauth_urls")),
    path("people/", include("pharmacrm.accounts.urls")),
    path("readyz", health.readyz, name="readyz"),
]
