from django.urls import path

from compliance.views import cases, cockpit, history, holds, inbox, ledger, rulebook, staff, waivers

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
    path("parameters/", rulebook.parameter_list, name="parameter-list"),
    path("parameters/<uuid:pk>/", rulebook.parameter_detail, name="parameter-detail"),
    path("parameters/<uuid:pk>/sign/", rulebook.parameter_decide, {"verb": "sign"}, name="parameter-sign"),
    path(
        "parameters/<uuid:pk>/refuse/", rulebook.parameter_decide, {"verb": "refuse"}, name="parameter-refuse"
    ),
    path("parameters/<str:rule>/<slug:name>/", rulebook.parameter_new, name="parameter-new"),
    path("rules/", rulebook.rule_list, name="rule-list"),
    path("rules/<str:rule>/", rulebook.rule_detail, name="rule-detail"),
    path("staff/", staff.staff_list, name="qualification"),
    path("staff/filings/<uuid:pk>/withdraw/", staff.filing_withdraw, name="filing-withdraw"),
    path("staff/<uuid:pk>/", staff.staff_detail, name="staff-detail"),
    path("staff/<uuid:pk>/<slug:kind>/", staff.staff_add, name="staff-add"),
    path("verdicts/<uuid:pk>/", rulebook.verdict_detail, name="verdict-detail"),
    path("waivers/", waivers.waiver_list, name="waiver-list"),
    path("waivers/new/", waivers.waiver_new, name="waiver-new"),
    path("waivers/<uuid:pk>/", waivers.waiver_detail, name="waiver-detail"),
    path("waivers/<uuid:pk>/grant/", waivers.waiver_decide, {"verb": "grant"}, name="waiver-grant"),
    path("waivers/<uuid:pk>/refuse/", waivers.waiver_decide, {"verb": "refuse"}, name="waiver-refuse"),
    path("waivers/<uuid:pk>/revoke/", waivers.waiver_decide, {"verb": "revoke"}, name="waiver-revoke"),
]
