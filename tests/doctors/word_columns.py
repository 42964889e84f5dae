"""What becomes of every column that can hold words when a doctor is erased. A new column takes its row here. Promise P9.

Columns of free text are masked without a row: which they are is read from the models. What is named here is left alone,
each under the reason why no word of an erased doctor survives in it; columns are "app.model.column", "*" is a whole model.
"""

from __future__ import annotations

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from compliance.actions.erasing_words import NEVER_MASKED, NOT_ABOUT_DOCTORS, OURS, columns_with_words
from compliance.selectors.versions import governed_models, history_model

LEFT: dict[str, set[str]] = {
    "a code or a number that the product or a register gives": {
        "activities.cycle.code", "activities.event.code", "activities.safetyreport.number",
        "activities.transferofvalue.currency", "compliance.case.number", "compliance.caseaction.kind",
        "compliance.courseassignment.role", "compliance.exportrecipient.region", "compliance.exporttally.kind",
        "compliance.impactassessment.number", "compliance.inspectorpack.language", "compliance.parameter.rule",
        "compliance.waiver.rule", "compliance.watchedact.rule", "content.annotation.rule", "content.claim.code",
        "content.material.code", "content.materialfile.precheck_edition", "content.precheckfinding.rule",
        "content.product.code", "doctors.assignment.line", "doctors.doctor.code", "doctors.doctor.division_code",
        "doctors.playbook.department_code", "doctors.playbook.level_band", "doctors.privacyrequest.number",
        "doctors.publication.pmid", "doctors.realignmentmove.line", "doctors.runcohort.band",
        "doctors.segmentationmodel.version", "imports.importjob.delimiter", "imports.importjob.encoding",
    },
    "a keyed hash, useless without the key outside the database": {
        "compliance.guardalarm.fingerprint", "compliance.hotlinereport.code_hash", "doctors.contactpoint.tail_index",
        "doctors.contactpoint.whole_index",
    },
    "a digest of a file, of content or of a token": {
        "activities.syncoperation.request_sha256", "common.idempotencykey.request_sha256",
        "common.storedfile.sha256", "compliance.approvalrequest.content_sha256",
        "compliance.caseletter.approved_sha256", "compliance.commitment.text_sha256",
        "compliance.repfiling.evidence_sha256", "compliance.repfiling.photo_sha256",
        "compliance.retentionrun.plan_sha256", "content.claim.content_sha256", "content.lease.file_sha256",
        "content.materialfile.sha256", "content.release.file_sha256", "content.reviewseat.signed_sha256",
        "doctors.doctorlink.code_hash", "doctors.explanationlink.code_digest",
        "doctors.explanationlink.token_digest", "doctors.realignment.moves_sha256",
        "doctors.scoringrun.input_digest", "doctors.scoringrun.result_digest",
        "doctors.scoringtrial.spec_digest", "doctors.segmentationmodel.digest",
        "imports.importjob.signature",
    },
    "the name of a kind, or kind:key": {
        "common.job.kind", "common.job.subject", "common.notification.kind", "common.notification.subject",
        "compliance.approvalrequest.flow", "compliance.approvalrequest.subject", "compliance.case.kind",
        "compliance.case.subject", "compliance.finding.kind", "compliance.finding.subject",
        "compliance.guardalarm.kind", "compliance.guardalarm.subject", "compliance.holdsubject.subject",
        "compliance.inspectorpack.subject", "compliance.monitoringitem.subject",
        "compliance.waiver.subject", "compliance.watchedact.subject", "imports.importjob.kind",
        "imports.importresult.subject",
    },
    "about a colleague, whose record is kept by its own term": {
        "compliance.repfiling.domestic_code", "compliance.repfiling.identity_kind", "compliance.repfiling.identity_sealed",
        "compliance.repfiling.mah_code", "compliance.repfiling.sex",
    },
    "a list of keys, codes or figures": {
        "activities.event.products", "activities.hospitalpolicy.restricted_areas",
        "activities.institutionconsent.product_codes", "compliance.approvalstep.roles", "compliance.briberycheck.hits",
        "compliance.repfiling.entered_by",
        "compliance.courseassignment.points", "compliance.inspectorpack.persons", "compliance.learning.read",
        "compliance.privacyincident.data_kinds", "compliance.quizattempt.questions", "content.material.channels",
        "content.material.departments", "content.material.hospital_levels", "content.material.roles",
        "content.material.tiers", "content.material.topics", "doctors.doctorscore.below",
        "doctors.doctorscore.contribution", "doctors.doctorscore.raw", "doctors.engagementstate.strength",
        "doctors.matchpair.levels", "doctors.playbook.channels", "doctors.playbook.content_kinds",
    },
    "published literature by its citation": {"activities.inquiryanswer.references"},
    "written by nothing": {"activities.clinicalneed.keywords"},
    "under the doctor's own key, which is destroyed": {
        "activities.followup.text_sealed", "activities.inquiryanswer.text_sealed", "activities.visit.note_sealed",
        "activities.visitamendment.note_sealed", "doctors.authorproposal.sealed", "doctors.challenge.sealed",
        "doctors.challenge.wrapped_key", "doctors.changerequest.sealed", "doctors.contactpoint.sealed",
        "doctors.doctorlink.code_sealed", "doctors.privacyrequest.letter_sealed",
        "doctors.privacyrequest.reason_sealed", "doctors.privacyrequest.words_sealed",
        "doctors.tiercontest.sealed_answer", "doctors.tiercontest.sealed_words", "doctors.tieroverride.sealed_note",
    },
    "put away under a clause and a day, read by compliance alone": {
        "doctors.frozenidentity.sealed", "doctors.frozenidentity.wrapped_key",
    },
    "under a case's key, which is destroyed by two signatures or by the case's term": {
        "compliance.case.cause_sealed", "compliance.case.correction_sealed", "compliance.case.data_key",
        "compliance.case.plan_sealed", "compliance.case.triage_sealed", "compliance.caseaction.text_sealed",
        "compliance.caseevidence.title_sealed", "compliance.caseevidence.words_sealed",
        "compliance.caseletter.body_sealed", "compliance.caseletter.title_sealed",
        "compliance.finding.concluded_sealed", "compliance.hotlinemessage.words_sealed",
        "compliance.hotlinereport.contact_sealed", "compliance.measure.check_sealed", "compliance.measure.done_sealed",
        "compliance.measure.text_sealed", "compliance.privacyincident.advice_sealed",
        "compliance.privacyincident.cause_sealed", "compliance.privacyincident.harm_sealed",
        "compliance.privacyincident.measures_sealed", "compliance.privacyincident.spared_sealed",
    },
    "under a report's key, kept by pharmacovigilance law": {
        "activities.safetyreport.data_key", "activities.safetyreport.vault_sealed",
    },
    "kept apart until two people decide, then destroyed or given back": {"compliance.guardalarm.sealed"},
    "a hash or a key of the log": {
        "activities.event.sign_in_key", "compliance.ledgerleaf.leaf_hash", "compliance.ledgerleaf.marks",
        "compliance.treenode.node_hash",
    },
    "accounts, sessions, applications and schedules of the company: no doctor has one": {
        "account.emailaddress.*", "account.emailconfirmation.*", "admin.logentry.*", "auth.group.*",
        "auth.permission.*", "axes.accessattempt.*", "axes.accessfailurelog.*", "axes.accesslog.*",
        "contenttypes.contenttype.*", "django_celery_beat.crontabschedule.*", 
        "django_celery_beat.periodictask.*", "mfa.authenticator.*",
        "oauth2_provider.accesstoken.*", "oauth2_provider.application.*", "oauth2_provider.devicegrant.*",
        "oauth2_provider.grant.*", "oauth2_provider.idtoken.*", "oauth2_provider.refreshtoken.*",
        "sessions.session.*", "usersessions.usersession.*",
    },
}  # fmt: skip
NAMED_IN_THE_CODE = NEVER_MASKED | NOT_ABOUT_DOCTORS  # whole models, each with its reason there


def unclassed() -> set[str]:
    """Return every column that can hold words, is not masked, and is named nowhere."""
    versions = {history_model(model) for model in governed_models()}
    return {
        f"{model._meta.label_lower}.{'*' if model._meta.app_label not in OURS else field.column}"
        for model in apps.get_models()
        if model not in versions and model._meta.label_lower not in NAMED_IN_THE_CODE
        for field in model._meta.concrete_fields
        if _can_hold_words(field)
        and (model._meta.app_label not in OURS or field.column not in columns_with_words(model))
    }


def unmasked_versions() -> set[str]:
    """Return columns of versions that can hold words and are not masked although the live column is."""
    return {
        f"{model._meta.label_lower}.{name}"
        for model in governed_models()
        if model._meta.label_lower not in NAMED_IN_THE_CODE and model._meta.app_label in OURS
        for name in set(columns_with_words(model)) - set(columns_with_words(history_model(model)))
        if name in {field.column for field in history_model(model)._meta.concrete_fields}
    }


def _can_hold_words(field: models.Field) -> bool:
    if field.choices or field.is_relation:
        return False
    return isinstance(
        field, (models.CharField, models.TextField, models.JSONField, models.BinaryField, ArrayField)
    )
