"""REST addresses under /api/v1/activities/."""

from django.urls import path

from . import field, views

app_name = "activities-api"
urlpatterns = [
    path("cycles/", views.CyclesView.as_view(), name="cycle-list"),
    path("cycles/<uuid:pk>/attainment/", views.AttainmentView.as_view(), name="cycle-attainment"),
    path("doctors/<uuid:pk>/materials/", field.MeantMaterialsView.as_view(), name="doctor-materials"),
    path("showings/", field.ShowingsView.as_view(), name="showing-list"),
    path("showings/<uuid:pk>/pages/<int:page>/", field.ShowingPageView.as_view(), name="showing-page"),
    path("showings/<uuid:pk>/views/", field.ShowingViewsView.as_view(), name="showing-views"),
    path("sync/", views.SyncView.as_view(), name="sync"),
    path("visits/", views.VisitsView.as_view(), name="visit-list"),
    path("visits/<uuid:pk>/", views.VisitView.as_view(), name="visit-detail"),
    path("visits/<uuid:pk>/amend/", field.AmendView.as_view(), name="visit-amend"),
    path("visits/<uuid:pk>/cancel/", field.CancelView.as_view(), name="visit-cancel"),
    path("visits/<uuid:pk>/start/", field.StartView.as_view(), name="visit-start"),
    path("visits/plan/", field.PlanView.as_view(), name="visit-plan"),
]
