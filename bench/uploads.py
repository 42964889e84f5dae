"""J4: every torture file through the whole upload over REST, each in a process of its own with its own memory."""

from __future__ import annotations

import json
import os
import pickle
import re
import resource
import sys
import time
import traceback
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.urls import reverse
from rest_framework.test import APIClient

from bench.measure import Figure, Measure, data_folder
from compliance.models import CaseEvidence, LedgerEntry
from doctors.models import Doctor, Hospital
from pharmacrm.accounts.models import User
from pharmacrm.common.models import StoredFile
from pharmacrm.imports import tasks
from pharmacrm.imports.models import ImportJob, ImportRow
from pharmacrm.runtime.home import ROOT

KINDS = ("hospital", "doctor")
LONGEST_SECONDS, MOST_MB = 30.0, 512.0
LOG = ROOT / "var" / "bench" / "uploads.jsonl"
WRITTEN = ["file_uploaded", "mapping_set", "commit_asked", "committed", "undo_asked", "undone"]
HAN = re.compile(r"[\u4e00-\u9fff]")


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
    said: str = ""


def measure() -> dict[str, Figure]:
    """Send every file as a steward's program would, as each kind; settle the columns, check, write the good rows, undo.

    What each came to stands in var/bench/uploads.jsonl, with its refusal in both languages.
    """
    folder = data_folder("08_import_torture")
    files = sorted(one for one in folder.rglob("*") if one.is_file() and one.name != "SOURCE.md")
    steward = User.objects.filter(username="bench-uploads").first() or User.objects.create(
        username="bench-uploads", email="bench-uploads@example.com"
    )
    steward.groups.add(Group.objects.get_or_create(name="steward")[0])
    settings.REST_PER_MINUTE = dict.fromkeys(
        settings.REST_PER_MINUTE, 1_000_000
    )  # the limit is not what is measured
    _warm(steward)
    figures: dict[str, Figure] = {}
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("w", encoding="utf-8") as log:
        for kind in KINDS:
            answers = {}
            for path in files:
                answers[path] = _apart(path, kind, steward)
                told = {"kind": kind, "file": str(path.relative_to(folder))} | asdict(answers[path])
                log.write(json.dumps(told, ensure_ascii=False) + "\n")
            figures |= _figures(kind, answers)
    return figures


def _figures(kind: str, answers: dict[Path, Answer]) -> dict[str, Figure]:
    named = Counter(answer.outcome for answer in answers.values())
    faulty = [f"{path.name}: {answer.fault}" for path, answer in answers.items() if answer.fault]
    slowest = max(answers.items(), key=lambda one: one[1].seconds)
    largest = max(answers.items(), key=lambda one: one[1].peak_mb)
    told = ", ".join(f"{outcome} {count}" for outcome, count in named.most_common())
    count = len(answers)
    return {
        f"as {kind}: files with a named outcome and nothing half-done": Figure(
            count - len(faulty), "files", count, holds=not faulty, note="; ".join(faulty[:8]) or told
        ),
        f"as {kind}: slowest file": Figure(
            slowest[1].seconds, "s", count, holds=slowest[1].seconds <= LONGEST_SECONDS, note=slowest[0].name
        ),
        f"as {kind}: largest memory": Figure(
            largest[1].peak_mb, "MB", count, holds=largest[1].peak_mb <= MOST_MB,
            note=f"{largest[0].name}; {largest[1].base_mb:.0f} MB of it before the file",
        ),
    }  # fmt: skip


def _warm(steward: User) -> None:
    """Take one small file through here, so that no child has to load addresses, tasks and kinds again."""
    with TemporaryDirectory() as folder:
        small = Path(folder) / "small.csv"
        small.write_text("医院名称,医院等级\n测速预热医院,三甲\n")
        answer = _through(small, "hospital", steward)
    if answer.fault or answer.outcome != "written":
        raise AssertionError(f"a plain file is not taken in: {answer}")


def _apart(path: Path, kind: str, steward: User) -> Answer:
    """Carry one file through in a child process; one that dies or hangs has no named outcome."""
    connection.close()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        code = 1
        try:
            answer = _through(path, kind, steward)
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


def _through(path: Path, kind: str, steward: User) -> Answer:
    base = _peak()
    began = time.perf_counter()
    outcome, fault, said = "", "", ""
    try:
        with transaction.atomic():
            outcome, fault, said = _carry(path, kind, steward)
            raise _DoneError
    except _DoneError:
        pass
    except Exception as problem:  # noqa: BLE001 - an answer that is no named refusal is what is counted
        outcome, fault = "unnamed", f"{type(problem).__name__}: {problem}"[:200]
    return Answer(outcome, time.perf_counter() - began, _peak(), base, fault, said)


def _carry(path: Path, kind: str, steward: User) -> tuple[str, str, str]:
    before, events = _rows(kind), LedgerEntry.objects.count()
    client = APIClient(raise_request_exception=True, HTTP_HOST="127.0.0.1")
    client.force_login(steward)
    sent = _send(client, kind, path.name, path.read_bytes(), "zh-hans")
    if sent.status_code == 201:
        words = _said(sent)
        return (*_check_and_write(client, kind, words["id"], list(words["mapping"].items())), "")
    is_law = _said(sent).get("type", "").endswith(":refused")
    half = "" if _rows(kind) == before else f"rows stayed behind: {before} → {_rows(kind)}"
    told = "" if not is_law or LedgerEntry.objects.count() > events else "the refusal stands in no ledger"
    again = _send(client, kind, path.name, path.read_bytes(), "en")
    fault = half or told or _unsaid(sent, again)
    return f"refused: {_name(_said(sent))}", fault, f"{_words(sent)} | {_words(again)}"


def _send(client: APIClient, kind: str, name: str, content: bytes, language: str) -> Any:
    return client.post(
        reverse("api:imports-api:import-list"),
        {"kind": kind, "file": SimpleUploadedFile(name, content)},
        format="multipart",
        headers={"Idempotency-Key": str(uuid4()), "Accept-Language": language},
    )


def _name(words: dict[str, Any]) -> str:
    rules = ", ".join(one["rule"] for one in words.get("refusals", ()))
    return rules or words.get("type", "").rpartition(":")[2]


def _words(answer: Any) -> str:
    words = _said(answer)
    also = [words.get("what_to_do", ""), *(one["instead"] for one in words.get("refusals", ()))]
    return " ".join(filter(None, [words.get("detail", ""), *also]))


def _unsaid(zh: Any, en: Any) -> str:
    """Return what a refusal does not say: its name, or what to do, in Chinese or in English; "" when it says all."""
    if not _name(_said(zh)) or _name(_said(zh)) != _name(_said(en)):
        return f"{zh.status_code} without a name"
    spoken = [_words(zh), _words(en)]
    if not all(re.search(r"[。.！!].*[。.！!]", words) for words in spoken):
        return f"says not both what is wrong and what to do: {spoken}"
    plain = [words for words in spoken if not HAN.search(words)]
    return "" if plain == spoken[1:] else f"not in both languages: {spoken}"


def _check_and_write(
    client: APIClient, kind: str, pk: str, guessed: list[tuple[str, int]]
) -> tuple[str, str]:
    mapping = (
        dict(guessed) if any(name == "name" for name, _place in guessed) else {**dict(guessed), "name": 0}
    )
    mapping = {name: place for name, place in mapping.items() if name == "name" or place != mapping["name"]}
    answer = _ask(client, "columns", pk, {"mapping": mapping})
    if answer.status_code != 202:
        return f"columns refused: {_name(_said(answer))}", "" if _words(answer) else "no words"
    tasks.check(import_id=pk)
    job = ImportJob.objects.get(pk=pk)
    staged = ImportRow.objects.filter(job=job).count()
    if job.state == "failed":
        return "check refused", "" if job.failure else "failed without words"
    if job.state != "checked" or staged != job.rows_total:
        return "half checked", f"{job.state}, {staged} of {job.rows_total} rows"
    if job.rows_bad:
        mute = _mute_errors(client, job) or _book_not_taken_back(client, job)
        if mute:
            return "faults not told", mute
    return _write(client, kind, job)


def _mute_errors(client: APIClient, job: ImportJob) -> str:
    """Return which fault of the first page of faults is not said in both languages, "" when all are."""
    told = []
    for language in ("zh-hans", "en"):
        answer = client.get(
            reverse("api:imports-api:import-errors", args=[job.pk]), headers={"Accept-Language": language}
        )
        told.append([fault for row in _said(answer)["results"] for fault in row["faults"]])
    if not told[0]:
        return "no fault in the list of faults"
    for zh, en in zip(*told, strict=True):
        if not HAN.search(zh["message"]) or en["message"] in (zh["message"], zh["code"], ""):
            return f"a fault without words: {zh} {en}"
    return ""


def _book_not_taken_back(client: APIClient, job: ImportJob) -> str:
    """Send the workbook of faulty rows back as it is: the same rows are faulty, and no other row comes with it."""
    book = client.get(reverse("api:imports-api:import-error-book", args=[job.pk]))
    if book.status_code != 200:
        return f"no error workbook: {book.status_code}"
    sent = _send(client, job.kind, "again.xlsx", book.content, "zh-hans")
    if sent.status_code != 201:
        return f"its error workbook is refused: {_words(sent)}"
    words = _said(sent)
    ready = _ask(client, "columns", words["id"], {"mapping": words["mapping"]})
    if ready.status_code != 202:
        return f"columns of its error workbook are refused: {_words(ready)}"
    tasks.check(import_id=words["id"])
    again = ImportJob.objects.get(pk=words["id"])
    told = (again.state, again.rows_total)
    return "" if told == ("checked", job.rows_bad) else f"its error workbook: {told}, not {job.rows_bad}"


def _write(client: APIClient, kind: str, job: ImportJob) -> tuple[str, str]:
    before = _rows(kind)[-1]
    answer = _ask(client, "commit", job.pk, {"only_good": True})
    if answer.status_code != 202:
        return "checked, no good row" if not job.rows_good else "not written", "" if _words(
            answer
        ) else "no words"
    good = job.rows_good
    job = _written(job)
    made = job.outcomes.get("created", 0)
    whole = job.state == "committed" and sum(job.outcomes.values()) == good
    if not whole or _rows(kind)[-1] - before != made:
        return "half written", f"{job.state} {job.outcomes} of {good}: {job.failure}"
    left = _undone(client, kind, job, before)
    return ("written" if job.rows_bad == 0 else "written without the faulty rows"), left


def _undone(client: APIClient, kind: str, job: ImportJob, before: int) -> str:
    answer = _ask(client, "undo", job.pk, {})
    if answer.status_code != 202:
        return f"undo answered {answer.status_code}"
    tasks.undo(import_id=str(job.pk))
    state, left = ImportJob.objects.values_list("state", flat=True).get(pk=job.pk), _rows(kind)[-1]
    if (state, left) != ("undone", before):
        return f"undo left {state}, {left - before} rows"
    entries = LedgerEntry.objects.filter(subject=f"import:{job.pk}", event__startswith="imports.")
    missing = {f"imports.{one}" for one in WRITTEN} - {*entries.values_list("event", flat=True)}
    return f"not in the ledger: {sorted(missing)}" if missing else ""


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


def _rows(kind: str) -> tuple[int, int, int]:
    """Count imports, files beside those kept apart in cases, and rows of the kind."""
    files = StoredFile.objects.count() - CaseEvidence.objects.filter(file__isnull=False).count()
    return ImportJob.objects.count(), files, (Hospital if kind == "hospital" else Doctor).objects.count()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


MEASURES = [Measure("J4", "every torture file through the whole upload", measure)]
