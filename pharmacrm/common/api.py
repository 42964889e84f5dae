"""Parts every REST door uses: fast JSON, cursor pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.pagination import CursorPagination
from rest_framework.renderers import BaseRenderer


class JSONRenderer(BaseRenderer):
    """JSON by orjson: UTF-8, ISO 8601 with offset."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=str, option=orjson.OPT_NON_STR_KEYS)


class CursorPages(CursorPagination):
    """Pages by position in the order, never by number: page 10,000 costs what page 1 costs."""

    page_size = 50
    max_page_size = 100
    page_size_query_param = "limit"
    ordering = "-id"
