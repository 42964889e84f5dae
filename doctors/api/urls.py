"""REST addresses under /api/v1/doctors/."""

from django.urls import path

from . import segmentation, views

app_name = "doctors-api"
urlpatterns = [
    path("", views.DoctorsView.as_view(), name="doctor-list"),
    path("departments/", views.DepartmentsView.as_view(), name="department-list"),
    path("hospitals/", views.HospitalsView.as_view(), name="hospital-list"),
    path("scoring-runs/", segmentation.ScoringRunsView.as_view(), name="scoring-run-list"),
    path("scoring-runs/<uuid:pk>/", segmentation.ScoringRunView.as_view(), name="scoring-run-detail"),
    path("search/", views.DoctorSearchView.as_view(), name="doctor-search"),
    path("<uuid:pk>/", views.DoctorView.as_view(), name="doctor-detail"),
    path("<uuid:pk>/tier/", segmentation.TierView.as_view(), name="tier-detail"),
]
