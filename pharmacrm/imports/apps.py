from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "pharmacrm.imports"
    label = "imports"
