"""Wiring: the only code that may know all apps."""

from django.urls import include, path

from compliance.views import hotline
from pharmacrm.accounts.views import errors
from pharmacrm.accounts.views.shell import home
from pharmacrm.accounts.views.styleguide import styleguide
from pharmacrm.runtime import health

urlpatterns = [
    path("", home, name="home"),
    path("", include("activities.urls")),
    path("accounts/", include("pharmacrm.accounts.sign_in_urls")),
    path("api/v1/", include("pharmacrm.api.urls")),
    path("boards/", include("pharmacrm.dashboards.urls")),
    path("compliance/", include("compliance.urls")),
    path("content/", include("content.urls")),
    path("d/", include("pharmacrm.portal.urls")),
    path("doctors/", include("doctors.urls")),
    path("e/", include("activities.urls.door")),
    path("healthz", health.healthz, name="healthz"),
    path("hotline/", hotline.hotline, name="hotline"),
    path("hotline/return/", hotline.hotline_return, name="hotline-return"),
    path("imports/", include("pharmacrm.imports.urls")),
    path("o/", include("pharmacrm.api.oauth_urls")),
    path("offline/", errors.offline, name="offline"),
    path("people/clients/", include("pharmacrm.api.client_urls")),
    path("people/", include("pharmacrm.accounts.urls")),
    path("readyz", health.readyz, name="readyz"),
    path("styleguide/", styleguide, name="styleguide"),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
