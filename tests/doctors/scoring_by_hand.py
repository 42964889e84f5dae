"""The method of docs/segmentation.md a second time: plain Python, no SQL of the product, one doctor at a time."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from zoneinfo import ZoneInfo

from doctors.models import AcademicPost, Authorship, Doctor, GuidelineWork, Hospital, Interaction, Interest
from doctors.rules import decay
from doctors.rules.features import CATALOGUE, LEVEL_GRADES, POST_GRADES, SOCIETY_POINTS, TITLE_GRADES
from doctors.rules.segmentation import pools_of, weights_of

SHANGHAI = ZoneInfo("Asia/Shanghai")


def levels_of(values):
    """Percentile levels in basis points of the values of one cohort."""
    if len(values) == 1:
        return [0]
    return [sum(other < value for other in values) * 10_000 // (len(values) - 1) for value in values]


def tier_by_hand(score, core, potential, margin, held):
    if score >= core or (held == "core" and score >= core - margin):
        return "core"
    if score >= potential or (held in ("core", "potential") and score >= potential - margin):
        return "potential"
    return "basic"


def doubled(post):
    return 2 if post.level in ("national", "international") else 1


def papers_by_hand(root, as_of):
    """Return {doctor: points for papers of five years}."""
    papers = defaultdict(dict)
    for one in Authorship.objects.filter(ended_at=None).select_related("publication"):
        paper, mine = one.publication, papers[root.get(one.doctor_id)]
        if not paper.is_retracted and as_of.replace(year=as_of.year - 5) < paper.published_on <= as_of:
            worth = 2 if one.position == 1 or one.is_corresponding else 1
            mine[paper.pk] = max(mine.get(paper.pk, 0), worth)
    return {doctor: sum(mine.values()) for doctor, mine in papers.items()}


def guidelines_by_hand(root, as_of):
    """Return {doctor: points for guidelines}, each guideline once."""
    rows = [
        (work.doctor_id, work.title, work)
        for work in GuidelineWork.objects.filter(ended_at=None)
        if work.year <= as_of.year
    ]
    rows += [
        (post.doctor_id, post.organisation, post)
        for post in AcademicPost.objects.filter(role="guideline_author")
        if post.valid_from is None or post.valid_from <= as_of
    ]
    guidelines = defaultdict(dict)
    for doctor, name, row in rows:
        mine = guidelines[root.get(doctor)]
        mine[name.lower()] = max(mine.get(name.lower(), 0), doubled(row))
    return {doctor: sum(mine.values()) for doctor, mine in guidelines.items()}


def raw_by_hand(spec, as_of, doctors):
    """Return {doctor: [raw value of each feature]} from the rows of the customer master."""
    root = {d.pk: d.pk for d in doctors}
    for d in Doctor.objects.filter(merged_into__isnull=False):
        root[d.pk] = d.merged_into_id
    posts, focus, events = defaultdict(list), defaultdict(set), defaultdict(list)
    for post in AcademicPost.objects.all():
        posts[root.get(post.doctor_id)].append(post)
    for one in Interest.objects.filter(kind="disease_area", source="self_stated", is_active=True):
        focus[root.get(one.doctor_id)].add(one.name)
    for contact in Interaction.objects.all():
        events[root.get(contact.doctor_id)].append(contact)
    leaders = set(Hospital.objects.filter(parent__isnull=False).values_list("parent_id", flat=True))
    landmark = date.fromisoformat(spec.landmark_on)

    def holds(post):
        return (post.valid_from is None or post.valid_from <= as_of) and (
            post.valid_until is None or post.valid_until > as_of
        )

    papers, guidelines = papers_by_hand(root, as_of), guidelines_by_hand(root, as_of)
    table = {}
    for d in doctors:
        mine, hospital = posts[d.pk], d.hospital
        facts = {
            "guideline_work": guidelines.get(d.pk, 0),
            "publications": papers.get(d.pk, 0),
            "society_roles": sum(SOCIETY_POINTS.get(p.role, 0) * doubled(p) for p in mine if holds(p)),
            "journal_posts": sum(doubled(p) for p in mine if p.role == "editor" and holds(p)),
            "title_grade": TITLE_GRADES.get(d.title, 0),
            "post_grade": POST_GRADES.get(d.post, 0),
            "hospital_level": LEVEL_GRADES.get(d.hospital_level, 0),
            "hospital_beds": (hospital.beds or 0) if hospital else 0,
            "hospital_outpatients": (hospital.outpatient_volume or 0) if hospital else 0,
            "consortium_role": 0
            if not hospital
            else 2
            if hospital.pk in leaders
            else 1
            if hospital.parent_id
            else 0,
            "clinical_focus": len(focus[d.pk]),
        }
        row = []
        for feature in spec.features:
            if feature.key in facts:
                row.append(facts[feature.key])
                continue
            kinds = CATALOGUE[feature.key].kinds
            seen = [
                ((c.at.astimezone(SHANGHAI).date() - landmark).days, c.weight)
                for c in events[d.pk]
                if c.kind in kinds
            ]
            strength = decay.strength(seen, feature.half_life_days)
            row.append(decay.worth(strength, feature.half_life_days, (as_of - landmark).days))
        table[d.pk] = row
    return table


def score_by_hand(spec, as_of, held=None):
    """Return {doctor: (score, tier, [contributions])} for fixed lines."""
    doctors = list(
        Doctor.objects.filter(
            merged_into__isnull=True, profiling_refused=False, status__in=["active", "unverified"]
        ).select_related("hospital", "department")
    )
    raw = raw_by_hand(spec, as_of, doctors)
    cells = defaultdict(list)
    for d in doctors:
        level = d.hospital_level[:1]
        specialty = d.specialty or (d.department.name if d.department else "")
        cells[specialty, level if level in ("3", "2", "1") else "0"].append(d.pk)
    pools = pools_of({cell: len(members) for cell, members in cells.items()}, spec.min_cohort, spec.cohort_by)
    cohorts = defaultdict(list)
    for cell, members in cells.items():
        cohorts[pools[cell]] += members
    given = defaultdict(list)
    for place, (feature, weight) in enumerate(zip(spec.features, weights_of(spec), strict=True)):
        sign = CATALOGUE[feature.key].sign
        for members in cohorts.values():
            values = [raw[pk][place] for pk in members]
            if feature.transform == "rank":
                levels = levels_of(values)
            else:
                levels = [min(value, feature.cap) * 10_000 // feature.cap for value in values]
            for pk, level in zip(members, levels, strict=True):
                given[pk].append(sign * (weight * level // 10_000))
    return {
        pk: (
            sum(parts),
            "basic"
            if sum(value > 0 for value in raw[pk]) < spec.min_known
            else tier_by_hand(
                sum(parts),
                spec.core_cut_bp,
                spec.potential_cut_bp,
                spec.hysteresis_bp,
                (held or {}).get(pk, ""),
            ),
            parts,
        )
        for pk, parts in given.items()
    }
