"""What every answer says about who may load it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class SameOriginMiddleware:
    """Keep pages of other origins from loading ours as a picture, script or font (Spectre)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
