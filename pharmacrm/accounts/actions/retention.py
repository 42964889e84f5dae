"""Forget sign-ins whose term is over."""

from __future__ import annotations

from datetime import date, datetime, time

from axes.models import AccessLog
from django.utils.timezone import get_default_timezone

from compliance.retention import Disposal


def sign_ins_over(before: date, after: str, most: int) -> list[str]:
    """Return the next sign-ins before a day, in key order. Cost: one query."""
    moment = datetime.combine(before, time.min, tzinfo=get_default_timezone())
    rows = AccessLog.objects.filter(attempt_time__lt=moment)
    rows = rows.filter(pk__gt=int(after)) if after else rows
    return [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)[:most]]


def names_of_sign_ins(keys: list[str]) -> dict[str, tuple[str, ...]]:
    """Return the subjects a hold may stop them by: none names a single sign-in."""
    return dict.fromkeys(keys, ())


def forget_sign_ins(keys: list[str]) -> int:
    """Delete sign-ins. Returns: how many. Called in a step of a signed run, whose entry counts them."""
    return int(AccessLog.objects.filter(pk__in=[int(key) for key in keys]).delete()[0])


SIGN_INS = Disposal(due=sign_ins_over, names=names_of_sign_ins, plain=forget_sign_ins)
