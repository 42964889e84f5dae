"""REST addresses under /api/v1/activities/."""

from django.urls import path

from . import views

app_name = "activities-api"
urlpatterns = [
    path("cycles/", views.CyclesView.as_view(), name="cycle-list"),
    path("cycles/<uuid:pk>/attainment/", views.AttainmentView.as_view(), name="cycle-attainment"),
    path("sync/", views.SyncView.as_view(), name="sync"),
    path("visits/", views.VisitsView.as_view(), name="visit-list"),
    path("visits/<uuid:pk>/", views.VisitView.as_view(), name="visit-detail"),
]
