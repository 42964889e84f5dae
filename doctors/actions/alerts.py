"""Watch academic engagement: note who rises or cools, end what is no longer so, and tell the territory once a day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from compliance import actions as law
from doctors.actions.scoring.engagement import first_moment
from doctors.choices import AlertKind
from doctors.models import Assignment, EngagementAlert
from doctors.rules.alerts import FACTOR, LEAST, OWN_ACTS, WINDOW_DAYS
from pharmacrm.accounts.models import User
from pharmacrm.common.notifications import notify

# Contacts of a doctor who was merged count for the one that stays; who refused profiling is not watched (PIPL 24).
MEASURE = """
    WITH RECURSIVE family(member_id, root_id) AS (
        SELECT id, id FROM doctors_doctor WHERE merged_into_id IS NULL
        UNION ALL SELECT d.id, f.root_id FROM family f JOIN doctors_doctor d ON d.merged_into_id = f.member_id
    ), summed AS (
        SELECT f.root_id AS doctor_id,
               coalesce(sum(p.weight) FILTER (WHERE p.at < %(middle)s), 0)::int AS before,
               coalesce(sum(p.weight) FILTER (WHERE p.at >= %(middle)s), 0)::int AS now
          FROM doctors_interaction p JOIN family f ON f.member_id = p.doctor_id
          JOIN doctors_doctor d ON d.id = f.root_id
         WHERE p.at >= %(start)s AND p.at < %(end)s AND p.kind = ANY(%(kinds)s) AND NOT d.profiling_refused
           AND d.status IN ('active', 'unverified')
         GROUP BY 1)
    SELECT doctor_id, CASE WHEN now > before THEN 'rising' ELSE 'cooling' END AS kind, before, now FROM summed
     WHERE (now >= %(factor)s * before AND now - before >= %(least)s)
        OR (before >= %(factor)s * now AND before - now >= %(least)s)"""
END_OLD = f"""
    UPDATE doctors_engagementalert a SET ended_on = %(on)s WHERE a.ended_on IS NULL AND NOT EXISTS (
        SELECT FROM ({MEASURE}) m WHERE m.doctor_id = a.doctor_id AND m.kind = a.kind)"""  # noqa: S608 - constant text
NOTE_NEW = f"""
    INSERT INTO doctors_engagementalert (doctor_id, kind, before, now, noted_on)
    SELECT m.doctor_id, m.kind, m.before, m.now, %(on)s FROM ({MEASURE}) m
     WHERE NOT EXISTS (SELECT FROM doctors_engagementalert a WHERE a.doctor_id = m.doctor_id AND a.ended_on IS NULL)
     ORDER BY m.doctor_id ON CONFLICT DO NOTHING RETURNING doctor_id"""  # noqa: S608 - constant text


@transaction.atomic
def watch_engagement(*, on: date, at: datetime) -> int:
    """Note whose academic engagement rises or cools up to a day, and tell the people of the territory.

    Returns: how many are new. Safe to run twice: an alert that is open is not noted again, a day is told once.
    Cost: two passes over the last 120 days of the stream.
    """
    end = on + timedelta(days=1)
    values: dict[str, Any] = {
        "on": on,
        "start": first_moment(end - timedelta(days=2 * WINDOW_DAYS)),
        "middle": first_moment(end - timedelta(days=WINDOW_DAYS)),
        "end": first_moment(end),
        "kinds": list(OWN_ACTS),
        "factor": FACTOR,
        "least": LEAST,
    }
    with connection.cursor() as cursor:
        cursor.execute(END_OLD, values)
        ended = cursor.rowcount
        cursor.execute(NOTE_NEW, values)
        new = [row[0] for row in cursor.fetchall()]
    if new or ended:
        law.record("doctors.engagement_watched", subject=f"engagement_watch:{on.isoformat()}", by=None, at=at)
    if new:
        _tell(on, at)
    return len(new)


def _tell(on: date, at: datetime) -> None:
    held = Q(valid_until__isnull=True) | Q(valid_until__gt=on)
    noted = EngagementAlert.objects.filter(noted_on=on, ended_on__isnull=True)
    kind_of = dict(noted.values_list("doctor_id", "kind"))
    by_territory: dict[object, dict[str, int]] = {}
    placed = Assignment.objects.filter(held, valid_from__lte=on, doctor__in=kind_of).values_list(
        "territory_id", "doctor_id"
    )
    for territory, doctor in set(placed):
        counts = by_territory.setdefault(territory, {})
        counts[kind_of[doctor]] = counts.get(kind_of[doctor], 0) + 1
    people = (
        User.objects.filter(
            Q(memberships__valid_until__isnull=True) | Q(memberships__valid_until__gt=on),
            memberships__valid_from__lte=on,
            memberships__territory_id__in=by_territory,
            is_active=True,
        )
        .values_list("pk", "memberships__territory_id")
        .order_by("pk")
    )
    totals: dict[object, dict[str, int]] = {}
    for person, territory in people:
        one = totals.setdefault(person, {})
        for kind, count in by_territory[territory].items():
            one[kind] = one.get(kind, 0) + count
    for told in User.objects.filter(pk__in=totals):
        rising, cooling = (totals[told.pk].get(kind, 0) for kind in (AlertKind.RISING, AlertKind.COOLING))
        notify(
            recipient=told,
            kind="doctors.engagement",
            zh=f"学术互动变化：{rising} 位医生升温，{cooling} 位降温",
            en=f"Academic engagement: {rising} doctors rising, {cooling} cooling",
            at=at,
            url="/doctors/engagement/",
            subject=f"engagement_watch:{on.isoformat()}",
        )
