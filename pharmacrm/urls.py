"""Wiring: the only code that may know all apps."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
]
