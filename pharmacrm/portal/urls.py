"""The doctor's own page under /d/, without an account: one address, its copy and its PDF."""

from django.urls import path

from . import views

app_name = "portal"
urlpatterns = [
    # Links handed out before there was one page.
    path("own/<str:token>/", views.moved, name="moved"),
    path("own/<str:token>/copy/", views.moved, {"to": "portal:copy"}, name="moved-copy"),
    path("<str:token>/contest/", views.moved, {"to": "portal:page"}, name="moved-contest"),
    path("<str:token>/", views.page, name="page"),
    path("<str:token>/copy/", views.copy, name="copy"),
    path("<str:token>/explanation.pdf", views.explanation_file, name="explanation-file"),
]
