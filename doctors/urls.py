"""Pages under /doctors/."""

from django.urls import path

from .views import playbooks, segmentation

app_name = "doctors"
urlpatterns = [
    path("playbook/", playbooks.playbook_list, name="playbook-list"),
    path("segmentation/", segmentation.model_list, name="model-list"),
    path("segmentation/models/new/", segmentation.model_new, name="model-new"),
    path("segmentation/models/<uuid:pk>/", segmentation.model_detail, name="model-detail"),
    path("segmentation/models/<uuid:pk>/run/", segmentation.run_start, name="run-start"),
    path("segmentation/models/<uuid:pk>/<str:verb>/", segmentation.model_move, name="model-move"),
    path("segmentation/overrides/<uuid:pk>/decide/", segmentation.override_decide, name="override-decide"),
    path("segmentation/runs/<uuid:pk>/", segmentation.run_detail, name="run-detail"),
    path("<uuid:pk>/tier/", segmentation.tier_detail, name="tier-detail"),
    path("<uuid:pk>/tier/override/", segmentation.override_ask, name="override-ask"),
]
