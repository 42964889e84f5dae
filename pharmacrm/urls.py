"""Wiring: the only code that may know all apps."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("pharmacrm.api.urls")),
    path("o/", include("pharmacrm.api.oauth_urls")),
]
