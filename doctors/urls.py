"""Pages under /doctors/."""

from django.urls import path

from .views import (
    changes,
    consents,
    doctors,
    hospitals,
    notices,
    playbooks,
    scoring_models,
    segmentation,
    trials,
)

app_name = "doctors"
urlpatterns = [
    path("", doctors.doctor_list, name="doctor-list"),
    path("changes/", changes.change_request_list, name="change-request-list"),
    path("changes/<uuid:pk>/decide/", changes.change_decide, name="change-decide"),
    path("hospitals/", hospitals.hospital_list, name="hospital-list"),
    path("hospitals/<uuid:pk>/", hospitals.hospital_detail, name="hospital-detail"),
    path("notices/", notices.notice_list, name="notice-list"),
    path("notices/new/", notices.notice_new, name="notice-new"),
    path("notices/<uuid:pk>/", notices.notice_detail, name="notice-detail"),
    path("notices/<uuid:pk>/<str:verb>/", notices.notice_move, name="notice-move"),
    path("playbook/", playbooks.playbook_list, name="playbook-list"),
    path("segmentation/", segmentation.model_list, name="model-list"),
    path("segmentation/catalogue/", scoring_models.catalogue, name="feature-catalogue"),
    path("segmentation/models/new/", scoring_models.model_new, name="model-new"),
    path("segmentation/models/<uuid:pk>/compare/", scoring_models.model_compare, name="model-compare"),
    path("segmentation/models/<uuid:pk>/edit/", scoring_models.model_edit, name="model-edit"),
    path("segmentation/models/<uuid:pk>/", segmentation.model_detail, name="model-detail"),
    path("segmentation/models/<uuid:pk>/run/", segmentation.run_start, name="run-start"),
    path("segmentation/models/<uuid:pk>/try/<str:kind>/", trials.trial_start, name="trial-start"),
    path("segmentation/trials/<uuid:pk>/", trials.trial_detail, name="trial-detail"),
    path("segmentation/models/<uuid:pk>/<str:verb>/", segmentation.model_move, name="model-move"),
    path("segmentation/overrides/<uuid:pk>/decide/", segmentation.override_decide, name="override-decide"),
    path("segmentation/runs/<uuid:pk>/", segmentation.run_detail, name="run-detail"),
    path("<uuid:pk>/", doctors.doctor_detail, name="doctor-detail"),
    path("<uuid:pk>/change/", changes.change_ask, name="change-ask"),
    path("<uuid:pk>/consent/", doctors.switch_consent, name="consent-switch"),
    path("<uuid:pk>/consents/", consents.consent_lattice, name="consent-lattice"),
    path("<uuid:pk>/consents/<uuid:record>/proof/", consents.consent_proof, name="consent-proof"),
    path("<uuid:pk>/contacts/<uuid:contact_pk>/", doctors.reveal_contact, name="contact-reveal"),
    path("<uuid:pk>/tier/", segmentation.tier_detail, name="tier-detail"),
    path("<uuid:pk>/tier/override/", segmentation.override_ask, name="override-ask"),
]
