"""Around every request: the language of the answer, and the second factor that some roles owe."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

from .rules import needs_second_factor
from .views.errors import too_large

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
        # The person behind a token is known only to the view, and may read another language.
        response.headers.setdefault("Content-Language", translation.get_language() or language)
        patch_vary_headers(response, ("Accept-Language", "Cookie", "HX-Request"))
        return response


class UploadLimitMiddleware:
    """Refuse an upload beyond the limit by its announced length, before any of it is parsed or kept.

    What comes is read past in small pieces, so that a browser still sees the answer instead of a broken line.
    """

    SLACK = 1024 * 1024  # the other fields of a form
    PIECE = 1024 * 1024
    MOST_READ = 1024 * 1024 * 1024

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = str(request.META.get("CONTENT_LENGTH") or "")
        if not length.isdigit() or int(length) <= settings.MAX_UPLOAD_BYTES + self.SLACK:
            return self.get_response(request)
        left = min(int(length), self.MOST_READ)
        while left > 0 and (piece := request.read(min(left, self.PIECE))):
            left -= len(piece)
        return too_large(request)


class SecondFactorMiddleware:
    """Lead people whose roles oblige them to a second factor to set it up before anything else.

    Source: 21 CFR 11.200(a)(1), two distinct identification components.
    """

    OPEN = ("/accounts/", "/static/", "/people/language/", "/healthz", "/readyz")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/accounts/"):
            request.session.pop(
                "second_factor", None
            )  # it may be taken away here, so it is looked up again afterwards
        elif not request.path.startswith(self.OPEN) and owes_second_factor(request):
            if request.path.startswith("/api/"):
                said = _("Set up a second factor first.")
                problem = {
                    "type": "urn:pharmacrm:problem:second_factor_missing",
                    "status": 403,
                    "title": said,
                    "detail": said,
                    "instance": request.path,
                }
                return JsonResponse(problem, status=403, content_type="application/problem+json")
            messages.warning(
                request, _("Your role needs a second factor. Set it up first; it takes a minute.")
            )
            return redirect(reverse("mfa_activate_totp"))
        return self.get_response(request)


def owes_second_factor(request: HttpRequest) -> bool:
    """Return whether the signed-in person has to set up a second factor. Cost: one query, kept in the session."""
    user = request.user
    if (
        not settings.MFA_REQUIRED
        or not user.is_authenticated
        or request.session.get("second_factor") == "set"
    ):
        return False
    if not needs_second_factor(user.roles):
        return False
    if is_mfa_enabled(user):
        request.session["second_factor"] = "set"
        return False
    return True


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
