"""What subjects of this app are called in the ledger, in holds and in cases."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doctors.models import (
    Challenge,
    ChangeRequest,
    ConsentNotice,
    ConsentPurpose,
    Doctor,
    DoctorIdentity,
    DoctorList,
    Hospital,
    HospitalAlias,
    MatchModel,
    MatchPair,
    Playbook,
    PrivacyRequest,
    Publication,
    Realignment,
    ScoringRun,
    ScoringTrial,
    SegmentationModel,
)


def title_of_doctor(key: str) -> str:
    """Return a doctor's name, or an empty string for one that was erased."""
    return DoctorIdentity.objects.filter(pk=key).values_list("name", flat=True).first() or ""


def keys_of_doctor(words: str) -> list[str]:
    """Return the keys of doctors whose name or code is exactly this, ten at most."""
    by_name = DoctorIdentity.objects.filter(name=words).values_list("doctor_id", flat=True)[:10]
    by_code = Doctor.objects.filter(code__iexact=words).values_list("pk", flat=True)[:10]
    return sorted({str(key) for key in [*by_name, *by_code]})


def title_of_hospital(key: str) -> str:
    """Return a hospital's name."""
    return Hospital.objects.filter(pk=key).values_list("name", flat=True).first() or ""


def keys_of_hospital(words: str) -> list[str]:
    """Return the keys of hospitals whose name, code or other name is exactly this, ten at most."""
    named = Hospital.objects.filter(Q(name=words) | Q(code__iexact=words)).values_list("pk", flat=True)[:10]
    other = HospitalAlias.objects.filter(name=words).values_list("hospital_id", flat=True)[:10]
    return sorted({str(key) for key in [*named, *other]})


def title_of_model(key: str) -> str:
    """Return which version of the scoring model it is."""
    version = SegmentationModel.objects.filter(pk=key).values_list("version", flat=True).first()
    return _("Scoring model %(version)s") % {"version": version} if version else ""


def title_of_run(key: str) -> str:
    """Return the model and the day of a scoring run."""
    run = ScoringRun.objects.filter(pk=key).select_related("model").first()
    if run is None:
        return ""
    return _("Scoring run %(day)s, model %(version)s") % {"day": run.as_of, "version": run.model.version}


def title_of_watch(key: str) -> str:
    """Return the day on which academic engagement was watched."""
    return _("Academic engagement on %(day)s") % {"day": key}


def title_of_trial(key: str) -> str:
    """Return the model and the kind of a trial."""
    trial = ScoringTrial.objects.filter(pk=key).select_related("model").first()
    return f"{trial.get_kind_display()}: {trial.model.version}" if trial else ""


def title_of_match_model(key: str) -> str:
    """Return which version of the matching weights it is."""
    version = MatchModel.objects.filter(pk=key).values_list("version", flat=True).first()
    return _("Matching weights, version %(version)s") % {"version": version} if version else ""


def title_of_pair(key: str) -> str:
    """Return the names of two records that were compared."""
    pair = MatchPair.objects.filter(pk=key).first()
    if pair is None:
        return ""
    names = dict(
        DoctorIdentity.objects.filter(pk__in=[pair.low_id, pair.high_id]).values_list("doctor_id", "name")
    )
    return " · ".join(names.get(one, "—") for one in (pair.low_id, pair.high_id))


def title_of_playbook(key: str) -> str:
    """Return the tier a playbook is for; the defaults have a key of their own."""
    if key == "defaults":
        return _("Playbook: the defaults")
    playbook = Playbook.objects.filter(pk=key).first()
    return _("Playbook: %(tier)s") % {"tier": playbook.get_tier_display()} if playbook else ""


def title_of_notice(key: str) -> str:
    """Return the purpose and the version of a privacy notice."""
    notice = ConsentNotice.objects.filter(pk=key).select_related("purpose").first()
    if notice is None:
        return ""
    return _("Privacy notice “%(purpose)s”, version %(version)s") % {
        "purpose": title_of_purpose(str(notice.purpose_id)), "version": notice.version,
    }  # fmt: skip


def title_of_purpose(key: str) -> str:
    """Return what personal data are used for, in the reader's language."""
    purpose = ConsentPurpose.objects.filter(pk=key).first()
    if purpose is None:
        return ""
    return purpose.name_en if (get_language() or "").startswith("en") else purpose.name_zh


def title_of_publication(key: str) -> str:
    """Return a publication's title; who wrote it stands on the doctors' own pages."""
    return Publication.objects.filter(pk=key).values_list("title", flat=True).first() or ""


def title_of_realignment(key: str) -> str:
    """Return a realignment's name."""
    return Realignment.objects.filter(pk=key).values_list("name", flat=True).first() or ""


def title_of_challenge(key: str) -> str:
    """Return whose territory a claim is about; whom it names stands on its page alone."""
    place = Challenge.objects.filter(pk=key).values_list("territory__name", flat=True).first()
    return _("Claim about %(territory)s") % {"territory": place} if place else ""


def title_of_change(key: str) -> str:
    """Return whom a proposal is about."""
    doctor = ChangeRequest.objects.filter(pk=key).values_list("doctor_id", flat=True).first()
    return title_of_doctor(str(doctor)) if doctor else ""


def title_of_request(key: str) -> str:
    """Return the number of a privacy request; it names nobody."""
    return PrivacyRequest.objects.filter(pk=key).values_list("number", flat=True).first() or ""


def title_of_list(key: str) -> str:
    """Return a list's name."""
    return DoctorList.objects.filter(pk=key).values_list("name", flat=True).first() or ""


SUBJECTS: dict[str, tuple[Callable[[str], str], Callable[[str], str] | None]] = {
    "change": (title_of_change, lambda key: "/doctors/changes/"),
    "challenge": (title_of_challenge, lambda key: "/doctors/territories/claims/"),
    "doctor_list": (title_of_list, lambda key: f"/doctors/lists/{key}/"),
    "doctor": (title_of_doctor, lambda key: f"/doctors/{key}/"),
    "hospital": (title_of_hospital, lambda key: f"/doctors/hospitals/{key}/"),
    "notice": (title_of_notice, lambda key: f"/doctors/notices/{key}/"),
    "match_model": (title_of_match_model, lambda key: f"/doctors/duplicates/weights/{key}/"),
    "match_pair": (title_of_pair, lambda key: f"/doctors/duplicates/{key}/"),
    "playbook": (title_of_playbook, lambda key: "/doctors/playbook/"),
    "purpose": (title_of_purpose, None),
    "publication": (title_of_publication, lambda key: f"/doctors/publications/{key}/"),
    "realignment": (title_of_realignment, lambda key: f"/doctors/territories/realignments/{key}/"),
    "privacy_request": (title_of_request, lambda key: f"/doctors/requests/{key}/"),
    "scoring_run": (title_of_run, lambda key: f"/doctors/segmentation/runs/{key}/"),
    "engagement_watch": (title_of_watch, lambda key: "/doctors/engagement/"),
    "scoring_trial": (title_of_trial, lambda key: f"/doctors/segmentation/trials/{key}/"),
    "segmentation_model": (title_of_model, lambda key: f"/doctors/segmentation/models/{key}/"),
}
