"""Addresses of boards."""

from django.urls import path

from . import views

app_name = "dashboards"

urlpatterns = [
    path("", views.board, name="board"),
    path("home/", views.home, name="home"),
    path("doctors/<uuid:pk>/", views.doctor_360, name="doctor"),
    path("requests/<uuid:pk>/copy/", views.doctor_copy, name="doctor-copy"),
    path("rows/<slug:figure>/", views.rows, name="rows"),
]
