from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "pharmacrm.common"
    label = "common"
