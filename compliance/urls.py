from django.urls import path

from compliance.views import cases, cockpit, history, holds, inbox, ledger

app_name = "compliance"
urlpatterns = [
    path("", cockpit.cockpit, name="cockpit"),
    path("cases/", cases.case_list, name="case-list"),
    path("cases/<uuid:pk>/", cases.case_detail, name="case-detail"),
    path("cases/<uuid:pk>/<slug:verb>/", cases.case_act, name="case-act"),
    path("findings/<uuid:pk>/", cases.finding_detail, name="finding-detail"),
    path("history/<str:subject>/", history.history, name="history"),
    path("holds/", holds.hold_list, name="hold-list"),
    path("holds/<uuid:pk>/lift/", holds.hold_lift, name="hold-lift"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/<uuid:pk>/", inbox.step_detail, name="step-detail"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/checkpoint/", ledger.checkpoint, name="checkpoint"),
    path("ledger/verifier/", ledger.verifier, name="verifier"),
    path("ledger/verify/", ledger.ledger_verify, name="ledger-verify"),
    path("ledger/<uuid:pk>/", ledger.entry_detail, name="entry-detail"),
    path("ledger/<uuid:pk>/receipt.json", ledger.receipt, name="receipt"),
]
