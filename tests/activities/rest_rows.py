"""Who may do what of academic events over REST; and the acts, each with what it needs."""

from django.core.files.base import ContentFile
from django.utils import timezone

from activities.actions import events
from pharmacrm.accounts.choices import Role
from tests.activities import act_rows as acts
from tests.activities import permission_rows as table
from tests.architecture.act_rows import Act
from tests.architecture.permission_rows import Row, for_roles

A = "api:activities-api:"
API = {"anonymous": 401}


def plan_words(rep):
    _none, said = acts.event_form(rep)
    at = timezone.now()
    return {}, {
        **{name: said[name] for name in ("kind", "title", "need", "venue", "venue_class")},
        "hospital_id": said["hospital"],
        "people_planned": 12,
        "starts_at": (at + timezone.timedelta(days=5)).isoformat(),
        "ends_at": (at + timezone.timedelta(days=5, hours=1)).isoformat(),
        "sessions": [{"title": "分层用药", "kind": "talk", "minutes": 30}],
        "budget": [{"kind": "tea", "estimate_fen": 8000}],
        "speakers": [
            {
                "name": "高远",
                "institution": "省医院",
                "department_name": "肾内科",
                "topic": "肾功能分层",
                "selection_reason": "指南作者",
            }
        ],
    }


def _without_verb(arrange):
    def made(rep):
        kwargs, said = arrange(rep)
        return {name: value for name, value in kwargs.items() if name != "verb"}, said or {}

    return made


def invitation(rep):
    event, doctor = acts.approved(rep)
    return {"pk": event.pk}, {"doctor_ids": [str(doctor.pk)]}


def paper(rep):
    event, doctor = acts.running(rep)
    return {"pk": event.pk}, {"doctor_id": str(doctor.pk)}


def cost(rep):
    kwargs, said = acts.expense(rep)
    said.pop("cost_yuan")
    return kwargs, {**said, "cost_fen": 8000, "people_present": 10}


def summed_up(rep):
    kwargs, said = acts.proven(rep)
    return kwargs, {**said, "safety_answered": True}


def speaker_words(rep):
    kwargs, said = acts.proposed_speaker(rep)
    return kwargs, {"doctor_id": said.pop("doctor"), **said}


def unverified(rep):
    kwargs, said = speaker_words(rep)
    speaker = events.propose_speaker(
        event_id=kwargs["pk"], said=events.SpeakerPlan(**said), by=rep, at=timezone.now()
    )
    return {**kwargs, "speaker": speaker.pk}, {}


def to_verify(person):
    kwargs = table.foreign_speaker(person)
    return {"pk": kwargs["pk"], "speaker": kwargs["speaker"]}


SEEN = for_roles(403, *table.SEES_ALL_EVENTS) | for_roles(404, Role.REP, Role.LINE_MANAGER)
EVENT = "018f0000-0000-7000-8000-000000000000"
BODIES = {
    "request": {},
    "start": {},
    "end": {},
    "cancel": {"reason": "x"},
    "close": {"summary": "x"},
    "invitations": {"doctor_ids": [EVENT]},
    "sign-in": {"doctor_id": EVENT},
    "expenses": {"kind": "tea", "cost_fen": 1, "people_present": 1, "spent_on": "2026-11-23", "payee": "x",
                 "receipt_number": "1", "purpose": "x"},
}  # fmt: skip
REST_ROWS = [
    Row(f"{A}event-list", statuses=for_roles(200, *table.EVENTS), **API),
    Row(f"{A}event-list", "post", data={}, statuses=for_roles(400, *table.EVENT_PLANNERS), **API),
    Row(
        f"{A}event-detail",
        kwargs=table.foreign_event,
        statuses=for_roles(200, *table.SEES_ALL_EVENTS) | for_roles(404, Role.REP, Role.LINE_MANAGER),
        **API,
    ),
    *(Row(f"{A}event-{verb}", "post", kwargs=table.foreign_event, data=data, statuses=SEEN, **API) for verb, data in BODIES.items()),
    Row(
        f"{A}event-proofs",
        "post",
        kwargs=table.foreign_event,
        data={},
        statuses=for_roles(400, *table.SEES_ALL_EVENTS) | for_roles(404, Role.REP, Role.LINE_MANAGER),
        **API,
    ),
    Row(
        f"{A}event-speakers",
        "post",
        kwargs=table.foreign_event,
        data={"topic": "x", "selection_reason": "x"},
        statuses=for_roles(404, *table.EVENTS),
        **API,
    ),
    Row(
        f"{A}speaker-verify",
        "post",
        kwargs=to_verify,
        statuses=SEEN | for_roles(200, Role.MEDICAL, Role.COMPLIANCE),
        **API,
    ),
    *(Row(f"{A}speaker-{verb}", "post", kwargs=to_verify, statuses=SEEN, **API) for verb in ("invite", "drop")),
]  # fmt: skip
REST_ACTS = [
    Act(f"{A}event-list", Role.REP, plan_words),
    Act(f"{A}event-request", Role.REP, _without_verb(acts.asked_event)),
    Act(f"{A}event-start", Role.REP, lambda rep: ({"pk": acts.approved(rep)[0].pk}, {})),
    Act(f"{A}event-end", Role.REP, lambda rep: ({"pk": acts.running(rep)[0].pk}, {})),
    Act(f"{A}event-cancel", Role.REP, acts.cancelled),
    Act(f"{A}event-close", Role.REP, summed_up),
    Act(f"{A}event-invitations", Role.REP, invitation),
    Act(f"{A}event-sign-in", Role.REP, paper),
    Act(f"{A}event-expenses", Role.REP, cost),
    Act(f"{A}event-speakers", Role.REP, speaker_words),
    Act(f"{A}speaker-drop", Role.REP, unverified),
    Act(f"{A}speaker-invite", Role.REP, _without_verb(acts.invited_speaker)),
    Act(
        f"{A}event-proofs",
        Role.REP,
        lambda rep: (
            {"pk": acts.running(rep)[0].pk},
            {"kind": "photo", "file": ContentFile(b"%PDF-1.7 photo", name="photo.pdf")},
        ),
    ),
]
