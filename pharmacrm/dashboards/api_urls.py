"""REST addresses of the boards."""

from django.urls import path

from . import api

app_name = "boards-api"

urlpatterns = [
    path("coverage/", api.BoardView.as_view(), name="coverage"),
    path("rows/<slug:figure>/", api.BoardRowsView.as_view(), name="rows"),
    path("rows/<slug:figure>/workbook/", api.BoardBookView.as_view(), name="rows-workbook"),
]
