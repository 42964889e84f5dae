"""What is asked of the whole base at once, at a load set by BENCH_DOCTORS: what-if, blocking, territories, realignment.

Only the what-if is promised in seconds; for the others a figure is shown. Everything but a trial is rolled back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from bench import load
from bench.measure import Figure, Measure, NotMeasured, spent
from doctors.actions import realignments, scoring
from doctors.actions.duplicates.blocking import block_doctors, candidate_batches
from doctors.models import Doctor, RealignmentMove, ScoringTrial, TerritoryRule
from doctors.selectors import placing
from doctors.selectors import realignments as drafts
from pharmacrm.accounts.models import Territory

REPEATS = 3
SECONDS = 30  # "in seconds", as a person waits for it with the progress shown


def what_if() -> dict[str, Figure]:
    """Try the model in force with another line and, apart, with other weights; the best of three of each."""
    model = load.ready()
    asker = load.person("bench_author", "marketing")
    spec = model.spec
    tried = {
        "as it is": spec,
        "another line": replace(spec, core_cut_bp=max(1, spec.core_cut_bp - 200)),
        "other weights": replace(
            spec, influence_bp=spec.influence_bp + 500, potential_bp=spec.potential_bp - 500
        ),
    }

    def tries(wanted: object) -> ScoringTrial:
        trial = scoring.open_trial(
            model_id=model.pk, by=asker, at=timezone.now(), spec=wanted, is_queued=False
        )
        return scoring.carry_out_trial(trial_id=trial.pk, clock=timezone.now)

    figures = {}
    for name, wanted in tried.items():
        figures[f"what if, {name}"] = _best(lambda wanted=wanted: tries(wanted), holds_within=SECONDS)
    return figures


def blocking() -> dict[str, Figure]:
    """Find the pairs worth comparing among all, and hand them over in order."""
    load.ready()
    found = []

    def block() -> None:
        with transaction.atomic():
            found.append(block_doctors())
            transaction.set_rollback(True)

    def hand_over() -> None:
        with transaction.atomic():
            block_doctors()
            found.append(sum(len(batch) for batch in candidate_batches()))
            transaction.set_rollback(True)

    blocked = _best(block)
    note = f"{found[-1].pairs:,} pairs, {found[-1].common_keys:,} keys too common; {blocked.note}"
    return {"blocking": replace(blocked, note=note), "blocking and handing over": _best(hand_over, n=1)}


def territories() -> dict[str, Figure]:
    """Ask of the whole company what the rules name, whom nobody has, and what a realignment would move."""
    load.ready()
    on = timezone.localdate() + timedelta(days=14)
    leaves = list(
        Territory.objects.filter(parent__parent__isnull=False).order_by("code").values_list("pk", flat=True)
    )
    if len(leaves) < 2:
        raise NotMeasured("there are no territories")
    steward = load.person("bench_steward", "steward")
    figures: dict[str, Figure] = {}
    with transaction.atomic():
        codes = list(Doctor.objects.order_by().values_list("division_code", flat=True).distinct())
        provinces = sorted({code[:2] for code in codes if code})
        for number, province in enumerate(provinces):
            TerritoryRule.objects.create(
                territory_id=leaves[number % len(leaves)],
                kind="division",
                division_id=f"{province}0000",
            )
        figures["rules of one territory against its doctors"] = _best(
            lambda: placing.coverage_of(leaves[0], on)
        )
        figures["overlaps of all rules"] = _best(lambda: placing.overlaps_on(on))
        figures["doctors nobody has, by province"] = _best(lambda: placing.gaps_on("", on))
        draft = realignments.open_realignment(
            name="bench", reason="bench", effective_on=on, by=steward, at=timezone.now()
        )

        def preview(kind: str, **named: object) -> Callable[[], object]:
            change = realignments.add_realignment_change(
                realignment_id=draft.pk, kind=kind, by=steward, at=timezone.now(), **named
            )
            act = _best(
                lambda: realignments.preview_realignment(
                    realignment_id=draft.pk, by=steward, at=timezone.now()
                )
            )
            moved = RealignmentMove.objects.filter(realignment=draft).count()
            sums = _best(lambda: drafts.load_of(draft))
            realignments.drop_realignment_change(change_id=change.pk, by=steward, at=timezone.now())
            figures[f"preview of a {kind} changing hands"] = replace(act, note=f"{moved:,} moves; {act.note}")
            figures[f"sums of the territories, {kind}"] = sums
            return act

        preview("territory", from_territory_id=leaves[0], to_territory_id=leaves[1])
        preview("division", division_id=f"{provinces[0]}0000", to_territory_id=leaves[1])
        transaction.set_rollback(True)
    return figures


def _best(act: Callable[[], object], *, n: int = REPEATS, holds_within: float | None = None) -> Figure:
    taken = [spent(act) for _turn in range(n)]
    wall, cpu = min(one.wall for one in taken), min(one.cpu for one in taken)
    return Figure(
        wall,
        "s",
        n,
        holds=None if holds_within is None else wall <= holds_within,
        note=f"{cpu:.1f} s CPU without parallel workers, {Doctor.objects.count():,} doctors",
    )


MEASURES = [
    Measure("what-if", "what if, on everybody", what_if),
    Measure("blocking", "duplicates: pairs worth comparing", blocking),
    Measure("places", "territories and realignments", territories),
]
