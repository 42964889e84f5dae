"""REST addresses under /api/v1/activities/."""

from django.urls import path

from . import events, field, transfers, views

app_name = "activities-api"
urlpatterns = [
    path("cycles/", views.CyclesView.as_view(), name="cycle-list"),
    path("cycles/<uuid:pk>/attainment/", views.AttainmentView.as_view(), name="cycle-attainment"),
    path("doctors/<uuid:pk>/materials/", field.MeantMaterialsView.as_view(), name="doctor-materials"),
    path("events/", events.EventsView.as_view(), name="event-list"),
    path("events/<uuid:pk>/", events.EventView.as_view(), name="event-detail"),
    path("events/<uuid:pk>/cancel/", events.CancelEventView.as_view(), name="event-cancel"),
    path("events/<uuid:pk>/close/", events.CloseEventView.as_view(), name="event-close"),
    path("events/<uuid:pk>/end/", events.EndEventView.as_view(), name="event-end"),
    path("events/<uuid:pk>/expenses/", events.ExpensesView.as_view(), name="event-expenses"),
    path("events/<uuid:pk>/invitations/", events.InviteView.as_view(), name="event-invitations"),
    path("events/<uuid:pk>/proofs/", events.ProofsView.as_view(), name="event-proofs"),
    path("events/<uuid:pk>/request/", events.RequestEventView.as_view(), name="event-request"),
    path("events/<uuid:pk>/sign-in/", events.SignInView.as_view(), name="event-sign-in"),
    path("events/<uuid:pk>/speakers/", events.SpeakersView.as_view(), name="event-speakers"),
    path(
        "events/<uuid:pk>/speakers/<uuid:speaker>/drop/",
        events.DropSpeakerView.as_view(),
        name="speaker-drop",
    ),
    path(
        "events/<uuid:pk>/speakers/<uuid:speaker>/invite/",
        events.InviteSpeakerView.as_view(),
        name="speaker-invite",
    ),
    path(
        "events/<uuid:pk>/speakers/<uuid:speaker>/verify/",
        events.VerifySpeakerView.as_view(),
        name="speaker-verify",
    ),
    path("events/<uuid:pk>/start/", events.StartEventView.as_view(), name="event-start"),
    path("showings/", field.ShowingsView.as_view(), name="showing-list"),
    path("showings/<uuid:pk>/pages/<int:page>/", field.ShowingPageView.as_view(), name="showing-page"),
    path("showings/<uuid:pk>/views/", field.ShowingViewsView.as_view(), name="showing-views"),
    path("sync/", views.SyncView.as_view(), name="sync"),
    path("topics/", field.TopicsView.as_view(), name="topic-list"),
    path("transfers/", transfers.TransfersView.as_view(), name="transfer-list"),
    path("visits/", views.VisitsView.as_view(), name="visit-list"),
    path("visits/<uuid:pk>/", views.VisitView.as_view(), name="visit-detail"),
    path("visits/<uuid:pk>/amend/", field.AmendView.as_view(), name="visit-amend"),
    path("visits/<uuid:pk>/cancel/", field.CancelView.as_view(), name="visit-cancel"),
    path("visits/<uuid:pk>/start/", field.StartView.as_view(), name="visit-start"),
    path("visits/plan/", field.PlanView.as_view(), name="visit-plan"),
]
