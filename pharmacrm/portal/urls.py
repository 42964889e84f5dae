"""Pages under /d/: for the doctor, without an account."""

from django.urls import path

from . import views

app_name = "portal"
urlpatterns = [
    path("<str:token>/", views.explanation, name="explanation"),
    path("<str:token>/contest/", views.contest, name="contest"),
    path("<str:token>/explanation.pdf", views.explanation_file, name="explanation-file"),
]
