"""Pages under /imports/."""

from django.urls import path

from . import views

app_name = "imports"
urlpatterns = [
    path("", views.job_list, name="job-list"),
    path("templates/<slug:kind>.xlsx", views.template, name="template"),
    path("<uuid:pk>/", views.job_detail, name="job-detail"),
    path("<uuid:pk>/cell/", views.correct_cell, name="cell"),
    path("<uuid:pk>/fix/", views.fix_everywhere, name="fix"),
    path("<uuid:pk>/columns/", views.set_mapping, name="mapping"),
    path("<uuid:pk>/commit/", views.commit, name="commit"),
    path("<uuid:pk>/errors.xlsx", views.errors, name="errors"),
    path("<uuid:pk>/undo/", views.undo, name="undo"),
]
