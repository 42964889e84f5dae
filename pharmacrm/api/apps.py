from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "pharmacrm.api"
    label = "api"
