from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "pharmacrm.api"
    label = "api"

    def ready(self) -> None:
        from . import openapi  # noqa: F401 - registers how tokens look in the schema
