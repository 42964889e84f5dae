"""What the shell of every page shows: rail, phone bar, crumbs, language, theme, the demonstration banner."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from pharmacrm.runtime import demonstration

from . import navigation, selectors
from .middleware import THEME_COOKIE
from .models import User

THEMES = ("auto", "light", "dark")


def shell(request: HttpRequest) -> dict[str, Any]:
    return {
        "demo": settings.DEMO,
        "demo_parts": demonstration.parts_done(settings.HOME) if settings.DEMO else None,
        "demo_of": demonstration.PARTS,
        "shell": SimpleLazyObject(lambda: Shell(request)),
    }


class Shell:
    """One page's frame; each part is worked out only if the page's template asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        user = getattr(request, "user", None)
        self.user: User | None = user if user is not None and user.is_authenticated else None
        self.is_known = self.user is not None

    @property
    def rail(self) -> list[navigation.Part]:
        if self.user is None:
            return []
        if not hasattr(self, "_rail"):
            self._rail = navigation.rail_of(self.user, self.request.path)
        return self._rail

    @property
    def rail_drawn(self) -> str:
        return navigation.drawn(self.rail)

    @property
    def layout(self) -> str:
        """Return the phone shell for a page that was opened from it (?shell=field), else the desktop shell."""
        return "field.html" if self.request.GET.get("shell") == "field" else "base.html"

    @property
    def phone_bar(self) -> list[navigation.Link]:
        return navigation.phone_bar_of(self.user, self.request.path) if self.user else []

    @property
    def here(self) -> tuple[str, navigation.Link] | None:
        """Return the group and entry the page stands under."""
        for part in self.rail:
            for link in part.links:
                if link.is_current:
                    return part.label, link
        return None

    @property
    def unread(self) -> int:
        return selectors.unread_messages(self.user) if self.user else 0

    @property
    def search_url(self) -> str:
        return navigation.url_of("dashboards:search") or navigation.url_of("doctors:doctor-list")

    @property
    def is_english(self) -> bool:
        return str(getattr(self.request, "LANGUAGE_CODE", "")).startswith("en")

    @property
    def theme(self) -> str:
        """Return auto, light or dark: the person's setting, else the browser's cookie."""
        chosen = getattr(self.user, "theme", "") or self.request.COOKIES.get(THEME_COOKIE, "")
        return chosen if chosen in THEMES else "auto"

    @property
    def role_line(self) -> str:
        names = selectors.role_names_of(self.user, self.user.roles) if self.user else []
        return (", " if self.is_english else "、").join(names)
