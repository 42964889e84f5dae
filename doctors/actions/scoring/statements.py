# ruff: noqa: S608 - every piece of text comes from the catalogue and a checked model, none from a person
"""The statements of scoring. Whole numbers only: no float, no order of addition, no query plan changes a digit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from doctors.rules import decay
from doctors.rules.features import (
    BANDS,
    CATALOGUE,
    DOUBLED_LEVELS,
    LEVEL_GRADES,
    PAPER_YEARS,
    POST_GRADES,
    SOCIETY_POINTS,
    TITLE_GRADES,
)
from doctors.rules.segmentation import (
    CORE,
    FULL,
    LADDER,
    MAX_FEATURES,
    POTENTIAL_TIER,
    RANK,
    FeatureSpec,
    Lines,
    ModelSpec,
    weights_of,
)

ELIGIBLE = "d.merged_into_id IS NULL AND NOT d.profiling_refused AND d.status IN ('active', 'unverified')"
SPECIALTY = "coalesce(nullif(d.specialty, ''), dep.name, '')"
BAND = (
    "CASE WHEN left(d.hospital_level, 1) IN ("
    + ", ".join(f"'{band}'" for band in BANDS)
    + ") THEN left(d.hospital_level, 1) ELSE '0' END"
)
MOST = 2**31 - 1


def _case(column: str, grades: Mapping[str, int]) -> str:
    whens = " ".join(f"WHEN '{word}' THEN {grade}" for word, grade in grades.items())
    return f"CASE {column} {whens} ELSE 0 END"


_DOUBLED = (
    "CASE WHEN p.level IN (" + ", ".join(f"'{level}'" for level in DOUBLED_LEVELS) + ") THEN 2 ELSE 1 END"
)
_IN_FORCE = "(p.valid_from IS NULL OR p.valid_from <= %(as_of)s) AND (p.valid_until IS NULL OR p.valid_until > %(as_of)s)"

POSTS = f"""
    SELECT coalesce(m.root_id, p.doctor_id) AS doctor_id,
           sum(CASE WHEN {_IN_FORCE} THEN ({_case("p.role", SOCIETY_POINTS)}) * {_DOUBLED} ELSE 0 END) AS society_roles,
           sum(CASE WHEN p.role = 'editor' AND {_IN_FORCE} THEN {_DOUBLED} ELSE 0 END) AS journal_posts
      FROM doctors_academicpost p LEFT JOIN scoring_family m ON m.member_id = p.doctor_id
     {{where}}
     GROUP BY 1"""
# A guideline that stands both as a work and as a post of its authors counts once, with the higher points.
WORKS = f"""
    SELECT doctor_id, sum(points) AS guideline_work FROM (
        SELECT coalesce(m.root_id, p.doctor_id) AS doctor_id, p.name, max({_DOUBLED}) AS points
          FROM (SELECT doctor_id, lower(title) AS name, level FROM doctors_guidelinework
                 WHERE ended_at IS NULL AND make_date(year, 1, 1) <= %(as_of)s
                UNION ALL
                SELECT doctor_id, lower(organisation), level FROM doctors_academicpost
                 WHERE role = 'guideline_author' AND (valid_from IS NULL OR valid_from <= %(as_of)s)) p
          LEFT JOIN scoring_family m ON m.member_id = p.doctor_id
         {{where}}
         GROUP BY 1, 2) each GROUP BY 1"""
PAPERS = f"""
    SELECT doctor_id, sum(points) AS publications FROM (
        SELECT coalesce(m.root_id, p.doctor_id) AS doctor_id, p.publication_id,
               max(CASE WHEN p.position = 1 OR p.is_corresponding THEN 2 ELSE 1 END) AS points
          FROM doctors_authorship p JOIN doctors_publication paper ON paper.id = p.publication_id
          LEFT JOIN scoring_family m ON m.member_id = p.doctor_id
         WHERE p.ended_at IS NULL AND NOT paper.is_retracted AND paper.published_on <= %(as_of)s
           AND paper.published_on > %(as_of)s::date - interval '{PAPER_YEARS} years' {{also}}
         GROUP BY 1, 2) each GROUP BY 1"""
FOCUS = """
    SELECT coalesce(m.root_id, p.doctor_id) AS doctor_id, count(DISTINCT p.name) AS clinical_focus
      FROM doctors_interest p LEFT JOIN scoring_family m ON m.member_id = p.doctor_id
     WHERE p.kind = 'disease_area' AND p.source = 'self_stated' AND p.is_active {also}
     GROUP BY 1"""
HOSPITALS = """
    SELECT h.id, coalesce(h.beds, 0) AS beds, coalesce(h.outpatient_volume, 0) AS outpatients,
           CASE WHEN h.id IN (SELECT parent_id FROM doctors_hospital WHERE parent_id IS NOT NULL) THEN 2
                WHEN h.parent_id IS NOT NULL THEN 1 ELSE 0 END AS consortium
      FROM doctors_hospital h"""
MEMBERS = (
    "p.doctor_id IN (SELECT doctor_id FROM scoring_picked UNION ALL SELECT member_id FROM scoring_family)"
)

FACTS = {
    "guideline_work": "coalesce(works.guideline_work, 0)",
    "publications": "coalesce(papers.publications, 0)",
    "society_roles": "coalesce(posts.society_roles, 0)",
    "journal_posts": "coalesce(posts.journal_posts, 0)",
    "title_grade": _case("d.title", TITLE_GRADES),
    "post_grade": _case("d.post", POST_GRADES),
    "hospital_level": _case("d.hospital_level", LEVEL_GRADES),
    "hospital_beds": "coalesce(hospitals.beds, 0)",
    "hospital_outpatients": "coalesce(hospitals.outpatients, 0)",
    "consortium_role": "coalesce(hospitals.consortium, 0)",
    "clinical_focus": "coalesce(focus.clinical_focus, 0)",
}

FAMILY = """
    CREATE TEMPORARY TABLE scoring_family AS
    WITH RECURSIVE steps(member_id, root_id) AS (
        SELECT id, merged_into_id FROM doctors_doctor WHERE merged_into_id IS NOT NULL
        UNION
        SELECT s.member_id, d.merged_into_id FROM steps s JOIN doctors_doctor d ON d.id = s.root_id
         WHERE d.merged_into_id IS NOT NULL)
    SELECT s.member_id, s.root_id FROM steps s JOIN doctors_doctor d ON d.id = s.root_id
     WHERE d.merged_into_id IS NULL {also}"""
OF_PICKED = "AND s.root_id IN (SELECT doctor_id FROM scoring_picked)"
TEMPORARY = (
    "scoring_family",
    "scoring_picked",
    "scoring_sheet",
    "scoring_cohort",
    "scoring_score",
    "scoring_sums",
    *(f"scoring_rank_{place}" for place in range(1, MAX_FEATURES + 1)),
)


@dataclass(frozen=True)
class Plan:
    """A model made ready for SQL: features in order, what each can give, how far back the day of reading lies."""

    spec: ModelSpec
    as_of: date

    @property
    def day(self) -> int:
        return (self.as_of - date.fromisoformat(self.spec.landmark_on)).days

    @property
    def engagement(self) -> list[FeatureSpec]:
        return [feature for feature in self.spec.features if feature.is_engagement]

    @property
    def ranked(self) -> list[int]:
        """Places, from 1, of the features ranked within their cohort."""
        return [place for place, feature in enumerate(self.spec.features, 1) if feature.transform == RANK]


def _raw_expressions(plan: Plan) -> list[str]:
    worth, place = [], 0
    for feature in plan.spec.features:
        if not feature.is_engagement:
            worth.append(FACTS[feature.key])
            continue
        place += 1
        factor = decay.factors(feature.half_life_days)[plan.day]
        total = f"coalesce(own.strength[{place}], 0) + coalesce(merged.s{place}, 0)"
        worth.append(f"greatest({total}, 0) / {factor}")
    return worth


def engagement_select(plan: Plan, where: str = "AND p.id <= %(through)s") -> str:
    """Forward-decayed sums of each doctor's interactions, one whole number for each engagement feature.

    Parameters: landmark, end (first moment after the day), through (last interaction id).
    """
    sums = []
    for feature in plan.engagement:
        table = ",".join(str(factor) for factor in decay.factors(feature.half_life_days))
        kinds = ", ".join(f"'{kind}'" for kind in CATALOGUE[feature.key].kinds)
        sums.append(
            f"coalesce(sum(p.weight * ('{{{table}}}'::bigint[])[date_part('day', p.at - %(landmark)s)::int + 1])"
            f" FILTER (WHERE p.kind IN ({kinds})), 0)::bigint"
        )
    return f"""
        SELECT p.doctor_id, ARRAY[{", ".join(sums)}]::bigint[] AS strength
          FROM doctors_interaction p
         WHERE p.at >= %(landmark)s AND p.at < %(end)s {where}
         GROUP BY p.doctor_id"""


def cohort_sizes() -> str:
    """Doctors by specialty and level band."""
    return f"""
        SELECT {SPECIALTY}, {BAND}, count(*) FROM doctors_doctor d
          LEFT JOIN doctors_department dep ON dep.id = d.department_id
         WHERE {ELIGIBLE} GROUP BY 1, 2"""


def cohort_cells(*, picked: bool) -> str:
    """The specialties and level bands of the picked doctors."""
    return f"""
        SELECT DISTINCT {SPECIALTY}, {BAND} FROM doctors_doctor d
          {"JOIN scoring_picked picked ON picked.doctor_id = d.id" if picked else ""}
          LEFT JOIN doctors_department dep ON dep.id = d.department_id
         WHERE {ELIGIBLE}"""


def sheet(plan: Plan, *, picked: bool, sums: str = "doctors_engagementstate") -> str:
    """One row a doctor: cohort and raw value of each feature. Needs scoring_family and scoring_cohort.

    `sums` is the table the engagement sums are read from.

    Parameters: model, as_of.
    """
    keys = {feature.key for feature in plan.spec.features}
    joins = []
    if "guideline_work" in keys:
        joins.append(
            f"LEFT JOIN ({WORKS.format(where=f'WHERE {MEMBERS}' if picked else '')}) works ON works.doctor_id = d.id"
        )
    if "publications" in keys:
        joins.append(
            f"LEFT JOIN ({PAPERS.format(also=f'AND {MEMBERS}' if picked else '')}) papers ON papers.doctor_id = d.id"
        )
    if keys & {"society_roles", "journal_posts"}:
        joins.append(
            f"LEFT JOIN ({POSTS.format(where=f'WHERE {MEMBERS}' if picked else '')}) posts ON posts.doctor_id = d.id"
        )
    if "clinical_focus" in keys:
        joins.append(
            f"LEFT JOIN ({FOCUS.format(also=f'AND {MEMBERS}' if picked else '')}) focus ON focus.doctor_id = d.id"
        )
    if keys & {"hospital_beds", "hospital_outpatients", "consortium_role"}:
        joins.append(f"LEFT JOIN ({HOSPITALS}) hospitals ON hospitals.id = d.hospital_id")
    if plan.engagement:
        merged = ", ".join(f"sum(s.strength[{i}])::bigint AS s{i}" for i, _ in enumerate(plan.engagement, 1))
        joins.append(
            f"LEFT JOIN {sums} own ON own.model_id = %(model)s AND own.doctor_id = d.id"
            f" LEFT JOIN (SELECT m.root_id, {merged} FROM scoring_family m JOIN {sums} s"
            "  ON s.model_id = %(model)s AND s.doctor_id = m.member_id GROUP BY 1) merged ON merged.root_id = d.id"
        )
    columns = ", ".join(
        f"least({expression}, {MOST})::int AS r{place}"
        for place, expression in enumerate(_raw_expressions(plan), 1)
    )
    return f"""
        CREATE TEMPORARY TABLE scoring_sheet AS
        SELECT d.id AS doctor_id, c.number AS cohort, c.size, {columns}
          FROM doctors_doctor d
          {"JOIN scoring_picked picked ON picked.doctor_id = d.id" if picked else ""}
          LEFT JOIN doctors_department dep ON dep.id = d.department_id
          JOIN scoring_cohort c ON c.specialty = {SPECIALTY} AND c.band = {BAND}
          {" ".join(joins)}
         WHERE {ELIGIBLE}"""


def rank_table(place: int) -> str:
    """Count how many of each cohort lie below each value of one feature, in a working table the planner knows."""
    return f"""
        CREATE TEMPORARY TABLE scoring_rank_{place} AS
        SELECT cohort, value, (sum(n) OVER (PARTITION BY cohort ORDER BY value) - n)::int AS below
          FROM (SELECT cohort, r{place} AS value, count(*) AS n FROM scoring_sheet GROUP BY 1, 2) counted;
        ANALYZE scoring_rank_{place}"""


def freeze_ranks(place: int) -> str:
    """Keep those counts with the run. Parameters: run."""
    return f"""
        INSERT INTO doctors_referencedistribution (run_id, cohort, feature, value, below)
        SELECT %(run)s, cohort, {place}, value, below FROM scoring_rank_{place} ORDER BY cohort, value"""


def scored(plan: Plan, *, lookup: bool) -> str:
    """Score each row of the sheet: below, contribution and their sum.

    With `lookup` a value need not be listed in the reference: it stands where the next higher listed value stands,
    above all of them at the top. Parameters: reference (run).
    """
    joins, below, levels = [], [], []
    for place, feature in enumerate(plan.spec.features, 1):
        if feature.transform != RANK:
            below.append("0")
            levels.append(f"least(s.r{place}, {feature.cap})::bigint * {FULL} / {feature.cap}")
            continue
        if lookup:
            joins.append(
                f"LEFT JOIN LATERAL (SELECT below FROM doctors_referencedistribution WHERE run_id = %(reference)s AND"
                f" cohort = s.cohort AND feature = {place} AND value >= s.r{place} ORDER BY value LIMIT 1) f{place} ON true"
            )
            here = f"coalesce(f{place}.below, s.size - 1)"
        else:
            joins.append(
                f"JOIN scoring_rank_{place} f{place} ON f{place}.cohort = s.cohort AND f{place}.value = s.r{place}"
            )
            here = f"f{place}.below"
        below.append(here)
        levels.append(f"coalesce({here}::bigint * {FULL} / nullif(s.size - 1, 0), 0)")
    given = [
        f"{feature.sign} * ({weight} * ({level}) / {FULL})"
        for feature, weight, level in zip(plan.spec.features, weights_of(plan.spec), levels, strict=True)
    ]
    raw = ", ".join(f"s.r{place}" for place, _ in enumerate(plan.spec.features, 1))
    named = ", ".join(f"({expression})::smallint AS c{place}" for place, expression in enumerate(given, 1))
    total = " + ".join(f"c{place}" for place, _ in enumerate(given, 1))
    every = ", ".join(f"c{place}" for place, _ in enumerate(given, 1))
    return f"""
        SELECT doctor_id, cohort, ({total})::int AS score_bp, raw, below, ARRAY[{every}]::smallint[] AS contribution
          FROM (SELECT s.doctor_id, s.cohort, ARRAY[{raw}]::int[] AS raw, ARRAY[{", ".join(below)}]::int[] AS below, {named}
                  FROM scoring_sheet s {" ".join(joins)}) one"""


def tier(lines: Lines, *, score: str, held: str, raw: str = "o.raw", features: int = 0) -> str:
    """The tier of a score, kept by hysteresis where it is already held; the SQL twin of `rules.segmentation.tier_of`."""
    whens = []
    if lines.min_known:
        known = " + ".join(f"({raw}[{place}] > 0)::int" for place in range(1, features + 1))
        whens.append(f"WHEN {known} < {lines.min_known} THEN '{LADDER[0]}'")
    for word, line in ((CORE, lines.core_bp), (POTENTIAL_TIER, lines.potential_bp)):
        keepers = ", ".join(f"'{step}'" for step in LADDER[LADDER.index(word) :])
        kept = (
            f" OR ({held} IN ({keepers}) AND {score} >= {line - lines.hysteresis_bp})"
            if lines.hysteresis_bp
            else ""
        )
        whens.append(f"WHEN {score} >= {line}{kept} THEN '{word}'")
    return f"CASE {' '.join(whens)} ELSE '{LADDER[0]}' END"


def score_table(plan: Plan, *, held_in: int) -> str:
    """Work all scores out, before any line is drawn through them. Needs the sheet and every rank table.

    Each row says which tier is held now, by the first of the `held_in` runs that has the doctor. Parameters: these
    runs, in order.
    """
    joins = " ".join(
        f"LEFT JOIN doctors_doctorscore held{n} ON held{n}.run_id = %s AND held{n}.doctor_id = o.doctor_id"
        for n in range(held_in)
    )
    held = f"coalesce({', '.join(f'held{n}.tier' for n in range(held_in))}, '')" if held_in else "''"
    return f"""
        CREATE TEMPORARY TABLE scoring_score AS
        SELECT o.*, {held} AS held FROM ({scored(plan, lookup=False)}) o {joins} ORDER BY o.doctor_id;
        ANALYZE scoring_score (cohort, score_bp)"""


def insert_scores(plan: Plan, lines: Lines) -> str:
    """Write the score rows of some cohorts, in the order of their key. Parameters: run, cohorts."""
    return f"""
        INSERT INTO doctors_doctorscore (run_id, doctor_id, cohort, score_bp, tier, raw, below, contribution)
        SELECT %(run)s, o.doctor_id, o.cohort, o.score_bp,
               {tier(lines, score="o.score_bp", held="o.held", features=len(plan.spec.features))},
               o.raw, o.below, o.contribution
          FROM scoring_score o WHERE o.cohort = ANY(%(cohorts)s)"""


def upsert_scores(plan: Plan, lines: Lines) -> str:
    """Write the score rows of touched doctors into the daytime run. Parameters: run, reference, base, day.

    The tier held is looked up row by row: of a run written a moment ago the planner knows nothing, and would join it
    by comparing everybody with everybody.
    """
    held = (
        "(SELECT tier FROM doctors_doctorscore WHERE run_id = %(day)s AND doctor_id = o.doctor_id)",
        "(SELECT tier FROM doctors_doctorscore WHERE run_id = %(base)s AND doctor_id = o.doctor_id)",
    )
    return f"""
        INSERT INTO doctors_doctorscore (run_id, doctor_id, cohort, score_bp, tier, raw, below, contribution)
        SELECT %(run)s, o.doctor_id, o.cohort, o.score_bp,
               {tier(lines, score="o.score_bp", held="o.held", features=len(plan.spec.features))},
               o.raw, o.below, o.contribution
          FROM (SELECT o.*, coalesce({", ".join(held)}, '') AS held FROM ({scored(plan, lookup=True)}) o OFFSET 0) o
        ON CONFLICT (run_id, doctor_id) DO UPDATE SET cohort = excluded.cohort, score_bp = excluded.score_bp,
           tier = excluded.tier, raw = excluded.raw, below = excluded.below, contribution = excluded.contribution"""


def drop_temporary(names: Iterable[str] = TEMPORARY) -> str:
    return "; ".join(f"DROP TABLE IF EXISTS {name}" for name in names)


INPUTS = """
    SELECT s.doctor_id, c.specialty, c.band, s.raw FROM doctors_doctorscore s
      JOIN doctors_runcohort c ON c.run_id = s.run_id AND c.number = s.cohort
     WHERE s.run_id = '{run}' ORDER BY s.doctor_id"""
RESULTS = """
    SELECT doctor_id, score_bp, tier, contribution FROM doctors_doctorscore
     WHERE run_id = '{run}' ORDER BY doctor_id"""
SUMS = """
    SELECT doctor_id, strength FROM doctors_engagementstate WHERE model_id = '{model}' ORDER BY doctor_id"""
