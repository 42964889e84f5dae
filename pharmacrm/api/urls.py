"""REST addresses: /api/v1/<app>/…"""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from . import views

app_name = "api"

urlpatterns = [
    path("me/", views.WhoView.as_view(), name="who"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", views.DocsView.as_view(url_name="api:schema"), name="docs"),
    path("boards/", include("pharmacrm.dashboards.api_urls")),
    path("doctors/", include("doctors.api.urls")),
    path("activities/", include("activities.api.urls")),
    path("imports/", include("pharmacrm.imports.api.urls")),
    path("content/", include("content.api.urls")),
    path("compliance/", include("compliance.api.urls")),
    # Apps add theirs above this line: path("<app>/", include("<app>.api.urls")).
    re_path(r"^.*$", views.not_found, name="not-found"),
]
