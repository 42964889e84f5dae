"""Pages under /d/: for the doctor, without an account."""

from django.urls import path

from . import own_page, views

app_name = "portal"
urlpatterns = [
    path("own/<str:token>/", own_page.page, name="page"),
    path("own/<str:token>/copy/", own_page.copy, name="copy"),
    path("<str:token>/", views.explanation, name="explanation"),
    path("<str:token>/contest/", views.contest, name="contest"),
    path("<str:token>/explanation.pdf", views.explanation_file, name="explanation-file"),
]
