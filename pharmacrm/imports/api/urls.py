"""REST addresses under /api/v1/imports/."""

from django.urls import path

from . import views

app_name = "imports-api"
urlpatterns = [
    path("", views.ImportsView.as_view(), name="import-list"),
    path("<uuid:pk>/", views.ImportView.as_view(), name="import-detail"),
    path("<uuid:pk>/columns/", views.ImportColumnsView.as_view(), name="import-columns"),
    path("<uuid:pk>/commit/", views.ImportCommitView.as_view(), name="import-commit"),
    path("<uuid:pk>/errors/", views.ImportErrorsView.as_view(), name="import-errors"),
    path("<uuid:pk>/errors/workbook/", views.ImportErrorBookView.as_view(), name="import-error-book"),
    path("<uuid:pk>/undo/", views.ImportUndoView.as_view(), name="import-undo"),
]
