"""Who may do what of master data, scoring, territories and privacy over REST; and the acts, each with what it needs."""

from dataclasses import asdict

from django.utils import timezone

from compliance import actions as law
from compliance.models import ApprovalStep
from doctors import actions
from doctors.models import Realignment
from pharmacrm.accounts.choices import Role
from tests.architecture.act_rows import Act
from tests.architecture.permission_rows import Row, for_roles
from tests.doctors import duplicate_rows as alike
from tests.doctors import master_rows as master
from tests.doctors import privacy_rows as privacy
from tests.doctors import segmentation_rows as scoring
from tests.doctors import territory_rows as lands
from tests.doctors.territory_acts import claim_words, line_of_a_draft, new_doctor_words
from tests.factories.compliance import PASSWORD, proof_of
from tests.factories.content import content_person
from tests.factories.doctors import make_doctor, make_hospital
from tests.factories.segmentation import make_model, make_spec

A = "api:doctors-api:"
API = {"anonymous": 401}
TRIES = (Role.MARKETING, Role.MEDICAL, Role.COMPLIANCE)


def spec_words():
    return {**asdict(make_spec())}


def to_try(_person=None):
    author, assessor = content_person(Role.MARKETING, "作者"), content_person(Role.COMPLIANCE, "评估人")
    return {"pk": make_model(author, assessor, at=timezone.now()).pk}


def undecided(user):
    return {"pk": privacy.own_request(user)["pk"]}


def identified(person):
    asked = undecided(person)
    actions.check_identity(request_id=asked["pk"], how="call_back", by=person, at=timezone.now())
    return asked


def erasure_decided(_person):
    other = privacy.someone("decider", "compliance")
    with_password(other)
    doctor = make_doctor()
    at = timezone.now()
    asked = actions.take_request(doctor_id=doctor.pk, kind="erase", source="mail", words="", by=other, at=at)
    actions.check_identity(request_id=asked.pk, how="call_back", by=other, at=at)
    actions.answer_request(
        request_id=asked.pk,
        answer=actions.RequestAnswer(True),
        by=other,
        at=at,
        proof=proof_of(other, at),
    )
    return {"pk": asked.pk}


def with_password(person):
    if not person.check_password(PASSWORD):
        person.set_password(PASSWORD)
        person.save()


def signed_yes(person):
    with_password(person)
    proof = proof_of(person, timezone.now())
    return {"agrees": True, "password": proof.password, "code": proof.code}


def drafted_line(user):
    opened, change = lands.own_draft(user)
    return {"pk": opened.pk, "line": change.pk}


def line_words(person):
    kwargs, words = line_of_a_draft(person)
    return kwargs, {
        "kind": "hospital",
        "hospital_id": str(make_doctor(hospital=make_hospital()).hospital_id),
        "to_territory_id": words["to_territory_id"],
    }


def draft_to_propose(person):
    kwargs = lands.draft(person)
    actions.preview_realignment(realignment_id=kwargs["pk"], by=person, at=timezone.now())
    return kwargs, {"approver_id": str(content_person(Role.ADMINISTRATOR, "管然").pk)}


def carried_out(person):
    at = timezone.now()
    kwargs, words = draft_to_propose(person)
    asked = actions.ask_realignment(realignment_id=kwargs["pk"], **words, by=person, at=at)
    for step in ApprovalStep.objects.filter(request__subject=f"realignment:{asked.pk}"):
        law.decide(step_id=step.pk, verb="agree", by=step.approver, at=at)
    if Realignment.objects.get(pk=asked.pk).state != "done":
        actions.carry_out_realignment(realignment_id=asked.pk, at=at)
    return kwargs, {"effective_on": (timezone.localdate() + timezone.timedelta(days=30)).isoformat()}


def doctor_words(person):
    _none, said = new_doctor_words(person)
    said["hospital_id"] = str(make_hospital("山前医院").pk)
    return {}, {name: said[name] for name in ("name", "hospital_id", "territory_id")}


def listed(person):
    doctor, kept = make_doctor(), lands.own_list(person)
    return {}, {"act": "add", "doctor_ids": [str(doctor.pk)], "list_id": str(kept["pk"])}


LINE = {"kind": "territory", "to_territory_id": "018f0000-0000-7000-8000-000000000000"}
MOVES = {**for_roles(403, Role.COMPLIANCE, Role.INSPECTOR), **for_roles(200, *lands.ALIGN)}
ROWS = [
    Row(f"{A}scoring-model-list", statuses=for_roles(200, *scoring.SEES), **API),
    Row(f"{A}scoring-model-detail", kwargs=scoring._model("active"), statuses=for_roles(200, *scoring.SEES), **API),
    Row(f"{A}scoring-model-validate", "post", data=lambda _kwargs: spec_words(), statuses=for_roles(200, *TRIES), **API),
    Row(f"{A}trial-start", "post", kwargs=to_try, data={"kind": "what_if"}, statuses=for_roles(202, *TRIES), **API),
    Row(f"{A}trial-detail", kwargs=scoring._trial, statuses=for_roles(200, *scoring.SEES), **API),
    Row(f"{A}trial-movers", kwargs=scoring._trial, statuses=for_roles(200, *scoring.SEES), **API),
    Row(f"{A}list-list", statuses=for_roles(200, *lands.KEEP), **API),
    Row(f"{A}list-list", "post", data={"name": "重点"}, statuses=for_roles(201, *lands.KEEP), **API),
    Row(f"{A}list-change", "post", kwargs=lands.own_list, data={"name": "x"}, statuses=for_roles(200, *lands.KEEP), **API),
    Row(f"{A}list-drop", "post", kwargs=lands.own_list, statuses=for_roles(200, *lands.KEEP), **API),
    Row(f"{A}bulk", "post", data={"act": "add"}, statuses=for_roles(400, *lands.KEEP), **API),
    Row(f"{A}claim-list", others=200, **API),
    Row(f"{A}claim-list", "post", data={"name": ""}, statuses=for_roles(400, *lands.CLAIM), **API),
    Row(f"{A}claim-evidence", kwargs=lands.claim, statuses=for_roles(200, Role.STEWARD, Role.LINE_MANAGER, Role.ADMINISTRATOR, Role.COMPLIANCE, Role.INSPECTOR), others=404, **API),
    Row(f"{A}claim-decide", "post", kwargs=lands.claim, data={"accept": False, "answer": "x"}, statuses=for_roles(200, *lands.DECIDE), **API),
    Row(f"{A}doctor-decline", "post", kwargs=lands.own_doctor, data={"reason": "x"}, statuses=for_roles(201, *lands.CLAIM), **API),
    Row(f"{A}change-list", others=200, **API),
    Row(f"{A}change-list", "post", data={"name": ""}, statuses=for_roles(400, *master.PROPOSE), **API),
    Row(f"{A}change-ask", "post", kwargs=master.own_doctor, data={"specialty": "x"}, statuses=for_roles(201, *master.ASK), **API),
    Row(f"{A}change-attachment", kwargs=master.attachment, statuses=for_roles(200, Role.STEWARD, Role.COMPLIANCE, Role.INSPECTOR), others=404, **API),
    Row(f"{A}change-decide", "post", kwargs=master.proposal, data={"accept": False, "answer": "x"}, statuses=for_roles(200, Role.STEWARD), **API),
    Row(f"{A}pair-list", statuses=for_roles(200, *alike.SEE), **API),
    Row(f"{A}pair-detail", kwargs=alike.pair, statuses=for_roles(200, *alike.SEE), **API),
    Row(f"{A}pair-decide", "post", kwargs=alike.pair, data={"answer": "different", "reason": "x"}, statuses=for_roles(200, Role.STEWARD), **API),
    Row(f"{A}merge-list", statuses=for_roles(200, *alike.SEE), **API),
    Row(f"{A}merge-undo", "post", kwargs=alike.merged, data={"reason": "x"}, statuses=for_roles(200, Role.STEWARD), **API),
    Row(f"{A}request-list", statuses=for_roles(200, *privacy.TAKE, Role.INSPECTOR), **API),
    Row(f"{A}request-detail", kwargs=undecided, statuses=for_roles(200, *privacy.TAKE, Role.INSPECTOR), **API),
    Row(f"{A}request-take", "post", kwargs=master.own_doctor, data={"kind": "copy", "source": "mail"}, statuses=for_roles(201, *privacy.TAKE), **API),
    Row(f"{A}request-identity", "post", kwargs=undecided, data={"how": "call_back"}, statuses=for_roles(200, *privacy.DESK), **API),
    Row(f"{A}request-answer", "post", kwargs=undecided, data={"is_granted": True}, statuses=for_roles(409, *privacy.DESK), **API),
    Row(f"{A}request-second", "post", kwargs=undecided, data={"agrees": True}, statuses=for_roles(409, Role.COMPLIANCE), **API),
    Row(f"{A}realignment-list", statuses=for_roles(200, *lands.SEE), **API),
    Row(f"{A}realignment-list", "post", data={"name": "x", "reason": "x", "effective_on": "2035-01-01"}, statuses=for_roles(201, *lands.ALIGN), **API),
    Row(f"{A}realignment-detail", kwargs=lands.draft, statuses=for_roles(200, *lands.SEE), **API),
    Row(f"{A}realignment-moves", kwargs=lands.draft, statuses=for_roles(200, *lands.SEE), **API),
    Row(f"{A}realignment-lines", "post", kwargs=lands.draft, data=LINE, statuses=for_roles(400, *lands.SEE), **API),
    Row(f"{A}realignment-line-drop", "post", kwargs=drafted_line, statuses=MOVES, **API),
    Row(f"{A}realignment-preview", "post", kwargs=lands.draft, statuses=MOVES, **API),
    Row(f"{A}realignment-drop", "post", kwargs=lands.draft, statuses=MOVES, **API),
    Row(f"{A}realignment-propose", "post", kwargs=lands.draft, data={"approver_id": "x"}, statuses=for_roles(400, *lands.SEE), **API),
    Row(f"{A}realignment-reverse", "post", kwargs=lands.draft, data={"effective_on": "2035-01-01"},
        statuses={**for_roles(403, Role.COMPLIANCE, Role.INSPECTOR), **for_roles(409, *lands.ALIGN)}, **API),
]  # fmt: skip
ACTS = [
    Act(f"{A}trial-start", Role.MARKETING, lambda person: (to_try(person), {"kind": "what_if", "spec": spec_words()})),
    Act(f"{A}bulk", Role.STEWARD, listed),
    Act(f"{A}claim-list", Role.REP, claim_words),
    Act(f"{A}change-list", Role.REP, doctor_words),
    Act(f"{A}realignment-lines", Role.STEWARD, line_words),
    Act(f"{A}realignment-propose", Role.STEWARD, draft_to_propose),
    Act(f"{A}realignment-reverse", Role.STEWARD, carried_out),
    Act(f"{A}pair-decide", Role.STEWARD, lambda person: (alike.pair(person), {"answer": "same_low", "reason": "x"})),
    Act(f"{A}request-answer", Role.COMPLIANCE, lambda person: (identified(person), {"is_granted": True})),
    Act(f"{A}request-second", Role.COMPLIANCE, lambda person: (erasure_decided(person), signed_yes(person))),
]  # fmt: skip
