"""What the shell of every page shows: who is signed in, the demonstration banner."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    return {"demo": settings.DEMO}
