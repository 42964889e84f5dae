# ruff: noqa: S608 - every piece of text comes from the catalogue and a checked model, none from a person
"""The statements of a what-if and of an evaluation. They write working tables, and of live tables read only."""

from __future__ import annotations

from uuid import UUID

from doctors.rules.segmentation import FULL, RANK, Lines, ModelSpec, weights_of

from .statements import BAND, tier

TEMPORARY = ("trial_score", "trial_after", "trial_level", "scoring_trial_sums")
OWN_SUMS = "scoring_trial_sums"


def ranks_alike(one: ModelSpec, other: ModelSpec) -> bool:
    """Return whether two models rank the same features in the same cohorts: then ranks can be taken over."""

    def ranking(spec: ModelSpec) -> object:
        scales = [(f.key, f.transform, f.cap, f.half_life_days) for f in spec.features]
        return (scales, spec.cohort_by, spec.min_cohort, spec.landmark_on)

    return ranking(one) == ranking(other)


def sums_alike(one: ModelSpec, other: ModelSpec) -> bool:
    """Return whether two models add contacts up alike: then kept sums can be read."""

    def fading(spec: ModelSpec) -> object:
        return ([(f.key, f.half_life_days) for f in spec.features if f.is_engagement], spec.landmark_on)

    return fading(one) == fading(other)


def scores_in_force(full: UUID, day: UUID | None) -> str:
    """The score rows that hold: those of the daytime run before those of the full run."""
    if day is None:
        return f"SELECT * FROM doctors_doctorscore WHERE run_id = '{full}'"
    return (
        f"SELECT f.* FROM doctors_doctorscore f WHERE f.run_id = '{full}' AND NOT EXISTS (SELECT FROM"
        f" doctors_doctorscore d WHERE d.run_id = '{day}' AND d.doctor_id = f.doctor_id)"
        f" UNION ALL SELECT * FROM doctors_doctorscore WHERE run_id = '{day}'"
    )


def levels(spec: ModelSpec) -> list[str]:
    """The level of each feature of a kept score row `s` whose cohort is `c`. Units: bp."""
    return [
        f"coalesce(s.below[{place}]::bigint * {FULL} / nullif(c.size - 1, 0), 0)"
        if feature.transform == RANK
        else f"least(s.raw[{place}], {feature.cap})::bigint * {FULL} / {feature.cap}"
        for place, feature in enumerate(spec.features, 1)
    ]


def points(spec: ModelSpec, level: list[str]) -> str:
    """The score out of the levels: the sum of the contributions."""
    return " + ".join(
        f"{feature.sign} * ({weight} * ({one}) / {FULL})"
        for feature, weight, one in zip(spec.features, weights_of(spec), level, strict=True)
    )


def own_sums(summed: str) -> str:
    """Add all contacts up in a working table shaped like the kept sums. Parameters: model, those of `summed`."""
    return f"""
        CREATE TEMPORARY TABLE {OWN_SUMS} AS
        SELECT %(model)s::uuid AS model_id, doctor_id, strength FROM ({summed}) summed"""


def score_from_kept_ranks(spec: ModelSpec, full: UUID, day: UUID | None) -> str:
    """Work the scores out from the ranks of the run in force; nobody is ranked anew."""
    return f"""
        CREATE TEMPORARY TABLE trial_score AS
        SELECT s.doctor_id, ({points(spec, levels(spec))})::int AS score_bp, s.raw, s.tier AS held
          FROM ({scores_in_force(full, day)}) s
          JOIN doctors_runcohort c ON c.run_id = '{full}' AND c.number = s.cohort;
        ANALYZE trial_score (doctor_id, score_bp)"""


def score_from_new_ranks(scored: str, full: UUID | None, day: UUID | None) -> str:
    """Work the scores out from the sheet and the rank tables of this trial."""
    held = f"LEFT JOIN ({scores_in_force(full, day)}) held ON held.doctor_id = o.doctor_id" if full else ""
    return f"""
        CREATE TEMPORARY TABLE trial_score AS
        SELECT o.doctor_id, o.score_bp, o.raw, {"coalesce(held.tier, '')" if full else "''"} AS held
          FROM ({scored}) o {held};
        ANALYZE trial_score (doctor_id, score_bp)"""


def place(lines: Lines, features: int) -> str:
    """Say what each doctor would hold; a tier set by hand stays. Parameter: on."""
    return f"""
        CREATE TEMPORARY TABLE trial_after AS
        SELECT o.doctor_id, o.score_bp, d.tier AS tier_before, hand.doctor_id IS NOT NULL AS by_hand,
               CASE WHEN hand.doctor_id IS NOT NULL THEN d.tier
                    ELSE {tier(lines, score="o.score_bp", held="o.held", features=features)} END AS tier_after,
               CASE WHEN d.hospital_id IS NULL THEN '-' ELSE {BAND} END AS band, left(d.division_code, 2) AS province
          FROM trial_score o JOIN doctors_doctor d ON d.id = o.doctor_id
          LEFT JOIN doctors_tieroverride hand ON hand.doctor_id = o.doctor_id AND hand.state = 'approved'
               AND hand.valid_until > %(on)s"""


COUNTED = """
    SELECT tier_before, tier_after, band, province, count(*), count(*) FILTER (WHERE by_hand)
      FROM trial_after GROUP BY 1, 2, 3, 4"""
KEEP_MOVERS = """
    INSERT INTO doctors_trialmove (trial_id, doctor_id, tier_before, tier_after, score_bp)
    SELECT %(trial)s, doctor_id, tier_before, tier_after, score_bp FROM trial_after
     WHERE tier_before <> tier_after ORDER BY score_bp DESC, doctor_id"""


def flat_features(spec: ModelSpec) -> str:
    """Which features tell nobody apart: all doctors have one value. One row of booleans."""
    places = range(1, len(spec.features) + 1)
    return (
        "SELECT "
        + ", ".join(f"count(*) > 0 AND min(raw[{n}]) = max(raw[{n}])" for n in places)
        + " FROM trial_score"
    )


def level_table(spec: ModelSpec, full: UUID, day: UUID | None) -> str:
    """Keep every level once, so that other weights are one pass each."""
    named = ", ".join(f"({one})::smallint AS l{n}" for n, one in enumerate(levels(spec), 1))
    known = " + ".join(f"(s.raw[{n}] > 0)::int" for n in range(1, len(spec.features) + 1))
    return f"""
        CREATE TEMPORARY TABLE trial_level AS
        SELECT s.tier AS held, ({known})::smallint AS known, {named} FROM ({scores_in_force(full, day)}) s
          JOIN doctors_runcohort c ON c.run_id = '{full}' AND c.number = s.cohort;
        ANALYZE trial_level"""


def heights(spec: ModelSpec) -> str:
    """How many doctors reach each score, by the tier held and whether enough is known of them."""
    level = [f"l{n}::bigint" for n in range(1, len(spec.features) + 1)]
    return f"""
        SELECT ({points(spec, level)})::int, held, known >= {spec.min_known}, count(*) FROM trial_level
         GROUP BY 1, 2, 3 ORDER BY 1 DESC"""


# Parameters: since. Contacts of a doctor who was merged count for the one that stays.
ATTENTION = """
    SELECT d.tier, coalesce(a.n, 0) AS contacts, count(*) FROM doctors_doctor d LEFT JOIN (
        SELECT coalesce(m.root_id, p.doctor_id) AS doctor_id, count(*) AS n FROM doctors_interaction p
          LEFT JOIN scoring_family m ON m.member_id = p.doctor_id WHERE p.at >= %(since)s AND p.at < %(until)s
         GROUP BY 1) a ON a.doctor_id = d.id
     WHERE d.merged_into_id IS NULL AND d.tier <> '' GROUP BY 1, 2 ORDER BY 2"""
# Parameters: moment. The tier everybody held then.
HELD_AT = """
    SELECT DISTINCT ON (doctor_id) doctor_id, tier FROM doctors_tierassignment
     WHERE since < %(moment)s ORDER BY doctor_id, id DESC"""
BETWEEN = f"""
    SELECT a.tier, b.tier, count(*) FROM ({HELD_AT}) a JOIN (
        {HELD_AT.replace("moment", "later")}) b USING (doctor_id)
     WHERE a.tier <> '' AND b.tier <> '' GROUP BY 1, 2"""


def drop() -> str:
    return "; ".join(f"DROP TABLE IF EXISTS {name}" for name in TEMPORARY)
