"""What a request of the kernel asks for, in words for its approver."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from compliance import selectors, subjects
from compliance.choices import GuardCategory
from compliance.evaluate import verdict_of
from compliance.models import (
    BriberyCheck,
    BriberyListEntry,
    CourseVersion,
    GuardAlarm,
    ImpactAssessment,
    LetterText,
    Measure,
    Parameter,
    RepFiling,
    RetentionRun,
    RuleVersion,
    Waiver,
    WatchedAct,
)
from compliance.retention import term_of
from compliance.selectors.filings import fields_of_filing
from compliance.templatetags.courses import course_title
from compliance.templatetags.verdicts import fact_words, figure_name, product_words
from pharmacrm.common.leaving import Door

Lines = list[tuple[Any, Any]]


def named(words: Any) -> Callable[[Mapping[str, Any]], str]:
    """Return a heading made of words and the payload; nothing for a request of before, which says less."""

    def heading(payload: Mapping[str, Any]) -> str:
        try:
            return str(words) % payload
        except KeyError:
            return ""

    return heading


def waiver_lines(payload: Mapping[str, Any]) -> Lines:
    """Return what an exception asks for."""
    waiver = Waiver.objects.get(pk=UUID(payload["waiver"]))
    last = waiver.valid_until - timedelta(days=1)
    return [
        (_("Rule"), waiver.rule),
        (_("For"), subjects.title_of(waiver.subject)),
        (_("Days"), f"{date_format(waiver.valid_from, 'DATE_FORMAT')} – {date_format(last, 'DATE_FORMAT')}"),
        (_("Reason"), waiver.reason),
    ]


def figure_lines(payload: Mapping[str, Any]) -> Lines:
    """Return what a drafted figure would change."""
    draft = Parameter.objects.get(pk=UUID(payload["parameter"]))
    return [
        (_("Rule"), draft.rule),
        (figure_name(draft.name), fact_words(draft.value, draft.name)),
        (_("Holds from"), date_format(draft.valid_from, "DATE_FORMAT")),
        (_("Reason"), draft.reason),
        *_dry_run(draft.dry_run),
    ]


def export_lines(payload: Mapping[str, Any]) -> Lines:
    """Return what an export beyond a line would give, and to whom."""
    return [
        (_("Recipient"), f"{payload['recipient']} ({payload['region']})"),
        (_("What"), f"{Door(payload['door']).label} · {payload['name']}"),
        (_("Persons"), payload["persons"]),
        (_("With sensitive data"), payload["sensitive"]),
        (
            _("Needed for a yes"),
            _("The ground of exemption, in the comment of both. It holds once, for a week."),
        ),
    ]


def text_lines(payload: Mapping[str, Any]) -> Lines:
    """Return what a drafted text would change."""
    draft = RuleVersion.objects.select_related("ends").get(pk=UUID(payload["text"]))
    rule = selectors.rule_of(draft)
    language = "en" if (get_language() or "").startswith("en") else "zh"
    day = draft.valid_until if draft.ends_id else draft.valid_from
    return [
        (_("Rule"), f"{draft.rule} {rule.title[language]}"),
        (_("Ends on") if draft.ends_id else _("Holds from"), date_format(day, "DATE_FORMAT") if day else ""),
        (_("Reason"), draft.reason),
        *_dry_run(draft.dry_run),
    ]


def alarm_lines(payload: Mapping[str, Any]) -> Lines:
    """Return where the words stood and what the guard found in them; the words themselves are on the alarm's own page."""
    alarm = GuardAlarm.objects.defer("sealed").get(pk=UUID(payload["alarm"]))
    known = dict(GuardCategory.choices)
    doubted = (
        [(_("First finding: a false alarm"), f"{alarm.first_by}: {alarm.first_reason}")]
        if alarm.first_by
        else []
    )
    return [
        (_("Found"), "\n".join(str(known.get(name, name)) for name in alarm.categories)),
        (_("Place"), alarm.get_place_display()),
        *([(_("For"), subjects.title_of(alarm.subject))] if alarm.subject else []),
        *([(_("Reason"), alarm.claim)] if alarm.claim else []),
        *doubted,
        (_("If you agree"), _("After the second person agrees the words pass and go back to their place.")),
        (_("If you refuse"), _("The alarm was right: the words are destroyed.")),
    ]


def retention_lines(payload: Mapping[str, Any]) -> Lines:
    """Return what a run would destroy."""
    run = RetentionRun.objects.get(pk=UUID(payload["run"]))
    language = "en" if (get_language() or "").startswith("en") else "zh"
    told = _("%(count)s destroyed, %(held)s kept")
    return [
        (_("Day"), date_format(run.on_day, "DATE_FORMAT")),
        (_("Reason"), run.reason),
        *(
            (
                term_of(name).title[language],
                told % {"count": f"{one['due'] - one['held']:,}", "held": f"{one['held']:,}"},
            )
            for name, one in sorted(run.plan.items())
        ),
    ]


def publication_lines(payload: Mapping[str, Any]) -> Lines:
    """Return which version of a course would be put into use."""
    version = CourseVersion.objects.select_related("course").get(pk=UUID(payload["version"]))
    return [
        (_("Course"), course_title(version.course)),
        (_("Version"), f"{version.number}"),
        *([(_("What changed"), version.what_changed)] if version.what_changed else []),
        (_("Pass mark"), f"{version.pass_mark} %"),
        (_("Chapters"), f"{len(version.content.get('chapters', []))}"),
        (_("Questions"), f"{len(version.content.get('questions', []))}"),
    ]


def assessment_lines(payload: Mapping[str, Any]) -> Lines:
    """Return what an assessment says, and until when it would hold."""
    row = ImpactAssessment.objects.get(pk=UUID(payload["assessment"]))
    until = row.review_on
    return [
        (_("What is assessed?"), row.title),
        (_("Kind"), row.get_kind_display()),
        (_("Lawful basis"), row.lawful_basis),
        (_("Which data of whom?"), row.data_used),
        (_("Why is it necessary, and not more than that?"), row.necessity),
        (_("What can happen to the persons?"), row.risks),
        (_("What is done against it?"), row.measures),
        (_("Risk left"), row.get_risk_left_display()),
        (
            _("Looked at again on"),
            date_format(until, "DATE_FORMAT") if until else _("A year after the approval"),
        ),
    ]


def letter_text_lines(payload: Mapping[str, Any]) -> Lines:
    """Return the words that everybody would sign, and how long a signature holds."""
    text = LetterText.objects.get(pk=UUID(payload["text"]))
    months = ngettext("holds %(n)s month", "holds %(n)s months", text.months_valid)
    return [
        (_("Version"), f"{text.number}"),
        (_("Text (Chinese)"), text.text_zh),
        (_("Text (English)"), text.text_en),
        (_("A signed letter"), months % {"n": text.months_valid}),
    ]


def hit_lines(payload: Mapping[str, Any]) -> Lines:
    """Return whose name met which lines of the lists, and what each answer sets off."""
    check = BriberyCheck.objects.select_related("user").filter(pk=UUID(payload["check"])).first()
    if check is None:  # its term is over
        return []
    met = [
        " · ".join(
            one for one in (hit.person, hit.company, hit.source, f"{hit.published_on}", hit.detail) if one
        )
        for hit in BriberyListEntry.objects.filter(pk__in=check.hits).order_by("published_on", "pk")
    ]
    return [
        (_("Person"), str(check.user)),
        (_("Lines of the lists"), "\n".join(met)),
        (_("Looked up at"), check.source),
        *([(_("Earlier employer"), check.earlier_company)] if check.earlier_company else []),
        *([(_("Note"), check.note)] if check.note else []),
        (_("If you agree"), _("Somebody else of that name: the person stays clear.")),
        (_("If you refuse"), _("A record found: field work of the person stops at once.")),
        (_("Needed for either"), _("The reason, in the comment.")),
    ]


def filing_lines(payload: Mapping[str, Any]) -> Lines:
    """Return every field of a filing, to be compared with its proofs."""
    filing = RepFiling.objects.select_related("user").get(pk=UUID(payload["filing"]))
    products = filing.products.order_by("product_code").values_list("product_code", flat=True)
    fields = [
        (words, _("missing") if is_missing else value)
        for words, value, is_missing in fields_of_filing(filing)
    ]
    return [
        (_("Person"), str(filing.user)),
        (_("Filing number"), filing.number),
        *fields,
        (_("Products"), ", ".join(product_words(code) for code in products)),
        (_("If you agree"), _("You compared each field with the proof from the platform.")),
    ]


def measure_lines(payload: Mapping[str, Any]) -> Lines:
    """Return what was asked, what was done, and what each answer sets off."""
    row = Measure.objects.select_related("case", "owner").get(pk=UUID(payload["measure"]))
    return [
        (_("Case"), f"{row.case.number} {row.case.title}".strip()),
        (_("Kind"), row.get_kind_display()),
        (_("What has to be done"), row.text),
        (pgettext("measure", "Owner"), f"{row.owner}"),
        (_("Due"), date_format(row.due_on, "DATE_FORMAT")),
        (pgettext("measure", "Done"), row.done_words),
        (_("If you agree"), _("It works: verified.")),
        (_("If you return it"), _("It goes back to its owner, who reports it done again.")),
        (_("Needed for either"), _("What you checked, in the comment; it is sealed with the case.")),
    ]


def watched_lines(payload: Mapping[str, Any]) -> Lines:
    """Return which act met which rule, and the reason its author gave."""
    row = WatchedAct.objects.select_related("asked_of", "verdict").get(pk=UUID(payload["watched"]))
    language = "en" if (get_language() or "").startswith("en") else "zh"
    met = [one.message[language] for one in verdict_of(row.verdict.body).refusals if one.rule == row.rule]
    return [
        (_("Rule"), " ".join([row.rule, *met])),
        (_("Act"), subjects.title_of(row.subject)),
        (_("Asked of"), f"{row.asked_of}"),
        (_("Reason"), row.reason),
        (
            _("Needed for a yes"),
            _("What the review found, in the comment."),
        ),
    ]


def _dry_run(found: Mapping[str, Any] | None) -> Lines:
    if not found:
        return [(_("Dry run"), _("Not tried yet."))]
    if "job" in found:
        return [(_("Dry run"), _("It can be signed once the dry run is done."))]
    told = _("newly stopped %(stopped)s, newly allowed %(allowed)s, unchanged %(same)s") % {
        name: f"{int(found[name]):,}" for name in ("stopped", "allowed", "same")
    }
    return [(_("Dry run"), told)]
