"""REST addresses under /api/v1/compliance/."""

from django.urls import path

from . import views

app_name = "compliance-api"
urlpatterns = [
    path("cases/", views.CasesView.as_view(), name="case-list"),
    path("cases/<uuid:pk>/", views.CaseView.as_view(), name="case-detail"),
    path("findings/", views.FindingsView.as_view(), name="finding-list"),
    path("findings/<uuid:pk>/", views.FindingView.as_view(), name="finding-detail"),
    path("holds/", views.HoldsView.as_view(), name="hold-list"),
    path("holds/<uuid:pk>/", views.HoldView.as_view(), name="hold-detail"),
    path("waivers/", views.WaiversView.as_view(), name="waiver-list"),
    path("waivers/<uuid:pk>/", views.WaiverView.as_view(), name="waiver-detail"),
]
