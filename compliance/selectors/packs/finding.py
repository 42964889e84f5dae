"""Find the record that a person means by a code, a name, or the address of its page."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Q

from compliance import subjects
from compliance.selectors.history import model_of

UUID_IN_TEXT = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
NAMES = ("code", "title", "name", "generic_name")
MOST = 10
# What people call by a code or a name of its own.
NAMED = ("doctor", "user", "event", "material", "hospital", "claim", "case", "product", "territory", "rule")


def subjects_meant(kind: str, words: str) -> list[str]:
    """Return the subjects of a kind that words name exactly: key, address, code, login name or name. Cost: two queries."""
    words = words.strip()
    key = UUID_IN_TEXT.search(words.lower())
    if key:
        return [f"{kind}:{key[0]}"]
    known = subjects.kinds().get(kind)
    keys = set(known.find(words)) if known and known.find else set()
    model = model_of(f"{kind}:")
    if model is not None and not keys:
        keys = {str(pk) for pk in _rows_named(model, words)}
    return sorted(f"{kind}:{key}" for key in keys)[:MOST]


def subjects_named(words: str) -> list[str]:
    """Return the subjects of any kind that words name: `kind:key`, the address of a page, a code or a name.

    Cost: up to two queries for each kind that people name.
    """
    words = words.strip()
    kind, key = subjects.parts_of(words)
    if kind in subjects.kinds() and key:
        return [words]
    if found := UUID_IN_TEXT.search(words.lower()):
        path = urlsplit(words).path
        every = [f"{kind}:{found[0]}" for kind in subjects.kinds()]
        return [one for one in every if subjects.url_of(one) == path][:1]
    return [one for kind in NAMED for one in subjects_meant(kind, words)][:MOST]


def is_there(subject: str) -> bool:
    """Return whether a subject names a record there is: by its key, or by its code where people name it so.

    A kind that stands for no row of its own is there when it is found, or else has a title. Cost: at most two queries.
    """
    kind, key = subjects.parts_of(subject)
    known = subjects.kinds().get(kind)
    if known is None or not key:
        return False
    model = model_of(subject)
    try:
        if model is None:
            return key in known.find(key) if known.find else bool(known.title(key))
        if subjects.is_key(key):
            return model._default_manager.filter(pk=key).exists()
    except subjects.NO_SUCH_KEY:
        return False
    return bool(subjects_meant(kind, key))


def _rows_named(model: type[models.Model], words: str) -> Any:
    columns = {field.name for field in model._meta.concrete_fields}
    names = ("username", "display_name") if model is get_user_model() else NAMES
    wanted = Q()
    for name in names:
        if name in columns:
            wanted |= Q(**{f"{name}__iexact": words})
    if not wanted or not words:
        return []
    return model._default_manager.filter(wanted).values_list("pk", flat=True)[:MOST]
