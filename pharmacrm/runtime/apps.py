from django.apps import AppConfig


class RuntimeConfig(AppConfig):
    name = "pharmacrm.runtime"
    label = "runtime"
