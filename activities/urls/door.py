"""The sign-in page at the place of an event, open to whoever scans the code."""

from django.urls import path

from activities.views import event_door as views

urlpatterns = [
    path("<str:token>/", views.event_door, name="event-door"),
    path("<str:token>/code.svg", views.event_code_picture, name="event-code-picture"),
]
