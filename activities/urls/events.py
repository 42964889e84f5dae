"""Addresses of academic events."""

from django.urls import path

from activities.views import event_speakers as speakers
from activities.views import events as views
from activities.views import sealed
from activities.views.event_change import event_change

urlpatterns = [
    path("activities/events/", views.event_list, name="event-list"),
    path("activities/events/new/", views.event_create, name="event-create"),
    path("activities/events/<uuid:pk>/", views.event_detail, name="event-detail"),
    path("activities/events/<uuid:pk>/change/", event_change, name="event-change"),
    path("activities/events/<uuid:pk>/<slug:verb>/do/", views.event_move, name="event-move"),
    path("activities/events/<uuid:pk>/invite/", views.event_invite, name="event-invite"),
    path("activities/events/<uuid:pk>/speakers/", speakers.propose_speaker, name="event-speakers"),
    path(
        "activities/events/<uuid:pk>/speakers/<uuid:speaker>/<slug:verb>/",
        speakers.move_speaker,
        name="event-speaker-move",
    ),
    path("activities/events/<uuid:pk>/sign-in/", views.event_sign_in, name="event-sign-in"),
    path("activities/events/<uuid:pk>/proof/", views.event_proof, name="event-proof"),
    path("activities/sealed-files/<uuid:pk>/", sealed.sealed_proof, name="sealed-proof"),
    path("activities/events/<uuid:pk>/expense/", views.event_expense, name="event-expense"),
    path("activities/events/<uuid:pk>/close/", views.event_close, name="event-close"),
    path("activities/events/<uuid:pk>/cancel/", views.event_cancel, name="event-cancel"),
    path("activities/events/<uuid:pk>/code/", views.event_code, name="event-code"),
]
