"""REST addresses under /api/v1/compliance/."""

from django.urls import path

from . import inbox, review_plan, training, views

app_name = "compliance-api"
urlpatterns = [
    path("cases/", views.CasesView.as_view(), name="case-list"),
    path("cases/<uuid:pk>/", views.CaseView.as_view(), name="case-detail"),
    path("findings/", views.FindingsView.as_view(), name="finding-list"),
    path("findings/<uuid:pk>/", views.FindingView.as_view(), name="finding-detail"),
    path("holds/", views.HoldsView.as_view(), name="hold-list"),
    path("holds/<uuid:pk>/", views.HoldView.as_view(), name="hold-detail"),
    path("inbox/", inbox.InboxView.as_view(), name="inbox"),
    path("inbox/<uuid:pk>/", inbox.StepView.as_view(), name="step-detail"),
    path("inbox/<uuid:pk>/answer/", inbox.AnswerStepView.as_view(), name="step-answer"),
    path("trail-reviews/plan/", review_plan.ReviewPlanView.as_view(), name="review-plan"),
    path("training/board/", training.TrainingBoardView.as_view(), name="training-board"),
    path("training/certificates/", training.OwnCertificatesView.as_view(), name="certificate-list"),
    path("training/courses/", training.OwnCoursesView.as_view(), name="course-list"),
    path("signatures/<str:subject>/", views.SignaturesView.as_view(), name="signature-list"),
    path("waivers/", views.WaiversView.as_view(), name="waiver-list"),
    path("waivers/<uuid:pk>/", views.WaiverView.as_view(), name="waiver-detail"),
]
