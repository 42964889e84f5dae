"""J4: every torture file through the whole upload over REST, each in a process of its own with its own memory."""

from __future__ import annotations

import os
import pickle
import resource
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.urls import reverse
from rest_framework.test import APIClient

from bench.measure import Figure, Measure, data_folder
from compliance.models import LedgerEntry
from doctors.models import Hospital
from pharmacrm.accounts.models import User
from pharmacrm.common.models import StoredFile
from pharmacrm.imports import tasks
from pharmacrm.imports.models import ImportJob, ImportRow

KIND = "hospital"
LONGEST_SECONDS, MOST_MB = 30.0, 512.0


class _DoneError(Exception):
    """Leaves the transaction, so that a file leaves nothing behind."""


@dataclass(frozen=True)
class Answer:
    """What one file came to. `fault` is what was wrong with that answer, "" when it is as promised."""

    outcome: str
    seconds: float
    peak_mb: float
    base_mb: float
    fault: str = ""


def measure() -> dict[str, Figure]:
    """Send every file as a steward's program would, settle the columns as guessed, check, write the good rows, undo."""
    folder = data_folder("08_import_torture")
    files = sorted(one for one in folder.rglob("*") if one.is_file() and one.name != "SOURCE.md")
    steward = User.objects.filter(username="bench-uploads").first() or User.objects.create(
        username="bench-uploads", email="bench-uploads@example.com"
    )
    steward.groups.add(Group.objects.get_or_create(name="steward")[0])
    _warm(steward)
    answers = {path: _apart(path, steward) for path in files}
    named = Counter(answer.outcome for answer in answers.values())
    faulty = [f"{path.name}: {answer.fault}" for path, answer in answers.items() if answer.fault]
    slowest = max(answers.items(), key=lambda one: one[1].seconds)
    largest = max(answers.items(), key=lambda one: one[1].peak_mb)
    told = ", ".join(f"{outcome} {count}" for outcome, count in named.most_common())
    return {
        "files with a named outcome and nothing half-done": Figure(
            len(files) - len(faulty), "files", len(files), holds=not faulty, note="; ".join(faulty[:8]) or told
        ),
        "slowest file": Figure(
            slowest[1].seconds, "s", len(files), holds=slowest[1].seconds <= LONGEST_SECONDS, note=slowest[0].name
        ),
        "largest memory": Figure(
            largest[1].peak_mb, "MB", len(files), holds=largest[1].peak_mb <= MOST_MB,
            note=f"{largest[0].name}; {largest[1].base_mb:.0f} MB of it before the file",
        ),
    }  # fmt: skip


def _warm(steward: User) -> None:
    """Take one small file through here, so that no child has to load addresses, tasks and kinds again."""
    with TemporaryDirectory() as folder:
        small = Path(folder) / "small.csv"
        small.write_text("医院名称,医院等级\n测速预热医院,三甲\n")
        answer = _through(small, steward)
    if answer.fault or answer.outcome != "written":
        raise AssertionError(f"a plain file is not taken in: {answer}")


def _apart(path: Path, steward: User) -> Answer:
    """Carry one file through in a child process; one that dies or hangs has no named outcome."""
    connection.close()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        code = 1
        try:
            answer = _through(path, steward)
            with os.fdopen(writer, "wb") as pipe:
                pickle.dump(answer, pipe)
            code = 0
        except BaseException:  # noqa: BLE001 - the parent counts a silent child as a fault
            traceback.print_exc(file=sys.stderr)
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    if not said:
        return Answer("died", 0.0, 0.0, 0.0, fault="the process died")
    return pickle.loads(said)


def _through(path: Path, steward: User) -> Answer:
    base = _peak()
    began = time.perf_counter()
    outcome, fault = "", ""
    try:
        with transaction.atomic():
            outcome, fault = _carry(path, steward)
            raise _DoneError
    except _DoneError:
        pass
    except Exception as problem:  # noqa: BLE001 - an answer that is no named refusal is what is counted
        outcome, fault = "unnamed", f"{type(problem).__name__}: {problem}"[:200]
    return Answer(outcome, time.perf_counter() - began, _peak(), base, fault)


def _carry(path: Path, steward: User) -> tuple[str, str]:
    before = _rows()
    client = APIClient(raise_request_exception=True, HTTP_HOST="127.0.0.1")
    client.force_login(steward)
    sent = client.post(
        reverse("api:imports-api:import-list"),
        {"kind": KIND, "file": SimpleUploadedFile(path.name, path.read_bytes())},
        format="multipart",
        headers={"Idempotency-Key": str(uuid4())},
    )
    if sent.status_code != 201:
        kept = _rows()
        half = "" if kept[:2] == before[:2] else f"rows stayed behind: {before} → {kept}"
        words = _said(sent)
        named = words.get("code") and words.get("detail")
        return f"refused: {words.get('code')}", half or ("" if named else f"{sent.status_code} without words")
    return _check_and_write(client, _said(sent)["id"], list(_said(sent)["mapping"].items()))


def _check_and_write(client: APIClient, pk: str, guessed: list[tuple[str, int]]) -> tuple[str, str]:
    mapping = (
        dict(guessed) if any(name == "name" for name, _place in guessed) else {**dict(guessed), "name": 0}
    )
    mapping = {name: place for name, place in mapping.items() if name == "name" or place != mapping["name"]}
    answer = _ask(client, "columns", pk, {"mapping": mapping})
    if answer.status_code != 202:
        words = _said(answer)
        return f"columns refused: {words.get('code')}", "" if words.get("detail") else "no words"
    tasks.check(import_id=pk)
    job = ImportJob.objects.get(pk=pk)
    staged = ImportRow.objects.filter(job=job).count()
    if job.state == "failed":
        return "check refused", "" if job.failure else "failed without words"
    if job.state != "checked" or staged != job.rows_total:
        return "half checked", f"{job.state}, {staged} of {job.rows_total} rows"
    errors = client.get(reverse("api:imports-api:import-error-book", args=[pk])) if job.rows_bad else None
    if errors is not None and errors.status_code != 200:
        return "no error workbook", f"{errors.status_code}"
    return _write(client, job)


def _write(client: APIClient, job: ImportJob) -> tuple[str, str]:
    before = Hospital.objects.count()
    answer = _ask(client, "commit", job.pk, {"only_good": True})
    if answer.status_code != 202:
        named = bool(_said(answer).get("detail"))
        return "checked, no good row" if not job.rows_good else "not written", "" if named else "no words"
    good = job.rows_good
    job = _written(job)
    made = job.outcomes.get("created", 0)
    whole = job.state == "committed" and sum(job.outcomes.values()) == good
    if not whole or Hospital.objects.count() - before != made:
        return "half written", f"{job.state} {job.outcomes} of {good}: {job.failure}"
    left = _undone(client, job, before)
    return ("written" if job.rows_bad == 0 else "written without the faulty rows"), left


def _undone(client: APIClient, job: ImportJob, before: int) -> str:
    answer = _ask(client, "undo", job.pk, {})
    if answer.status_code != 202:
        return f"undo answered {answer.status_code}"
    tasks.undo(import_id=str(job.pk))
    state, left = ImportJob.objects.values_list("state", flat=True).get(pk=job.pk), Hospital.objects.count()
    return "" if (state, left) == ("undone", before) else f"undo left {state}, {left - before} hospitals"


def _written(job: ImportJob) -> ImportJob:
    """Write the rows as the worker does, but for the progress it says over a second connection."""
    from pharmacrm.imports.actions import committing

    committing._say_aside = lambda _job_id, _done: None
    tasks.commit(import_id=str(job.pk))
    return ImportJob.objects.get(pk=job.pk)


def _ask(client: APIClient, act: str, pk: object, body: dict[str, object]) -> Any:
    address = reverse(f"api:imports-api:import-{act}", args=[pk])
    return client.post(address, body, format="json", headers={"Idempotency-Key": str(uuid4())})


def _said(answer: Any) -> dict[str, Any]:
    """Return what an answer says, whoever gave it: the view, or a door before it."""
    return answer.json() if "json" in answer.headers.get("Content-Type", "") else {}


def _rows() -> tuple[int, int, int]:
    return ImportJob.objects.count(), StoredFile.objects.count(), LedgerEntry.objects.count()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


MEASURES = [Measure("J4", "every torture file through the whole upload", measure)]
