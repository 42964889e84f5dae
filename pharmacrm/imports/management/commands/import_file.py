"""`manage.py import_file KIND FILE`: the same import as on the page, from the shell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance.doors import recorded_refusals
from pharmacrm.accounts.choices import Role
from pharmacrm.accounts.models import User
from pharmacrm.common.errors import DomainError, Refused
from pharmacrm.imports import actions, selectors
from pharmacrm.imports.models import ImportJob
from pharmacrm.imports.registry import kind_of, kinds

CHUNK = 1024 * 1024


class Command(BaseCommand):
    help = "Import a spreadsheet (xlsx, xls, ods, csv). Prints what was found; --dry-run writes nothing to the master."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=sorted(kinds()))
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="check only")
        parser.add_argument("--mapping", default="", help="column=header,… instead of the guess")
        parser.add_argument("--sheet", default="")
        parser.add_argument(
            "--by", default="", help="user name of the steward; default: the only one there is"
        )
        parser.add_argument("--all-or-nothing", action="store_true", help="write only when every row is good")

    def handle(self, *args: Any, **options: Any) -> None:
        by = _steward(options["by"])
        at = timezone.now()
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"{path} is no file.")
        try:
            with recorded_refusals(by=by, at=at):
                job = actions.upload_file(
                    kind=options["kind"],
                    file_name=path.name,
                    chunks=_chunks(path),
                    by=by,
                    at=at,
                    sheet=options["sheet"],
                )
            self._check(job, options["mapping"], by)
            if not options["dry_run"]:
                self._write(job, by, only_good=not options["all_or_nothing"])
        except Refused as refusal:
            raise CommandError(_words(refusal)) from refusal
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal

    def _check(self, job: ImportJob, mapping: str, by: User) -> None:
        places = _mapping(job, mapping) if mapping else job.mapping
        job = actions.set_mapping(import_id=job.pk, mapping=places, by=by, at=timezone.now())
        for column in selectors.shown_columns(job):
            self.stdout.write(f"  {column:20} ← {job.headers[int(job.mapping[column])]}")
        job = actions.check_rows(import_id=job.pk, at=timezone.now())
        self.stdout.write(f"{job.rows_total} rows, {job.rows_good} good, {job.rows_bad} to correct")
        for fault in selectors.fault_counts(job)[:20]:
            self.stdout.write(f"  {fault.count:6}  {fault.label}: {fault.words}")
        if job.rows_remarked:
            self.stdout.write(f"{job.rows_remarked} good rows with a remark")
        for remark in selectors.remark_counts(job)[:20]:
            self.stdout.write(f"  {remark.count:6}  {remark.label}: {remark.words}")

    def _write(self, job: ImportJob, by: User, *, only_good: bool) -> None:
        actions.commit_import(import_id=job.pk, by=by, at=timezone.now(), only_good=only_good)
        job = actions.write_rows(import_id=job.pk, at=timezone.now())
        self.stdout.write(
            f"{job.state}: " + ", ".join(f"{count} {name}" for name, count in job.outcomes.items())
        )


def _steward(username: str) -> User:
    stewards = User.objects.filter(is_active=True)
    if username:
        found = list(stewards.filter(username=username))
    else:
        found = list(stewards.filter(groups__name=Role.STEWARD)[:2])
    if len(found) != 1:
        raise CommandError("Say with --by whose import this is.")
    return found[0]


def _mapping(job: ImportJob, text: str) -> dict[str, int]:
    places = {}
    for pair in text.split(","):
        column, _, header = pair.partition("=")
        if header not in job.headers or column not in kind_of(job.kind).column_names:
            raise CommandError(f"{pair}: no such column or header.")
        places[column] = job.headers.index(header)
    return places


def _words(refusal: Refused) -> str:
    lines = [
        f"{one.rule}: {one.message.get('en', '')} {one.instead.get('en', '')}"
        for one in refusal.verdict.refusals
    ]
    if refusal.case_number:
        lines.append(
            f"The file is kept apart in case {refusal.case_number}; only compliance opens it. "
            "Take the column out and send the file again."
        )
    return "\n".join(lines) or str(refusal)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        yield from iter(lambda: handle.read(CHUNK), b"")
