"""REST addresses under /api/v1/doctors/."""

from django.urls import path

from . import segmentation

app_name = "doctors-api"
urlpatterns = [
    path("scoring-runs/", segmentation.ScoringRunsView.as_view(), name="scoring-run-list"),
    path("scoring-runs/<uuid:pk>/", segmentation.ScoringRunView.as_view(), name="scoring-run-detail"),
    path("<uuid:pk>/tier/", segmentation.TierView.as_view(), name="tier-detail"),
]
