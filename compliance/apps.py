from django.apps import AppConfig, apps
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy

from pharmacrm.common.leaving import register_export_counter

from . import flows, points, retention, seconded, subjects
from .facts import ColumnFacts, ExportFacts, IncidentFacts, NoteFacts, StaffFacts, TrailPlanFacts


class ComplianceConfig(AppConfig):
    name = "compliance"
    label = "compliance"

    def ready(self) -> None:
        declare_points()
        register_subjects()
        register_flows()
        seconded.register_seconded()
        register_openings()
        register_keeping()
        register_exports()


def register_exports() -> None:
    """Let everything about persons be counted before it leaves, by whatever door."""
    from .actions.exports import count_export  # models load after the app

    register_export_counter(count_export)


def declare_points() -> None:
    """Tell the law which acts of this app it judges, and by which facts."""
    points.declare("column.accept", ColumnFacts, root="column", kind="before")
    points.declare("note.accept", NoteFacts, root="note", kind="after")
    points.declare("incident.close", IncidentFacts, root="incident", kind="before")
    points.declare("export.send", ExportFacts, root="export", kind="before")
    points.declare("staff.activate", StaffFacts, root="staff", kind="before")
    points.declare("trail.plan", TrailPlanFacts, root="trail", kind="before")


def register_subjects() -> None:
    """Tell how the kernel's own subjects are named and opened."""
    from compliance.selectors.rulebook import rules_called  # models load after the app

    subjects.register_rows(
        {
            "alarm": "compliance.GuardAlarm",
            "approval": "compliance.ApprovalRequest",
            "assessment": "compliance.ImpactAssessment",
            "duty": "compliance.TrainingDuty",
            "figure": "compliance.Parameter",
            "filing": "compliance.RepFiling",
            "incident": "compliance.PrivacyIncident",
            "letter": "compliance.CaseLetter",
            "monitoring": "compliance.MonitoringPlan",
            "pack": "compliance.InspectorPack",
            "recipient": "compliance.ExportRecipient",
            "retention": "compliance.RetentionRun",
            "rule_text": "compliance.RuleVersion",
            "watched": "compliance.WatchedAct",
            "trail_plan": "compliance.TrailReviewPlan",
        }
    )
    subjects.register("case", _number_of_case, url=lambda key: f"/compliance/cases/{key}/")
    subjects.register("approval", lambda key: _named("ApprovalRequest", key))
    subjects.register(
        "checkpoint",
        lambda key: gettext("Checkpoint over %(size)s entries") % {"size": key},
        url=lambda key: "/compliance/ledger/",
    )
    subjects.register("hotline", lambda key: gettext("Report to the hotline"))
    subjects.register(
        "job",
        lambda key: (
            apps.get_model("common.Job").objects.filter(pk=key).values_list("title", flat=True).first() or ""
        ),
    )
    subjects.register(
        "assessment",
        lambda key: _named("ImpactAssessment", key),
        url=lambda key: f"/compliance/assessments/{key}/",
    )
    subjects.register("file", lambda key: gettext("Refused file %(digest)s") % {"digest": key})
    subjects.register("export", lambda key: gettext("Export"), url=lambda key: "/compliance/exports/")
    subjects.register(
        "recipient", lambda key: _named("ExportRecipient", key), url=lambda key: "/compliance/exports/"
    )
    subjects.register("finding", _finding, url=lambda key: f"/compliance/findings/{key}/")
    subjects.register(
        "alarm", lambda key: _named("GuardAlarm", key), url=lambda key: f"/compliance/alarms/{key}/"
    )
    subjects.register("user", lambda key: _named("accounts.User", key))
    subjects.register("table", lambda key: key)
    subjects.register(
        "course", lambda key: _named("Course", key), url=lambda key: f"/compliance/staff/courses/{key}/"
    )
    subjects.register(
        "certificate",
        lambda key: _named("Certificate", key),
        url=lambda key: f"/compliance/training/certificates/{key}/",
    )
    subjects.register(
        "letter_text",
        lambda key: gettext("Letter of commitment"),
        url=_page_of_letter_text,
    )
    subjects.register(
        "bribery_list", lambda key: gettext("Lists of bribery"), url=lambda key: "/compliance/staff/bribery/"
    )
    subjects.register(
        "filing", lambda key: _named("RepFiling", key), url=lambda key: f"/compliance/staff/filings/{key}/"
    )
    subjects.register("bribery_check", _person_checked, url=_file_of_checked)
    subjects.register(
        "watched",
        lambda key: _watched([key]).get(key, ""),
        url=lambda key: f"/compliance/watched/{key}/",
        titles=_watched,
    )
    subjects.register("measure", _measure, url=_case_of_measure)
    subjects.register("duty", lambda key: gettext("Training"), url=lambda key: "/compliance/training/")
    subjects.register("training", lambda key: gettext("Training"), url=lambda key: "/compliance/staff/board/")
    subjects.register(
        "monitoring",
        lambda key: _named("MonitoringPlan", key),
        url=lambda key: f"/compliance/monitoring/{key}/",
    )
    subjects.register(
        "incident",
        lambda key: gettext("Personal-data incident"),
        url=lambda key: f"/compliance/incidents/{key}/",
    )
    subjects.register(
        "retention",
        lambda key: gettext("Destruction of records whose term is over"),
        url=lambda key: f"/compliance/retention/{key}/",
    )
    subjects.register("rule", lambda key: key, url=lambda key: f"/compliance/rules/{key}/", find=rules_called)
    subjects.register("rulepack", lambda key: key, url=lambda key: "/compliance/rules/")
    subjects.register(
        "waiver", lambda key: _named("Waiver", key), url=lambda key: f"/compliance/waivers/{key}/"
    )
    subjects.register("hold", lambda key: _named("Hold", key), url=lambda key: f"/compliance/holds/{key}/")
    subjects.register(
        "trail_review",
        lambda key: gettext("Audit-trail review"),
        url=lambda key: f"/compliance/ledger/reviews/{key}/",
    )
    subjects.register(
        "trail_plan",
        lambda key: gettext("Plan of the audit-trail reviews"),
        url=lambda key: "/compliance/ledger/reviews/plan/",
    )
    subjects.register(
        "pack", lambda key: gettext("Inspector's pack"), url=lambda key: f"/compliance/ledger/packs/{key}/"
    )
    subjects.register(
        "verification",
        lambda key: gettext("Check of the whole record"),
        url=lambda key: "/compliance/ledger/",
    )


def register_flows() -> None:
    """Tell the approval engine what of the kernel is put to it."""
    from .actions import export_approvals, letters, parameters, rule_signing, waivers
    from .views import asked

    subjects.register(
        "letter", lambda key: gettext("Letter of a case"), url=lambda key: f"/compliance/letters/{key}/"
    )
    subjects.register("figure", _figure, url=lambda key: f"/compliance/parameters/{key}/")
    subjects.register(
        "rule_text",
        lambda key: _named("RuleVersion", key),
        url=lambda key: f"/compliance/rules/drafts/{key}/",
    )
    flows.register(
        letters.FLOW,
        gettext_lazy("Letter of a case"),
        heading=asked.named(gettext_lazy("Letter of case %(number)s")),
        signed=True,
        meaning=letters.MEANING,
        signs=letters.letter_signed,
        on_decided=lambda decision: letters.decide_letter(decision=decision),
    )
    flows.register(
        export_approvals.FLOW,
        gettext_lazy("Export beyond a line"),
        check=export_approvals.check_export_answer,
        heading=asked.named(gettext_lazy("Export beyond a line: %(name)s to %(recipient)s")),
        lines=asked.export_lines,
    )
    flows.register(
        waivers.FLOW,
        gettext_lazy("Exception"),
        heading=asked.named(gettext_lazy("Exception from %(rule)s")),
        check=waivers.check_waiver_answer,
        on_decided=lambda decision: waivers.carry_out_waiver(decision=decision),
        lines=asked.waiver_lines,
    )
    flows.register(
        parameters.FLOW,
        gettext_lazy("I approve this figure"),
        heading=asked.named(gettext_lazy("Figure of %(rule)s")),
        signed=True,
        meaning="compliance.figure_approved",
        check=parameters.check_figure_answer,
        on_progress=parameters.note_first_signer_of_figure,
        on_decided=lambda decision: parameters.carry_out_figure(decision=decision),
        signs=parameters.figure_signed,
        lines=asked.figure_lines,
    )
    flows.register(
        rule_signing.FLOW,
        gettext_lazy("I approve this rule"),
        heading=asked.named(gettext_lazy("Text of %(rule)s")),
        signed=True,
        meaning="compliance.rule_approved",
        check=rule_signing.check_text_answer,
        on_progress=rule_signing.note_first_signer_of_text,
        on_decided=lambda decision: rule_signing.carry_out_text(decision=decision),
        signs=rule_signing.text_signed,
        lines=asked.text_lines,
    )


def register_openings() -> None:
    """Tell who may open the kernel's own subjects, so that what is signed under them is read by the same people."""
    from . import permissions
    from .selectors.walls import may_read_versions

    for kind, opens in {
        "case": lambda user, key: (
            permissions.can_see_cockpit(user) and may_read_versions(user, f"case:{key}")
        ),
        "course": lambda user, key: permissions.can_learn(user),
        "letter_text": lambda user, key: permissions.can_learn(user),
        "rule": lambda user, key: permissions.can_read_rules(user),
        "hold": lambda user, key: permissions.can_place_hold(user) or permissions.can_see_cockpit(user),
        "monitoring": lambda user, key: permissions.can_see_cockpit(user),
        "trail_plan": lambda user, key: permissions.can_read_ledger(user),
        "trail_review": lambda user, key: permissions.can_see_cockpit(user),
        "retention": lambda user, key: permissions.can_see_retention(user),
        "user": lambda user, key: str(user.pk) == key or permissions.can_read_staff(user),
    }.items():
        subjects.register_opening(kind, opens)


def register_keeping() -> None:
    """Tell what the kernel destroys of a person who is erased, and what it keeps from being destroyed."""
    from .actions.case_keys import destroy_case_key
    from .actions.ending import plain_rows
    from .actions.forgetting import forget_person
    from .selectors.keeping import (
        cases_over,
        kept_by_hold_or_case,
        kept_case_files,
        names_of_cases,
    )
    from .selectors.staff_ended import DISPOSALS

    retention.register("request_answer", plain_rows(apps.get_model("common.IdempotencyKey"), "created_at"))
    retention.register(
        "finished_work", plain_rows(apps.get_model("common.OutboxMessage"), "done_at", state="done")
    )
    retention.register("sharing_record", plain_rows(apps.get_model("compliance.ExportTally"), "at"))
    for term, disposal in DISPOSALS.items():
        retention.register(term, disposal)
    retention.register(
        "case_file", retention.Disposal(due=cases_over, names=names_of_cases, end=destroy_case_key)
    )
    subjects.register_eraser("compliance", forget_person)
    subjects.register_keeper("compliance", kept_by_hold_or_case)
    subjects.register_reader("compliance", kept_case_files)


def _number_of_case(key: str) -> str:
    """Return a case's number, never its title: whoever reads the ledger need not be on its team."""
    row = apps.get_model("compliance.Case").objects.filter(pk=key).first()
    return (row.number or gettext("Case")) if row else ""


def _page_of_letter_text(key: str) -> str:
    """Return where a draft is decided, or where everybody reads and signs the text in force."""
    rows = apps.get_model("compliance.LetterText").objects.filter(pk=key, state="draft")
    return "/compliance/staff/letters/" if rows.exists() else "/compliance/training/letter/"


def _person_checked(key: str) -> str:
    """Return whose check it is, in words that do not say what it found."""
    row = apps.get_model("compliance.BriberyCheck").objects.select_related("user").filter(pk=key).first()
    return gettext("Bribery check of %(name)s") % {"name": row.user} if row else ""


def _file_of_checked(key: str) -> str:
    rows = apps.get_model("compliance.BriberyCheck").objects.filter(pk=key).values_list("user_id", flat=True)
    return "".join(f"/compliance/staff/{user}/#checks-title" for user in rows)


def _watched(keys: list[str]) -> dict[str, str]:
    """Return of watched acts the rule and whose act it is. Cost: one query for all."""
    rows = apps.get_model("compliance.WatchedAct").objects.filter(pk__in=keys).select_related("asked_of")
    return {str(row.pk): f"{row.rule} · {row.asked_of}" for row in rows}


def _measure(key: str) -> str:
    """Return of which case a measure is, by number."""
    row = apps.get_model("compliance.Measure").objects.select_related("case").filter(pk=key).first()
    return gettext("Measure of case %(number)s") % {"number": row.case.number} if row else ""


def _case_of_measure(key: str) -> str:
    rows = apps.get_model("compliance.Measure").objects.filter(pk=key).values_list("case_id", flat=True)
    return "".join(f"/compliance/cases/{case}/#measures" for case in rows)


def _figure(key: str) -> str:
    """Return a company figure in words: of which rule, and what it is called."""
    from .templatetags.verdicts import figure_name

    row = apps.get_model("compliance.Parameter").objects.filter(pk=key).first()
    return f"{row.rule} {figure_name(row.name)}" if row else ""


def _finding(key: str) -> str:
    """Return what a finding is about; a finding has no words of its own."""
    row = apps.get_model("compliance.Finding").objects.filter(pk=key).first()
    return gettext("Finding: %(what)s") % {"what": subjects.title_of(row.subject)} if row else ""


def _named(model: str, key: str) -> str:
    """Return a row's own words, or nothing where it is gone or the key is none."""
    try:
        row = apps.get_model(model if "." in model else f"compliance.{model}").objects.filter(pk=key).first()
    except (ValidationError, ValueError):
        return ""
    return str(row) if row else ""
