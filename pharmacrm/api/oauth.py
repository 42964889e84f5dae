"""OAuth 2 pages: a person lets an application act for them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponseBase
from oauth2_provider.views import AuthorizationView


class AuthorizeView(AuthorizationView):
    """The consent page. Its answer leads to the application, so the policy names that one address as well."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        target = urlsplit(request.GET.get("redirect_uri") or request.POST.get("redirect_uri") or "")
        if target.scheme in {"http", "https"} and target.netloc and not set(" ;,'\"") & set(target.netloc):
            response._csp_update = {"form-action": [f"{target.scheme}://{target.netloc}"]}  # type: ignore[attr-defined]
        return response
