"""What the kernel keeps beside a person who is erased: packs, messages, titles of jobs, kept answers, files of cases, words."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from compliance.actions.erasing_words import erase_words
from compliance.actions.inspection import remove_pack
from compliance.choices import CaseState, PackState
from compliance.models import CaseEvidence, InspectorPack
from compliance.subjects import Leaving
from pharmacrm.common.choices import ScanState
from pharmacrm.common.files import FileAltered, FileErased, erase_bytes, holds_words, open_verified
from pharmacrm.common.models import IdempotencyKey, Job, Notification

GONE = "□"


def forget_person(leaving: Leaving) -> dict[str, int]:
    """Remove packs that show the person, blank messages, job titles and kept answers about them, destroy files kept
    apart that name them once the case is closed, and mask their words wherever free text stands.

    A name alone may be another person's: by name only what is about this person is looked through. Cost: one pass over
    messages, jobs and kept answers, and over each pack that was not removed yet.
    """
    words = (*leaving.own_words, *leaving.names)
    return {
        "packs": _remove_packs(leaving, words),
        "messages": _blank_messages(leaving),
        "jobs": _blank_jobs(leaving),
        "answers": _drop_answers(leaving),
        "case_files": _destroy_case_files(leaving, words),
        **erase_words(leaving),
    }


def _remove_packs(leaving: Leaving, words: Iterable[str]) -> int:
    ready = InspectorPack.objects.select_for_update(of=("self",)).filter(state=PackState.READY)
    named = [
        pack
        for pack in ready.select_related("file").order_by("pk")
        if pack.subject == leaving.subject or _shows(pack, words)
    ]
    reason = _("a person in it was erased")
    return sum(remove_pack(pack, reason=reason, at=leaving.at, by=leaving.by) for pack in named)


def _destroy_case_files(leaving: Leaving, words: Iterable[str]) -> int:
    """Destroy files in closed cases that name the person: a file holds many people and goes as a whole.

    An open case keeps its files (`kept_case_files`); so does a person whose values are put away under a duty to keep.
    """
    if leaving.is_kept:
        return 0
    rows = CaseEvidence.objects.filter(file__isnull=False, case__state=CaseState.CLOSED)
    found = {
        row.file_id: row.file
        for row in rows.exclude(file__scan_state=ScanState.ERASED).select_related("file")
    }
    named = [one for one in found.values() if one and holds_words(one, words)]
    for one in named:
        erase_bytes(one)
    return len(named)


def _shows(pack: InspectorPack, words: Iterable[str]) -> bool:
    if pack.file is None:
        return False
    wanted = [word.encode() for word in words if word]
    try:
        with open_verified(pack.file) as handle, zipfile.ZipFile(handle) as files:
            return any(word in files.read(name) for name in files.namelist() for word in wanted)
    except (FileAltered, FileErased, zipfile.BadZipFile):
        return True  # nobody can say what is in it


def _blank_messages(leaving: Leaving) -> int:
    about = Q(subject__in=_about(leaving)) | Q(url__contains=leaving.subject.partition(":")[2])
    for word in leaving.own_words:
        about |= Q(text__icontains=word)
    return Notification.objects.filter(about).update(text={"zh-hans": GONE, "en": GONE})


def _about(leaving: Leaving) -> list[str]:
    """Return the subjects whose words are the person's: the person, and the packs about them."""
    packs = InspectorPack.objects.filter(subject=leaving.subject).values_list("pk", flat=True)
    return [leaving.subject, *(f"pack:{pk}" for pk in packs)]


def _blank_jobs(leaving: Leaving) -> int:
    about = Q(subject__in=_about(leaving))
    for word in leaving.own_words:
        about |= Q(title__icontains=word)
    return Job.objects.filter(about).update(title=GONE)


def _drop_answers(leaving: Leaving) -> int:
    """Drop answers kept for repeated requests: what names the person by key, number or address."""
    about = Q(answer__icontains=leaving.subject.partition(":")[2])
    for word in leaving.own_words:
        about |= Q(answer__icontains=word)
    return IdempotencyKey.objects.filter(about).update(answer={"erased": True})
