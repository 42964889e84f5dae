"""What of the kernel another person approves, verifies, releases, destroys or publishes, told to the approval engine."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from . import flows


def register_seconded() -> None:
    """Tell the approval engine what of the kernel another person releases, destroys or publishes."""
    from . import permissions
    from .actions import (
        alarms,
        assessments,
        commitments,
        filing_checks,
        integrity,
        measures,
        only_who,
        publishing,
        retention,
        watching,
    )
    from .selectors import walls
    from .views import asked

    flows.register(
        alarms.FLOW,
        gettext_lazy("Words kept apart: is the alarm false?"),
        verbs=("agree", "refuse", "pass_on", "urge", "copy"),
        check=alarms.check_alarm_answer,
        hand=only_who(permissions.can_handle_findings),
        on_progress=alarms.note_first_doubt,
        on_decided=lambda decision: alarms.carry_out_alarm(decision=decision),
        lines=asked.alarm_lines,
        put=alarms.put_alarms,
    )
    flows.register(
        assessments.FLOW,
        gettext_lazy("Impact assessment"),
        heading=asked.named(gettext_lazy("Impact assessment %(number)s")),
        verbs=("agree", "return", "pass_on", "withdraw", "urge", "copy"),
        check=assessments.check_assessment_answer,
        hand=only_who(permissions.can_approve_assessment),
        on_decided=lambda decision: assessments.carry_out_assessment(decision=decision),
        lines=asked.assessment_lines,
        put=assessments.put_assessments,
    )
    flows.register(
        commitments.FLOW,
        gettext_lazy("This text may be signed by everybody"),
        heading=asked.named(gettext_lazy("Text of the commitment letter, version %(number)s")),
        signed=True,
        meaning=commitments.MEANING,
        verbs=("agree", "return", "pass_on", "withdraw", "urge", "copy"),
        check=commitments.check_letter_text_answer,
        hand=only_who(permissions.can_change_staff),
        on_decided=lambda decision: commitments.carry_out_letter_text(decision=decision),
        signs=commitments.letter_text_signed,
        lines=asked.letter_text_lines,
        put=commitments.put_letter_texts,
    )
    flows.register(
        filing_checks.FLOW,
        gettext_lazy("Second check of a filing"),
        heading=asked.named(gettext_lazy("Second check of filing %(number)s")),
        verbs=("agree", "return", "pass_on", "withdraw", "urge", "copy"),
        check=filing_checks.check_filing_answer,
        hand=only_who(permissions.can_change_staff),
        on_decided=lambda decision: filing_checks.carry_out_filing_check(decision=decision),
        lines=asked.filing_lines,
        put=filing_checks.put_filing_checks,
    )
    flows.register(
        integrity.FLOW,
        gettext_lazy("Hit of a bribery check: is it somebody else?"),
        verbs=("agree", "refuse", "pass_on", "urge", "copy"),
        check=integrity.check_hit_answer,
        hand=only_who(permissions.can_change_staff),
        on_decided=lambda decision: integrity.carry_out_hit(decision=decision),
        lines=asked.hit_lines,
        put=integrity.put_hits,
        wall=walls.wall_of_hits,
    )
    flows.register(
        measures.FLOW,
        gettext_lazy("Does this measure work?"),
        heading=asked.named(gettext_lazy("Effect of a measure in case %(number)s")),
        verbs=("agree", "return", "pass_on", "urge", "copy"),
        check=measures.check_measure_answer,
        hand=only_who(permissions.can_handle_cases),
        on_decided=lambda decision: measures.carry_out_measure(decision=decision),
        lines=asked.measure_lines,
        put=measures.put_measures,
        wall=walls.wall_of_measures,
        seals=True,
    )
    flows.register(
        retention.FLOW,
        gettext_lazy("I agree that these records are destroyed"),
        heading=asked.named(gettext_lazy("Destruction of records whose term is over")),
        signed=True,
        meaning="retention_approved",
        meanings={"refuse": "retention_refused"},
        verbs=("agree", "refuse", "pass_on", "urge", "copy"),
        check=retention.check_retention_answer,
        hand=only_who(permissions.can_destroy_records),
        on_decided=lambda decision: retention.carry_out_retention(decision=decision),
        signs=retention.retention_signed,
        lines=asked.retention_lines,
        put=retention.put_retentions,
    )
    flows.register(
        watching.FLOW,
        gettext_lazy("Review of a watched act"),
        heading=asked.named(gettext_lazy("Review of a watched act: %(rule)s")),
        verbs=("agree", "pass_on", "copy"),
        check=watching.check_watched_answer,
        hand=only_who(permissions.can_handle_findings),
        on_decided=lambda decision: watching.carry_out_watched(decision=decision),
        lines=asked.watched_lines,
        put=watching.put_watched_acts,
        is_quiet=True,
    )
    flows.register(
        publishing.PUBLICATION,
        gettext_lazy("I publish this course"),
        heading=asked.named(gettext_lazy("Publication of a course")),
        signed=True,
        meaning=publishing.MEANING,
        check=publishing.check_publication_answer,
        on_decided=lambda decision: publishing.carry_out_publication(decision=decision),
        signs=publishing.publication_signed,
        lines=asked.publication_lines,
    )
