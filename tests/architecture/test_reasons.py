"""Whoever changes, ends or takes back what stands on record says why. Source: 21 CFR 11.10(e); EU GMP Annex 11, 9."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
APPS = ("activities", "compliance", "content", "doctors", "pharmacrm")
TAKES_BACK = re.compile(
    r"_(changed|renamed|withdrawn|retired|recalled|lifted|closed|revoked|refused|amended|ended|removed|cancelled|returned|"
    r"suspended|deactivated|reactivated|undone|merged|unmerged|erased|frozen|destroyed|stopped|corrected|settled|reopened|"
    r"dropped|updated|deleted)$"
)

# Acts of that kind that need no reason. Each line says why.
EXCEPTIONS = {
    "accounts.member_ended": "the day is what a table of territories says; who belongs where is no record of product or doctor",
    "accounts.person_changed": "a person's own data in the house; rights change by accounts.roles_set, which has its reason",
    "accounts.settings_changed": "a reader's own settings",
    "accounts.territory_closed": "a part of a move of the tree, which was approved with its reason",
    "accounts.territory_move_dropped": "a draft that nobody approved",
    "accounts.territory_renamed": "words of a map, no record of product or doctor",
    "activities.cycle_closed": "the normal last step of a plan, on its last day",
    "activities.event_closed": "the normal last step, once the proof is complete",
    "activities.event_ended": "the normal step after the meeting",
    "activities.inquiry_closed": "the normal last step; what was told back is its content",
    "activities.need_closed": "the normal last step; what was told back is its content",
    "activities.speaker_dropped": "a draft's list, before anybody is invited",
    "compliance.case_member_removed": "who works on a case; the case's own steps have their reasons",
    "compliance.course_assignment_ended": "a duty that its cause ended; the cause's own act has the reason",
    "compliance.deputy_ended": "the person's own absence is over",
    "compliance.finding_settled": "settled by the signature of the whole review, whose conclusion is the reason",
    "compliance.incident_closed": "closed by its measures and notices, which are its content",
    "content.annotation_reopened": "a remark in a review that runs",
    "content.claim_changed": "a draft; an approved claim is never changed, its next version is",
    "content.material_changed": "a draft; an approved version is never changed, its next version is",
    "activities.transfers_import_undone": "the import's own file is named; within a day only",
    "doctors.departments_import_undone": "the import's own file is named; within a day only",
    "doctors.divisions_import_undone": "the import's own file is named; within a day only",
    "doctors.doctors_import_undone": "the import's own file is named; within a day only",
    "doctors.hospitals_import_undone": "the import's own file is named; within a day only",
    "doctors.list_changed": "a reader's own list of doctors, no record of any of them",
    "doctors.list_dropped": "a reader's own list of doctors, no record of any of them",
    "doctors.model_changed": "a draft; a model in force is never changed, its next version is",
    "doctors.notice_changed": "a draft; a published notice is never changed, its next version is",
    "doctors.override_ended": "its last day, which was approved with its reason",
    "doctors.realignment_change_dropped": "a line of a draft",
    "doctors.realignment_dropped": "a draft that nobody approved",
    "doctors.scoring_settled": "the outcome of a run, whose manifest is its reason",
    "doctors.territory_rule_ended": "a line of the alignment, whose approval has the reason",
    "doctors.tiers_settled": "the outcome of a run, whose manifest is its reason",
    "imports.cells_corrected": "staged rows, before anything of record is written",
    "imports.cell_corrected": "a staged row, before anything of record is written",
}


def _acts():
    for app in APPS:
        for path in sorted((ROOT / app).rglob("actions/**/*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    not isinstance(node, ast.Call)
                    or not node.args
                    or not isinstance(node.args[0], ast.Constant)
                ):
                    continue
                called = node.func
                name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
                if name == "record" and TAKES_BACK.search(str(node.args[0].value)):
                    yield node.args[0].value, any(keyword.arg == "reason" for keyword in node.keywords)


def test_every_act_that_takes_back_or_changes_a_record_says_why():
    acts = list(_acts())
    without = {event for event, has_reason in acts if not has_reason}

    assert sum(has_reason for _event, has_reason in acts) > 30
    assert sorted(without - set(EXCEPTIONS)) == []
    assert sorted(set(EXCEPTIONS) - without) == []
