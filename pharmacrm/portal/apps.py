from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "pharmacrm.portal"
    label = "portal"
