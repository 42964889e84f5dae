"""Invented visits in any number, for measuring: whole rows that meet every constraint, and nothing beside them."""

from __future__ import annotations

from django.db import connection

TABLES = ("activities_visit",)
NO_VERDICT = "00000000-0000-0000-0000-000000000000"  # nobody judged these, and none is claimed to have
ZONE = "Asia/Shanghai"

# Of a hundred: 96 submitted, 2 saved on the device, 1 cancelled, 1 still to come.
_INSERT = """
    INSERT INTO activities_visit
        (created_at, updated_at, id, rep_id, doctor_id, hospital_id, department_id, channel, purpose, state, in_breach, place,
         planned_at, started_at, ended_at, device_saved_at, synced_at, submitted_at, lateness, late_reason, was_offline,
         is_clock_unproven, ae_answer, note_hits, verdict_id, op_id)
    SELECT arrived, arrived,
           overlay(overlay(gen_random_uuid()::text PLACING '7' FROM 15)
                   PLACING overlay(lpad(to_hex((extract(epoch FROM arrived) * 1000)::bigint), 12, '0') PLACING '-' FROM 9 FOR 0)
                   FROM 1 FOR 13)::uuid,
           rep_id, doctor_id, hospital_id, department_id,
           CASE WHEN NOT is_remote THEN 'face_to_face' ELSE (ARRAY['phone', 'video', 'wecom'])[1 + dice %% 3] END,
           (ARRAY['plan_promotion', 'deliver_information', 'deliver_information', 'rational_use', 'collect_feedback'])
               [1 + dice / 7 %% 5],
           state, false,
           CASE WHEN is_remote THEN 'remote'
                ELSE (ARRAY['reception_room', 'meeting_room', 'office', 'office'])[1 + dice / 11 %% 4] END,
           CASE WHEN state = 'planned' THEN %(now)s::timestamptz + (1 + dice %% 14) * interval '1 day' ELSE began END,
           CASE WHEN happened THEN began END, CASE WHEN happened THEN began + minutes END,
           CASE WHEN happened THEN began + minutes + interval '2 minutes' END,
           CASE WHEN happened THEN arrived END, CASE WHEN state = 'submitted' THEN arrived END,
           'in_time', '', dice %% 13 = 0, false,
           CASE WHEN state = 'submitted' THEN 'none' ELSE 'unasked' END, '[]'::jsonb,
           CASE WHEN state = 'submitted' THEN %(none)s::uuid END, gen_random_uuid()
      FROM (SELECT told.*, dice %% 100 AS share, began + minutes + (2 + dice %% 40) * interval '1 minute' AS arrived,
                   CASE WHEN dice %% 100 < 96 THEN 'submitted' WHEN dice %% 100 < 98 THEN 'saved'
                        WHEN dice %% 100 < 99 THEN 'cancelled' ELSE 'planned' END AS state, dice %% 100 < 98 AS happened
              FROM (SELECT v.*, (4 + dice %% 26) * interval '1 minute' AS minutes,
                           (date_trunc('day', at AT TIME ZONE %(zone)s) - interval '1 day' + interval '8 hours'
                            + dice %% 600 * interval '1 minute') AT TIME ZONE %(zone)s AS began
                      FROM (SELECT s.*, (n * 7919 %% 1000003)::int AS dice FROM ({source}) s) v) told) row
     ORDER BY n"""


def fill_visits(source: str, now: str) -> int:
    """Write the visits that `source` tells of (see visits_to_write). Returns: how many."""
    with connection.cursor() as cursor:
        cursor.execute("SET work_mem = '256MB'")
        try:
            cursor.execute(
                _INSERT.replace("{source}", source.replace("%", "%%")),
                {"now": now, "none": NO_VERDICT, "zone": ZONE},
            )
            return cursor.rowcount
        finally:
            cursor.execute("RESET work_mem")
