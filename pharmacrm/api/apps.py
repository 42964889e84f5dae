from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "pharmacrm.api"
    label = "api"

    def ready(self) -> None:
        from django.urls import reverse

        from compliance import subjects

        from . import openapi  # noqa: F401 - registers how tokens look in the schema
        from .selectors import title_of_client

        subjects.register(
            "client", title_of_client, url=lambda key: reverse("clients:detail", kwargs={"client_id": key})
        )
