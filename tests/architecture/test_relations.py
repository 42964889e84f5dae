"""Foreign keys named by string obey the same import graph as the code."""

from django.apps import apps
from django.conf import settings

FLOORS = ["common", "compliance", "accounts", "imports", ("content", "doctors"), "activities", "api"]
OURS = {
    "common",
    "compliance",
    "accounts",
    "imports",
    "content",
    "doctors",
    "activities",
    "api",
    "portal",
    "dashboards",
}


def _floor(label):
    for height, names in enumerate(FLOORS):
        if label == names or (label in names and isinstance(names, tuple)):
            return height
    return len(FLOORS)


def test_no_foreign_key_turns_back():
    broken = []
    for model in apps.get_models(include_auto_created=True):
        here = model._meta.app_label
        if here not in OURS:
            continue
        for field in model._meta.get_fields():
            target = field.related_model if field.is_relation and not field.auto_created else None
            if target is None or isinstance(target, str) or target._meta.label == settings.AUTH_USER_MODEL:
                continue
            there = target._meta.app_label
            if there in OURS and there != here and _floor(there) >= _floor(here):
                broken.append(f"{model._meta.label}.{field.name} → {target._meta.label}")

    assert broken == []
