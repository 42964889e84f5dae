"""Addresses of field work: desktop pages under /activities/, the phone app under /field/."""

from django.urls import include, path

from activities.views import (
    cycles,
    field_app,
    field_day,
    field_safety,
    field_show,
    field_visit,
    hospitals,
    inquiries,
    needs,
    safety,
    transfers,
    visits,
)

DOCTOR = "doctors/<uuid:pk>/"

field = [
    path("", field_day.today, name="today"),
    path("bundle.json", field_app.bundle, name="field-bundle"),
    path("doctors/", field_day.doctor_list, name="field-doctors"),
    path(DOCTOR, field_day.doctor, name="field-doctor"),
    path(f"{DOCTOR}ask/", field_visit.ask_medical, name="field-ask"),
    path(f"{DOCTOR}log/", field_visit.log_visit, name="field-log"),
    path(f"{DOCTOR}need/", field_visit.note_need, name="field-need"),
    path(f"{DOCTOR}plan/", field_visit.plan_visit, name="field-plan"),
    path(f"{DOCTOR}show/", field_show.choose_material, name="field-choose"),
    path(f"{DOCTOR}show/<uuid:version>/", field_show.show_material, name="field-show"),
    path("follow-ups/<uuid:pk>/", field_visit.finish_follow_up, name="field-follow-up"),
    path("library/", field_day.library, name="field-library"),
    path("library/<uuid:version>/<int:page>/", field_show.page_image, name="field-page"),
    path("manifest.webmanifest", field_app.manifest, name="field-manifest"),
    path("me/", field_day.me, name="field-me"),
    path("messages/", field_day.messages, name="field-messages"),
    path("safety/", field_safety.report, name="field-safety-new"),
    path("safety/<uuid:pk>/", field_safety.receipt, name="field-safety-receipt"),
    path("safety/<uuid:pk>/hand-over/", field_safety.hand_over, name="field-safety-hand-over"),
    path("shell/", field_app.shell, name="field-shell"),
    path("showings/<uuid:pk>/", field_show.viewer, name="field-viewer"),
    path("showings/<uuid:pk>/views/", field_show.page_views, name="field-page-views"),
    path("sw.js", field_app.service_worker, name="field-worker"),
    path("sync/", field_app.sync, name="field-sync"),
    path("visits/<uuid:pk>/cancel/", field_visit.cancel_visit, name="field-cancel"),
    path("visits/<uuid:pk>/start/", field_visit.start_visit, name="field-start"),
    path("withdrawn.json", field_app.withdrawn, name="field-withdrawn"),
]

pages = [
    path("bookings/", hospitals.booking_list, name="booking-list"),
    path("bookings/<uuid:pk>/answer/", hospitals.booking_answer, name="booking-answer"),
    path("consents/", hospitals.consent_list, name="consent-list"),
    path("consents/<uuid:pk>/withdraw/", hospitals.consent_withdraw, name="consent-withdraw"),
    path("cycles/", cycles.cycle_list, name="cycle-list"),
    path("cycles/<uuid:pk>/", cycles.cycle_detail, name="cycle-detail"),
    path("hospitals/", hospitals.policy_list, name="policy-list"),
    path("hospitals/<uuid:pk>/", hospitals.policy_edit, name="policy-edit"),
    path("inquiries/", inquiries.inquiry_list, name="inquiry-list"),
    path("inquiries/<uuid:pk>/", inquiries.inquiry_detail, name="inquiry-detail"),
    path("inquiries/<uuid:pk>/take/", inquiries.inquiry_take, name="inquiry-take"),
    path("needs/", needs.need_list, name="need-list"),
    path("needs/<uuid:pk>/", needs.need_detail, name="need-detail"),
    path("safety/", safety.safety_list, name="safety-list"),
    path("safety/<uuid:pk>/", safety.safety_detail, name="safety-detail"),
    path("safety/<uuid:pk>/hand-over/", safety.safety_hand_over, name="safety-hand-over"),
    path("safety/<uuid:pk>/submit/", safety.safety_submit, name="safety-submit"),
    path("transfers/", transfers.transfer_list, name="transfer-list"),
    path("transfers/<uuid:pk>/", transfers.transfer_detail, name="transfer-detail"),
    path("visits/", visits.visit_list, name="visit-list"),
    path("visits/<uuid:pk>/", visits.visit_detail, name="visit-detail"),
    path("visits/<uuid:pk>/amend/", visits.visit_amend, name="visit-amend"),
]

urlpatterns = [
    path("activities/", include(pages)),
    path("field/", include(field)),
]
