"""OAuth 2 addresses: authorize, token, revoke, introspect. Applications are registered by a command."""

from django.urls import path
from oauth2_provider import views

from .oauth import AuthorizeView

app_name = "oauth2_provider"

urlpatterns = [
    path("authorize/", AuthorizeView.as_view(), name="authorize"),
    path("token/", views.TokenView.as_view(), name="token"),
    path("revoke/", views.RevokeTokenView.as_view(), name="revoke-token"),
    path("introspect/", views.IntrospectTokenView.as_view(), name="introspect"),
]
