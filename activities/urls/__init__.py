"""Addresses of what is done, one module a subject."""

from . import events, visits

app_name = "activities"

urlpatterns = [*visits.urlpatterns, *events.urlpatterns]
