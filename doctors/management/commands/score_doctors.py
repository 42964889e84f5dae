"""Score every doctor now, without waiting for a worker."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance.doors import recorded_refusals
from doctors.actions import scoring
from doctors.models import SegmentationModel
from pharmacrm.common.errors import DomainError, Refused


class Command(BaseCommand):
    help = "Score every doctor with the model in force, or with one named by its version."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--model", default="", help="version of the model; default: the one in force")
        parser.add_argument("--rebuild", action="store_true", help="add up all interactions anew")
        parser.add_argument("--chunk", type=int, default=250_000, help="doctors scored in one transaction")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = {"version": options["model"]} if options["model"] else {"state": "active"}
        model = SegmentationModel.objects.filter(**wanted).first()
        if model is None:
            raise CommandError("There is no such model." if options["model"] else "No model is in force.")
        at = timezone.now()
        try:
            with recorded_refusals(by=None, at=at):
                run = scoring.open_run(
                    model_id=model.pk,
                    by=None,
                    at=at,
                    rebuild=options["rebuild"],
                    chunk_doctors=options["chunk"],
                    is_queued=False,
                )
        except (DomainError, Refused) as refusal:
            raise CommandError(str(refusal)) from refusal
        done = scoring.carry_out_run(run_id=run.pk, clock=timezone.now)
        spent = (
            (done.finished_at - done.started_at).total_seconds()
            if done.finished_at and done.started_at
            else 0
        )
        self.stdout.write(
            f"{done.state}: {done.doctor_count} doctors with model {model.version} in {spent:.1f} s, "
            f"{done.changed_count} tiers changed\nrun {done.pk}\nresult {done.result_digest}"
        )
