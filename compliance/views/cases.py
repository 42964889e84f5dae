"""Findings and cases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import content_disposition_header
from django.utils.translation import gettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance import actions, permissions, subjects
from compliance.actions.cases import case_fingerprint
from compliance.actions.measures import FLOW
from compliance.actions.quarantine import KIND as QUARANTINED
from compliance.choices import EvidenceKind
from compliance.doors import needs_code, proof_of, say
from compliance.forms.casework import (
    CheckMeasureForm,
    ConcludeForm,
    DecideReportForm,
    EvidenceForm,
    FoundForm,
    LetterForm,
    MakeReportForm,
    MeasureForm,
    MemberForm,
    PlanForm,
    ReplyForm,
    TriageForm,
)
from compliance.forms.oversight import (
    AssignForm,
    CaseFilter,
    CaseHoldForm,
    CloseForm,
    CommentForm,
    MoveForm,
    NewCaseForm,
    OpenCaseForm,
    SettleForm,
)
from compliance.models import Case, CaseEvidence, Finding, HotlineReport
from compliance.rules.cases import may_move_case, source_of_finding
from compliance.selectors import cockpit as seen
from compliance.selectors.approvals import latest_requests
from compliance.selectors.casework import cases_behind_the_wall, has_cases
from compliance.selectors.history import entries_of
from compliance.selectors.rulebook import sources_of
from compliance.selectors.standing import signed_rows, standing_of
from compliance.templatetags.ledger_words import act_words, case_note_words
from compliance.views.words import due
from pharmacrm.common.errors import DomainError
from pharmacrm.common.files import open_verified
from pharmacrm.common.listing import page_of

FORMS: dict[str, Any] = {
    "triage": TriageForm,
    "plan": PlanForm,
    "comment": CommentForm,
    "assign": AssignForm,
    "join": MemberForm,
    "leave": MemberForm,
    "hold": CaseHoldForm,
    "found": FoundForm,
    "conclude": ConcludeForm,
    "evidence": EvidenceForm,
    "measure": MeasureForm,
    "check": CheckMeasureForm,
    "report": DecideReportForm,
    "reported": MakeReportForm,
    "letter": LetterForm,
    "reply": ReplyForm,
    "move": MoveForm,
    "close": CloseForm,
}
PLACES = {
    "triage": "#triage", "plan": "#plan", "found": "#findings", "conclude": "#findings", "evidence": "#evidence",
    "measure": "#measures", "check": "#measures", "report": "#reports", "reported": "#reports",
    "letter": "#letters", "reply": "#talk",
}  # fmt: skip
ACTS: dict[str, Callable[..., Any]] = {
    "triage": actions.triage_case,
    "plan": actions.plan_case,
    "comment": actions.comment_case,
    "assign": actions.assign_case,
    "join": actions.add_member,
    "leave": actions.remove_member,
    "hold": actions.hold_case,
    "found": actions.add_case_finding,
    "conclude": actions.conclude_finding,
    "measure": actions.add_measure,
    "check": lambda case_id, **entered: actions.check_measure(**entered),
    "report": actions.decide_report,
    "reported": lambda case_id, **entered: actions.make_report(**entered),
    "letter": actions.draft_letter,
    "reply": actions.answer_reporter,
    "move": actions.move_case,
    "close": actions.close_case,
}


def _guarded(request: HttpRequest) -> bool:
    """Return whether the reader may also act. Raises: PermissionDenied for who may not even read."""
    if not permissions.can_see_cockpit(request.user):
        raise PermissionDenied
    return permissions.can_handle_cases(request.user)


@login_required
@require_http_methods(["GET", "POST"])
def case_list(request: HttpRequest) -> HttpResponse:
    """List the cases a person may open; a POST opens a new one."""
    if not permissions.can_see_cockpit(request.user) and not has_cases(request.user):
        raise PermissionDenied
    may_open = permissions.can_handle_cases(request.user)
    asked = {"subject": request.GET.get("subject", ""), "title": request.GET.get("title", "")}
    new = NewCaseForm(request.POST or None, initial=asked)
    if request.method == "POST":
        if not may_open:
            raise PermissionDenied
        if new.is_valid():
            case = actions.open_case(kind="officer", by=request.user, at=timezone.now(), **new.cleaned_data)
            return redirect("compliance:case-detail", case.pk)
    form = CaseFilter(request.GET)
    page = page_of(seen.cases_matching(request.user, **form.chosen()), request, order=("-opened_at", "-pk"))
    at = timezone.now()
    context = {
        "form": form,
        "new": new,
        "may_open": may_open,
        "page": page,
        "rows": [(case, subjects.title_of(case.subject), due(case.due_at, at)) for case in page.rows],
        "walled": cases_behind_the_wall(request.user) if permissions.can_see_cockpit(request.user) else 0,
    }
    return render(request, "compliance/case_list.html", context, status=400 if new.errors else 200)


@login_required
@require_GET
def case_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _case_page(request, pk, {})


@login_required
@require_POST
def case_act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Do one thing to a case, named by the address."""
    case = _case(request, pk)
    if not permissions.can_work_case(request.user, case):
        raise PermissionDenied
    if verb not in FORMS:
        raise Http404
    form = FORMS[verb](request.POST, request.FILES, auto_id=f"{verb}_%s")
    if form.is_valid():
        entered = {
            name: value for name, value in form.cleaned_data.items() if name not in {"password", "code"}
        }
        if verb == "close":
            entered["proof"] = proof_of(request)
        act = _keep_evidence if verb == "evidence" else ACTS[verb]
        try:
            act(case_id=pk, by=request.user, at=timezone.now(), **entered)
        except ObjectDoesNotExist as gone:
            raise Http404 from gone
        except DomainError as refusal:
            say(form, refusal)
        else:
            return redirect(reverse("compliance:case-detail", args=[pk]) + PLACES.get(verb, ""))
    return _case_page(request, pk, {verb: form}, status=400)


@login_required
@require_GET
def evidence_file(request: HttpRequest, pk: UUID, evidence: UUID) -> HttpResponse:
    """Hand out a file of a case to its team, after its bytes were checked."""
    case = _case(request, pk)
    row = get_object_or_404(
        CaseEvidence.objects.select_related("file", "case"), pk=evidence, case=case, file__isnull=False
    )
    if case.kind == QUARANTINED and not permissions.can_handle_cases(request.user):
        raise PermissionDenied  # nobody but an officer holds such bytes in hand
    name = row.title if row.kind == EvidenceKind.FILE else f"receipt-{row.entry_id}.json"
    with open_verified(row.file) as kept:
        answer = HttpResponse(kept.read(), content_type="application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(True, name)
    return answer


def _case(request: HttpRequest, pk: UUID) -> Case:
    """Return a case its reader may open. Raises: Http404, also behind the wall; PermissionDenied for strangers to cases."""
    if not permissions.can_see_cockpit(request.user) and not has_cases(request.user):
        raise PermissionDenied
    case: Case = get_object_or_404(
        Case.objects.select_related("owner", "opened_by", "closing_signature", "triaged_by"), pk=pk
    )
    if not permissions.can_see_case(request.user, case):
        raise Http404
    return case


def _keep_evidence(
    *, case_id: UUID, title: str, words: str, file: Any, entry_id: UUID | None, by: Any, at: datetime
) -> None:
    if file:
        actions.add_evidence_file(
            case_id=case_id, title=title, chunks=file.chunks(), media_type=file.content_type or "application/octet-stream",
            words=words, by=by, at=at,
        )  # fmt: skip
    elif entry_id:
        actions.add_ledger_receipt(case_id=case_id, entry_id=entry_id, words=words, by=by, at=at)
    else:
        actions.add_statement(case_id=case_id, title=title or words[:60], words=words, by=by, at=at)


def _steps(case: Case) -> list[dict[str, Any]]:
    """Return what was done in a case as components/timeline.html reads it, the newest first and its opening last."""
    between = gettext(", ")
    reporter, itself = pgettext("hotline", "Reporter"), gettext("by itself")
    steps = [
        {
            "act": act_words(note.kind),
            "detail": linebreaksbr(case_note_words(note) or ""),
            "meta": f"{note.by or (reporter if note.kind == 'reporter_wrote' else itself)}{between}{_moment(note.done_at)}",
        }
        for note in case.actions.select_related("by", "case").order_by("-done_at", "-pk")
    ]
    opened = f"{case.opened_by or case.get_source_display()}{between}{_moment(case.opened_at)}"
    return [*steps, {"act": gettext("Opened"), "meta": opened}]


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")


def _case_page(request: HttpRequest, pk: UUID, bound: dict[str, Any], status: int = 200) -> HttpResponse:
    case = _case(request, pk)
    is_open = case.state != "closed"
    may_lead = is_open and permissions.can_lead_case(request.user, case)
    forms = {name: bound.get(name) or form(auto_id=f"{name}_%s") for name, form in FORMS.items()}
    move = forms["move"].fields["state"]
    move.choices = [
        (value, label) for value, label in move.choices if may_move_case(old=case.state, new=value)
    ]
    at, fingerprint = timezone.now(), case_fingerprint(case)
    findings = list(case.findings.order_by("opened_at"))
    sources = sources_of([row.rule for row in findings if row.rule], at)
    report = HotlineReport.objects.filter(case=case).first()
    measures = list(case.measures.select_related("owner", "checked_by", "case").order_by("due_on", "pk"))
    asked = latest_requests(FLOW, [f"measure:{row.pk}" for row in measures])
    team = case.members.filter(removed_at__isnull=True).select_related("person").order_by("added_at", "pk")
    context = {
        "case": case,
        "what": subjects.title_of(case.subject),
        "what_url": subjects.url_of(case.subject),
        "due": due(case.due_at, at),
        "findings": [
            (row, sources.get(row.rule, ""), ConcludeForm(auto_id=f"f{place}_%s"))
            for place, row in enumerate(findings)
        ],
        "notes": _steps(case),
        "history": f"case:{case.pk}" if permissions.can_read_ledger(request.user) else "",
        "holds": case.holds.prefetch_related("subjects").order_by("-placed_at"),
        "team": team,
        "evidence": case.evidence.select_related("file", "added_by", "case").order_by("added_at", "pk"),
        "measures": [
            (
                row,
                row.state == "open" and row.due_on < timezone.localtime(at).date(),
                CheckMeasureForm(auto_id=f"m{place}_%s"),
                asked.get(f"measure:{row.pk}"),
            )
            for place, row in enumerate(measures)
        ],
        "reports": [
            (row, due(row.due_at, at), MakeReportForm(auto_id=f"r{row.authority}_%s"))
            for row in case.reports.select_related("decided_by", "reported_by").order_by("decided_at")
        ],
        "letters": case.letters.select_related("drafted_by", "case").order_by("drafted_at"),
        "report": report,
        "talk": report.messages.select_related("by", "report__case").order_by("said_at", "pk")
        if report
        else (),
        "forms": forms,
        "bound": next(iter(bound), ""),
        "may_act": may_lead,
        "may_write": is_open and permissions.can_work_case(request.user, case),
        "sees_contact": permissions.can_work_case(request.user, case),
        "may_move": bool(move.choices),
        "may_destroy": case.state == "closed" and permissions.can_destroy_records(request.user),
        "may_close": may_lead and may_move_case(old=case.state, new="closed"),
        "fingerprint": fingerprint,
        "standing": standing_of(case.closing_signature, fingerprint, signed_rows(case))
        if case.closing_signature
        else None,
        "needs_code": needs_code(request),
        "at": at,
    }
    return render(request, "compliance/case_detail.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def finding_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a finding; a POST settles it or takes it into a case."""
    may_act = _guarded(request)
    finding = get_object_or_404(Finding.objects.select_related("opened_by", "settled_by", "case"), pk=pk)
    if finding.kind == "investigation" and not permissions.can_see_case(request.user, finding.case):
        raise Http404
    settle, take = SettleForm(), OpenCaseForm(initial={"title": subjects.title_of(finding.subject)})
    if request.method == "POST":
        if not may_act:
            raise PermissionDenied
        taking = request.POST.get("verb") == "case"
        form = OpenCaseForm(request.POST) if taking else SettleForm(request.POST)
        if form.is_valid():
            try:
                if taking:
                    case = actions.open_case(
                        kind=finding.kind,
                        subject=finding.subject,
                        title=form.cleaned_data["title"],
                        by=request.user,
                        at=timezone.now(),
                        finding=finding,
                        source=source_of_finding(
                            kind=finding.kind, mark=finding.mark, opened_by=bool(finding.opened_by_id)
                        ),
                    )
                    return redirect("compliance:case-detail", case.pk)
                actions.settle_finding(
                    finding_id=pk,
                    settlement=form.cleaned_data["settlement"],
                    by=request.user,
                    at=timezone.now(),
                )
                return redirect("compliance:cockpit")
            except DomainError as refusal:
                say(form, refusal)
        settle, take = (settle, form) if taking else (form, take)
    context = {
        "finding": finding,
        "may_see_case": bool(finding.case) and permissions.can_see_case(request.user, finding.case),
        "source": sources_of([finding.rule], timezone.now()).get(finding.rule, ""),
        "what": subjects.title_of(finding.subject),
        "what_url": subjects.url_of(finding.subject),
        "due": due(finding.due_at, timezone.now()),
        "evidence": [
            (name, value)
            for name, value in finding.evidence.items()
            if name not in {"text", "url", "members"}
        ],
        "members": [
            (subjects.title_of(member), subjects.url_of(member))
            for member in finding.evidence.get("members", [])[:20]
        ],
        "entries": entries_of(finding.subject, most=20),
        "settle": settle,
        "take": take,
        "may_act": may_act and finding.state == "open",
    }
    status = 400 if settle.errors or take.errors else 200
    return render(request, "compliance/finding_detail.html", context, status=status)
