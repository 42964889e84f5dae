from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    name = "pharmacrm.dashboards"
    label = "dashboards"
