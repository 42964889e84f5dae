"""Language of the answer: the user's setting, else Accept-Language, else simplified Chinese."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

LANGUAGE_COOKIE = "pharmacrm_language"
THEME_COOKIE = "pharmacrm_theme"


class LanguageMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Cookie", "HX-Request"))
        return response


def language_of(request: HttpRequest) -> str:
    """Return the language code for a request."""
    supported = dict(settings.LANGUAGES)
    user = getattr(request, "user", None)
    for choice in (getattr(user, "language", ""), request.COOKIES.get(LANGUAGE_COOKIE, "")):
        if choice in supported:
            return choice
    for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE
