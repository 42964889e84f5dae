"""Pages under /people/clients/."""

from django.urls import path

from . import clients

app_name = "clients"
urlpatterns = [
    path("", clients.client_list, name="list"),
    path("new/", clients.client_new, name="new"),
    path("<str:client_id>/", clients.client_detail, name="detail"),
]
