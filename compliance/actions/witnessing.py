"""Hear what the witness says: which checkpoint it signed last, whether it refused one, whether it fell silent."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from compliance.actions.findings import open_finding
from compliance.choices import FindingState, Grade
from compliance.log.keys import open_trusted
from compliance.log.notes import NoteRefused, Stated, cosigned_at
from compliance.models import Anchor, Checkpoint, Finding
from compliance.selectors.log import WITNESS, latest_checkpoint, own_keys
from compliance.verify.verify import Differs

SILENT_AFTER = timedelta(minutes=10)


@transaction.atomic
def hear_witness(*, at: datetime) -> list[Anchor]:
    """Take note of what the witness signed since the last time; a refusal or a silence opens a finding.

    Returns: the new anchors. A witness that was never started says nothing and raises no alarm. Safe to run twice.
    """
    home = Path(settings.LEDGER_WITNESS_DIR)
    refused = home / "refused.json"
    if refused.exists():
        said = json.loads(refused.read_text(encoding="utf-8"))
        _alarm(
            "witness_refused", f"checkpoint:{said['size']}", at=at,
            zh=f"见证方拒绝了 {said['size']} 条的检查点：台账不是先前所签内容的延续（{said['why']}）",
            en=f"The witness refused the checkpoint of {said['size']} entries: the log does not continue what was signed ({said['why']})",
        )  # fmt: skip
    if not (home / "witness.pub").exists():
        return []
    key = (home / "witness.pub").read_text(encoding="utf-8")
    known = Anchor.objects.filter(place=WITNESS).values_list("checkpoint_id", flat=True)
    anchors = []
    for checkpoint in Checkpoint.objects.exclude(pk__in=known).order_by("size"):
        path = home / "checkpoints" / f"{checkpoint.size:012d}"
        if not path.exists():
            continue
        note = path.read_text(encoding="utf-8")
        try:
            stated = Stated(*open_trusted(note, own_keys()))
            seen_at = datetime.fromtimestamp(cosigned_at(note, key), UTC)
        except (NoteRefused, Differs):
            continue
        if stated.root == bytes(checkpoint.root):
            anchors.append(Anchor.objects.create(checkpoint=checkpoint, place=WITNESS, anchored_at=seen_at))
    _mind_silence(at)
    return anchors


def _mind_silence(at: datetime) -> None:
    newest = latest_checkpoint()
    if newest is None or Anchor.objects.filter(place=WITNESS, checkpoint=newest).exists():
        return
    heard = Anchor.objects.filter(place=WITNESS).order_by("-checkpoint__size").first()
    missed = (
        Checkpoint.objects.filter(size__gt=heard.checkpoint.size if heard else 0).order_by("size").first()
    )
    if missed is not None and at - missed.signed_at > SILENT_AFTER:
        _alarm(
            "witness_silent", "table:compliance_checkpoint", at=at,
            zh=f"见证方自 {missed.signed_at:%Y-%m-%d %H:%M} UTC 起未再签名",
            en=f"The witness has signed nothing since {missed.signed_at:%Y-%m-%d %H:%M} UTC",
        )  # fmt: skip


def _alarm(kind: str, subject: str, *, zh: str, en: str, at: datetime) -> None:
    if not Finding.objects.filter(kind=kind, subject=subject, state=FindingState.OPEN).exists():
        open_finding(
            kind=kind,
            subject=subject,
            grade=Grade.BAN,
            evidence={"text": {"zh": zh, "en": en}, "url": "/compliance/ledger/"},
            at=at,
            due_at=at + timedelta(hours=1),
        )
