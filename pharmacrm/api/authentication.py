"""Who is behind a token: the person who granted it, or the service account of the client."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request


class TokenAuthentication(OAuth2Authentication):
    """OAuth 2 bearer tokens. Source: RFC 6749, 4.1 with RFC 7636 for people, 4.4 for services; RFC 6750."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        found = super().authenticate(request)
        if found is None:
            return None
        user, token = found
        if user is None:
            user = token.application.user
            if user is None or not user.has_role("service"):
                raise AuthenticationFailed(_("This client has no service account."))
        if not user.is_active:
            raise AuthenticationFailed(_("This account is closed."))
        if user.language in dict(settings.LANGUAGES):
            translation.activate(user.language)  # the session's person is not known to the middleware
        return user, token
