"""REST addresses under /api/v1/doctors/."""

from django.urls import path

from . import (
    academic,
    academic_acts,
    attachments,
    claims,
    consents,
    duplicates,
    levels,
    lists,
    match_weights,
    model_acts,
    playbooks,
    realignments,
    requests,
    scoring_models,
    segmentation,
    tiers,
    views,
)

app_name = "doctors-api"
urlpatterns = [
    path("", views.DoctorsView.as_view(), name="doctor-list"),
    path("bulk/", lists.BulkView.as_view(), name="bulk"),
    path("changes/", claims.ChangesView.as_view(), name="change-list"),
    path(
        "changes/attachments/<uuid:pk>/",
        attachments.ChangeAttachmentView.as_view(),
        name="change-attachment",
    ),
    path("changes/<uuid:pk>/decide/", claims.DecideChangeView.as_view(), name="change-decide"),
    path("claims/", claims.ClaimsView.as_view(), name="claim-list"),
    path("claims/<uuid:pk>/evidence/", attachments.ClaimEvidenceView.as_view(), name="claim-evidence"),
    path("claims/<uuid:pk>/decide/", claims.DecideClaimView.as_view(), name="claim-decide"),
    path("departments/", views.DepartmentsView.as_view(), name="department-list"),
    path("duplicates/", duplicates.PairsView.as_view(), name="pair-list"),
    path("duplicates/<uuid:pk>/", duplicates.PairView.as_view(), name="pair-detail"),
    path("duplicates/<uuid:pk>/decide/", duplicates.DecidePairView.as_view(), name="pair-decide"),
    path("duplicates/weights/", match_weights.MatchWeightsListView.as_view(), name="match-weights-list"),
    path(
        "duplicates/weights/<uuid:pk>/", match_weights.MatchWeightsView.as_view(), name="match-weights-detail"
    ),
    path(
        "duplicates/weights/<uuid:pk>/lines/",
        match_weights.MatchLinesView.as_view(),
        name="match-weights-lines",
    ),
    path(
        "duplicates/weights/<uuid:pk>/use/", match_weights.UseWeightsView.as_view(), name="match-weights-use"
    ),
    path("engagement/", tiers.AlertsView.as_view(), name="engagement-list"),
    path("hospital-levels/", levels.LevelsView.as_view(), name="level-list"),
    path("hospitals/", views.HospitalsView.as_view(), name="hospital-list"),
    path("lists/", lists.KeptListsView.as_view(), name="list-list"),
    path("lists/<uuid:pk>/change/", lists.KeptListView.as_view(), name="list-change"),
    path("lists/<uuid:pk>/drop/", lists.DropListView.as_view(), name="list-drop"),
    path("merges/", duplicates.MergesView.as_view(), name="merge-list"),
    path("merges/<uuid:pk>/undo/", duplicates.UndoMergeView.as_view(), name="merge-undo"),
    path("playbooks/", playbooks.PlaybooksView.as_view(), name="playbook-list"),
    path("playbooks/<uuid:pk>/change/", playbooks.ChangePlaybookView.as_view(), name="playbook-change"),
    path("playbooks/<uuid:pk>/retire/", playbooks.RetirePlaybookView.as_view(), name="playbook-retire"),
    path("privacy-requests/", requests.PrivacyRequestsView.as_view(), name="request-list"),
    path("privacy-requests/<uuid:pk>/", requests.PrivacyRequestView.as_view(), name="request-detail"),
    path("privacy-requests/<uuid:pk>/answer/", requests.AnswerRequestView.as_view(), name="request-answer"),
    path(
        "privacy-requests/<uuid:pk>/identity/", requests.CheckIdentityView.as_view(), name="request-identity"
    ),
    path("privacy-requests/<uuid:pk>/second/", requests.SecondErasureView.as_view(), name="request-second"),
    path("realignments/", realignments.RealignmentsView.as_view(), name="realignment-list"),
    path("realignments/<uuid:pk>/", realignments.RealignmentView.as_view(), name="realignment-detail"),
    path("realignments/<uuid:pk>/drop/", realignments.DropRealignmentView.as_view(), name="realignment-drop"),
    path(
        "realignments/<uuid:pk>/lines/", realignments.RealignmentLinesView.as_view(), name="realignment-lines"
    ),
    path(
        "realignments/<uuid:pk>/lines/<uuid:line>/drop/",
        realignments.DropLineView.as_view(),
        name="realignment-line-drop",
    ),
    path(
        "realignments/<uuid:pk>/moves/", realignments.RealignmentMovesView.as_view(), name="realignment-moves"
    ),
    path(
        "realignments/<uuid:pk>/preview/",
        realignments.PreviewRealignmentView.as_view(),
        name="realignment-preview",
    ),
    path(
        "realignments/<uuid:pk>/propose/",
        realignments.ProposeRealignmentView.as_view(),
        name="realignment-propose",
    ),
    path(
        "realignments/<uuid:pk>/reverse/",
        realignments.ReverseRealignmentView.as_view(),
        name="realignment-reverse",
    ),
    path("scoring-models/", model_acts.ModelsView.as_view(), name="scoring-model-list"),
    path("scoring-models/validate/", scoring_models.ModelFaultsView.as_view(), name="scoring-model-validate"),
    path("scoring-models/<uuid:pk>/", scoring_models.ScoringModelView.as_view(), name="scoring-model-detail"),
    path(
        "scoring-models/<uuid:pk>/activate/",
        model_acts.ActivateModelView.as_view(),
        name="scoring-model-activate",
    ),
    path(
        "scoring-models/<uuid:pk>/assess/", model_acts.AssessModelView.as_view(), name="scoring-model-assess"
    ),
    path(
        "scoring-models/<uuid:pk>/change/", model_acts.ChangeModelView.as_view(), name="scoring-model-change"
    ),
    path(
        "scoring-models/<uuid:pk>/retire/", model_acts.RetireModelView.as_view(), name="scoring-model-retire"
    ),
    path("scoring-models/<uuid:pk>/trials/", scoring_models.StartTrialView.as_view(), name="trial-start"),
    path("scoring-runs/", segmentation.ScoringRunsView.as_view(), name="scoring-run-list"),
    path("scoring-runs/<uuid:pk>/", segmentation.ScoringRunView.as_view(), name="scoring-run-detail"),
    path("scoring-trials/<uuid:pk>/", scoring_models.TrialView.as_view(), name="trial-detail"),
    path("scoring-trials/<uuid:pk>/movers/", scoring_models.MoversView.as_view(), name="trial-movers"),
    path("search/", views.DoctorSearchView.as_view(), name="doctor-search"),
    path("<uuid:pk>/", views.DoctorView.as_view(), name="doctor-detail"),
    path("<uuid:pk>/changes/", claims.AskChangeView.as_view(), name="change-ask"),
    path("<uuid:pk>/consents/", consents.ConsentsView.as_view(), name="consents"),
    path("<uuid:pk>/contest/", tiers.ContestTierView.as_view(), name="tier-contest"),
    path("<uuid:pk>/decline/", claims.DeclineDoctorView.as_view(), name="doctor-decline"),
    path("<uuid:pk>/privacy-requests/", requests.TakeRequestView.as_view(), name="request-take"),
    path("<uuid:pk>/academic/", academic.AcademicView.as_view(), name="academic"),
    path("publications/", academic_acts.CitationsView.as_view(), name="citations-import"),
    path(
        "<uuid:pk>/guidelines/<uuid:row>/correct/",
        academic_acts.CorrectGuidelineView.as_view(),
        name="guideline-correct",
    ),
    path(
        "<uuid:pk>/guidelines/<uuid:row>/end/", academic_acts.EndGuidelineView.as_view(), name="guideline-end"
    ),
    path("<uuid:pk>/posts/", academic.PostsView.as_view(), name="post-add"),
    path("<uuid:pk>/posts/<uuid:row>/correct/", academic_acts.CorrectSeatView.as_view(), name="post-correct"),
    path("<uuid:pk>/posts/<uuid:row>/end/", academic_acts.EndSeatView.as_view(), name="post-end"),
    path(
        "<uuid:pk>/preference/<uuid:row>/end/",
        academic_acts.EndPreferenceView.as_view(),
        name="preference-end",
    ),
    path(
        "<uuid:pk>/publications/<uuid:row>/correct/",
        academic_acts.CorrectAuthorView.as_view(),
        name="publication-correct",
    ),
    path(
        "<uuid:pk>/publications/<uuid:row>/end/",
        academic_acts.EndAuthorView.as_view(),
        name="publication-end",
    ),
    path("<uuid:pk>/guidelines/", academic.GuidelinesView.as_view(), name="guideline-add"),
    path("<uuid:pk>/override/", tiers.AskOverrideView.as_view(), name="override-ask"),
    path("<uuid:pk>/preference/", academic.PreferenceView.as_view(), name="preference-set"),
    path("<uuid:pk>/publications/", academic.PublicationsView.as_view(), name="publication-add"),
    path("<uuid:pk>/tier/", segmentation.TierView.as_view(), name="tier-detail"),
]
